"""Overlay graphics: captions and lower thirds that a crop should not cut, logos that should not attract it.

Graphics laid over a film do not move by a pixel while the picture around them changes: areas dense with strong edges
that stand over several samples, with change on all four sides. A caption that appears over a still picture is
recognised because it appears all at once, in strokes like writing. Textured things that merely stand still are left
out. Large letters and cards are found by what they look like.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from panscan.model import perception
from panscan.model.media import Media
from panscan.perceive.signal import PictureLike, PictureSignal, SampleSchedule, frames_array
from panscan.perceive.signals.captions import CaptionFinder, Line
from panscan.perceive.signals.lettering import SURE_TITLE, Edges, Lettering, LetteringFinder
from panscan.perceive.signals.strokes import Box, fineness, overlap, place_of, strokes_per_row, union

_LONG_SIDE_PX = 640  # of the view: the one that faces are found in, so that nothing is scaled for it
_RATE_HZ = 1.875  # a quarter of the faces' samples, at the same pictures
_EDGE_LEVELS = 60  # between neighbours: graphics have hard edges
_NOISE_LEVELS = 16  # by which coding noise may change a pixel
_STEADY_SAMPLES = 2  # for which edges have to stand after they were seen first: moving things do not
_MAX_MISSED_SAMPLES = 2  # after which an overlay has ended: a flash hides it for one
_STILL_THERE = 0.5  # share of its edges that still stand: something may pass behind a transparent overlay
_CALM = 0.3  # share of the surroundings that changed, below which the picture around stood still
_LETTER_GAP_PX, _LINE_GAP_PX = 19, 7  # of the view: gaps inside one caption, across and down
_MIN_SIZE_PX = (20, 8)  # width and height in the view: a short word
_MAX_SIZE = (0.95, 0.35)  # share of the picture's width and height: more is a screen, not an overlay
_MIN_DENSITY = 0.12  # share of the box that is edges: writing has more, an outline less
_RING_PX = 8  # of the view: width of the surroundings that are compared
_MIN_SCORE = 0.4  # 0..1: an overlay that is clear in one way reaches it
_FLEETING = 0.25  # share of all edges that stand from one sample to the next, at a cut or while the camera moves
_FEW_STROKES, _MANY_STROKES = 3.0, 8.0  # per row: of a logo, of a line of writing
_LOGO_AREA = 0.02  # share of the picture's area at most
_LOGO_CORNER = 0.28  # share of width and height within which a logo's centre is near a corner
_LOGO_S = 4.0  # how long a logo stands at least
_LOGO_SHARE = 0.9  # share of the media for which it stands
_OF_CAPTIONS = 0.75  # share of its time with a caption at its place, from which an overlay is one
_LOGO_LONG_S = 30.0  # or so long, in a media where it comes and goes

KEEP, IGNORE, CAPTION = 0, 1, 2  # `perception.Text.kind`

Image = npt.NDArray[np.uint8]


@dataclass(slots=True, eq=False)
class _Overlay:
    """One overlay while it stands.

    Attributes
    ----------
    box : (int, int, int, int)
        Left, top, width, height in view px.
    mask : ndarray of bool
        Its edges, inside the box.
    first, last : int
        Numbers of the samples in which it was seen first and last.
    popped : bool
        The picture around stood still while it appeared.
    strokes : float
        Edges met per row.
    change_around : float
        Share of its surroundings that changed while it stood, on the side where least did.
    outlived : int
        Samples with a cut or a camera move through which it stood.
    samples : int
        Samples in which it was seen.
    lines : int
        Lines of writing.
    """

    box: Box
    mask: npt.NDArray[np.bool_]
    first: int
    last: int
    popped: bool
    strokes: float
    change_around: float = 0.0
    outlived: int = 0
    samples: int = 1
    lines: int = 1


class TextSignal(PictureSignal):
    """Overlay graphics in about two samples per second."""

    name: ClassVar[str] = "text"
    lightweight: ClassVar[bool] = True
    version: ClassVar[int] = 4
    produces: ClassVar[type] = perception.Text
    options = (_LONG_SIDE_PX, _RATE_HZ, _EDGE_LEVELS, _NOISE_LEVELS, _STEADY_SAMPLES, _MIN_DENSITY, _MIN_SCORE)

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._schedule = SampleSchedule.at_rate(_RATE_HZ * rate_factor, media)
        self._media = media
        self._scale = np.ones(2, np.float64)
        self._looked: list[int] = []
        self._before: Image | None = None
        self._edges: npt.NDArray[np.bool_] = np.zeros((0, 0), np.bool_)
        # Per px: for how many samples an edge stands; the number of the last sample at which the level changed.
        self._age = np.zeros((0, 0), np.int32)
        self._changed = np.zeros((0, 0), np.int32)
        self._open: list[_Overlay] = []
        self._closed: list[_Overlay] = []
        self._captions = CaptionFinder()
        self._titles = LetteringFinder()

    def see(self, picture: PictureLike) -> None:
        """Find overlays, when due."""
        if not self._schedule.due(picture.frame):
            return
        import cv2

        image = picture.view(_LONG_SIDE_PX, "gray")
        sample = len(self._looked)
        self._looked.append(picture.frame)
        gradient = np.asarray(cv2.morphologyEx(image, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.uint8)
        edges = gradient > _EDGE_LEVELS
        fleeting = False
        if self._before is None:
            display = self._media.video.display_size
            self._scale = np.array([display.width / image.shape[1], display.height / image.shape[0]], np.float64)
            self._age = np.zeros(image.shape, np.int32)
            self._changed = np.full(image.shape, -1, np.int32)
        else:
            change = cv2.absdiff(image, self._before) > _NOISE_LEVELS
            self._changed[change] = sample
            stands = edges & ~change
            self._age += 1
            self._age *= stands
            self._captions.look(sample, edges, stands, self._age == 1)
            had = max(1, int(np.count_nonzero(self._edges)))
            fleeting = bool(np.count_nonzero(stands & self._edges) < _FLEETING * had)
            self._update(sample, edges, fleeting=fleeting)
        changed = self._changed >= max(1, sample - 1)
        self._titles.look(sample, Edges(image, gradient, edges), changed, fleeting=fleeting)
        self._before, self._edges = image, edges

    def finish(self) -> perception.Text:
        """All overlays with a sufficient score, and captions, in order of appearance."""
        captions = self._captions.captions(np.array(self._looked) / float(self._media.video.rate), self._age.shape[-1])
        proven = [item for item in (*self._closed, *self._open) if _score(item) >= _MIN_SCORE]
        joined = _join_lines(sorted(proven, key=lambda item: (item.first, item.box)))
        overlays = [item for item in joined if not _is_caption(item, captions)]
        found = [t for t in self._titles.titles() if not (_is_caption(t, captions) or _lies_in(t, captions))]
        titles = [title for title in found if not _is_part(title, (*overlays, *captions))]
        rows = [self._row(item, CAPTION, item.score) for item in captions]
        rows += [self._row(item, self._kind(item), _score(item)) for item in overlays if not _is_part(item, titles)]
        rows += [self._row(title, self._kind(title), SURE_TITLE) for title in titles]
        table = np.array(sorted(rows), np.float64).reshape(-1, 8)
        return perception.Text(
            looked=frames_array(self._looked),
            first=table[:, 0].astype(np.int64),
            end=table[:, 1].astype(np.int64),
            box_px=table[:, 2:6] * np.tile(self._scale, 2),
            kind=table[:, 6].astype(np.int64),
            score=table[:, 7],
        )

    @classmethod
    def join(cls, values: Sequence[perception.Text], spans: Sequence[tuple[int, int]], media: Media) -> perception.Text:
        """The overlays of all spans. One that stands to the end of its span ends there: a cut follows."""
        ended = [replace(value, end=value.end.clip(max=end)) for value, (_, end) in zip(values, spans, strict=True)]
        found: perception.Text = super().join(ended, spans, media)
        return found

    def _row(self, item: _Overlay | Line | Lettering, kind: int, score: float) -> tuple[float, ...]:
        return (*self._span(item), *item.box, kind, score)

    def _span(self, item: _Overlay | Line | Lettering) -> tuple[int, int]:
        """Frames [first, end) during which it stands."""
        following = item.last + 1
        end = self._looked[following] if following < len(self._looked) else self._media.frame_count
        return self._looked[item.first], end

    def _update(self, sample: int, edges: npt.NDArray[np.bool_], *, fleeting: bool) -> None:
        """Update, add and close overlays from the edges that stand now.

        Parameters
        ----------
        sample : int
            Number of the sample.
        edges : ndarray of bool (h, w)
        fleeting : bool
            Few edges of the previous sample are still there: a shot boundary, or a camera move.
        """
        stands = self._age >= _STEADY_SAMPLES
        fresh = stands.copy() if fleeting else self._age == _STEADY_SAMPLES
        young = [item for item in self._open if item.samples == 1]
        # Coding settles over a sample or two: edges that came to stand just after a new overlay are added to it.
        grown = _regions(stands & (self._age <= _STEADY_SAMPLES + 1)) if young else []
        for item in self._open:
            for box in grown if item.samples == 1 else ():
                if _contains(box, item.box):
                    item.box, item.mask = box, stands[place_of(box)].copy()
                    item.strokes = strokes_per_row(edges[place_of(box)])
            place = place_of(item.box)
            if float(stands[place][item.mask].mean()) >= _STILL_THERE:
                item.last, item.samples = sample, item.samples + 1
                item.outlived += fleeting
                item.change_around = self._change_around(item.box, item.first)
                fresh[place] = False
        for box in _regions(fresh):
            place = place_of(box)
            mask = fresh[place].copy()
            since = sample - round(float(np.median(self._age[place][mask])))
            popped = since > 0 and self._change_around(box, since - 2) < _CALM
            self._open.append(_Overlay(box, mask, since, sample, popped, strokes_per_row(edges[place])))
        self._closed += [item for item in self._open if sample - item.last >= _MAX_MISSED_SAMPLES and _score(item) > 0]
        self._open = [item for item in self._open if sample - item.last < _MAX_MISSED_SAMPLES]

    def _change_around(self, box: Box, sample: int) -> float:
        """Share of the surroundings of a box that changed after a sample, on the side where least did."""
        left, top, width, height = box
        tall, wide = self._changed.shape
        since = self._changed
        sides = [
            since[max(0, top - _RING_PX) : top, left : left + width],
            since[top + height : min(tall, top + height + _RING_PX), left : left + width],
            since[top : top + height, max(0, left - _RING_PX) : left],
            since[top : top + height, left + width : min(wide, left + width + _RING_PX)],
        ]
        return min((np.count_nonzero(side > sample) / side.size for side in sides if side.size), default=0.0)

    def _kind(self, item: _Overlay | Lettering) -> int:
        """Whether to keep or ignore an overlay: a small one near a corner that stays is a logo."""
        height, width = self._age.shape
        box, (first, end) = item.box, self._span(item)
        x, y = (box[0] + box[2] / 2) / width, (box[1] + box[3] / 2) / height
        corner = min(x, 1 - x) < _LOGO_CORNER and min(y, 1 - y) < _LOGO_CORNER
        small = box[2] * box[3] < _LOGO_AREA * width * height
        seconds = (end - first) / float(self._media.video.rate)
        stays = end - first > _LOGO_SHARE * self._media.frame_count or seconds > _LOGO_LONG_S
        return IGNORE if corner and small and stays and seconds > _LOGO_S else KEEP


def _score(item: _Overlay) -> float:
    """How surely this is an overlay, 0..1: it stood while the picture around changed, or it appeared as writing."""
    steady = min(1.0, item.samples / 2) * min(1.0, 1.4 * item.samples / max(1, item.last - item.first - 1))
    width, height = item.box[2], item.box[3] / item.lines
    fine = float(np.clip((fineness(item.strokes, width, height) - 0.4) / 0.5, 0, 1))
    few, many = min(1.0, item.strokes / _FEW_STROKES), min(1.0, item.strokes / _MANY_STROKES)
    moving = float(np.clip((item.change_around - 0.3) / 0.4, 0, 1)) * few
    outlived = min(1.0, item.outlived / 2) * few
    popped = 0.6 * many * min(1.0, width / height / 2.5) if item.popped else 0.0
    return steady * fine * max(moving, outlived, popped)


def _join_lines(items: list[_Overlay]) -> list[_Overlay]:
    """Join lines that come and go together, one right below the other, into one overlay."""
    joined: list[_Overlay] = []
    for item in items:
        for other in joined:
            together = abs(item.first - other.first) <= 1 and abs(item.last - other.last) <= 1
            across, down = overlap(item.box, other.box)
            narrow, low = min(item.box[2], other.box[2]), min(item.box[3], other.box[3])
            if together and across > 0.5 * narrow and -down < 0.8 * low:
                other.box = union(item.box, other.box)
                # Each line was tested alone; strokes count per height of a line.
                other.strokes = max(item.strokes, other.strokes)
                other.lines += item.lines
                break
        else:
            joined.append(item)
    return joined


def _regions(standing: npt.NDArray[np.bool_]) -> list[Box]:
    """Boxes dense with standing edges, with the gaps between letters and lines closed."""
    import cv2

    marked = standing.view(np.uint8)
    if not cv2.countNonZero(marked):
        return []
    closed = cv2.morphologyEx(marked, cv2.MORPH_CLOSE, np.ones((_LINE_GAP_PX, _LETTER_GAP_PX), np.uint8))
    # Outlines, also of regions inside others, take a tenth of the time of labelling every pixel.
    outlines, nesting = cv2.findContours(closed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    outer = [outline for outline, (_, _, _, parent) in zip(outlines, nesting[0], strict=True) if parent < 0]
    tall, wide = standing.shape
    found: list[Box] = []
    for left, top, width, height in sorted(map(cv2.boundingRect, outer), key=lambda box: (box[1], box[0])):
        if (
            width < _MIN_SIZE_PX[0]
            or height < _MIN_SIZE_PX[1]
            or width > _MAX_SIZE[0] * wide
            or height > _MAX_SIZE[1] * tall
        ):
            continue
        if float(standing[top : top + height, left : left + width].mean()) >= _MIN_DENSITY:
            found.append((left, top, width, height))
    return found


def _is_caption(item: _Overlay | Lettering, captions: list[Line]) -> bool:
    """Whether an overlay is made of captions: letters of the next one keep up an overlay that has ended."""
    samples = np.arange(item.first, item.last + 1)
    covered = np.zeros(len(samples), np.bool_)
    for caption in captions:
        if caption.first <= item.last and caption.last >= item.first and _share_place(item.box, caption.box):
            covered |= (samples >= caption.first) & (samples <= caption.last)
    return float(covered.mean()) >= _OF_CAPTIONS


def _lies_in(title: Lettering, captions: list[Line]) -> bool:
    """Whether captions of the same time cover most of a title together: it is letters of their lines."""
    covered = 0
    for caption in captions:
        together = min(title.last, caption.last) - max(title.first, caption.first) + 1
        across, down = overlap(title.box, caption.box)
        if 2 * together > title.last - title.first + 1 and across > 0 and down > 0:
            covered += across * down
    return 2 * covered > title.box[2] * title.box[3]


def _is_part(item: _Overlay | Lettering, others: Sequence[_Overlay | Line | Lettering]) -> bool:
    """Whether one of the others is larger, at the same place and, for most of the item's time, at the same time."""
    for other in others:
        together = min(item.last, other.last) - max(item.first, other.first) + 1
        larger = other.box[2] * other.box[3] >= item.box[2] * item.box[3]
        if larger and 2 * together > item.last - item.first + 1 and _share_place(item.box, other.box):
            return True
    return False


def _share_place(box: Box, other: Box) -> bool:
    """Whether most of the smaller of two boxes lies in the larger."""
    across, down = overlap(box, other)
    return across > 0 and down > 0 and across * down > 0.5 * min(box[2] * box[3], other[2] * other[3])


def _contains(box: Box, inner: Box) -> bool:
    """Whether a box contains the centre of another and is no smaller."""
    x, y = inner[0] + inner[2] / 2, inner[1] + inner[3] / 2
    inside = box[0] <= x < box[0] + box[2] and box[1] <= y < box[1] + box[3]
    return inside and box[2] * box[3] >= inner[2] * inner[3]
