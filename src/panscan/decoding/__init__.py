"""Media files as FFmpeg reads them: opening them, which pictures decode and when, which way up, made of two fields."""
