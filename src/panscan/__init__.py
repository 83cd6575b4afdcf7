"""Panscan: choose the framing, solve the camera, and hand it to the editor people already use."""

__version__ = "0.1.0"

__all__ = ["__version__"]
