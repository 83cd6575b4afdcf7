"""Dissolves and fades as melt shows them, against the movie that panscan renders: the same mix on every frame."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import opentimelineio as otio
import pytest

import documents as make
import media
from coded_movies import decode, play_with_melt
from panscan.deliver import deliver
from panscan.ingest.media.probe import probe
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.render import RenderSettings, render
from panscan.timeline.build import build_timeline

SIZE, CANVAS = Size(320, 180), Size(180, 180)
MAX_LEVELS = 2  # of 255: melt cuts off what is left of a level, and both round to whole levels in between
PAN = ((0, 1.0, 70.0, 0.0), (119, 1.0, -70.0, 0.0))
STILL = ((0, 1.0, 0.0, 0.0),)


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Two films of wandering greys, one dark and one light, both with even places where a pan shows no difference."""
    folder = tmp_path_factory.mktemp("films")

    def scene(seed, light):
        def shown(frame, plane, x_px, y_px):
            if plane:
                return np.full((len(y_px), len(x_px)), 128.0)
            wave = 30 * np.sin(2 * np.pi * (x_px / 160 + frame / 25 + seed))
            return np.clip(light + wave[None, :] + 10 * np.sin(2 * np.pi * y_px[:, None] / 90), 16, 235)

        return shown

    for name, seed, light in (("dark", 0.0, 70), ("light", 0.3, 190)):
        pts, size = range(120), (SIZE.width, SIZE.height)
        media.write_clip(folder / f"{name}.mp4", scene(seed, light), size=size, pts=pts, lossless=True)
    return folder


def _cut(films, transitions, *, speed=1.0):
    """Thirty frames of either film, and the transitions by the place among the clips; a gap of 8 frames after both."""
    pieces = []
    for name, first, keys in (("dark", 20, PAN), ("light", 40, STILL), ("dark", 60, PAN)):
        framing = make.framing(keys, canvas=CANVAS, source=SIZE)
        one = build_timeline(probe(films / f"{name}.mp4"), [(Shot(first, first + 30), framing)], name="cut", recipe={})
        pieces.append(one)
    timeline = pieces[0]
    track = timeline.video_tracks()[0]
    for other in pieces[1:]:
        track.append(other.video_tracks()[0][0].clone())
    del timeline.tracks[1:]
    if speed != 1:
        track[1].effects.append(otio.schema.LinearTimeWarp(time_scalar=speed))
    track.insert(2, otio.schema.Gap(duration=otio.opentime.RationalTime(8, 25)))
    for at, frames in sorted(transitions.items(), reverse=True):
        offsets = (otio.opentime.RationalTime(count, 25) for count in frames)
        track.insert(at, otio.schema.Transition("mix", "SMPTE_Dissolve", *offsets))
    return timeline


CUTS = {
    "a dissolve": ({1: (5, 7)}, 1.0),
    "a dissolve before its cut": ({1: (10, 0)}, 1.0),
    "a dissolve into slow motion": ({1: (6, 6)}, 0.5),
    "a dissolve into reverse": ({1: (4, 9)}, -1.0),
    "fades at both ends": ({0: (0, 12), 4: (9, 0)}, 1.0),
    "fades to a gap and up from it": ({2: (7, 3), 3: (4, 6)}, 1.0),
    "all of them": ({0: (0, 5), 1: (1, 2), 2: (8, 0), 3: (0, 8), 4: (6, 0)}, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("kind", [".mlt", ".kdenlive"])
@pytest.mark.parametrize("name", CUTS)
def test_melt_shows_the_same_mix(melt, films, tmp_path, name, kind) -> None:
    timeline = _cut(films, CUTS[name][0], speed=CUTS[name][1])
    artifact = deliver(timeline, "mlt", folder=films)
    assert not any("transition" in loss.what for loss in artifact.losses), artifact.losses
    document = tmp_path / f"cut{kind}"
    document.write_bytes(artifact.files[kind])
    play_with_melt(melt, document, tmp_path / "melt.avi")
    theirs = [picture.mean(axis=-1) * 219 / 255 + 16 for picture in decode(tmp_path / "melt.avi")[0]]
    result = render(timeline, folder=films, output=tmp_path / "ours.mkv", settings=RenderSettings(crf=0))
    assert result.frame_count == len(theirs) == 98
    with av.open(str(tmp_path / "ours.mkv")) as container:
        ours = [frame.to_ndarray()[: CANVAS.height].astype(float) for frame in container.decode(video=0)]
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=True)):
        apart = (mine - other)[4:-4, 4:-4]
        assert abs(apart.mean()) < MAX_LEVELS and np.abs(apart).max() < MAX_LEVELS + 1, (number, apart.mean())


def test_the_comparison_is_able_to_fail(melt, films, tmp_path) -> None:
    """One frame of a dissolve later is more than the limit."""
    dissolve = _cut(films, {1: (5, 7)})
    later = _cut(films, {1: (4, 8)})
    means = []
    for number, timeline in enumerate((dissolve, later)):
        out = tmp_path / f"{number}.mkv"
        render(timeline, folder=films, output=out, settings=RenderSettings(crf=0))
        with av.open(str(out)) as container:
            means.append([frame.to_ndarray()[: CANVAS.height].mean() for frame in container.decode(video=0)])
    apart = np.abs(np.subtract(*means)) * float(Fraction(255, 219))
    assert apart.max() > 3 * MAX_LEVELS
