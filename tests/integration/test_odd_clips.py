"""Cuts with an odd clip: read, rendered and delivered all the same; the clip is held, repaired or left alone, and told.

The clocks of a cut: what its file states counts, and pictures are counted as the editor counts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

import numbered as make
from commandline import panscan
from panscan.deliver import deliver
from panscan.errors import InputError
from panscan.ingest.cuts.read import read_editor_cut
from panscan.render import render
from panscan.timeline.editorial import EditorCut
from panscan.timeline.files import write_timeline
from panscan.timeline.flatten import renderable_cut
from panscan.verify import Verdict, verify

FILM, NTSC_FILM = Fraction(24), Fraction(24000, 1001)
Shown = list[tuple[str, int]]


@pytest.fixture(scope="module")
def movies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("movies")
    return {
        "a": make.movie(folder / "a.mp4", 1),
        "film": make.movie(folder / "film.mov", 2, 120, NTSC_FILM, timecode="01:00:00:00"),
        "long": make.movie(folder / "long.mov", 3, 1100, NTSC_FILM, timecode="01:00:00:00", size=(32, 18)),
        "fast": make.movie(folder / "fast.mp4", 4, 120, Fraction(50)),
    }


def shown(cut: EditorCut) -> dict[int, tuple[str, int]]:
    """Record frame -> media and picture."""
    clips = renderable_cut(make.framed(cut).timeline, folder=Path("/")).clips
    return {
        clip.record_frame + n: (clip.path.stem, clip.source_picture_number(n))
        for clip in clips
        for n in range(clip.frame_count)
    }


def read(children: list[Any], folder: Path, **how: Any) -> EditorCut:
    return read_editor_cut(make.written(make.timeline(make.track(*children)), folder / "cut.otio"), **how)


def numbered(stem: str, first: int, count: int, step: int = 1) -> Shown:
    return [(stem, first + n * step) for n in range(count)]


def xmeml(folder: Path, clips: str, rate: int = 25) -> Path:
    path = folder / "cut.xml"
    path.write_text(
        f'<xmeml version="4"><sequence id="s"><name>cut</name>{timebase(rate)}<media><video><format/>'
        f"<track>{clips}</track></video><audio/></media></sequence></xmeml>",
        encoding="utf-8",
    )
    return path


def timebase(rate: Any) -> str:
    return f"<rate><timebase>{rate}</timebase><ntsc>FALSE</ntsc></rate>"


def clipitem(movie: Path | None, start: Any, end: Any, first: Any, last: Any, rate: Any = 25, more: str = "") -> str:
    file = "<mediaSource>Slug</mediaSource>" if movie is None else f"<pathurl>{movie.as_uri()}</pathurl>"
    name = "slug" if movie is None else movie.stem
    return (
        f"<clipitem><name>{name}</name>{timebase(rate)}<start>{start}</start><end>{end}</end><in>{first}</in>"
        f'<out>{last}</out><file id="{name}"><name>{name}</name>{file}{timebase(rate)}</file>{more}</clipitem>'
    )


# --- longer than its media


@pytest.mark.parametrize(
    ("start", "speed", "expected"),
    [
        (50, 1, [*range(50, 60), *[59] * 10]),
        (-4, 1, [*[0] * 4, *range(16)]),
        (40, 2, [*range(40, 60, 2), *[59] * 10]),
        (9, -1, [*range(9, -1, -1), *[0] * 10]),
    ],
)
def test_the_nearest_picture_is_held_where_media_ends(
    start: int, speed: int, expected: list[int], movies: Mapping[str, Path], tmp_path: Path
) -> None:
    effects = [] if speed == 1 else [otio.schema.LinearTimeWarp(time_scalar=speed)]
    odd = make.clip(movies["a"], start, 20, effects=effects, name="odd")
    cut = read([odd, make.clip(movies["a"], 5, 10)], tmp_path)
    assert [picture for _, picture in shown(cut).values()] == [*expected, *range(5, 15)]
    (note,) = cut.unframed
    assert note.what == "clip 'odd'" and "longer than its media" in note.why and note.is_fault
    with pytest.raises(InputError, match=r"repaired or left out[\s\S]*'odd'[\s\S]*--strict"):
        read([odd.deepcopy(), make.clip(movies["a"], 5, 10)], tmp_path, strict=True)


@pytest.mark.parametrize(
    ("start", "length", "speed", "expected"),
    [
        (40, 40, 2, [*range(40, 60, 2), *[59] * 10]),
        (-10, 20, -1, [*range(9, -1, -1), *[0] * 10]),
        (50, 20, -1, [*[59] * 10, *range(59, 49, -1)]),
    ],
)
def test_premiere_counts_retimed_clips_in_media_time(
    start: int, length: int, speed: int, expected: list[int], movies: Mapping[str, Path], tmp_path: Path
) -> None:
    effects = [otio.schema.LinearTimeWarp(time_scalar=speed)]
    odd = make.clip(movies["a"], start, length, effects=effects)
    premiere = {"PremierePro_OTIO": {"MetadataVersion": "1.0"}}
    timeline = make.timeline(make.track(odd, make.clip(movies["a"], 5, 10)), metadata=premiere)
    cut = read_editor_cut(make.written(timeline, tmp_path / "cut.otio"))
    assert [picture for _, picture in shown(cut).values()] == [*expected, *range(5, 15)]


def test_a_held_end_is_rendered_verified_and_delivered(movies: Mapping[str, Path], tmp_path: Path) -> None:
    cut = read([make.clip(movies["a"], 50, 20), make.clip(movies["a"], 5, 10)], tmp_path)
    timeline = make.framed(cut).timeline
    movie = tmp_path / "out.mp4"
    render(timeline, folder=tmp_path, output=movie)
    assert [picture and picture[1] for picture in make.numbers(movie)] == [*range(50, 60), *[59] * 10, *range(5, 15)]
    assert verify(movie, timeline, folder=tmp_path).verdict is Verdict.VERIFIED
    for name in ("fcpxml", "xmeml", "otio-resolve", "otio-premiere", "mlt", "edl"):
        delivered = deliver(timeline, name, folder=tmp_path)
        assert not [loss for loss in delivered.losses if loss.is_left_out], name
        if name in ("fcpxml", "otio-resolve", "otio-premiere", "edl"):
            path = tmp_path / f"{name}{ {'fcpxml': '.fcpxml', 'edl': '.edl'}.get(name, '.otio') }"
            path.write_bytes(delivered.main)
            assert shown(read_editor_cut(path)) == shown(cut), name


def test_a_clip_whose_speed_changes_leaves_the_rest(movies: Mapping[str, Path], tmp_path: Path) -> None:
    ramp = make.clip(movies["a"], 0, 10, effects=[otio.schema.TimeEffect(effect_name="ramp")], name="ramp")
    cut = read([make.clip(movies["a"], 20, 10), ramp, make.clip(movies["a"], 5, 10)], tmp_path)
    assert any(note.what == "clip 'ramp'" and note.is_fault for note in cut.unframed)
    timeline, movie = make.framed(cut).timeline, tmp_path / "out.mp4"
    made = render(timeline, folder=tmp_path, output=movie)
    assert any("ramp (its speed changes on the way)" in note for note in made.notes)
    pictures = [picture and picture[1] for picture in make.numbers(movie)]
    assert pictures == [*range(20, 30), *[None] * 10, *range(5, 15)]
    write_timeline(timeline, tmp_path / "ramp.otio")
    refused = panscan("render", tmp_path / "ramp.otio", "-o", tmp_path / "strict.mp4", "--strict")
    assert refused.code == 3 and "changes its speed on the way" in refused.err
    assert verify(movie, timeline, folder=tmp_path).verdict is Verdict.VERIFIED


def test_a_timeline_from_elsewhere_is_rendered_and_delivered_alike(movies: Mapping[str, Path], tmp_path: Path) -> None:
    """Nobody has split the clip: both leave it out, and tell."""
    timeline = make.framed(read([make.clip(movies["a"], 40, 20), make.clip(movies["a"], 5, 10)], tmp_path)).timeline
    timeline.tracks[0][0].source_range = make.time_range(50, 20)
    made = render(timeline, folder=tmp_path, output=tmp_path / "out.mp4")
    assert any("a (it is longer than its media)" in note for note in made.notes)
    assert [picture and picture[1] for picture in make.numbers(tmp_path / "out.mp4")] == [*[None] * 20, *range(5, 15)]
    (left_out,) = [loss for loss in deliver(timeline, "fcpxml", folder=tmp_path).losses if loss.is_left_out]
    assert "does not have" in left_out.what


# --- no range, no rate


def test_a_clip_without_ranges_shows_its_whole_media(movies: Mapping[str, Path], tmp_path: Path) -> None:
    whole = otio.schema.Clip("whole", otio.schema.ExternalReference(str(movies["film"])))
    cut = read([whole, make.clip(movies["a"], 5, 10)], tmp_path)
    assert cut.rate == NTSC_FILM
    assert list(shown(cut).values())[:120] == numbered("film", 0, 120) and not cut.unframed


def test_a_clip_without_ranges_whose_media_is_missing_lasts_no_time(movies: Mapping[str, Path], tmp_path: Path) -> None:
    gone = otio.schema.Clip("gone", otio.schema.ExternalReference("/gone.mov"))
    cut = read([gone, make.clip(movies["a"], 5, 10)], tmp_path, skip_offline=True)
    assert list(shown(cut).values()) == numbered("a", 5, 10)
    assert any(note.what == "clip 'gone'" and note.is_fault for note in cut.unframed)


@pytest.mark.parametrize("rate", [0.0, float("nan"), -25.0])
def test_times_that_cannot_be_meant_are_set_aside(rate: float, movies: Mapping[str, Path], tmp_path: Path) -> None:
    odd = make.clip(movies["a"], 0, 10, name="odd")
    odd.media_reference.available_range = otio.opentime.TimeRange(
        otio.opentime.RationalTime(0, 25), otio.opentime.RationalTime(60, rate)
    )
    cut = read([odd, make.clip(movies["a"], 5, 10)], tmp_path)
    assert list(shown(cut).values()) == numbered("a", 0, 10) + numbered("a", 5, 10)
    assert cut.unframed[0].what == "clip 'odd'" and cut.unframed[0].is_fault


def test_a_rate_that_cannot_be_meant_is_that_of_the_others(movies: Mapping[str, Path], tmp_path: Path) -> None:
    odd = make.clip(movies["a"], 30, 10, name="odd")
    odd.source_range = otio.opentime.TimeRange(otio.opentime.RationalTime(30, 0), otio.opentime.RationalTime(10, 0))
    cut = read([odd, make.clip(movies["a"], 5, 10)], tmp_path)
    assert list(shown(cut).values()) == numbered("a", 30, 10) + numbered("a", 5, 10)
    assert "25 fps was taken" in cut.unframed[0].why


def test_a_placeholder_with_rate_zero_keeps_its_place(movies: Mapping[str, Path], tmp_path: Path) -> None:
    clips = clipitem(None, 0, 50, 0, 0, rate=0) + clipitem(movies["a"], 50, 60, 5, 15)
    cut = read_editor_cut(xmeml(tmp_path, clips))
    assert shown(cut) == dict(enumerate(numbered("a", 5, 10), 50))
    assert {note.what for note in cut.unframed} == {"clip 'slug'"}


@pytest.mark.parametrize(
    ("odd", "is_left_out"),
    [
        (("", 10, 0, 10), True),
        (("x", "y", 0, 10), True),
        ((0, -1, 3, 13), False),
        (("0.0", "10.00", "", ""), False),
    ],
)
def test_an_odd_clip_of_xmeml_is_repaired_or_left_out(
    odd: tuple[Any, ...], is_left_out: bool, movies: Mapping[str, Path], tmp_path: Path
) -> None:
    marker = "<marker><name>m</name><in>x</in></marker><filter><enabled>TRUE</enabled></filter>"
    clips = clipitem(movies["a"], *odd, more=marker) + clipitem(movies["a"], 10, 20, 5, 15)
    cut = read_editor_cut(xmeml(tmp_path, clips))
    found = shown(cut)
    assert [found[n] for n in range(10, 20)] == numbered("a", 5, 10)
    assert (0 not in found) == is_left_out == any("left out" in note.why for note in cut.unframed)


# --- what the file states


@pytest.mark.parametrize("suffix", ["xml", "otio"])
def test_the_stated_rate_counts_whatever_the_clips_have(
    suffix: str, movies: Mapping[str, Path], tmp_path: Path
) -> None:
    path = xmeml(tmp_path, clipitem(movies["fast"], 0, 20, 51, 91, rate=50))
    if suffix == "otio":
        timeline = make.timeline(make.track(make.clip(movies["fast"], 51, 40, Fraction(50))))
        timeline.global_start_time = otio.opentime.RationalTime(0, 25)
        path = make.written(timeline, tmp_path / "cut.otio")
    cut = read_editor_cut(path)
    assert cut.rate == 25
    assert list(shown(cut).values()) == numbered("fast", 52, 20, 2)


def test_tracks_of_a_converted_edit_list_begin_with_their_first_clip(
    movies: Mapping[str, Path], tmp_path: Path
) -> None:
    """OTIO's adapter writes minus the record time of the first event of each track."""
    picture = make.track(make.clip(movies["a"], 0, 10), make.gap(5), make.clip(movies["a"], 20, 10))
    later = make.track(make.clip(movies["fast"], 0, 10, Fraction(50)), name="V2")
    picture.source_range = make.time_range(-90_000, 25)
    later.source_range = make.time_range(-90_010, 5)
    cut = read_editor_cut(make.written(make.timeline(picture, later), tmp_path / "cut.otio"))
    start = cut.timeline.global_start_time
    assert (start.value, start.rate) == (90_000, 25)
    found = shown(cut)
    assert [found[n] for n in (0, 9, 15, 24)] == [("a", 0), ("a", 9), ("a", 20), ("a", 29)]
    assert [found[n][0] for n in (10, 14)] == ["fast", "fast"]


