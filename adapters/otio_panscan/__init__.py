"""Thin OTIO adapters: the logic lives in panscan.deliver."""
