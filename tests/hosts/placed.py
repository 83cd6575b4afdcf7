"""What a host model answers for one frame of one track, and how it is held against the document's camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from retimed import at_frame, shown_by


@dataclass(frozen=True)
class Placed:
    """A picture on the canvas.

    file: URL or path; media_frame: counted from the media's timecode; scale: canvas px per source px; left, top: where
    the source's corner lies on the canvas; shown: the part of the source that is not cut off (left, top, right,
    bottom in source px).
    """

    file: str
    media_frame: int
    scale: float
    left: float
    top: float
    shown: tuple[float, float, float, float]

    def through(self, left: float, top: float, width: float, height: float) -> tuple[float, float, float, float]:
        """The source rectangle (left, top, width, height) that lies under a rectangle of the canvas."""
        s = self.scale
        return (left - self.left) / s, (top - self.top) / s, width / s, height / s

    def on_canvas(self, canvas) -> np.ndarray:
        """Where a picture is seen: left, top, right, bottom in canvas px."""
        x0, y0, x1, y1 = self.shown
        corners = [self.left + self.scale * x0, self.top + self.scale * y0]
        corners += [self.left + self.scale * x1, self.top + self.scale * y1]
        return np.clip(corners, 0, [canvas.width, canvas.height] * 2)


@dataclass(frozen=True)
class Run:
    """One clip of a track: its frames [start, end) of the timeline, and what it shows by timeline frame.

    frames: also where a dissolve shows it before `start` or from `end` on.
    """

    start: int
    end: int
    frames: dict[int, Placed]

    def alone(self) -> dict[int, Placed]:
        """What is shown of it up to its cuts."""
        return {frame: placed for frame, placed in self.frames.items() if self.start <= frame < self.end}


@dataclass(frozen=True)
class Mix:
    """A dissolve: its first frame and its end, and at each frame what fades out and what fades in."""

    start: int
    end: int
    sides: dict[int, tuple[Placed, Placed]]


def mixed(before: Run, after: Run, start: int, end: int) -> Mix:
    """The dissolve of two clips; both have a picture on all of its frames, and nowhere beyond them."""
    assert max(before.frames) == max(end, before.end) - 1 and min(after.frames) == min(start, after.start)
    return Mix(start, end, {frame: (before.frames[frame], after.frames[frame]) for frame in range(start, end)})


def line(keys, at):
    """A value at a time, straight between keys (time, value or tuple of values) and held outside them."""
    times = [time for time, _ in keys]
    assert times == sorted(set(times)), "keys rise"
    values = np.array([value for _, value in keys], float).reshape(len(keys), -1)
    found = [float(np.interp(at, times, column)) for column in values.T]
    return found[0] if len(found) == 1 else tuple(found)


def agrees(frames, cut) -> None:
    """Every frame of every cell is where the document's camera puts it, within 0.01 px of the source.

    frames: one mapping per track (lowest first) of record frame to Placed; cut: `document.timeline.Cut`.
    """
    expected = [set() for _ in frames]
    for clip in cut.clips:
        source, canvas = clip.framing.source, clip.framing.canvas
        for number, cell in enumerate(clip.framing.cells):
            for index, (media_frame, crops) in enumerate(shown_by(clip)):
                record, crop = clip.record_frame + index, crops[number]
                expected[number].add(record)
                placed = frames[number][record]
                assert placed.media_frame == media_frame, (record, number)
                assert placed.file.endswith(clip.path.name)
                window = placed.through(cell.left_px, cell.top_px, cell.size.width, cell.size.height)
                assert np.abs(np.array(window) - crop).max() < 0.01, (record, number)
                # The picture is seen in the cell, as far as it reaches, and nowhere else.
                left, top, width, height = crop
                whole = np.clip([0, 0, source.width, source.height], [left, top] * 2, [left + width, top + height] * 2)
                corner = np.array([cell.left_px, cell.top_px] * 2)
                seen = corner + (whole - [left, top] * 2) * (cell.size.width / width)
                allowed = 0.01 * cell.size.width / width
                assert np.abs(placed.on_canvas(canvas) - seen).max() < allowed + 1e-6, (record, number)
    assert [set(track) for track in frames] == expected


def agrees_in_dissolves(mixes, cut, expected) -> None:
    """Both pictures of every frame of every dissolve are where the document's cameras put them, within 0.01 px.

    mixes: of one track, in order of time; expected: number of the clip that each leads to, and its frames before and
    after the cut.
    """
    found = [(mix.start, mix.end) for mix in mixes]
    cuts = [(cut.clips[number].record_frame, before, after) for number, before, after in expected]
    assert found == [(at - before, at + after) for at, before, after in cuts]
    for mix, (number, _, _) in zip(mixes, expected, strict=True):
        assert list(mix.sides) == list(range(mix.start, mix.end))
        for record, sides in mix.sides.items():
            for placed, clip in zip(sides, cut.clips[number - 1 : number + 1], strict=True):
                media_frame, crop = at_frame(clip, record - clip.record_frame)
                assert placed.media_frame == media_frame, record
                assert placed.file.endswith(clip.path.name)
                window = placed.through(0, 0, clip.framing.canvas.width, clip.framing.canvas.height)
                assert np.abs(np.array(window) - crop).max() < 0.01, (record, window, crop)
