"""Which pictures are compared at full size: at the ends of clips, where cameras move fastest, and evenly spread."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from panscan.arrays.boxes import edges
from panscan.model.framing import Framing
from panscan.verify.expectation import Expectation

# Pictures that are compared at full size, in a minute and in a shorter movie: each costs as much as decoding three.
_EVEN_SAMPLES = 24
_BOUNDARY_SAMPLES = 36  # at most
_MOVING_SAMPLES = 12  # at most
_MIN_DISTANCE = 3  # pictures between two samples of a moving camera: neighbours show the same
_MIN_STEP_PX = 0.1  # of the canvas per picture: a slower camera counts as standing still
# Source widths per media frame, and times the steps beside it: a longer step is a jump of the camera.
JUMP_SHARE = 0.04
_JUMP_PROMINENCE = 3.0


def sample_numbers(expectation: Expectation) -> set[int]:
    """The output pictures to compare at full size."""
    minutes = max(1.0, len(expectation.pictures) / _minute(expectation))
    even = _evenly_chosen(range(len(expectation.pictures)), round(_EVEN_SAMPLES * minutes) + 2)
    boundaries = _evenly_chosen(boundary_pictures(expectation), round(_BOUNDARY_SAMPLES * minutes))
    chosen = {*even, *boundaries, *fastest_pictures(expectation)}
    return chosen - expectation.mixes.keys()  # two pictures at once are no evidence for either


def _minute(expectation: Expectation) -> int:
    """How many pictures last a minute."""
    return round(60 * expectation.cut.rate)


def boundary_pictures(expectation: Expectation) -> list[int]:
    """First and last picture of each clip beside its dissolves, and the two beside each jump of a camera inside one."""
    pictures = expectation.pictures
    found = {0, len(pictures) - 1}
    places = [(one.clip if one else None, n in expectation.mixes) for n, one in enumerate(pictures)]
    for n, (a, b) in enumerate(pairwise(places)):
        if a != b:
            found |= {n, n + 1}
    for n in camera_jumps(expectation):
        found |= {n - 1, n}
    return sorted(found)


def camera_jumps(expectation: Expectation) -> list[int]:
    """Pictures at which a camera jumps inside a clip; the steps of a fast pan are not jumps."""
    step = camera_steps(expectation)[:, 1]
    beside = np.maximum(np.append(step[1:], 0.0), np.insert(step[:-1], 0, 0.0))
    return [int(n) for n in np.flatnonzero((step > JUMP_SHARE) & (step > _JUMP_PROMINENCE * beside))]


def view_changes(expectation: Expectation) -> list[int]:
    """Pictures at which the view jumps: a camera does, or the next clip shows another crop or layout."""
    pictures, found = expectation.pictures, set(camera_jumps(expectation))
    for n, (a, b) in enumerate(pairwise(pictures)):
        if a is None or b is None or a.clip == b.clip or n in expectation.mixes:
            continue
        one, two = expectation.framing_of(a), expectation.framing_of(b)
        crops = [
            [cell.crop_at(place.media_frame, framing.source) for cell in framing.cells]
            for place, framing in ((a, one), (b, two))
        ]
        if len(crops[0]) != len(crops[1]) or any(
            max(abs(c.left - d.left), abs(c.right - d.right), abs(c.top - d.top)) > JUMP_SHARE / 2 * one.source.width
            for c, d in zip(*crops, strict=True)
        ):
            found.add(n + 1)
    return sorted(found)


def fastest_pictures(expectation: Expectation) -> list[int]:
    """The pictures of each minute at which the camera moves fastest, without jumps, and not next to each other."""
    steps = camera_steps(expectation)
    speed = steps[:, 0].copy()
    speed[camera_jumps(expectation)] = 0.0
    chosen: list[int] = []
    for start in range(0, len(speed), _minute(expectation)):
        end, last = min(start + _minute(expectation), len(speed)), len(chosen)
        for n in start + np.argsort(-speed[start:end], kind="stable"):
            if speed[n] < _MIN_STEP_PX or len(chosen) == last + _MOVING_SAMPLES:
                break
            if all(abs(int(n) - other) >= _MIN_DISTANCE for other in chosen[last:]):
                chosen.append(int(n))
    return sorted(chosen)


def camera_steps(expectation: Expectation) -> npt.NDArray[np.float64]:
    """How far the cameras move from the picture before, the largest over all cells and edges.

    Returns
    -------
    ndarray, shape (n, 2)
        px of the canvas, and source widths per media frame; 0 at the first picture of a clip.
    """
    pictures = expectation.pictures
    steps = np.zeros((len(pictures), 2))
    for number, clip in enumerate(expectation.cut.clips):
        at = np.array([n for n, s in enumerate(pictures) if s is not None and s.clip == number], np.int64)
        if len(at) < 2:
            continue
        frames = np.array([pictures[n].media_frame for n in at], np.float64)
        step = _steps(clip.framing, frames)
        together = np.diff(at) == 1
        steps[at[1:][together]] = step[together]
    return steps


def _steps(framing: Framing, frames: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    found = np.zeros((len(frames) - 1, 2))
    for cell in framing.cells:
        crops = cell.crops(frames, framing.source)
        step = np.abs(np.diff(edges(crops), axis=0)).max(axis=1)
        px = step * cell.size.width / crops[1:, 2]
        found = np.maximum(found, np.stack([px, step / framing.source.width / np.maximum(1, np.diff(frames))], axis=1))
    return found


def _evenly_chosen(ordered: Sequence[int], most: int) -> Sequence[int]:
    if len(ordered) <= most:
        return ordered
    return [ordered[n] for n in np.linspace(0, len(ordered) - 1, most).round().astype(int)]
