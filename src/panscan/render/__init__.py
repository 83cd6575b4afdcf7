"""A timeline of framings -> a movie."""

from typing import Any

from panscan.callable_package import make_callable
from panscan.moved_modules import renamed
from panscan.render.checks import check_output
from panscan.render.encode import RenderResult, render, render_many
from panscan.render.ladder import LadderResult, ladder
from panscan.render.picture.corner_pin import CornerPin
from panscan.render.scaled import at_native_size, scaled
from panscan.render.segments.build import encoder_build
from panscan.render.segments.encoding import encodable_together, encode_segment, encode_segments
from panscan.render.segments.orders import SegmentedMovie, SegmentOrder
from panscan.render.segments.prepare import prepare_segments, relocate_media
from panscan.render.settings import RenderSettings

__all__ = [
    "CornerPin",
    "LadderResult",
    "RenderResult",
    "RenderSettings",
    "SegmentOrder",
    "SegmentedMovie",
    "at_native_size",
    "check_output",
    "encodable_together",
    "encode_segment",
    "encode_segments",
    "encoder_build",
    "ladder",
    "prepare_segments",
    "relocate_media",
    "render",
    "render_many",
    "scaled",
]

make_callable(__name__)


def __getattr__(name: str) -> Any:
    return renamed(__name__, name)
