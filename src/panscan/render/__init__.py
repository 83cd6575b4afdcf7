"""A timeline of framings -> a movie."""

from typing import Any

from panscan.callable_package import make_callable
from panscan.moved_modules import renamed
from panscan.render.encode import RenderResult, check_output, render, render_many
from panscan.render.ladder import LadderResult, ladder
from panscan.render.picture.corner_pin import CornerPin
from panscan.render.scaled import at_native_size, scaled
from panscan.render.settings import RenderSettings

__all__ = [
    "CornerPin",
    "LadderResult",
    "RenderResult",
    "RenderSettings",
    "at_native_size",
    "check_output",
    "ladder",
    "render",
    "render_many",
    "scaled",
]

make_callable(__name__)


def __getattr__(name: str) -> Any:
    return renamed(__name__, name)
