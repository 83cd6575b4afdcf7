"""Measurements on pictures and sound that the checks compare."""
