"""OpenTimelineIO files: the plain document, and dialects for Premiere Pro and DaVinci Resolve."""