@pytest.mark.parametrize(
    ("speed", "reverse", "start", "expected"),
    [
        ("200", "FALSE", 5, numbered("a", 10, 10, 2)),
        ("100", "TRUE", 20, numbered("a", 39, 10, -1)),
        ("0", "FALSE", 7, [("a", 7)] * 10),
    ],
)
def test_a_speed_in_the_metadata_of_a_converted_file_counts(
    speed: str, reverse: str, start: int, expected: Shown, movies: Mapping[str, Path], tmp_path: Path
) -> None:
    parameters = [{"parameterid": "speed", "value": speed}, {"parameterid": "reverse", "value": reverse}]
    kept = {"fcp_xml": {"effectid": "timeremap", "parameter": parameters}}
    clip = make.clip(movies["a"], start, 10, effects=[otio.schema.Effect(name="Time Remap", metadata=kept)])
    assert list(shown(read([clip], tmp_path)).values()) == expected


def test_pictures_counted_at_another_rate_are_shown_one_by_one(movies: Mapping[str, Path], tmp_path: Path) -> None:
    """23.976 tagged 24, all over the cut: the cut is taken at 23.976."""
    tagged = make.clip(movies["long"], 87_400, 60, FILM, available=make.time_range(86_400, 1100, FILM))
    cut = read([tagged], tmp_path)
    assert cut.rate == NTSC_FILM and "24 fps" in cut.unframed[0].why
    clip = renderable_cut(make.framed(cut).timeline, folder=Path("/")).clips[0]
    assert [clip.source_picture_number(n) for n in range(60)] == [*range(1000, 1060)] and not clip.is_retimed


