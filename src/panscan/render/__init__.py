"""A timeline of framings -> a movie."""

from panscan.render.encode import RenderResult, render, render_many
from panscan.render.ladder import LadderResult, ladder
from panscan.render.picture.tilt import Tilt
from panscan.render.scaled import native, scaled
from panscan.render.settings import Settings

__all__ = ["LadderResult", "RenderResult", "Settings", "Tilt", "ladder", "native", "render", "render_many", "scaled"]
