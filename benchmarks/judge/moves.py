"""What an editor complains of over time: a subject that is late, jumps and changes of layout without a reason."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from judge.complaints import faces_in, persons_in
from judge.framings import Boxes, FramedStretch
from judge.readings import readings
from judge.showing import Showing, is_held
from judge.truths import TruthSample

LATE_S = 0.3
CORE = 0.6  # of a subject's box: its rim may lie outside for a moment
BRIDGED_S = 2.5  # between two samples so near, the subject is where a straight line has it
FAST_S = 1.0  # so near, it may have moved by more than its own size
MOVED = 0.02  # of the source's width: less is no movement
JUMP, ZOOM_JUMP = 0.04, 0.10  # in one frame: of the source's width, and of the crop's
TURN_S, TEXT_S, FIT_S = 0.6, 0.5, 1.0  # around a turn of speech, a text's coming or going, the truth's wish for all
SAME_SUBJECT = 0.05  # overlap of a subject's boxes in two samples: less is another subject
FACE_LEAST = 0.05  # of the picture's height, for somebody who deserves a cell
WIDE_TEXT = 0.9  # of the widest window: a line that only the whole picture holds


@dataclass(frozen=True, slots=True)
class Change:
    """Two neighbouring frames that are framed differently.

    Attributes
    ----------
    frame : int
        The later one.
    is_layout : bool
        Cells or bars are others; else the camera is elsewhere at once.
    after : FramedStretch
        What shows the later frame.
    """

    frame: int
    is_layout: bool
    after: FramedStretch


def out_of_picture(showing: Showing) -> tuple[float, list[tuple[int, int]]]:
    """Percent of the frames with a known subject that do not show it, and first and last frame of each time it is late.

    Late: out of every crop for longer than 0.3 s, while the camera moves or right after the subject is there at all.
    """
    known = outs = 0
    late = []
    for run, is_entrance in _runs(showing):
        known += len(run)
        out = np.array([not is_in for _, is_in in run])
        outs += int(out.sum())
        edges = np.flatnonzero(np.diff(np.concatenate([[False], out, [False]]).astype(int)))
        for start, end in edges.reshape(-1, 2):
            if end - start > LATE_S * showing.rate:
                frames = run[start][0], run[end - 1][0]
                if (start == 0 and is_entrance) or _moves(showing, *frames):
                    late.append(frames)
    return 100 * outs / known if known else 0.0, late


def jumps(showing: Showing) -> list[int]:
    """Frames at which a camera jumps, and no cut, no turn of speech and no change of subject explains it."""
    return [c.frame for c in changes(showing) if not c.is_layout and not _is_called_for(showing, c.frame)]


def layout_changes(showing: Showing) -> list[int]:
    """Frames at which cells or bars change and nothing happens, or to a layout for which there is no reason."""
    return [c.frame for c in changes(showing) if c.is_layout and not _has_reason(showing, c)]


def changes(showing: Showing) -> Iterator[Change]:
    """Changes from one frame to the next, as far as the truth goes."""
    before: tuple[FramedStretch, Boxes] | None = None
    for stretch in sorted(showing.stretches, key=lambda s: s.first):
        frames = np.arange(stretch.first, min(stretch.end, showing.truth.end))
        crops = np.stack([camera.crops(frames, stretch.source_px) for camera in stretch.cameras], axis=1)
        for frame, now in zip(frames.tolist(), crops, strict=True):
            kind = None if before is None else _change(showing, before[0], before[1], stretch, now)
            if kind is not None:
                yield Change(frame, kind == "layout", stretch)
            before = (stretch, now)


def _change(showing: Showing, was: FramedStretch, old: Boxes, is_now: FramedStretch, new: Boxes) -> str | None:
    if [c.cell_px for c in was.cameras] != [c.cell_px for c in is_now.cameras]:
        return "layout"
    sizes = (new[:, 2] - new[:, 0]) / (old[:, 2] - old[:, 0])
    zooms = bool(np.any(np.abs(np.log(sizes)) > np.log1p(ZOOM_JUMP)))
    if zooms and showing.has_bars(old) != showing.has_bars(new):
        return "layout"
    step = np.abs((new[:, :2] + new[:, 2:]) - (old[:, :2] + old[:, 2:])) / 2 / showing.source_px[0]
    return "jump" if zooms or np.any(step > JUMP) else None


def _runs(showing: Showing) -> Iterator[tuple[list[tuple[int, bool]], bool]]:
    """Stretches of neighbouring frames with a known subject, whether it is in, and whether it was not there before."""
    samples = [s for s in showing.truth.samples if s.frame < showing.truth.end]
    run: list[tuple[int, bool]] = []
    entrance = True
    for sample, following in zip(samples, [*samples[1:], None], strict=True):
        bridged = following is not None and _is_bridged(showing, sample, following)
        end = following.frame if bridged and following else sample.frame + 1
        run += [
            (n, _is_in(showing, n, *_between(sample, following if bridged else None, n)))
            for n in range(sample.frame, end)
            if _has_subject(sample) and showing.stretch_at(n)
        ]
        if not bridged and run:
            yield run, entrance
            run = []
        if not bridged:
            entrance = following is None or _enters(showing, sample, following)
    if run:
        yield run, entrance


def _has_subject(sample: TruthSample) -> bool:
    return len(sample.wanted) > 0


def _enters(showing: Showing, sample: TruthSample, following: TruthSample) -> bool:
    """Whether the subject of a sample was not there, or was no subject, in the sample before."""
    return not _has_subject(sample) or _crosses_cut(showing, sample, following) or _is_another(sample, following)


def _crosses_cut(showing: Showing, sample: TruthSample, following: TruthSample) -> bool:
    return bool(np.any((showing.truth.cuts > sample.frame) & (showing.truth.cuts <= following.frame)))


def _is_bridged(showing: Showing, sample: TruthSample, following: TruthSample) -> bool:
    counts = (len(sample.must), len(sample.any_of)) == (len(following.must), len(following.any_of))
    near = following.frame - sample.frame <= BRIDGED_S * showing.rate
    fast = following.frame - sample.frame <= FAST_S * showing.rate or not _is_another(sample, following)
    return near and counts and fast and _has_subject(sample) and not _crosses_cut(showing, sample, following)


def _between(sample: TruthSample, following: TruthSample | None, frame: int) -> tuple[Boxes, Boxes]:
    if following is None:
        return sample.must, sample.any_of
    share = (frame - sample.frame) / (following.frame - sample.frame)
    return (
        sample.must + share * (following.must - sample.must),
        sample.any_of + share * (following.any_of - sample.any_of),
    )


def _is_in(showing: Showing, frame: int, must: Boxes, any_of: Boxes) -> bool:
    crops = showing.crops_at(frame)
    held = [[is_held(box, crop, CORE) for crop in crops] for box in (must if len(must) else any_of)]
    return all(any(h) for h in held) if len(must) else any(any(h) for h in held)


def _moves(showing: Showing, first: int, last: int) -> bool:
    """Whether a camera of one clip moves or jumps between two frames."""
    stretch = showing.stretch_at(first)
    if stretch is None:
        return False
    frames = np.arange(first, min(last + 1, stretch.end))
    for camera in stretch.cameras:
        crops = camera.crops(frames, stretch.source_px)
        if np.ptp(crops[:, 0] + crops[:, 2]) / 2 > MOVED * showing.source_px[0]:
            return True
    return False


def _is_called_for(showing: Showing, frame: int) -> bool:
    """Whether something happens at a frame that a person would cut at: a cut, a turn of speech, another subject."""
    turns = [first for first, _, _ in showing.truth.turns]
    return (
        showing.is_on_cut(frame)
        or any(abs(frame - first) <= TURN_S * showing.rate for first in turns)
        or any(a.frame <= frame <= b.frame and _is_another(a, b) for a, b in pairwise(showing.truth.samples))
    )


def _is_another(sample: TruthSample, following: TruthSample) -> bool:
    """Whether the subject of one sample is another than that of the sample before."""
    if not len(sample.must) or not len(following.must):
        return False
    return not any(
        np.all(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]) > SAME_SUBJECT * (a[2:] - a[:2]))
        for a in sample.must
        for b in following.must
    )


def _has_reason(showing: Showing, change: Change) -> bool:
    frame, rate = change.frame, showing.rate
    texts = [at for line in readings(showing) for at in (line.first, line.end)]
    fits = [at for fit in showing.truth.fits for at in fit]
    counts = [(a, b) for a, b in pairwise(showing.truth.samples) if len(a.must) != len(b.must)]
    happens = (
        _is_called_for(showing, frame)
        or any(abs(frame - at) <= TEXT_S * rate for at in texts)
        or any(abs(frame - at) <= FIT_S * rate for at in fits)
        or any(a.frame <= frame <= b.frame for a, b in counts)
    )
    return happens and _layout_has_reason(showing, change.after, frame)


def _layout_has_reason(showing: Showing, stretch: FramedStretch, frame: int) -> bool:
    """Whether a layout shows what one window cannot: a text, or subjects too far apart. One window needs no reason."""
    end = int(min(stretch.end, showing.shot_at(frame)[1]))
    if len(stretch.cameras) > 1:
        return _are_several(showing, frame, end)
    if not showing.has_bars(stretch.crops(frame)):
        return True
    fits = any(first < end and frame < last for first, last in showing.truth.fits)
    wide = any(
        np.median(line.boxes[:, 2] - line.boxes[:, 0]) > WIDE_TEXT * showing.window_px[0]
        for line in readings(showing)
        if line.first < end and frame < line.end
    )
    return fits or wide or _are_apart(showing, frame, end)


def _are_apart(showing: Showing, first: int, end: int) -> bool:
    """Whether what must be shown somewhere in a stretch is wider than a window."""
    inside = [s.must for s in showing.truth.samples if first <= s.frame < end and len(s.must) > 1]
    return any(must[:, 2].max() - must[:, 0].min() > showing.window_px[0] for must in inside)


def _are_several(showing: Showing, first: int, end: int) -> bool:
    """Whether two people or more are there most of the time, or must be shown and do not fit together."""
    looks = np.flatnonzero((showing.evidence.looked >= first) & (showing.evidence.looked < end)).tolist()
    least = FACE_LEAST * showing.source_px[1]
    counts = [max(_tall(faces_in(showing, n), least), _tall(persons_in(showing, n), 4 * least)) for n in looks]
    return _are_apart(showing, first, end) or bool(counts and np.median(counts) >= 2)


def _tall(boxes: Boxes, least_px: float) -> int:
    return int(np.sum(boxes[:, 3] - boxes[:, 1] >= least_px))
