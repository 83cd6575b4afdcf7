"""An editor's finished cut: read, its media found, its times made exact."""
