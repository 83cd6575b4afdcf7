"""A result lasts as long as the cut: titles, gaps and sound at its end are black pictures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

import documents as make
from panscan.deliver import deliver
from panscan.timeline.cut import read_cut
from panscan.timeline.flatten import flatten_timeline, visible_cut

FOLDER = Path("/projects")
STILL = ((0, 2.1, 120.0, -30.0),)


def _cut(*, flattened: bool = False):
    """Fifty frames; `flattened`: in two tracks, of which the upper one is laid over the lower."""
    timeline = make.timeline((0, 30, make.framing(STILL)), (40, 60, make.framing(STILL)))
    if flattened:
        upper = otio.schema.Track(name="V2", kind="Video")
        upper.append(otio.schema.Gap(duration=otio.opentime.RationalTime(30, 25)))
        upper.append(make.track(timeline).pop(1))
        timeline.tracks.append(upper)
    return timeline


def _title(frames: int):
    reference = otio.schema.GeneratorReference(generator_kind="Text")
    used = otio.opentime.TimeRange(otio.opentime.RationalTime(0, 25), otio.opentime.RationalTime(frames, 25))
    return otio.schema.Clip("The End", reference, used)


def _gap(frames: float, rate: float = 25):
    return otio.schema.Gap(duration=otio.opentime.RationalTime(frames, rate))


def _music(frames: float, rate: float = 25):
    used = otio.opentime.TimeRange(otio.opentime.RationalTime(0, rate), otio.opentime.RationalTime(frames, rate))
    track = otio.schema.Track(name="music", kind="Audio")
    track.append(otio.schema.Clip("music", otio.schema.ExternalReference("/media/music.wav", used), used))
    return track


def _with_end(timeline, kind: str):
    last = timeline.video_tracks()[-1]
    if kind == "title":
        last.append(_title(20))
    elif kind == "gap":
        last.append(_gap(20))
    elif kind == "music":
        timeline.tracks.append(_music(70))
    elif kind == "disabled clip":
        last.append(last[-1].deepcopy())
        last[-1].enabled = False
    elif kind == "title above":
        above = otio.schema.Track(name="titles", kind="Video")
        above.extend([_gap(50), _title(20)])
        timeline.tracks.append(above)
    return timeline


ENDS = ("title", "gap", "music", "disabled clip", "title above")


@pytest.mark.parametrize("flattened", [False, True])
@pytest.mark.parametrize("kind", ENDS)
def test_what_ends_a_cut_is_black_picture(kind, flattened) -> None:
    cut = visible_cut(_with_end(_cut(flattened=flattened), kind), folder=FOLDER)
    assert (cut.frame_count, cut.black_end) == (70, 20)


@pytest.mark.parametrize("kind", ENDS)
def test_a_whole_movie_with_something_behind_it_is_not_whole(kind) -> None:
    timeline = make.timeline((0, 1500, make.framing(STILL)))
    assert read_cut(timeline, folder=FOLDER).is_whole
    title = {"music": _music(1520), "title above": None}
    if kind == "music":
        timeline.tracks.append(title["music"])
    elif kind == "title above":
        above = otio.schema.Track(name="titles", kind="Video")
        above.extend([_gap(1500), _title(20)])
        timeline.tracks.append(above)
    else:
        _with_end(timeline, kind)
    assert not visible_cut(timeline, folder=FOLDER).is_whole


@pytest.mark.parametrize(("samples", "frames"), [(96_000, 50), (96_100, 50), (97_900, 50), (97_920, 51)])
def test_sound_that_ends_inside_a_frame_begins_no_picture(samples, frames) -> None:
    timeline = _cut()
    timeline.tracks.append(_music(samples, 48_000))
    assert visible_cut(timeline, folder=FOLDER).frame_count == frames


def test_disabled_tracks_do_not_count() -> None:
    timeline = _with_end(_with_end(_cut(), "music"), "title above")
    for track in (timeline.tracks[-1], timeline.tracks[-2]):
        track.enabled = False
    assert visible_cut(timeline, folder=FOLDER).frame_count == 50


def test_a_row_keeps_the_length_of_its_tracks() -> None:
    flat = flatten_timeline(_with_end(_cut(flattened=True), "title above"))
    assert flat.tracks[0].duration().to_seconds() * 25 == 70


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("fcpxml", '<gap name="Gap" offset="2s" duration="20/25s"'), ("mlt", '<blank length="20"/>'),
        ("otio-resolve", '"Gap.1"'), ("otio-premiere", '"Gap.1"'),
        ("edl", "BL       V     C        00:00:00:00 00:00:00:20 00:00:02:00 00:00:02:20"),
    ],
)  # fmt: skip
def test_deliveries_go_on_after_the_last_clip(name, word) -> None:
    artifact = deliver(_with_end(_cut(), "gap"), name, folder=FOLDER)
    assert word in artifact.text and not any("black" in loss.what for loss in artifact.losses)
    assert word not in deliver(_cut(), name, folder=FOLDER).text


def test_the_ffmpeg_script_goes_on_in_black() -> None:
    graph = deliver(_with_end(_cut(), "gap"), "ffmpeg", folder=FOLDER).files[".ffmpeg.filter"].decode()
    assert "trim=end_frame=20" in graph and "color=c=black" in graph


@pytest.mark.parametrize("name", ["xmeml", "crops-json", "nuke"])
def test_others_list_it(name) -> None:
    artifact = deliver(_with_end(_cut(), "title"), name, folder=FOLDER)
    assert "the last 0.80 s, which are black" in [loss.what for loss in artifact.losses]


def test_lengths_of_other_rates_are_exact() -> None:
    timeline = _cut()
    timeline.tracks.append(_music(1001 * 5, 2400))
    assert visible_cut(timeline, folder=FOLDER).frame_count == int(Fraction(1001 * 5 * 25, 2400))
