"""Rows of clips, gaps and transitions put together at random: every picture of the movie is the right mix."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import documents as make
import media
from panscan.ingest.media.probe import probe
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.render import RenderSettings, render
from panscan.timeline.build import build_timeline
from panscan.timeline.cut import read_cut

SIZE = Size(32, 18)
FRAMES = 100
STEPS = {"up": (30, 2), "down": (229, -2)}  # level of the first picture, and how much more each next one has
BLACK = 16
WHOLE = make.framing(((0, 1.0, 0.0, 0.0),), canvas=SIZE, source=SIZE)


@dataclass(frozen=True)
class Piece:
    """A clip of a film, or a gap; `into` and `out`: frames before and after its end of the transition there."""

    film: str | None
    first: int
    count: int
    speed: float
    into: int
    out: int


def _level(piece: Piece, offset: int) -> float:
    base, step = STEPS[piece.film or "up"]
    return base + step * int(np.floor(piece.first + offset * piece.speed + 1e-6))


pieces = st.builds(
    Piece,
    st.sampled_from(["up", "down", "up", "down", None]),
    st.integers(40, 60),
    st.integers(6, 14),
    st.sampled_from([1.0, 1.0, 1.0, 0.5, 2.0, -1.0, 0.0]),
    st.integers(0, 3),
    st.integers(0, 3),
)


def expected(row: list[Piece]) -> list[float]:
    """The level of each record frame, worked out by itself: what is full, and what every transition changes."""
    starts = np.cumsum([0, *(piece.count for piece in row)]).tolist()
    shown = [
        BLACK if piece.film is None else _level(piece, n) for piece in row for n in range(piece.count)
    ]  # fmt: skip
    for n, piece in enumerate(row):
        after, cut = row[n + 1] if n + 1 < len(row) else None, starts[n + 1]
        length = piece.into + (piece.out if after else 0)  # nothing lies behind the end
        before_film, after_film = piece.film, after.film if after else None
        if not length or not (before_film or after_film):
            continue
        for k in range(length):
            at = cut - piece.into + k
            if at >= len(shown):
                continue
            old = _level(piece, at - starts[n]) if before_film else BLACK
            new = _level(after, at - cut) if after and after_film else BLACK
            shown[at] = old + (new - old) * k / length
    return [float(level) for level in shown]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    for name, (base, step) in STEPS.items():

        def scene(frame: int, plane: int, x_px: Any, y_px: Any, base: int = base, step: int = step) -> Any:
            return np.full((len(y_px), len(x_px)), 128.0 if plane else float(base + step * frame))

        size = (SIZE.width, SIZE.height)
        media.write_clip(folder / f"{name}.mp4", scene, size=size, pts=range(FRAMES), lossless=True, tones={})
    return folder


def _timeline(films: Path, row: list[Piece]) -> Any:
    sources = {name: probe(films / f"{name}.mp4") for name in STEPS}
    made = otio.schema.Timeline("random")
    track = otio.schema.Track(name="V1", kind="Video")
    made.tracks.append(track)
    for piece in row:
        if piece.film is None:
            track.append(otio.schema.Gap(duration=otio.opentime.RationalTime(piece.count, 25)))
        else:
            shot = Shot(piece.first, piece.first + piece.count)
            one = build_timeline(sources[piece.film], [(shot, WHOLE)], name="one", recipe={})
            clip = one.video_tracks()[0][0].clone()
            if piece.speed != 1:
                speed = piece.speed
                clip.effects.append(
                    otio.schema.LinearTimeWarp(time_scalar=speed) if speed else otio.schema.FreezeFrame()
                )
            track.append(clip)
        if piece.into + piece.out:
            offsets = (otio.opentime.RationalTime(frames, 25) for frames in (piece.into, piece.out))
            track.append(otio.schema.Transition("mix", "SMPTE_Dissolve", *offsets))
    return made


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=st.lists(pieces, min_size=1, max_size=6).filter(lambda row: any(piece.film for piece in row)))
def test_every_picture_is_the_mix_that_belongs_there(films: Path, tmp_path: Path, row: list[Piece]) -> None:
    timeline, out = _timeline(films, row), tmp_path / "out.mkv"
    wanted = expected(row)
    cut = read_cut(timeline, folder=films)
    assert cut.frame_count == len(wanted)
    beside = [(piece.film, after.film if after else None) for piece, after in zip(row, [*row[1:], None], strict=True)]
    mixed = sum(
        bool(piece.into + (piece.out if piece is not row[-1] else 0) and any(films))
        for piece, films in zip(row, beside, strict=True)
    )
    assert len(cut.dissolves) == mixed
    render(timeline, folder=films, output=out, settings=RenderSettings(crf=0, preset="ultrafast"))
    with av.open(str(out)) as container:
        found = [float(frame.to_ndarray()[: SIZE.height].mean()) for frame in container.decode(video=0)]
    assert len(found) == len(wanted)
    assert np.abs(np.subtract(found, wanted)).max() <= 0.51, [
        (n, a, b) for n, (a, b) in enumerate(zip(found, wanted, strict=True)) if abs(a - b) > 0.51
    ]
