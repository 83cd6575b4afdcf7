"""FCPXML for Final Cut Pro and DaVinci Resolve."""
