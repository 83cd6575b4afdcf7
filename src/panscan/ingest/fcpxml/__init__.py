"""Reading FCPXML."""
