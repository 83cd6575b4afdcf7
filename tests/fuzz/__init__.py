"""Panscan among damaged inputs: see README.md."""
