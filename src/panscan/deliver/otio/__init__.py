"""OpenTimelineIO files: the plain document, and files with what Premiere Pro and DaVinci Resolve read besides."""
