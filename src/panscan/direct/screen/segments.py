"""Camera segments decided by hand -> where the camera of a cell stands."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from panscan.direct.aims import no_boxes
from panscan.direct.screen.composition import Composition
from panscan.direct.shot_context import MethodResult, ShotContext
from panscan.model.framing import Rest
from panscan.model.plan import Aim, PlannedRest
from panscan.model.request import CameraSegment


def rests_of_segments(
    segments: Sequence[CameraSegment], composition: Composition, context: ShotContext
) -> tuple[PlannedRest, ...]:
    """The rests of a shot. A move goes to the rest after it; one before another move ends where it says itself."""
    found: list[PlannedRest] = []
    easing = "smootherstep"
    for segment, after in pairwise((*segments, None)):
        assert segment is not None
        first, end = (round(at * context.rate) for at in (segment.start_s, segment.end_s))
        if segment.is_move:
            easing = segment.easing
            if after is not None and not after.is_move:
                continue
            first, end = end, end + 1
        first, end = max(first, context.shot.first), min(end, context.shot.end)
        if first < end:
            crop = composition.whole if segment.roi is None else composition.around(composition.visible(segment.roi))
            at_once = not found or found[-1].rest.end == first
            found.append(PlannedRest(Rest(first, end, segment.reason, "cut" if at_once else easing), crop))
        easing = "smootherstep"
    return tuple(found)


def segments_of_shot(segments: Sequence[CameraSegment], context: ShotContext) -> tuple[CameraSegment, ...]:
    """The segments of which a shot shows something."""
    first, end = context.shot.first / context.rate, context.shot.end / context.rate
    return tuple(segment for segment in segments if segment.start_s < end and segment.end_s > first)


def choice_of_segments(segments: Sequence[CameraSegment], context: ShotContext) -> MethodResult:
    """The answer of a method where a person decided: at each segment its region."""
    regions = [segment.roi or context.bounds for segment in segments]
    frames = np.array([round(segment.start_s * context.rate) for segment in segments], np.int64)
    boxes = np.array([(roi.left, roi.top, roi.width, roi.height) for roi in regions], np.float64)
    middle = boxes[:, :2] + boxes[:, 2:] / 2
    aim = Aim("segments", frames, no_boxes(frames), no_boxes(frames), middle, np.ones(len(frames)))
    return MethodResult(aim, "as its segments say", segments=tuple(segments))
