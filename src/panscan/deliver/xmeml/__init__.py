"""xmeml 4 (Final Cut Pro 7 XML) for Premiere Pro and DaVinci Resolve."""
