"""Shot boundaries: hard cuts to the frame, and the ranges in which shots dissolve, fade or are wiped away.

Hard cuts are proposed by PySceneDetect's adaptive content detector, by a change of the grey picture that is large for
its own contrast (a cut in the dark), and by colours that few pixels share (a cut between two fast moves). The first
two compare a change with its neighbourhood, so in a still passage any small change looks like a cut. After a real shot
boundary little of the previous picture remains, now and in the following pictures: see
`panscan.perceive.signals.scene_match`. After a flash, or a few unrelated pictures, the old scene returns.

Soft transitions: see `panscan.perceive.signals.soft_transitions`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.media import Media
from panscan.model.perception import IntArray
from panscan.perceive.signal import PictureLike, PictureSignal, frames_array
from panscan.perceive.signals.scene_match import is_same_scene
from panscan.perceive.signals.soft_transitions import SoftTransition, SoftTransitionDetector

_LONG_SIDE_PX = 96  # of the view: enough structure to tell scenes apart, at little cost per picture
_MIN_SHOT_S = 0.4  # what is shorter is a flash or an effect, and too short for a camera to be told apart
_MAX_RETURN_CHECKS = 10  # pictures compared at most, spread over the shortest shot, to see the old scene return
_NEIGHBOURS = 2  # changes on each side that a change is compared with
_PROMINENCE = 3.0  # times the mean change around: steady motion changes every picture alike
_MIN_CHANGE_LEVELS = 1.5  # mean over the picture: coding noise stays below
_MIN_CHANGE_OF_CONTRAST = 0.25  # share of both pictures' contrast: a cut in the dark changes few levels
_COLOURS = 4  # levels of blue, green and red each: light and noise leave most pixels where they were counted
# Of the pixels; measured: below it half of all cuts, also between fast moves in which no change stands out; above it
# whip pans and shaking cameras.
_MIN_SHARED_COLOURS = 0.5
_FADE_TO_FLAT_GAP_S = 0.3  # between a fade and the flat pictures it leads to or comes from: its ends are uncertain

Colours = npt.NDArray[np.float32]


class ShotBoundariesSignal(PictureSignal):
    """First frame of each new shot, and ranges of transitions."""

    name: ClassVar[str] = "cuts"
    lightweight: ClassVar[bool] = True
    version: ClassVar[int] = 6
    produces: ClassVar[type] = perception.ShotBoundaries
    options = (_LONG_SIDE_PX, _MIN_SHOT_S)

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        from scenedetect import AdaptiveDetector, FrameTimecode

        # The detector counts pictures: of a variable rate there are fewer than grid frames.
        self._rate = float(media.video.picture_count / media.duration_s)
        self._min_shot = _MIN_SHOT_S * float(media.video.rate)
        self._frame_count = media.frame_count
        self._timecode = FrameTimecode
        # Short shots are merged at the end: the detector's own minimum would let a false cut hide a true one.
        self._detector = AdaptiveDetector(min_scene_len=1)
        # The detector counts what it is fed; this list turns its count back into grid frames.
        self._frames: list[int] = []
        self._reach = max(2, round(_MIN_SHOT_S * self._rate))
        self._recent: deque[npt.NDArray[np.uint8]] = deque(maxlen=2 * self._reach + 2 * _NEIGHBOURS + 2)
        self._colours: Colours | None = None  # of the newest of the recent pictures
        self._contrast = 0.0  # of the newest of the recent pictures
        self._changes: deque[tuple[float, float]] = deque(maxlen=2 * _NEIGHBOURS + 1)
        self._proposed: set[int] = set()
        self._found: list[int] = []
        self._soft = SoftTransitionDetector(self._rate)

    def see(self, picture: PictureLike) -> None:
        """Compare the picture with those before."""
        import cv2

        image = picture.view(_LONG_SIDE_PX, "bgr24")
        grey = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), np.uint8)
        number = len(self._frames)
        self._frames.append(picture.frame)
        self._proposed |= {
            cut.frame_num for cut in self._detector.process_frame(self._timecode(number, self._rate), image)
        }
        self._propose(number, _middle(grey))
        colours = _colours(image)
        if self._colours is not None and float(np.minimum(colours, self._colours).sum()) < _MIN_SHARED_COLOURS:
            self._proposed.add(number)
        self._colours = colours
        self._recent.append(grey)
        self._soft.add(grey)
        due = {n for n in self._proposed if n + self._reach + _NEIGHBOURS <= number}
        self._confirm(due)

    def finish(self) -> perception.ShotBoundaries:
        """All hard cuts and transitions; the first frame of the media is none."""
        self._confirm(set(self._proposed))
        count = len(self._frames)
        soft = self._transitions(self._soft.finish(), count)
        # A jump inside a transition belongs to it: the last faint pictures of a fade may turn dark at once.
        hard = [n for n in sorted(self._found) if not any(a < n < b for a, b in soft)]
        edges = [*self._frames, self._frame_count]
        kept: list[int] = []
        for frame in (edges[n] for n in hard):
            if frame - (kept[-1] if kept else 0) >= self._min_shot and self._frame_count - frame >= self._min_shot:
                kept.append(frame)
        ranges: list[tuple[int, int]] = []
        for first, end in ((edges[a], edges[b]) for a, b in soft):
            middle = (first + end) // 2
            others = [0, self._frame_count, *kept, *((a + b) // 2 for a, b in ranges)]
            if min(abs(middle - other) for other in others) >= self._min_shot:
                ranges.append((first, end))
        return perception.ShotBoundaries(
            frames_array(kept), frames_array([a for a, _ in ranges]), frames_array([b for _, b in ranges])
        )

    def _propose(self, number: int, middle: npt.NDArray[np.uint8]) -> None:
        """Propose the picture two positions back, if its change is large for its contrast and its neighbours."""
        import cv2

        change, relative = 0.0, 0.0
        contrast = float(cv2.meanStdDev(middle)[1][0, 0])
        if self._recent:
            change = float(cv2.norm(_middle(self._recent[-1]), middle, cv2.NORM_L1)) / middle.size
            relative = change / max(1.0, contrast + self._contrast)
        self._contrast = contrast
        self._changes.append((change, relative))
        place = len(self._changes) - 1 - _NEIGHBOURS
        if place < 1:
            return
        change, relative = self._changes[place]
        around = [c for n, (c, _) in enumerate(self._changes) if n != place]
        if (
            change >= _MIN_CHANGE_LEVELS
            and relative >= _MIN_CHANGE_OF_CONTRAST
            and change >= _PROMINENCE * max(0.1, sum(around) / len(around))
        ):
            self._proposed.add(number - _NEIGHBOURS)

    @classmethod
    def join(
        cls, values: Sequence[perception.ShotBoundaries], spans: Sequence[tuple[int, int]], media: Media
    ) -> perception.ShotBoundaries:
        """The boundaries of all spans and those between them; no other lies nearer to these than a shot is long."""
        least = _MIN_SHOT_S * float(media.video.rate)
        joints = np.array([first for first, _ in spans[1:]], np.int64)

        def is_apart(frames: IntArray) -> npt.NDArray[np.bool_]:
            distance = np.abs(frames[:, np.newaxis] - joints)
            return np.asarray(distance.min(axis=1, initial=np.iinfo(np.int64).max) >= least)

        inside = np.concatenate([value.frame for value in values])
        soft = np.stack([np.concatenate([getattr(v, name) for v in values]) for name in ("soft_first", "soft_end")])
        soft = soft[:, is_apart(soft.sum(axis=0) // 2)]
        return perception.ShotBoundaries(np.sort(np.append(inside[is_apart(inside)], joints)), soft[0], soft[1])

    def _confirm(self, proposed: set[int]) -> None:
        """Keep the proposals after which the scene before neither remains nor returns."""
        self._proposed -= proposed
        first = len(self._frames) - len(self._recent)
        self._found += [n for n in sorted(proposed) if n > first and self._is_hard_boundary(n - first)]

    def _is_hard_boundary(self, place: int) -> bool:
        recent = list(self._recent)
        steps = sorted({round(s) for s in np.linspace(0, self._reach - 1, min(self._reach, _MAX_RETURN_CHECKS))})
        last = max(0, place - 2)  # of the scene before: the picture between may show both
        later = [(last, place + s) for s in steps if place + s < len(recent)]
        sooner = [(place - 1 - s, place) for s in steps[1:] if place - 1 - s >= 0]
        return not any(is_same_scene(recent[a], recent[b]) for a, b in [*later, *sooner])

    def _transitions(self, found: list[SoftTransition], count: int) -> list[tuple[int, int]]:
        """Dissolves and wipes, and fades joined over the flat pictures between them, as ranges of picture numbers."""
        near = max(2, round(_FADE_TO_FLAT_GAP_S * self._rate))
        # Of a flash, a cut to the frame says more.
        sharp = {one for one in found if one.is_flash and any(one.first <= n <= one.end for n in self._found)}
        ranges = [(one.first, one.end) for one in found if not one.fade_direction and one not in sharp]
        for first, end in self._soft.flat_runs:
            out = [one for one in found if one.fade_direction < 0 and abs(one.end - first) <= near]
            back = [one for one in found if one.fade_direction > 0 and abs(one.first - end) <= near]
            # A fade-in at the start of the media, or a fade-out at its end, joins no two shots.
            if (out or back) and first > 0 and end < count:
                ranges.append((min([first, *(one.first for one in out)]), max([end, *(one.end for one in back)])))
        return sorted(ranges)


def _middle(picture: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Half of a picture each way: bars at the edge would raise its contrast."""
    down, across = (length // 4 for length in picture.shape)
    return picture[down : picture.shape[0] - down, across : picture.shape[1] - across]


def _colours(image: npt.NDArray[np.uint8]) -> Colours:
    """Share of the pixels of a picture in each of a few colours."""
    import cv2

    counts = cv2.calcHist([image], [0, 1, 2], None, [_COLOURS] * 3, [0, 256] * 3)
    return np.asarray(counts.ravel() * (3 / image.size), np.float32)
