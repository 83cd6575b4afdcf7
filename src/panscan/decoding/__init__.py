"""Media files as FFmpeg reads them: opening them, which way up their pictures are, pictures made of two fields."""
