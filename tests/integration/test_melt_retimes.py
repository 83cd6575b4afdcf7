"""Retimed clips in a .mlt file, rendered by melt on pictures that code their number and their positions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import documents as make
from coded_movies import decode, located, play_with_melt, write_coded
from panscan.deliver import deliver
from panscan.model.geometry import Size
from panscan.timeline import cut as document
from panscan.timeline.effect import rounded
from retimed import shown_by

SOURCE, CANVAS = Size(960, 540), Size(540, 960)
START = 90000
PAN = ((0, 1.9, 240.0, 0.0), (59, 1.9, -240.0, 0.0))
TILT = ((0, 2.5, 0.0, -120.0), (59, 2.5, 60.0, 140.0))
JUMP = ((0, 1.9, 120.0, 0.0), (29, 1.9, 0.0, 0.0), (30, 1.9, -200.0, 0.0), (59, 1.9, -120.0, 20.0))
# Shot, speed, first frame: over a jump at twice and half the speed, backwards and slowly backwards, off the frame
# grid, held, and as it is.
CUT = (
    ((0, 14, JUMP), 2.0, 17),
    ((0, 16, JUMP), 0.5, 26),
    ((0, 16, JUMP), -1.0, 38),
    ((0, 10, PAN), -0.5, 50),
    ((0, 10, TILT), 0.7, 20.5),
    ((0, 6, PAN), 0.0, 33),
    ((40, 46, TILT), 1.0, 40),
)


def _cut(movie, rate, start, parts):
    of = make.media(str(movie), size=SOURCE, rate=rate, frame_count=60, start_frame=start, audio=((1, 48000),))
    shots = [(a, b, rounded(make.framing(keys, canvas=CANVAS, source=SOURCE, rate=rate))) for (a, b, keys), *_ in parts]
    timeline = make.timeline(*shots, of=of)
    for index, (_, speed, first) in enumerate(parts):
        if speed != 1:
            make.retime(timeline, index, speed, start + first)
    return timeline


@pytest.mark.parametrize(("rate", "start", "parts"), [(make.PAL, START, CUT), (make.NTSC, 0, CUT[1:3])])
def test_melt_shows_the_right_picture_and_its_crop(rate, start, parts, melt, tmp_path) -> None:
    movie = tmp_path / "coded.mkv"
    write_coded(movie, SOURCE, rate, 60)
    timeline = _cut(movie, rate, start, parts)
    path = tmp_path / "talk.mlt"
    path.write_bytes(deliver(timeline, "mlt", folder=tmp_path).main)
    play_with_melt(melt, path, tmp_path / "out.mkv")
    pictures, samples = decode(tmp_path / "out.mkv")
    cut = document.read_cut(timeline, folder=tmp_path)
    assert len(pictures) == cut.frame_count
    for clip in cut.clips:
        wanted = shown_by(clip)
        seen = pictures[clip.record_frame : clip.record_frame + clip.frame_count]
        assert [round(p[..., 2].mean() / 4) for p in seen] == [frame - start for frame, _ in wanted]
        errors = np.array([located(p, SOURCE) for p in seen]) - [crops[0] for _, crops in wanted]
        assert np.abs(errors).max() < 0.1, (clip.speed, np.abs(errors).max(axis=0))
    loud = np.abs(samples.astype(float)) > 0.05 * np.abs(samples).max()
    per_frame = [part.mean() for part in np.array_split(loud, cut.frame_count)]
    for clip in cut.clips:  # the frames at its ends may hold a little of its neighbours
        inside = per_frame[clip.record_frame + 1 : clip.record_frame + clip.frame_count - 1]
        if clip.speed != Fraction(-1, 2):  # of which melt 7.12 plays bits only
            assert max(inside) == 0 if clip.speed == 0 else np.median(inside) > 0.5


def test_slow_motion_shows_every_picture_of_fast_media(melt, tmp_path) -> None:
    movie = tmp_path / "coded.mkv"
    write_coded(movie, SOURCE, Fraction(50), 60)
    timeline = make.timeline((0, 20, make.framing(PAN, canvas=CANVAS, source=SOURCE)))
    for track in timeline.tracks:
        track[0].media_reference.target_url = movie.as_uri()
        track[0].media_reference.metadata["panscan"]["rate"] = [50, 1]
        track[0].media_reference.metadata["panscan"]["size_px"] = [SOURCE.width, SOURCE.height]
    make.retime(timeline, 0, 0.5, 5)
    path = tmp_path / "talk.mlt"
    path.write_bytes(deliver(timeline, "mlt", folder=tmp_path).main)
    play_with_melt(melt, path, tmp_path / "out.mkv")
    pictures, _ = decode(tmp_path / "out.mkv")
    assert [round(p[..., 2].mean() / 4) for p in pictures] == [10 + n for n in range(20)]
