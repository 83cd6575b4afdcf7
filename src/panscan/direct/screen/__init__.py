"""The director of screen recordings: what happens on the screen -> where cameras stand, and when they move."""
