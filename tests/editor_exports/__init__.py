"""One small cut as each editor exports it, with the elements, their order and the clocks that its own files have."""
