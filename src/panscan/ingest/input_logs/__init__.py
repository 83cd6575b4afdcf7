"""Logs of mouse and keyboard that recorders of screens write beside the movie."""
