"""A timeline of framings -> a movie."""

from panscan.render.encode import RenderResult, render, render_many
from panscan.render.ladder import LadderResult, ladder
from panscan.render.picture.tilt import CornerPin
from panscan.render.scaled import at_native_size, scaled
from panscan.render.settings import RenderSettings

__all__ = [
    "CornerPin",
    "LadderResult",
    "RenderResult",
    "RenderSettings",
    "at_native_size",
    "ladder",
    "render",
    "render_many",
    "scaled",
]
