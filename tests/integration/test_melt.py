"""The .mlt file rendered by melt on a picture that codes its own positions: which frame, and which crop, it shows."""

from __future__ import annotations

import numpy as np
import opentimelineio as otio
import pytest

import documents as make
from coded_movies import (
    coded_picture,
    decode,
    located,
    located_on_teeth,
    play_with_melt,
    toothed_picture,
    write_coded,
)
from panscan.deliver import deliver
from panscan.model.geometry import Size
from panscan.timeline.effect import rounded

SOURCE, CANVAS = Size(960, 540), Size(540, 960)
START = 90000


def test_melt_shows_the_cameras_crops(melt, tmp_path) -> None:
    movie = tmp_path / "coded.mkv"
    write_coded(movie, SOURCE, make.PAL, 60)
    pan_zoom = ((0, 1.9, 200.0, 0.0), (20, 1.9, -150.5, 0.0), (30, 2.6, 100.25, 80.0), (31, 2.0, -60.0, -40.0))
    tilt = ((0, 2.5, 0.0, -120.0), (59, 2.5, 30.0, 140.0))
    first, second = (rounded(make.framing(keys, canvas=CANVAS, source=SOURCE)) for keys in (pan_zoom, tilt))
    of = make.media(str(movie), size=SOURCE, frame_count=60, start_frame=START, audio=((1, 48000),))
    timeline = make.timeline((10, 40, first), (45, 60, second), of=of)
    for track in timeline.tracks:
        track.insert(1, otio.schema.Gap(duration=otio.opentime.RationalTime(5, 25)))
    document = tmp_path / "talk.mlt"
    artifact = deliver(timeline, "mlt", folder=tmp_path)
    document.write_bytes(artifact.main)
    out = tmp_path / "out.mkv"
    log = play_with_melt(melt, document, out)
    assert "qtblend" not in log and "X11" not in log and "failed" not in log.lower(), log

    pictures, samples = decode(out)
    assert len(pictures) == 50
    for record_first, framing, frames in ((0, first, range(10, 40)), (35, second, range(45, 60))):
        crops = framing.cells[0].crops(np.array(frames), SOURCE)
        shown = pictures[record_first : record_first + len(frames)]
        assert [round(p[..., 2].mean() / 4) for p in shown] == list(frames)
        errors = np.array([located(p, SOURCE) for p in shown]) - crops
        assert np.abs(errors).max() < 0.1, np.abs(errors).max(axis=0)
    assert all(p.max() < 3 for p in pictures[30:35]), "the gap is not black"
    loud = np.abs(samples.astype(float)) > 0.05 * np.abs(samples).max()
    per_frame = [part.mean() for part in np.array_split(loud, 50)]
    assert min(per_frame[:29] + per_frame[36:]) > 0.5 and max(per_frame[31:34]) == 0


def test_melt_shows_black_around_a_letterbox(melt, tmp_path) -> None:
    movie = tmp_path / "coded.mkv"
    write_coded(movie, SOURCE, make.NTSC, 6)
    whole = make.framing(((0, 0.5625, 0.0, 40.0),), canvas=CANVAS, source=SOURCE, rate=make.NTSC)
    of = make.media(str(movie), size=SOURCE, rate=make.NTSC, frame_count=6, audio=((1, 48000),))
    document = tmp_path / "talk.mlt"
    document.write_bytes(deliver(make.timeline((1, 5, whole), of=of), "mlt", folder=tmp_path).main)
    play_with_melt(melt, document, tmp_path / "out.mkv")
    pictures, _ = decode(tmp_path / "out.mkv")
    assert [round(p[400:600, ..., 2].mean() / 4) for p in pictures] == [1, 2, 3, 4]
    top = (960 - 540 * 0.5625) / 2 + 40
    for picture in pictures:
        lit = np.flatnonzero(picture.max(axis=(1, 2)) > 3)
        assert (lit[0], lit[-1] + 1) == pytest.approx((top, top + 303.75), abs=1)


def test_the_fit_finds_a_crop_to_a_hundredth_of_a_pixel() -> None:
    picture = coded_picture(SOURCE, 0)[100:400, 200:700]
    assert located(picture, SOURCE) == pytest.approx([200, 100, 500, 300], abs=0.03)


def test_the_teeth_tell_a_crop_more_closely_however_large_the_picture() -> None:
    picture = toothed_picture(Size(3840, 2160), 0)[100:1000, 300:1500]
    for off in (0, 3, -12):
        found = located_on_teeth(picture, np.array([300 + off, 100 - off, 1200, 900]))
        assert found == pytest.approx([300, 100, 1200, 900], abs=0.01)
