"""Editors' cuts end to end: read, framed, rendered; every picture of the result tells where it came from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

import numbered as make
from panscan import render, verify
from panscan.deliver.sequence import read_sequence
from panscan.errors import InputError
from panscan.ingest.cuts.read import read_editor_cut, used_ranges
from panscan.timeline.cut import read_cut
from panscan.timeline.editorial import EditorCut
from panscan.timeline.effect import framing_of
from panscan.timeline.files import read_timeline, write_timeline
from panscan.timeline.flatten import flatten_timeline, renderable_cut
from panscan.timeline.paths import media_path

FILM, NTSC = Fraction(24), Fraction(30000, 1001)
TC_FRAME = 25 * 3600

Expected = list[make.Picture]


@pytest.fixture(scope="module")
def movies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("cut")
    return {
        "a": make.movie(folder / "a.mp4", 0),
        "b": make.movie(folder / "b.mp4", 1),
        "tc": make.movie(folder / "tc.mov", 2, timecode="01:00:00:00"),
        "film": make.movie(folder / "film.mp4", 3, rate=FILM),
        "still": make.still(folder / "still.png", 3, 7),
        "title": make.still(folder / "title.png", 3, 9, alpha=True),
    }


def straight(m: Mapping[str, Path]) -> tuple[object, Expected]:
    children = [make.clip(m["a"], 10, 5), make.gap(3), make.clip(m["b"], 50, 10), make.clip(m["a"], 0, 4)]
    pictures = [(0, k) for k in range(10, 15)] + [None] * 3 + [(1, k) for k in range(50, 60)]
    return make.timeline(make.track(*children)), pictures + [(0, k) for k in range(4)]


def embedded_timecode(m: Mapping[str, Path]) -> tuple[object, Expected]:
    available = make.time_range(TC_FRAME, 60)
    return (
        make.timeline(make.track(make.clip(m["tc"], TC_FRAME + 20, 6, available=available))),
        [(2, k) for k in range(20, 26)],
    )


def timecode_without_available(m: Mapping[str, Path]) -> tuple[object, Expected]:
    return (
        make.timeline(make.track(make.clip(m["tc"], TC_FRAME + 20, 6, available=None))),
        [(2, k) for k in range(20, 26)],
    )


def timecode_with_available_at_zero(m: Mapping[str, Path]) -> tuple[object, Expected]:
    return make.timeline(make.track(make.clip(m["tc"], TC_FRAME + 33, 6))), [(2, k) for k in range(33, 39)]


def cutaway(m: Mapping[str, Path]) -> tuple[object, Expected]:
    lower = make.track(make.clip(m["a"], 0, 20))
    upper = make.track(make.gap(5), make.clip(m["b"], 30, 6), name="V2")
    pictures = [(0, k) for k in range(5)] + [(1, k) for k in range(30, 36)] + [(0, k) for k in range(11, 20)]
    return make.timeline(lower, upper), pictures


def nested(m: Mapping[str, Path]) -> tuple[object, Expected]:
    inner = make.track(make.clip(m["a"], 5, 10), make.gap(2), make.clip(m["b"], 20, 10))
    stack = otio.schema.Stack(name="compound", children=[inner], source_range=make.time_range(4, 12))
    pictures = [(0, 40)] * 0 + [(1, 0), (1, 1)] + [(0, k) for k in range(9, 15)] + [None] * 2
    pictures += [(1, k) for k in range(20, 24)] + [(0, 3)]
    return make.timeline(make.track(make.clip(m["b"], 0, 2), stack, make.clip(m["a"], 3, 1))), pictures


def nested_twice(m: Mapping[str, Path]) -> tuple[object, Expected]:
    deep = otio.schema.Stack(
        children=[make.track(make.clip(m["a"], 0, 30)), make.track(make.gap(8), make.clip(m["b"], 0, 4))],
        source_range=make.time_range(6, 12),
    )
    outer = otio.schema.Stack(children=[make.track(make.gap(2), deep)], source_range=make.time_range(1, 8))
    pictures = [None, (0, 6), (0, 7), (1, 0), (1, 1), (1, 2), (1, 3), (0, 12), (1, 59)]
    return make.timeline(make.track(outer, make.clip(m["b"], 59, 1))), pictures


def disabled(m: Mapping[str, Path]) -> tuple[object, Expected]:
    off = make.clip(m["b"], 0, 5)
    off.enabled = False
    return (
        make.timeline(make.track(make.clip(m["a"], 0, 3), off, make.clip(m["a"], 9, 2))),
        [(0, 0), (0, 1), (0, 2), *[None] * 5, (0, 9), (0, 10)],
    )


def stills(m: Mapping[str, Path]) -> tuple[object, Expected]:
    available = make.time_range(0, 1)
    return (
        make.timeline(
            make.track(
                make.clip(m["a"], 0, 3),
                make.clip(m["still"], 86400, 4, available=None),
                make.clip(m["still"], 0, 2, available=available),
            )
        ),
        [(0, 0), (0, 1), (0, 2), *[(3, 7)] * 6],
    )


def title_above(m: Mapping[str, Path]) -> tuple[object, Expected]:
    overlay = make.track(make.clip(m["title"], 0, 8, available=make.time_range(0, 100)), name="V2")
    words = otio.schema.Clip(
        "Lower third", otio.schema.GeneratorReference(generator_kind="Text"), make.time_range(0, 10)
    )
    return (
        make.timeline(make.track(make.clip(m["a"], 0, 10)), overlay, make.track(words, name="V3")),
        [(0, k) for k in range(10)],
    )


def slow_film(m: Mapping[str, Path]) -> tuple[object, Expected]:
    """Media of 24 fps in a cut of 25: every record frame shows the newest picture that is not later than it."""
    pal = make.clip(m["a"], 0, 25)
    film = make.clip(m["film"], 0, 24, FILM, available=make.time_range(0, 60, FILM))
    pictures = [(0, k) for k in range(25)] + [(3, (k * 24 + 3) // 25) for k in range(25)]
    made = make.timeline(make.track(pal, film))
    made.global_start_time = otio.opentime.RationalTime(TC_FRAME, 25)
    return made, pictures


CUTS = {
    make_cut.__name__: make_cut
    for make_cut in (
        straight,
        embedded_timecode,
        timecode_without_available,
        timecode_with_available_at_zero,
        cutaway,
        nested,
        nested_twice,
        disabled,
        stills,
        title_above,
        slow_film,
    )
}


@pytest.mark.parametrize("name", CUTS)
def test_every_picture_comes_from_where_the_editor_put_it(
    name: str, movies: Mapping[str, Path], tmp_path: Path
) -> None:
    timeline, expected = CUTS[name](movies)
    cut = read_editor_cut(make.written(timeline, tmp_path / "cut.otio"))
    _covers_exactly(cut, expected, movies)
    path = tmp_path / "cut.16x9.otio"
    write_timeline(make.framed(cut).timeline, path)
    result = render.render(read_timeline(path), folder=tmp_path, output=tmp_path / "out.mp4")
    assert list(make.numbers(result.output)) == expected


def _covers_exactly(cut: EditorCut, expected: Expected, movies: Mapping[str, Path]) -> None:
    """The used ranges hold every picture that is seen, and the first and last of each range are seen."""
    seen: dict[int, set[int]] = {}
    for picture in expected:
        if picture is not None:
            seen.setdefault(picture[0], set()).add(picture[1])
    for path, ranges in used_ranges(cut).items():
        number = {"a": 0, "b": 1, "tc": 2, "film": 3, "still": 3}[path.stem]
        frames = seen.pop(number)
        if path.suffix == ".png":
            assert ranges == [(0, 1)]
            continue
        assert {frame for a, b in ranges for frame in range(a, b)} >= frames
        assert all(a in frames and b - 1 in frames for a, b in ranges)
    assert not seen


@pytest.mark.parametrize("name", ["straight", "cutaway", "nested", "stills", "title_above"])
def test_a_delivery_of_the_flattened_cut_shows_the_same_pictures(
    name: str, movies: Mapping[str, Path], tmp_path: Path
) -> None:
    timeline, expected = CUTS[name](movies)
    attached = make.framed(read_editor_cut(make.written(timeline, tmp_path / "cut.otio"))).timeline
    spine = read_sequence(flatten_timeline(attached), folder=tmp_path)
    files = {"a": 0, "b": 1, "still": 3}
    pictures: Expected = []
    for _, count, piece in spine.with_gaps():
        for n in range(count):
            if piece is None:
                pictures.append(None)
                continue
            clip, number = piece.clip, files[piece.clip.path.stem]
            pictures.append((number, 7 if number == 3 else clip.media_frame(n) - clip.available_first))
    assert pictures == expected


def test_the_cut_itself_is_untouched(movies: Mapping[str, Path], tmp_path: Path) -> None:
    """Everything but framings, canvas and what is known of the media and its picture reads as the editor left it."""
    a = make.clip(movies["a"], 5, 20, metadata={"Resolve_OTIO": {"Link Group ID": 3}})
    a.markers.append(otio.schema.Marker("look", make.time_range(8, 1), color="RED", metadata={"note": "x"}))
    a.effects.append(otio.schema.Effect("", "Resolve Effect", {"Resolve_OTIO": {"Effect Name": "Transform"}}))
    b = make.clip(movies["b"], 10, 20)
    fade = otio.schema.Transition(
        "Cross", "SMPTE_Dissolve", otio.opentime.RationalTime(3, 25), otio.opentime.RationalTime(4, 25)
    )
    sound = make.track(make.clip(movies["a"], 5, 20), name="A1", kind="Audio")
    timeline = make.timeline(make.track(a, fade, b), sound, metadata={"Resolve_OTIO": {"Version": "1.0"}})
    timeline.global_start_time = otio.opentime.RationalTime(TC_FRAME, 25)
    timeline.tracks.markers.append(otio.schema.Marker("chapter", make.time_range(0, 1)))
    before = timeline.deepcopy()
    attached = make.framed(read_editor_cut(make.written(timeline, tmp_path / "cut.otio"))).timeline
    assert len([c for c in attached.find_clips() if framing_of(c)]) == 2
    attached.metadata.pop("panscan")
    for clip in attached.find_clips():
        clip.effects[:] = [e for e in clip.effects if e.effect_name != "Reframe"]
        clip.media_reference.metadata.pop("panscan", None)
        clip.media_reference.available_image_bounds = None
        clip.media_reference.target_url = media_path(clip.media_reference.target_url, tmp_path).as_posix()
    assert attached.to_json_string() == before.to_json_string()


def test_handles_of_transitions_are_used_on_both_sides(movies: Mapping[str, Path], tmp_path: Path) -> None:
    fade = otio.schema.Transition(
        "", "SMPTE_Dissolve", otio.opentime.RationalTime(3, 25), otio.opentime.RationalTime(4, 25)
    )
    timeline = make.timeline(make.track(make.clip(movies["a"], 5, 20), fade, make.clip(movies["b"], 10, 20)))
    out, into = read_editor_cut(make.written(timeline, tmp_path / "cut.otio")).clips
    assert (out.visible_first, out.visible_end, out.first, out.end) == (5, 25, 5, 29)
    assert (into.visible_first, into.visible_end, into.first, into.end) == (10, 30, 7, 30)


@pytest.mark.parametrize(
    ("scalar", "premiere", "count", "shown"),
    [
        (2.0, False, 10, [20 + 2 * r for r in range(10)]),
        (0.5, False, 10, [20 + r // 2 for r in range(10)]),
        (2.0, True, 10, [20 + 2 * r for r in range(5)]),
        (0.5, True, 10, [20 + r // 2 for r in range(20)]),
        (0.0, False, 10, [20] * 10),
        (-1.0, False, 10, [20 - r for r in range(10)]),
        (-1.0, True, 10, [29 - r for r in range(10)]),
        (-2.0, False, 5, [20 - 2 * r for r in range(5)]),
    ],
)
def test_retimed_clips_use_the_frames_that_are_shown(
    scalar: float, premiere: bool, count: int, shown: list[int], movies: Mapping[str, Path], tmp_path: Path
) -> None:
    warp = otio.schema.LinearTimeWarp(time_scalar=scalar) if scalar else otio.schema.FreezeFrame()
    after = make.clip(movies["b"], 0, 5)
    metadata = {"PremierePro_OTIO": {"MetadataVersion": "1.0"}} if premiere else {}
    timeline = make.timeline(make.track(make.clip(movies["a"], 20, count, effects=[warp]), after), metadata=metadata)
    cut = read_editor_cut(make.written(timeline, tmp_path / "cut.otio"))
    used = cut.clips[0]
    assert (used.first, used.end) == (min(shown), max(shown) + 1)
    assert used.speed == Fraction(scalar)
    flat = flatten_timeline(make.framed(cut).timeline)
    clip, following = read_cut(flat, folder=tmp_path).clips
    assert [clip.media_frame(r) for r in range(clip.frame_count)] == shown
    assert following.record_frame == len(shown)
    played = renderable_cut(flat, folder=tmp_path).clips[0]
    assert [played.source_picture_number(r) for r in range(played.frame_count)] == shown
    assert flatten_timeline(flat) is flat


def test_a_hidden_clip_is_left_alone_unless_all_tracks_are_asked_for(
    movies: Mapping[str, Path], tmp_path: Path
) -> None:
    lower = make.track(make.clip(movies["a"], 0, 20))
    upper = make.track(make.clip(movies["b"], 0, 20), name="V2")
    path = make.written(make.timeline(lower, upper), tmp_path / "cut.otio")
    cut = read_editor_cut(path)
    assert [Path(s.media_path).stem for s in cut.clips] == ["b"]
    assert ["hides it" in note.why for note in cut.unframed] == [True]
    assert [Path(s.media_path).stem for s in read_editor_cut(path, all_tracks=True).clips] == ["a", "b"]


def test_partly_hidden_clips_need_only_what_is_seen(movies: Mapping[str, Path], tmp_path: Path) -> None:
    lower = make.track(make.clip(movies["a"], 0, 30))
    upper = make.track(make.clip(movies["b"], 0, 20), name="V2")
    cut = read_editor_cut(make.written(make.timeline(lower, upper), tmp_path / "cut.otio"))
    assert used_ranges(cut) == {movies["a"]: [(20, 30)], movies["b"]: [(0, 20)]}


def test_a_range_outside_its_media_is_said(movies: Mapping[str, Path], tmp_path: Path) -> None:
    """Media that lost its timecode: nothing tells which frames are meant."""
    astray = make.clip(movies["a"], TC_FRAME, 10, available=make.time_range(TC_FRAME - 500, 50))
    timeline = make.timeline(make.track(astray, make.clip(movies["b"], 0, 10)))
    cut = read_editor_cut(make.written(timeline, tmp_path / "cut.otio"))
    assert [Path(s.media_path).stem for s in cut.clips] == ["b"]
    assert "3600.00 s, outside its media" in cut.unframed[0].why


RESOLVE = {"Effect Name": "Transform", "Enabled": True}


@pytest.mark.parametrize(
    ("namespace", "settings", "hides"),
    [
        (
            "Resolve_OTIO",
            RESOLVE | {"Parameters": [{"Parameter ID": "transformationZoomX", "Parameter Value": 0.3}]},
            False,
        ),
        (
            "Resolve_OTIO",
            RESOLVE | {"Parameters": [{"Parameter ID": "transformationZoomX", "Parameter Value": 1.3}]},
            True,
        ),
        ("Resolve_OTIO", RESOLVE | {"Parameters": [{"Parameter ID": "opacity", "Parameter Value": 50.0}]}, False),
        ("PremierePro_OTIO", {"Parameters": [{"DisplayName": "Opacity", "StartValue": {"Value": 40.0}}]}, False),
        ("PremierePro_OTIO", {"Parameters": [{"DisplayName": "Opacity", "StartValue": {"Value": 100.0}}]}, True),
        ("fcp_xml", {"effectid": "opacity", "parameter": {"parameterid": "opacity", "value": "30"}}, False),
        ("fcp_xml", {"effectid": "basic", "parameter": "damaged"}, True),
    ],
)
def test_a_small_or_transparent_clip_hides_nothing(
    namespace: str, settings: dict[str, object], hides: bool, movies: Mapping[str, Path], tmp_path: Path
) -> None:
    above = make.clip(movies["b"], 0, 20, effects=[otio.schema.Effect("", "x", {namespace: settings})])
    timeline = make.timeline(make.track(make.clip(movies["a"], 0, 20)), make.track(above, name="V2"))
    cut = read_editor_cut(make.written(timeline, tmp_path / "cut.otio"))
    assert [Path(s.media_path).stem for s in cut.clips] == ["b" if hides else "a"]
    assert len(cut.unframed) == 1


def test_each_media_is_listed_once(movies: Mapping[str, Path], tmp_path: Path) -> None:
    children = [make.clip(movies["a"], first, 10) for first in (30, 0, 5, 10, 50)]
    cut = read_editor_cut(make.written(make.timeline(make.track(*children)), tmp_path / "cut.otio"))
    assert used_ranges(cut) == {movies["a"]: [(0, 20), (30, 40), (50, 60)]}
    assert len(cut.media) == 1 and len(cut.clips) == 5


def test_a_bundle_brings_its_media(movies: Mapping[str, Path], tmp_path: Path, own_cache: Path) -> None:
    timeline = make.timeline(make.track(make.clip(movies["a"].as_uri(), 10, 5)))
    for name in ("cut.otioz", "cut.otiod"):
        otio.adapters.write_to_file(timeline, str(tmp_path / name))
        cut = read_editor_cut(tmp_path / name)
        (used,) = cut.clips
        assert (used.first, used.end) == (10, 15) and Path(used.media_path).is_file()
        place = own_cache if name == "cut.otioz" else tmp_path
        assert Path(used.media_path).resolve().is_relative_to(place.resolve())
    again = read_editor_cut(tmp_path / "cut.otioz").clips[0].media_path
    assert Path(again).read_bytes() == movies["a"].read_bytes()


def test_missing_media_is_listed_found_again_or_left_alone(movies: Mapping[str, Path], tmp_path: Path) -> None:
    elsewhere = tmp_path / "moved" / "deep"
    elsewhere.mkdir(parents=True)
    children = [
        make.clip("file://localhost/C%3a/Footage/A%20roll/a.mp4", 0, 5),
        make.clip("D:\\gone\\nowhere.mov", 0, 5),
        make.clip("https://example.com/film.mp4", 0, 5),
        make.clip(movies["b"], 0, 5),
    ]
    path = make.written(make.timeline(make.track(*children)), tmp_path / "cut.otio")
    with pytest.raises(InputError) as caught:
        read_editor_cut(path)
    assert caught.value.exit_code == 3
    assert all(name in caught.value.why for name in ("a.mp4", "nowhere.mov", "web address"))
    assert "b.mp4" not in caught.value.why
    (elsewhere / "A.MP4").write_bytes(movies["a"].read_bytes())
    cut = read_editor_cut(path, relink=tmp_path / "moved", skip_offline=True)
    assert [Path(s.media_path).name for s in cut.clips] == ["A.MP4", "b.mp4"]
    assert len(cut.unframed) == 2


def test_clips_without_a_camera_are_pointed_to_their_files(movies: Mapping[str, Path], tmp_path: Path) -> None:
    """Sound that is named in another way than its picture, and by a reel; what is not found stays as it is."""
    (tmp_path / "a.mp4").write_bytes(movies["a"].read_bytes())
    off = make.clip("a.mp4", 20, 5)
    off.enabled = False
    reel = otio.schema.Clip("a", otio.schema.MissingReference(), make.time_range(0, 5))
    sound = make.track(
        make.clip("file://localhost/Users/me/a.mp4", 0, 5), reel, make.clip("gone.wav", 0, 5),
        make.clip("http://127.0.0.1/x.wav", 0, 5), name="A1", kind="Audio",
    )  # fmt: skip
    timeline = make.timeline(make.track(make.clip("a.mp4", 0, 5), off), sound)
    made = read_editor_cut(make.written(timeline, tmp_path / "cut.otio")).timeline
    found = (tmp_path / "a.mp4").resolve().as_uri()
    urls = [getattr(clip.media_reference, "target_url", None) for clip in made.find_clips()]
    assert urls == [found, found, found, found, "gone.wav", "http://127.0.0.1/x.wav"]


FCPXML = """<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE fcpxml><fcpxml version="1.10"><resources>
<format id="f" frameDuration="1/25s" width="320" height="180"/>
<asset id="a" name="a" start="0s" duration="60/25s" hasVideo="1" format="f"><media-rep src="{a}"/></asset>
<asset id="tc" name="tc" start="3600s" duration="60/25s" hasVideo="1" format="f"><media-rep src="{tc}"/></asset>
<media id="m"><sequence format="f" tcStart="0s"><spine><asset-clip ref="a" offset="0s" start="30/25s" duration="6/25s"/>
<asset-clip ref="tc" offset="6/25s" start="90010/25s" duration="6/25s"/></spine></sequence></media></resources>
<library><event><project name="p"><sequence format="f" duration="30/25s" tcStart="3600s"><spine>
<asset-clip ref="tc" offset="3600s" start="90020/25s" duration="10/25s">
<asset-clip ref="a" lane="1" offset="90024/25s" start="50/25s" duration="3/25s"/></asset-clip>
<ref-clip ref="m" offset="90010/25s" start="4/25s" duration="5/25s"/>
<gap offset="90015/25s" start="3600s" duration="2/25s"/>
<clip offset="90017/25s" start="3/25s" duration="3/25s"><video ref="a" offset="0s" duration="60/25s"/></clip>
</spine></sequence></project></event></library></fcpxml>"""

EDL = """TITLE: t
001  AX       V     C        00:00:00:10 00:00:00:15 01:00:00:00 01:00:00:05
* FROM CLIP NAME: a.mp4
002  AX       V     C        01:00:01:00 01:00:01:04 01:00:00:08 01:00:00:12
* FROM CLIP NAME: tc.mov
"""

XMEML = """<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE xmeml><xmeml version="4"><sequence><name>s</name>{rate}
<media><video><track><clipitem id="1"><name>a</name>{rate}<start>0</start><end>5</end><in>12</in><out>17</out>
<file id="f1"><pathurl>{a}</pathurl>{rate}<duration>60</duration></file></clipitem></track>
<track><clipitem id="2"><name>tc</name>{rate}<start>3</start><end>8</end><in>20</in><out>25</out><file id="f2">
<pathurl>{tc}</pathurl>{rate}<duration>60</duration><timecode>{rate}<string>01:00:00:00</string></timecode></file>
</clipitem></track></video></media></sequence></xmeml>"""


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "cut.fcpxml",
            FCPXML,
            [
                *((2, k) for k in range(20, 24)),
                *((0, k) for k in range(50, 53)),
                *((2, k) for k in range(27, 30)),
                *((0, 34), (0, 35), (2, 10), (2, 11), (2, 12), None, None, (0, 3), (0, 4), (0, 5)),
            ],
        ),
        ("cut.edl", EDL, [(0, k) for k in range(10, 15)] + [None] * 3 + [(2, k) for k in range(25, 29)]),
        ("cut.xml", XMEML, [(0, 12), (0, 13), (0, 14)] + [(2, k) for k in range(20, 25)]),
    ],
)
def test_other_formats_show_the_same_pictures(
    name: str, text: str, expected: Expected, movies: Mapping[str, Path], tmp_path: Path
) -> None:
    rate = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"
    source = tmp_path / name
    source.write_text(text.format(a=movies["a"].as_uri(), tc=movies["tc"].as_uri(), rate=rate))
    cut = read_editor_cut(source, relink=movies["a"].parent)
    _covers_exactly(cut, expected, movies)
    path = tmp_path / "cut.16x9.otio"
    write_timeline(make.framed(cut).timeline, path)
    result = render.render(read_timeline(path), folder=tmp_path, output=tmp_path / "out.mp4")
    assert list(make.numbers(result.output)) == expected
    report = verify.verify(result.output, read_timeline(path), folder=tmp_path)
    assert report.verdict != "REJECTED", report.to_text()


def test_a_real_project_of_final_cut(shared_media: Path, tmp_path: Path, movies: Mapping[str, Path]) -> None:
    """Compounds, lanes, secondary storylines and transitions of a project that Final Cut wrote."""
    source = shared_media.parent / "timelines" / "fcpx_project.fcpxml"
    if not source.is_file():
        pytest.skip("the project is not here")
    long = make.movie(tmp_path / "IMG_0715.MOV", 0, frames=1400, rate=Fraction(30))
    for name in ("0233", "0268", "0513", "0687", "0740", "0857", "0858"):
        (tmp_path / f"IMG_{name}.MOV").write_bytes(long.read_bytes())
    cut = read_editor_cut(source, relink=tmp_path)
    used = {(Path(s.media_path).stem[-4:], s.visible_first, s.visible_end, s.end) for s in cut.clips}
    # Worked out by hand from the file: start plus offset into the compound, 30 frames a second.
    assert ("0715", 0, 300, 315) in used
    assert ("0233", 109, 300, 300) in used and ("0233", 57, 300, 300) in used
    assert ("0268", 0, 285, 300) in used and ("0268", 232, 532, 532) in used
    assert cut.rate == 30


def test_the_reader_is_deterministic(movies: Mapping[str, Path], tmp_path: Path) -> None:
    timeline, _ = nested(movies)
    path = make.written(timeline, tmp_path / "cut.otio")
    made: list[Callable[[], str]] = [lambda: make.framed(read_editor_cut(path)).timeline.to_json_string()] * 2
    assert made[0]() == made[1]()
