"""Scripts that make the movie with nothing but FFmpeg."""
