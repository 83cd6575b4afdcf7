"""Who speaks: lip sync, turn-taking, and the optional speaker network."""
