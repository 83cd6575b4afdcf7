"""Speed changes in MLT: a chain of the media with a time remap link.

The link's map says at which second of the media each frame of the chain is read; "nearest" shows the picture that this
second falls into. (The producer `timewarp` rounds to whole pictures and whole frames of the result, so it cannot start
between two.) Source: MLT's link_timeremap, and renders of melt 7.12 on numbered pictures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

from lxml import etree

from panscan.deliver.mlt.filters import add_properties
from panscan.timeline.cut import FramedClip


def add_retimed_clip(root: etree._Element, name: str, clip: FramedClip, values: dict[str, str]) -> None:
    """Add a chain that plays just what a retimed clip shows, from its frame 0 on."""
    ends = {offset: _media_seconds(clip, offset) for offset in (0, clip.frame_count)}
    add_retimed_chain(root, name, clip.frame_count, values, ends)


def add_retimed_chain(
    root: etree._Element, name: str, frame_count: int, values: dict[str, str], ends_s: Mapping[int, Fraction]
) -> None:
    """Add a chain of so many frames; `ends_s`: at two of its frames, the second of the media that it plays."""
    chain = etree.SubElement(root, "chain", {"id": name, "out": str(frame_count - 1)})
    add_properties(chain, values)
    ends = ";".join(f"{offset}={float(media_s):.9f}" for offset, media_s in ends_s.items())
    # MLT before 7.14 calls the map "map".
    link = {"map": ends, "time_map": ends, "image_mode": "nearest", "mlt_service": "timeremap"}
    add_properties(etree.SubElement(chain, "link"), link)


def _media_seconds(clip: FramedClip, offset: int) -> Fraction:
    """The media time in s at which a frame of a clip is read: the middle of the time that shows the same picture."""
    pictures = clip.facts.rate / clip.framing.rate
    start = (clip.media_position(0) - clip.available_first) * pictures
    step = clip.speed * pictures
    slack = Fraction(1, 2 * math.lcm(start.denominator, step.denominator))
    return (start + offset * step + slack) / clip.facts.rate
