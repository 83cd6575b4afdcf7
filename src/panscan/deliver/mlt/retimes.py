"""Speed changes in MLT: a chain of the media with a time remap link.

The link's map says at which second of the media each frame of the chain is read; "nearest" shows the picture that this
second falls into. (The producer `timewarp` rounds to whole pictures and whole frames of the result, so it cannot start
between two.) Source: MLT's link_timeremap, and renders of melt 7.12 on numbered pictures.
"""

from __future__ import annotations

import math
from fractions import Fraction

from panscan.timeline.cut import FramedClip


def time_remap_properties(clip: FramedClip) -> dict[str, str]:
    """The properties of the link of a chain that plays just what a retimed clip shows, from its frame 0 on."""
    ends = ";".join(f"{offset}={float(_media_seconds(clip, offset)):.9f}" for offset in (0, clip.frame_count))
    # MLT before 7.14 calls the map "map".
    return {"map": ends, "time_map": ends, "image_mode": "nearest", "mlt_service": "timeremap"}


def _media_seconds(clip: FramedClip, offset: int) -> Fraction:
    """The media time in s at which a frame of a clip is read: the middle of the time that shows the same picture."""
    pictures = clip.facts.rate / clip.framing.rate
    start = (clip.media_position(0) - clip.available_first) * pictures
    step = clip.speed * pictures
    slack = Fraction(1, 2 * math.lcm(start.denominator, step.denominator))
    return (start + offset * step + slack) / clip.facts.rate