def test_beside_other_media_only_the_clip_counts_so(movies: Mapping[str, Path], tmp_path: Path) -> None:
    tagged = make.clip(movies["long"], 87_400, 60, FILM, available=make.time_range(86_400, 1100, FILM))
    other = make.clip(movies["a"], 0, 100)
    cut = read([tagged, other], tmp_path)
    assert cut.rate == 25
    assert [cut.clips[0].visible_first, cut.clips[0].speed] == [1000, Fraction(1001, 1000)]


# --- multiclips of Final Cut 7


def angle(movie: Path, number: int, *, active: bool = False, late: int = 0) -> str:
    item = clipitem(movie, late, late + 40, 0, 40)
    flag = "TRUE" if active else "FALSE"
    return (
        f"<angle><activevideoangle>{flag}</activevideoangle><clip id='angle-{number}'><name>angle {number}</name>"
        f"{timebase(25)}<media><video><track>{item}</track></video></media></clip></angle>"
    )


def multi(start: int, end: int, first: int, inside: str) -> str:
    return (
        f"<clipitem><name>multi</name>{timebase(25)}<start>{start}</start><end>{end}</end><in>{first}</in>"
        f"<out>{first + end - start}</out>{inside}</clipitem>"
    )


def test_a_multiclip_shows_its_active_angle(movies: Mapping[str, Path], tmp_path: Path) -> None:
    fast, a = movies["fast"], movies["a"]
    whole = f'<multiclip id="m"><name>m</name>{angle(fast, 1)}{angle(a, 2, active=True, late=5)}</multiclip>'
    other = f"<multiclip><name>m</name>{angle(a, 1, active=True)}{angle(fast, 2)}</multiclip>"
    again = '<multiclip id="m"/>'
    clips = multi(0, 10, 10, whole) + multi(10, 20, 3, other) + multi(20, 30, 20, again)
    cut = read_editor_cut(xmeml(tmp_path, clips))
    expected = numbered("a", 5, 10) + numbered("a", 3, 10) + numbered("a", 15, 10)
    assert list(shown(cut).values()) == expected and not cut.unframed


