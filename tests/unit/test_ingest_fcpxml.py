"""FCPXML in: every structure of Final Cut, its times, and what is kept of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

import numbered as make
from panscan.errors import InputError
from panscan.ingest.cuts.read import read_editor_cut
from panscan.ingest.fcpxml import reader
from panscan.ingest.fcpxml.reader import read_fcpxml
from panscan.timeline.editorial import EditorCut
from panscan.timeline.layout import video_clips

NTSC = Fraction(30000, 1001)
Read = Callable[..., EditorCut]


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("footage")
    for number, name in enumerate("abc"):
        make.movie(folder / f"{name}.mp4", number, tones={"eng": 440.0})
    make.movie(folder / "ntsc.mov", 3, rate=NTSC, timecode="01:00:00:00")
    make.still(folder / "card.png", 4)
    return folder


def document(
    spine: str, folder: Path, *, version: str = "1.10", frame: str = "1/25s", resources: str = "", tc: str = "0s"
) -> str:
    def asset(name: str, file: str, times: str = 'start="0s" duration="60/25s"', form: str = "f") -> str:
        source = (folder / file).as_uri()
        old = float(version[2:]) < 9
        inner = "" if old else f'<media-rep kind="proxy-media" src="file:///no.mov"/><media-rep src="{source}"/>'
        text = f'<asset id="{name}" name="{name}" hasVideo="1" format="{form}" {times}'
        return text + (f' src="{source}"/>' if old else f">{inner}</asset>")

    assets = [
        asset("a", "a.mp4", 'hasAudio="1" start="0s" duration="60/25s"'),
        asset("b", "b.mp4"),
        asset("c", "c.mp4"),
        asset("ntsc", "ntsc.mov", 'start="108108000/30000s" duration="60060/30000s"', "n"),
        asset("card", "card.png", 'start="0s" duration="0s"'),
    ]
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE fcpxml><fcpxml version="{version}"><resources>'
        f'<format id="f" frameDuration="1/25s" width="1920" height="1080"/>'
        f'<format id="s" frameDuration="{frame}" width="1920" height="1080"/>'
        f'<format id="n" frameDuration="1001/30000s" width="1920" height="1080"/>'
        f'{"".join(assets)}<effect id="words" name="Basic Title" uid="x"/>{resources}</resources>'
        f'<library><event><project name="My cut"><sequence format="s" duration="100s" tcStart="{tc}" tcFormat="NDF">'
        f"<note>keep me</note><spine>{spine}</spine></sequence></project></event></library></fcpxml>"
    )


@pytest.fixture
def read(footage: Path, tmp_path: Path) -> Read:
    def made(spine: str, **named: Any) -> EditorCut:
        path = tmp_path / "cut.fcpxml"
        path.write_text(document(spine, footage, **named), encoding="utf-8")
        return read_editor_cut(path)

    return made


def ranges(cut: EditorCut) -> list[tuple[str, int, int]]:
    return [(Path(s.media_path).stem, s.visible_first, s.visible_end) for s in cut.clips]


@pytest.mark.parametrize("version", ["1.6", "1.7", "1.8", "1.9", "1.10", "1.11", "1.12", "1.13", "1.14"])
def test_every_version_names_its_media_its_own_way(version: str, read: Read) -> None:
    cut = read('<asset-clip ref="a" offset="0s" start="10/25s" duration="5/25s" name="one"/>', version=version)
    assert ranges(cut) == [("a", 10, 15)]
    assert cut.timeline.name == "My cut" and cut.rate == 25
    assert cut.timeline.metadata["fcpxml"]["note"] == "keep me"


def test_gaps_offsets_and_the_start_timecode(read: Read) -> None:
    cut = read(
        '<asset-clip ref="a" offset="3600s" start="10/25s" duration="5/25s"/>'
        '<gap offset="90005/25s" start="3600s" duration="3/25s"/>'
        '<asset-clip ref="b" offset="90010/25s" duration="5/25s"/>',
        tc="3600s",
    )
    assert cut.timeline.global_start_time == otio.opentime.RationalTime(90000, 25)
    (track,) = cut.timeline.video_tracks()
    assert [(type(c).__name__, c.duration().value) for c in track] == [
        ("Clip", 5),
        ("Gap", 3),
        ("Gap", 2),
        ("Clip", 5),
    ]
    assert ranges(cut) == [("a", 10, 15), ("b", 0, 5)]


def test_ntsc_times_stay_exact(read: Read) -> None:
    cut = read(
        '<asset-clip ref="ntsc" offset="0s" start="108118010/30000s" duration="20020/30000s"/>'
        '<asset-clip ref="ntsc" offset="20020/30000s" start="108138030/30000s" duration="10010/30000s"/>',
        frame="1001/30000s",
    )
    assert cut.rate == NTSC
    assert ranges(cut) == [("ntsc", 10, 30), ("ntsc", 30, 40)]
    first = cut.timeline.find_clips()[0].source_range
    assert (first.start_time.value, first.duration.value) == (108010, 20)


def test_connected_clips_lie_above_and_below(read: Read) -> None:
    cut = read(
        '<asset-clip ref="a" offset="0s" start="10/25s" duration="20/25s">'
        '<asset-clip ref="b" lane="1" offset="15/25s" start="30/25s" duration="5/25s"/>'
        '<asset-clip ref="c" lane="-1" offset="10/25s" duration="20/25s"/></asset-clip>'
        '<gap offset="20/25s" start="3600s" duration="10/25s">'
        '<asset-clip ref="c" lane="2" offset="90002/25s" start="40/25s" duration="4/25s"/></gap>'
    )
    assert sorted(ranges(cut)) == [("a", 10, 30), ("b", 30, 35), ("c", 40, 44)]
    assert ["hides it" in note.why for note in cut.unframed] == [True]
    names = [t.name for t in cut.timeline.video_tracks()]
    assert names == ["lane -1", "primary", "lane 1", "lane 2"]
    above = cut.timeline.video_tracks()[2]
    assert above.range_of_child(above.find_clips()[0]).start_time.value == 5


def test_a_secondary_storyline_with_a_transition(read: Read) -> None:
    cut = read(
        '<gap offset="0s" start="3600s" duration="60/25s"><spine lane="1" offset="90010/25s">'
        '<asset-clip ref="a" offset="0s" start="5/25s" duration="20/25s"/>'
        '<transition name="Cross" offset="17/25s" duration="6/25s"/>'
        '<asset-clip ref="b" offset="20/25s" start="10/25s" duration="10/25s"/></spine></gap>'
    )
    out, into = cut.clips
    assert (out.first, out.visible_end, out.end) == (5, 25, 28)
    assert (into.first, into.visible_first, into.end) == (7, 10, 20)
    track = cut.timeline.video_tracks()[1]
    assert [type(c).__name__ for c in track] == ["Gap", "Clip", "Transition", "Clip"]


@pytest.mark.parametrize(
    ("effect", "used", "kind"),
    [
        ("", "", "SMPTE_Dissolve"),
        ('<effect id="t" name="Cross Dissolve" uid="x"/>', '<filter-video ref="t"/>', "SMPTE_Dissolve"),
        (
            '<effect id="t" name="Fondu" uid="FxPlug:4731E73A-8DAC-4113-9A30-AE85B1761265"/>',
            '<filter-video ref="t" name="Fondu"/>',
            "SMPTE_Dissolve",
        ),
        ('<effect id="t" name="Slide" uid="x"/>', '<filter-video ref="t" name="Slide"/>', "Custom_Transition"),
    ],
)
def test_only_dissolves_are_dissolves(effect: str, used: str, kind: str, read: Read) -> None:
    cut = read(
        '<asset-clip ref="a" offset="0s" start="5/25s" duration="20/25s"/>'
        f'<transition name="T" offset="17/25s" duration="6/25s">{used}</transition>'
        '<asset-clip ref="b" offset="20/25s" start="10/25s" duration="10/25s"/>',
        resources=effect,
    )
    (found,) = [c for c in cut.timeline.video_tracks()[0] if isinstance(c, otio.schema.Transition)]
    assert found.transition_type == kind


def test_sound_without_a_picture_needs_none(read: Read, footage: Path) -> None:
    """Final Cut leaves hasVideo out of such an asset."""
    file = f'<media-rep src="{footage.as_uri()}/song.wav"/>'
    song = f'<asset id="song" name="song" hasAudio="1" duration="60/25s">{file}</asset>'
    cut = read(
        '<asset-clip ref="a" offset="0s" duration="20/25s"><asset-clip ref="song" lane="-1" offset="0s" '
        'duration="20/25s"/></asset-clip>',
        resources=song,
    )
    assert ranges(cut) == [("a", 0, 20)]
    assert [str(note) for note in cut.unframed] == ["sound 'song': It is silent: its file is not found."]
    assert [c.name for t in cut.timeline.audio_tracks() for c in t.find_clips()] == ["a", "song"]


COMPOUND = (
    '<media id="m" name="Compound"><sequence format="f" duration="2s" tcStart="10s"><spine>'
    '<asset-clip ref="a" offset="10s" start="0s" duration="20/25s">'
    '<asset-clip ref="b" lane="1" offset="5/25s" duration="5/25s"/></asset-clip>'
    '<asset-clip ref="c" offset="270/25s" start="30/25s" duration="10/25s"/></spine></sequence></media>'
)


def test_a_compound_clip_is_opened_and_clamped(read: Read) -> None:
    cut = read('<ref-clip ref="m" offset="0s" start="257/25s" duration="15/25s"/>', resources=COMPOUND)
    assert sorted(ranges(cut)) == [("a", 10, 20), ("b", 2, 5), ("c", 30, 32)]
    (stack,) = cut.timeline.video_tracks()[0]
    assert isinstance(stack, otio.schema.Stack) and stack.name == "Compound"


@pytest.mark.parametrize(("enabled", "kinds"), [("", ["Video", "Video", "Audio"]), ("video", ["Video", "Video"])])
def test_a_compound_clip_without_its_sound(enabled: str, kinds: list[str], read: Read) -> None:
    said = f' srcEnable="{enabled}"' if enabled else ""
    cut = read(f'<ref-clip ref="m" offset="0s" start="257/25s" duration="15/25s"{said}/>', resources=COMPOUND)
    (stack,) = cut.timeline.video_tracks()[0]
    assert [track.kind for track in stack] == kinds


def test_a_compound_clip_that_is_not_in_the_file_is_left_alone(read: Read) -> None:
    cut = read('<ref-clip ref="gone" offset="0s" duration="1s"/><asset-clip ref="a" offset="1s" duration="5/25s"/>')
    assert ranges(cut) == [("a", 0, 5)]
    assert ["compound" in note.why for note in cut.unframed] == [True]


def test_the_active_angle_of_a_multicam_clip(read: Read) -> None:
    multicam = (
        '<media id="mc"><multicam format="f" tcStart="0s"><mc-angle name="1" angleID="one">'
        '<asset-clip ref="a" offset="0s" duration="60/25s"/></mc-angle><mc-angle name="2" angleID="two">'
        '<gap offset="0s" duration="5/25s"/><asset-clip ref="b" offset="5/25s" duration="50/25s"/></mc-angle>'
        "</multicam></media>"
    )
    sources = '<mc-source angleID="one" srcEnable="audio"/><mc-source angleID="two" srcEnable="video"/>'
    cut = read(
        f'<mc-clip ref="mc" offset="0s" start="20/25s" duration="10/25s">{sources}</mc-clip>', resources=multicam
    )
    assert ranges(cut) == [("b", 15, 25)]


def test_clips_that_hold_others(read: Read) -> None:
    cut = read(
        '<clip offset="0s" start="10/25s" duration="5/25s"><video ref="a" offset="0s" duration="60/25s"/></clip>'
        '<clip offset="5/25s" start="110/25s" duration="5/25s"><video ref="b" offset="100/25s" start="20/25s" '
        'duration="30/25s"/></clip>'
        '<sync-clip offset="10/25s" start="3/25s" duration="10/25s"><spine><asset-clip ref="a" offset="0s" '
        'duration="8/25s"/><asset-clip ref="c" offset="8/25s" start="40/25s" duration="8/25s"/></spine></sync-clip>'
    )
    assert sorted(ranges(cut)) == [("a", 3, 8), ("a", 10, 15), ("b", 30, 35), ("c", 40, 45)]


def test_only_the_active_clip_of_an_audition_counts(read: Read) -> None:
    cut = read(
        '<audition offset="0s"><asset-clip ref="b" start="5/25s" duration="10/25s"/>'
        '<asset-clip ref="c" duration="20/25s"/></audition><asset-clip ref="a" offset="10/25s" duration="5/25s"/>'
    )
    assert ranges(cut) == [("b", 5, 15), ("a", 0, 5)]


def test_titles_generators_and_disabled_clips_are_left_alone(read: Read) -> None:
    cut = read(
        '<title ref="words" name="Hello" offset="0s" start="3600s" duration="1s"/>'
        '<video ref="words" name="Noise" offset="1s" duration="1s"/>'
        '<asset-clip ref="b" name="off" offset="2s" duration="1s" enabled="0"/>'
        '<video ref="card" name="card" offset="3s" start="3600s" duration="1s"/>'
        '<asset-clip ref="a" offset="4s" duration="1s"><title ref="words" lane="1" offset="0s" duration="1s"/>'
        "</asset-clip>"
    )
    assert ranges(cut) == [("card", 0, 1), ("a", 0, 25)]
    assert [s.is_still for s in cut.clips] == [True, False]
    whys = [note.why for note in cut.unframed]
    assert sum("title" in why for why in whys) == 3 and sum("disabled" in why for why in whys) == 1


@pytest.mark.parametrize(
    ("points", "start", "expected", "speed"),
    [
        ([(0, 0), (30, 60)], 5, (10, 29), 2),
        ([(0, 0), (120, 60)], 10, (5, 10), Fraction(1, 2)),
        ([(0, 60), (60, 0)], 4, (46, 56), -1),  # as Final Cut writes it: all of the media, from its end
        ([(0, 12), (60, 12)], 4, (12, 13), 0),
    ],
)
def test_time_maps_become_speeds(
    points: list[tuple[int, int]], start: int, expected: tuple[int, int], speed: Fraction, read: Read
) -> None:
    mapped = (
        "<timeMap>"
        + "".join(f'<timept time="{t}/25s" value="{v}/25s" interp="linear"/>' for t, v in points)
        + "</timeMap>"
    )
    cut = read(f'<asset-clip ref="a" offset="0s" start="{start}/25s" duration="10/25s">{mapped}</asset-clip>')
    (used,) = cut.clips
    assert (used.visible_first, used.visible_end, used.speed, used.is_ramped) == (*expected, speed, False)


@pytest.mark.parametrize(
    ("map_", "frames"),
    [
        ([(0, 60), (60, 0)], [55, 54, 53, 52]),  # whole speed
        ([(0, 60), (120, 0)], [57, 57, 56, 56]),  # half: every picture twice
        ([(0, 60), (30, 0)], [51, 49, 47, 45]),
        ([(0, 0), (120, 60)], [2, 2, 3, 3]),
    ],
)
def test_frames_of_a_map_are_those_that_final_cut_shows(map_, frames, read: Read) -> None:
    """From its own maps, which run from edge to edge of the media: backwards a frame is shown up to where it begins."""
    points = "".join(f'<timept time="{t}/25s" value="{v}/25s" interp="linear"/>' for t, v in map_)
    cut = read(
        f'<asset-clip ref="a" offset="0s" start="4/25s" duration="4/25s"><timeMap>{points}</timeMap></asset-clip>'
    )
    (placed,) = video_clips(cut.timeline)
    shown = [placed.media_at(Fraction(r, 25)) * 25 for r in range(4)]
    assert [math.floor(frame + Fraction(1, 100)) for frame in shown] == frames


def test_a_ramp_uses_everything_between_its_ends(read: Read) -> None:
    points = "".join(f'<timept time="{t}/25s" value="{v}/25s"/>' for t, v in [(0, 0), (10, 10), (20, 40)])
    (used,) = read(f'<asset-clip ref="a" offset="0s" duration="20/25s"><timeMap>{points}</timeMap></asset-clip>').clips
    assert used.is_ramped and used.first == 0 and used.end in (40, 41)


def test_film_conformed_to_pal_runs_frame_for_frame(read: Read) -> None:
    conform = '<conform-rate srcFrameRate="24"/>'
    (used,) = read(f'<asset-clip ref="a" offset="0s" duration="10/25s">{conform}</asset-clip>').clips
    assert used.speed == Fraction(25, 24)
    conform = '<conform-rate srcFrameRate="24" scaleEnabled="0"/>'
    assert read(f'<asset-clip ref="a" offset="0s" duration="10/25s">{conform}</asset-clip>').clips[0].speed == 1


@pytest.mark.parametrize(
    "adjust",
    ['<adjust-transform scale="0.4 0.4"/>', '<adjust-blend amount="0.5"/>', '<adjust-blend mode="14"/>'],
)
def test_a_picture_in_picture_is_an_overlay(adjust: str, read: Read) -> None:
    connected = f'<asset-clip ref="b" lane="1" offset="0s" duration="1s">{adjust}</asset-clip>'
    cut = read(f'<asset-clip ref="a" offset="0s" duration="1s">{connected}</asset-clip>')
    assert ranges(cut) == [("a", 0, 25)] and "overlay" in cut.unframed[0].why


def test_what_otio_has_no_word_for_is_kept(read: Read) -> None:
    cut = read(
        '<asset-clip ref="a" name="one" offset="0s" duration="1s" audioRole="dialogue" videoRole="video.wide">'
        '<note>good take</note><adjust-conform type="fill"/><adjust-transform scale="2 2" position="3 4"/>'
        '<marker start="5/25s" duration="1/25s" value="here" completed="0" note="x"/>'
        '<chapter-marker start="6/25s" value="two"/><keyword start="0s" duration="1s" value="wide"/>'
        '<filter-video ref="words" name="Blur"/></asset-clip>'
    )
    clip = cut.timeline.find_clips()[0]
    kept = clip.metadata["fcpxml"]
    assert kept["note"] == "good take" and kept["attributes"]["videoRole"] == "video.wide"
    assert [text.split()[0] for text in kept["elements"]] == [
        "<adjust-conform", "<adjust-transform", "<keyword", "<filter-video",
    ]  # fmt: skip
    assert 'scale="2 2"' in kept["elements"][1]
    assert [(m.name, m.marked_range.start_time.value, m.color) for m in clip.markers] == [
        ("here", 5, "RED"),
        ("two", 6, "ORANGE"),
    ]
    (sound,) = cut.timeline.audio_tracks()
    assert sound[0].source_range == clip.source_range


def test_a_bundle_of_final_cut(footage: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cut.fcpxmld"
    folder.mkdir()
    (folder / "Info.fcpxml").write_text(document('<asset-clip ref="a" offset="0s" duration="1s"/>', footage))
    assert ranges(read_editor_cut(folder)) == [("a", 0, 25)]


@pytest.mark.parametrize(
    ("spine", "resources", "named"),
    [
        ('<asset-clip ref="a" offset="0s" duration="1.5s"/>', "", "1.5s"),
        ('<asset-clip ref="a" offset="0s" duration="1/0s"/>', "", "1/0s"),
        ('<asset-clip ref="a" offset="0s" duration="-5s"/>', "", "negative"),
        ('<clip offset="0s"/>', "", "no duration"),
        ('<asset-clip ref="a" offset="0s" duration="99999999999s"/>', "", "years"),
        ('<gap offset="0s" duration="1s"><title ref="w" lane="x" duration="1s"/></gap>', "", "lane"),
        (
            '<ref-clip ref="m" offset="0s" duration="1s"/>',
            '<media id="m"><sequence format="f"><spine><ref-clip ref="m" offset="0s" duration="1s"/></spine>'
            "</sequence></media>",
            "hold themselves",
        ),
        ("<audition/>", "", "audition"),
    ],
)
def test_damage_is_named(spine: str, resources: str, named: str, read: Read) -> None:
    with pytest.raises(InputError) as caught:
        read(spine, resources=resources)
    assert named in caught.value.why and caught.value.fix


def test_compounds_that_unfold_without_end_are_refused(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten compounds, each holding the next twenty times: small on disk, 20^10 clips when opened."""
    monkeypatch.setattr(reader, "_MAX_ITEMS", 1000)  # what may be unfolded takes ten seconds
    resources = "".join(
        f'<media id="m{n}"><sequence format="f"><spine>'
        + f'<ref-clip ref="m{n + 1}" duration="1/25s"/>' * 20
        + "</spine></sequence></media>"
        for n in range(10)
    )
    with pytest.raises(InputError, match="cannot be read") as caught:
        read('<ref-clip ref="m0" offset="0s" duration="1s"/>', resources=resources)
    assert "unfold" in caught.value.why


