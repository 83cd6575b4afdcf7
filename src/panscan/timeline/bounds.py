"""Where the picture of a media lies, as OTIO's own `available_image_bounds` says it.

OTIO leaves the unit open and has one origin for all clips of a timeline, y up. Here the unit is the display pixel of
the media and the origin the middle of its picture, as the document's cameras count: pictures of all sizes lie centred
over each other, which is how editors place them.
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
    """Say on a media reference where its picture of `size` display px lies, unless its editor has said it.

    A box that was written here before, for media of another size, is replaced; so call this before the facts of the
    new media are put on the reference.
    """
    found = reference.available_image_bounds
    if found is None or _is_ours(reference):
        reference.available_image_bounds = image_bounds(size)


def with_image_bounds(timeline: Any) -> Any:
    """The timeline itself if the picture of every framed clip says where it lies, else a copy in which it does.

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
    external = isinstance(reference, otio.schema.ExternalReference) and reference.available_image_bounds is None
    return external and any(e.effect_name == EFFECT_NAME and NAMESPACE in e.metadata for e in clip.effects)


def _is_ours(reference: Any) -> bool:
    """Whether the box of a media reference is the one that it was given when it was framed before."""
    noted = plain_metadata(reference.metadata).get(NAMESPACE)
    try:
        return bool(reference.available_image_bounds == image_bounds(Size(*noted["size_px"])))
    except (TypeError, KeyError, ValueError):  # nothing is noted, or somebody else has written there
        return False
