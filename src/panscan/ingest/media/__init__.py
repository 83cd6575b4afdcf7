"""Media files: streams, pictures, sound."""