def test_several_projects_must_be_told_apart(footage: Path, tmp_path: Path) -> None:
    text = document('<asset-clip ref="a" offset="0s" duration="1s"/>', footage)
    start, end = text.index("<project"), text.index("</event>")
    path = tmp_path / "two.fcpxml"
    path.write_text(text[:end] + text[start:end] + text[end:])
    with pytest.raises(InputError, match="2 projects"):
        read_fcpxml(path)
    path.write_text(text[:start] + text[end:])
    with pytest.raises(InputError, match="no project"):
        read_fcpxml(path)


@pytest.mark.parametrize(
    "odd",
    [
        '<asset-clip ref="b" offset="0s" duration="1.5s"/>',
        '<asset-clip ref="b" duration="-5s"/>',
        '<asset-clip ref="b" start="1/0s" duration="x"/>',
        "<audition/>",
        "<title/>",
    ],
)
def test_one_odd_clip_leaves_the_rest(odd: str, read: Read) -> None:
    cut = read(odd + '<asset-clip ref="a" offset="1s" start="2s" duration="10/25s"/>')
    (used,) = [clip for clip in cut.clips if Path(clip.media_path).stem == "a"]
    assert (used.first, used.end) == (50, 60) and any(note.is_fault for note in cut.unframed)


@pytest.mark.parametrize("part", ['<timeMap><timept time="0s"/></timeMap>', '<marker start="soon" value="m"/>'])
def test_an_odd_part_of_a_clip_leaves_the_clip(part: str, read: Read) -> None:
    (used,) = read(f'<asset-clip ref="a" offset="0s" start="1s" duration="10/25s">{part}</asset-clip>').clips
    assert (used.first, used.end, used.speed) == (25, 35, 1)