def test_a_multiclip_without_angles_is_told(movies: Mapping[str, Path], tmp_path: Path) -> None:
    clips = multi(0, 10, 10, '<multiclip id="gone"/>') + clipitem(movies["a"], 10, 20, 5, 15)
    cut = read_editor_cut(xmeml(tmp_path, clips))
    assert shown(cut) == dict(enumerate(numbered("a", 5, 10), 10))
    assert any("angles are not in the file" in note.why for note in cut.unframed)


def test_a_nested_sequence_keeps_its_own_size_and_an_adjustment_layer_its_place(
    movies: Mapping[str, Path], tmp_path: Path
) -> None:
    size = "<format><samplecharacteristics><width>1080</width><height>1920</height></samplecharacteristics></format>"
    inner = f"<track>{clipitem(movies['a'], 0, 40, 5, 45)}</track>"
    nest = multi(0, 10, 3, f"<sequence id='n'><name>n</name><media><video>{size}{inner}</video></media></sequence>")
    layer = (
        f"<generatoritem><name>Adjustment Layer</name>{timebase(25)}<start>0</start><end>10</end><in>0</in>"
        "<out>10</out><effect><name>Adjustment Layer</name></effect></generatoritem>"
    )
    cut = read_editor_cut(xmeml(tmp_path, f"{nest}</track><track>{layer}"))
    assert list(shown(cut).values()) == numbered("a", 8, 10)
    (stack,), (kept,) = cut.timeline.tracks[0], cut.timeline.tracks[1]
    assert stack.metadata["fcp_xml"]["format"]["samplecharacteristics"] == {"width": "1080", "height": "1920"}
    assert kept.name == "Adjustment Layer" and [note.what for note in cut.unframed] == ["clip 'Adjustment Layer'"]


def test_a_track_of_captions_stays_and_is_told(movies: Mapping[str, Path], tmp_path: Path) -> None:
    captions = make.track(otio.schema.Clip("Hello", source_range=make.time_range(0, 10)), name="C1", kind="Caption")
    timeline = make.timeline(make.track(make.clip(movies["a"], 5, 10)), captions)
    cut = read_editor_cut(make.written(timeline, tmp_path / "cut.otio"))
    assert [note.what for note in cut.unframed] == ["track 'C1'"]
    framed = make.framed(cut).timeline
    assert framed.tracks[1][0].name == "Hello"
    losses = deliver(framed, "fcpxml", folder=tmp_path).losses
    assert any(loss.what == "track 'C1'" for loss in losses)
