"""Media of other rates than the cut: at a boundary no picture of the wrong shot is ever seen."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import documents
import numbered as make
from panscan.ingest.cuts.held_ends import hold_ends
from panscan.ingest.cuts.usage import LinkedClip
from panscan.model.framing import Camera, Cell, Framing
from panscan.render import render
from panscan.timeline.cut import framed_clip
from panscan.timeline.facts import facts_payload
from panscan.timeline.layout import video_clips

NTSC = Fraction(30000, 1001)
RATES = [Fraction(24000, 1001), Fraction(24), Fraction(25), NTSC, Fraction(30), Fraction(50), 2 * NTSC, Fraction(60)]
COUNT = 500  # pictures of the media
WHOLE = Cell(0, 0, make.CANVAS, Camera((0,), (0.5,), (0.0,), (0.0,)))


def shown(media_rate: Fraction, rate: Fraction, zero: int, first: int, frames: int) -> list[int]:
    """The pictures of a clip that is cut to `frames` frames from picture `first` on; the media counts from `zero`."""
    media = documents.media("/m.mov", size=make.SIZE, rate=media_rate, frame_count=COUNT)
    clip = make.clip("/m.mov", zero + first, 1, media_rate, available=make.time_range(zero, COUNT, media_rate))
    length = make.otio.opentime.RationalTime(frames, float(rate))
    clip.source_range = make.otio.opentime.TimeRange(clip.source_range.start_time, length)
    clip.media_reference.metadata["panscan"] = facts_payload(media)
    framing = Framing(make.CANVAS, make.SIZE, rate, (WHOLE,))
    framed = framed_clip(clip, Fraction(0), framing, Path("/"))
    return [framed.source_picture_number(frame) for frame in range(framed.frame_count)]


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    media_rate=st.sampled_from(RATES),
    rate=st.sampled_from(RATES),
    zero=st.sampled_from([0, 86_400, 107_892, 215_784]),
    first=st.integers(0, COUNT - 130),
    frames=st.integers(1, 50),
)
@example(media_rate=2 * NTSC, rate=Fraction(25), zero=0, first=101, frames=50)
@example(media_rate=Fraction(50), rate=Fraction(25), zero=0, first=51, frames=50)
@example(media_rate=Fraction(24), rate=Fraction(25), zero=86_400, first=5, frames=25)
def test_a_clip_shows_nothing_from_outside_its_cut(
    media_rate: Fraction, rate: Fraction, zero: int, first: int, frames: int
) -> None:
    pictures = shown(media_rate, rate, zero, first, frames)
    per_frame = media_rate / rate
    assert len(pictures) == frames and pictures == sorted(pictures)
    assert first <= pictures[0] and pictures[-1] < first + frames * per_frame
    # An editor shows the picture whose time has come: never more than a frame of the cut away.
    assert all(abs(picture - (first + n * per_frame)) < 1 + per_frame for n, picture in enumerate(pictures))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    media_rate=st.sampled_from(RATES),
    rate=st.sampled_from(RATES),
    first=st.integers(COUNT - 60, COUNT - 1),
    frames=st.integers(1, 120),
    speed=st.sampled_from([1, 1, 1, 2, -1, -2, 0.5]),
)
def test_a_clip_longer_than_its_media_becomes_clips_that_are_not(
    media_rate: Fraction, rate: Fraction, first: int, frames: int, speed: float
) -> None:
    media = documents.media("/m.mov", size=make.SIZE, rate=media_rate, frame_count=COUNT)
    effects = [] if speed == 1 else [make.otio.schema.LinearTimeWarp(time_scalar=speed)]
    clip = make.clip("/m.mov", first, 1, media_rate, available=make.time_range(0, COUNT, media_rate), effects=effects)
    length = make.otio.opentime.RationalTime(frames, float(rate))
    clip.source_range = make.otio.opentime.TimeRange(clip.source_range.start_time, length)
    timeline = make.timeline(make.track(clip))
    (placed,) = video_clips(timeline)
    note = hold_ends(LinkedClip(placed, media, True), rate, in_media_time=False)
    found = [_framed(item.clip, media, rate) for item in video_clips(timeline)]
    pictures = [each.source_picture_number(n) for each in found for n in range(each.frame_count)]
    assert len(pictures) == frames
    # The last picture may last a frame longer where the media ends inside a frame of the cut.
    assert min(pictures) >= 0 and max(pictures) < COUNT + (media_rate != rate)
    assert (note is None) == (len(found) == 1)


def _framed(clip: Any, media: Any, rate: Fraction) -> Any:
    clip.media_reference.metadata["panscan"] = facts_payload(media)
    return framed_clip(clip, Fraction(0), Framing(make.CANVAS, make.SIZE, rate, (WHOLE,)), Path("/"))


@pytest.mark.parametrize("rate", [Fraction(25), NTSC])
@pytest.mark.parametrize("media_rate", [Fraction(50), 2 * NTSC])
def test_movies_show_no_picture_of_the_wrong_shot(media_rate: Fraction, rate: Fraction, tmp_path: Path) -> None:
    """Rendered: three clips cut at odd pictures out of one numbered movie."""
    from panscan.ingest.cuts.read import read_editor_cut

    movie = make.movie(tmp_path / "fast.mp4", 3, 120, media_rate)
    cuts = ((11, 7), (53, 9), (90, 5))
    clips = []
    for first, frames in cuts:
        clip = make.clip(movie, first, 1, media_rate, available=make.time_range(0, 120, media_rate))
        length = make.otio.opentime.RationalTime(frames, float(rate))
        clip.source_range = make.otio.opentime.TimeRange(clip.source_range.start_time, length)
        clips.append(clip)
    timeline = make.timeline(make.track(*clips))
    timeline.global_start_time = make.otio.opentime.RationalTime(0, float(rate))
    cut = read_editor_cut(make.written(timeline, tmp_path / "cut.otio"))
    assert cut.rate == rate
    render(make.framed(cut).timeline, folder=tmp_path, output=tmp_path / "out.mp4")
    played = list(make.numbers(tmp_path / "out.mp4"))
    assert len(played) == sum(frames for _, frames in cuts)
    for first, frames in cuts:
        own, played = played[:frames], played[frames:]
        assert all(p is not None and first <= p[1] < first + frames * media_rate / rate for p in own), (first, own)
