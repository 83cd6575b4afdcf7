"""Cameras of retimed clips: keyed in media frames, played in frames of the cut.

Frame r of a clip that starts at media frame `start` shows media frame start + r * speed, rounded down. Between keys the
camera moves with every frame of the cut, even if several of them show the same picture. Keys on two neighbouring media
frames are a jump: it is put on the first frame of the cut that shows the other picture.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from fractions import Fraction
from itertools import pairwise

from panscan.model.framing import Camera
from panscan.model.time import BOUNDARY_TOLERANCE_FRAMES, EARLY_FRAMES


def first_on_grid(start: Fraction) -> int:
    """Where a clip of media of another rate begins on the grid of the cut, which starts with the media.

    The first frame that does not show a picture from before the start of the clip: that picture may belong to another
    shot. The clip then ends before the picture at which it was cut, whatever the two rates.
    """
    return math.ceil(start - EARLY_FRAMES)


def picture_number(position: Fraction, pictures_per_frame: Fraction, *, is_retimed: bool) -> int:
    """Number of the picture of a media that a clip shows at a position in frames of the cut since the first picture.

    Slow motion shows every picture of a media with a higher rate.
    """
    return math.floor(picture_position(position, pictures_per_frame, is_retimed=is_retimed))


def picture_position(position: Fraction, pictures_per_frame: Fraction, *, is_retimed: bool) -> Fraction:
    """The same as `picture_number`, not rounded down."""
    if not is_retimed:
        return (position + EARLY_FRAMES) * pictures_per_frame
    return position * pictures_per_frame + BOUNDARY_TOLERANCE_FRAMES


def rounded_down(start: Fraction, step: Fraction, offsets: Iterable[int]) -> list[int]:
    """`start + offset * step` of each offset, rounded down.

    Counted in whole numbers: a slow clip that lasts a day has two million frames, and fractions take minutes for them.
    """
    per = math.lcm(start.denominator, step.denominator)
    first, by = int(start * per), int(step * per)
    return [(first + offset * by) // per for offset in offsets]


def camera_in_record_frames(camera: Camera, start: Fraction, speed: Fraction, first: int) -> Camera:
    """A camera that is keyed in media frames, keyed in frames of the cut.

    Parameters
    ----------
    camera : Camera
    start : Fraction
        Media frame at the clip's first frame; between two frames where the clip was cut there.
    speed : Fraction
        Media frames per frame of the cut; 0 holds, negative runs backwards.
    first : int
        What the clip's first frame is called in the result.
    """
    keys = camera.frame
    jumps = [a + 1 for a, b in pairwise(keys) if b == a + 1]
    after_jump = set(jumps)
    if speed == 0 or len(keys) == 1:
        return camera.resampled([_camera_position(keys, after_jump, start)], (first,))
    key_offsets: set[int] = set()
    for frame in keys:  # a key between two frames of the cut becomes one on each of them
        at = (frame - start) / speed
        key_offsets |= {math.floor(at), math.ceil(at)}
    for frame in jumps:
        at = (frame - BOUNDARY_TOLERANCE_FRAMES - start) / speed
        later = math.ceil(at) if speed > 0 else math.floor(at) + 1
        key_offsets |= {later - 1, later}
    offsets = sorted(key_offsets)
    positions = [_camera_position(keys, after_jump, start + offset * speed) for offset in offsets]
    return camera.resampled(positions, [first + offset for offset in offsets]).collapsed()


def _camera_position(keys: tuple[int, ...], after_jump: set[int], position: Fraction) -> float:
    """The time on the camera's own clock that a frame of the cut shows; never in the middle of a jump."""
    index = bisect_right(keys, math.floor(position + BOUNDARY_TOLERANCE_FRAMES)) - 1
    if index < 0:
        return float(position)
    key = keys[index]
    return float(key) if key + 1 in after_jump else float(max(position, Fraction(key)))
