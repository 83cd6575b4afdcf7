"""The bounds of a media's picture, in OTIO's own field `available_image_bounds`.

OTIO leaves the unit open and has one origin for all clips of a timeline, y up. Here the unit is the display pixel of
the media and the origin is the middle of its picture, as for cameras: pictures of all sizes are centred over each
other, as editors place them.
"""

from __future__ import annotations

from typing import Any

import opentimelineio as otio

from panscan.model.geometry import Size
from panscan.timeline.effect import EFFECT_NAME, NAMESPACE, framing_of, plain_metadata


def image_bounds(size: Size) -> Any:
    """The box of a picture of `size` display px, its middle at the origin."""
    x, y = size.width / 2, size.height / 2
    return otio.schema.Box2d(otio.schema.V2d(-x, -y), otio.schema.V2d(x, y))


def set_image_bounds(reference: Any, size: Size) -> None:
    """Write the bounds of a picture of `size` display px on a media reference, unless the editor has written some.

    Bounds that this function wrote before, for media of another size, are replaced. They are known by the facts on the
    reference, so call this before the facts of the new media are written.
    """
    bounds = reference.available_image_bounds
    if bounds is None or _is_ours(reference):
        reference.available_image_bounds = image_bounds(size)


def with_image_bounds(timeline: Any) -> Any:
    """The timeline itself if every framed clip has image bounds, else a copy in which every framed clip has them.

    Raises
    ------
    DocumentError
        A framing is damaged.
    """
    if not any(_lacks_bounds(clip) for clip in timeline.find_clips()):
        return timeline
    copy = timeline.deepcopy()
    for clip in copy.find_clips():
        if _lacks_bounds(clip) and (framing := framing_of(clip)) is not None:
            set_image_bounds(clip.media_reference, framing.source)
    return copy


def _lacks_bounds(clip: Any) -> bool:
    reference = clip.media_reference
    lacks = isinstance(reference, otio.schema.ExternalReference) and reference.available_image_bounds is None
    return lacks and any(e.effect_name == EFFECT_NAME and NAMESPACE in e.metadata for e in clip.effects)


def _is_ours(reference: Any) -> bool:
    """Whether the bounds on a media reference are those that an earlier framing wrote."""
    facts = plain_metadata(reference.metadata).get(NAMESPACE)
    try:
        return bool(reference.available_image_bounds == image_bounds(Size(*facts["size_px"])))
    except (TypeError, KeyError, ValueError):  # there are no facts, or somebody else has written there
        return False
