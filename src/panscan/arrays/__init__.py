"""Arithmetic on arrays that several stages share: boxes, runs, nearest samples, sequences, straight keys."""
