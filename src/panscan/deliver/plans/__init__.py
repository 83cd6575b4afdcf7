"""Plans for panscan's own panel in Premiere Pro and its scripts in DaVinci Resolve."""