def test_a_conformed_clip_counts_its_own_time(read: Read) -> None:
    """Start and markers are native media time, as in Final Cut's own exports; only lengths count the sequence."""
    inside = '<conform-rate srcFrameRate="24"/><marker start="30/24s" duration="1/25s" value="look"/>'
    cut = read(f'<asset-clip ref="a" offset="0s" start="1s" duration="10/25s">{inside}</asset-clip>')
    (placed,) = video_clips(cut.timeline)
    assert [placed.media_at(Fraction(r, 25)) for r in (0, 5)] == [1, 1 + Fraction(5, 24)]
    assert placed.clip.markers[0].marked_range.start_time.to_seconds() == pytest.approx(30 / 24)


def test_an_audition_shows_its_active_pick(read: Read) -> None:
    """The first alternative, in the audition's place, also where it is connected."""
    picks = '<asset-clip ref="a" start="1s" duration="10/25s"/><asset-clip ref="b" duration="10/25s"/>'
    assert ranges(read(f'<audition offset="0s">{picks}</audition>')) == [("a", 25, 35)]
    connected = f'<audition lane="1" offset="5/25s">{picks}</audition>'
    cut = read(f'<asset-clip ref="b" offset="0s" duration="1s">{connected}</asset-clip>')
    assert ("a", 25, 35) in ranges(cut)


def test_captions_are_kept_and_told(read: Read) -> None:
    caption = '<caption lane="1" offset="0s" duration="1s" role="iTT?captionFormat=ITT.en"><text>Hello</text></caption>'
    cut = read(f'<asset-clip ref="a" offset="0s" duration="1s">{caption}</asset-clip>')
    assert "Hello" in cut.timeline.to_json_string()
    assert any(note.what == "1 caption" and not note.is_fault for note in cut.unframed)
