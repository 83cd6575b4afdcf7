"""Values that cross stages: frozen, picklable, free of I/O and of OpenCV."""
