"""One timeline with the truth and the evidence of its movie: what every complaint is found in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from judge.evidence import Evidence
from judge.framings import Boxes, FramedStretch
from judge.truths import Truth, TruthSample

ON_CUT_FRAMES = 2  # one frame early or late is the reading of a timestamp; more shows as a flash
SOFT_S = 0.5  # a dissolve or wipe takes about a second: anywhere inside it will do
HARD_RATIO, HARD_LEVELS, AROUND_PICTURES = 4.0, 4.0, 8  # a hard change stands out of the motion around it this much
BARS_SHARE = 0.01  # of the source's width or height that a crop shows beyond it: black bars or a blurred ground


@dataclass(frozen=True, eq=False)
class Showing:
    """What a timeline shows of one movie.

    Attributes
    ----------
    stretches : sequence of FramedStretch
        All clips, in order.
    truth : Truth
    evidence : Evidence
    """

    stretches: Sequence[FramedStretch]
    truth: Truth
    evidence: Evidence

    @property
    def rate(self) -> float:
        """Frames per second."""
        return self.stretches[0].rate

    @property
    def source_px(self) -> tuple[int, int]:
        """Width and height of the source."""
        return self.stretches[0].source_px

    @property
    def minutes(self) -> float:
        """Length of all that is shown."""
        return sum(s.end - s.first for s in self.stretches) / self.rate / 60

    @cached_property
    def window_px(self) -> tuple[float, float]:
        """Width and height of the largest window of the canvas's shape inside the source."""
        (width, height), (wide, tall) = self.source_px, self.stretches[0].canvas_px
        return min(width, height * wide / tall), min(height, width * tall / wide)

    @cached_property
    def soft_cuts(self) -> frozenset[float]:
        """Cuts of the truth at which no two neighbouring pictures differ like two shots."""
        return frozenset(float(cut) for cut in self.truth.cuts if not self._is_hard(float(cut)))

    def stretch_at(self, frame: int) -> FramedStretch | None:
        """The clip that shows a frame."""
        return next((s for s in self.stretches if s.first <= frame < s.end), None)

    def crops_at(self, frame: int) -> Boxes:
        """Crops of all cells at a frame, shape (n, 4); none where the timeline does not show it."""
        stretch = self.stretch_at(frame)
        return np.zeros((0, 4)) if stretch is None else stretch.crops(frame)

    def shot_at(self, frame: float) -> tuple[float, float]:
        """First frame and end of the truth's shot around a frame; the movie's own ends are 0 and infinity."""
        before, after = self.truth.cuts[self.truth.cuts <= frame], self.truth.cuts[self.truth.cuts > frame]
        return max(before, default=0.0), min(after, default=np.inf)

    def is_on_cut(self, frame: int) -> bool:
        """Whether the truth has a cut here: frame is the first of what comes after."""
        reach = {cut: SOFT_S * self.rate if cut in self.soft_cuts else ON_CUT_FRAMES for cut in self.truth.cuts}
        return any(abs(frame - cut) <= most for cut, most in reach.items())

    def sample_near(self, frame: int, within_s: float) -> TruthSample | None:
        """The nearest sample of the truth in the same shot."""
        first, end = self.shot_at(frame)
        near = [
            s for s in self.truth.samples if first <= s.frame < end and abs(s.frame - frame) <= within_s * self.rate
        ]
        return min(near, key=lambda s: abs(s.frame - frame), default=None)

    def in_fit(self, frame: float) -> bool:
        """Whether the truth wants the whole picture."""
        return any(first <= frame < end for first, end in self.truth.fits)

    def has_bars(self, crops: Boxes) -> bool:
        """Whether a crop shows what lies beyond the source."""
        beyond = np.concatenate([-crops[:, :2], crops[:, 2:] - self.source_px], axis=1)
        return bool(np.any(beyond > BARS_SHARE * np.tile(self.source_px, 2)))

    def _is_hard(self, cut: float) -> bool:
        pictures, change = self.evidence.pictures, self.evidence.change
        at = int(np.searchsorted(pictures, cut))
        near = slice(max(0, at - 1), at + 2)
        around = np.delete(change, np.arange(len(change))[near])[max(0, at - AROUND_PICTURES) : at + AROUND_PICTURES]
        peak = max(change[near], default=0.0)
        return bool(peak > HARD_LEVELS + HARD_RATIO * (np.median(around) if len(around) else 0.0))


def visible_share(box: Boxes, crop: Boxes) -> float:
    """Share of a box's area inside a crop."""
    both = np.maximum(0.0, np.minimum(box[2:4], crop[2:4]) - np.maximum(box[:2], crop[:2]))
    return float(np.prod(both) / max(1e-9, float(np.prod(box[2:4] - box[:2]))))


def is_held(box: Boxes, crop: Boxes, core: float) -> bool:
    """Whether the core of a box lies inside a crop; of a larger box, a core that just fits.

    core: share of the box's width and height around its middle.
    """
    middle, room = (box[:2] + box[2:4]) / 2, crop[2:4] - crop[:2]
    half = np.minimum((box[2:4] - box[:2]) * core, room * 0.98) / 2
    return bool(np.all(middle - half >= crop[:2] - 0.02 * room) and np.all(middle + half <= crop[2:4] + 0.02 * room))
