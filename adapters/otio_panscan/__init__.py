"""Thin OTIO adapters and a hook: the logic lives in panscan."""
