"""A timeline of framings -> a movie."""

from panscan.render.encode import RenderResult, render
from panscan.render.mux import Settings

__all__ = ["RenderResult", "Settings", "render"]
