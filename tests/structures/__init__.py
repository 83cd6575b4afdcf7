"""Every structure that an editor's cut may have: built in OTIO, written as text, and read back from deliveries."""
