"""Who speaks: mouths and their fit with the sound, taking turns, the optional network."""
