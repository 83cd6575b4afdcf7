"""EDL and FCP7 XML in: what the OTIO adapters lose is there again."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

import numbered as make
from panscan.errors import InputError, UsageError
from panscan.ingest.cuts.addresses import base_name, is_web, plain_path
from panscan.ingest.cuts.read import read_editor_cut
from panscan.ingest.edl.reader import parse_edl, read_edl
from panscan.timeline.editorial import EditorCut

NTSC = Fraction(30000, 1001)


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("footage")
    make.movie(folder / "A001.mp4", 0)
    make.movie(folder / "Beach walk.mov", 1, timecode="01:00:00:00")
    make.movie(folder / "ntsc.mov", 2, rate=NTSC)
    return folder


def edl(footage: Path, *lines: str, name: str = "cut.edl") -> Path:
    path = footage / name
    path.write_text("\n".join(["TITLE: Test", *lines]) + "\n", encoding="utf-8")
    return path


def ranges(cut: EditorCut) -> list[tuple[str, int, int]]:
    return [(Path(s.media_path).stem, s.visible_first, s.visible_end) for s in cut.clips]


def test_reels_and_clip_names_find_their_media_and_their_rate(footage: Path) -> None:
    path = edl(
        footage,
        "FCM: NON-DROP FRAME",
        "001  A001     V     C        00:00:00:05 00:00:00:15 01:00:00:00 01:00:00:10",
        "002  AX       V     C        01:00:01:00 01:00:01:10 01:00:00:10 01:00:00:20",
        "* FROM CLIP NAME: beach walk.mov",
        "003  A001     V     C        00:00:01:00 00:00:01:05 01:00:01:00 01:00:01:05",
        "* FROM CLIP NAME: another name",
    )
    cut = read_editor_cut(path)
    assert cut.rate == 25, "of its media: frame numbers up to 20 would have allowed 24"
    assert ranges(cut) == [("A001", 5, 15), ("Beach walk", 25, 35), ("A001", 25, 30)]
    assert cut.timeline.global_start_time == otio.opentime.RationalTime(90000, 25)
    (track,) = cut.timeline.video_tracks()
    assert [type(c).__name__ for c in track] == ["Clip", "Clip", "Gap", "Clip"]
    assert track.range_of_child(track[3]).start_time.value == 25


def test_a_reel_cut_to_eight_letters_finds_the_only_file_that_begins_so(footage: Path) -> None:
    event = "001  BEACH_WA V     C        00:00:00:05 00:00:00:15 01:00:00:00 01:00:00:10"
    folder = footage / "reels"
    folder.mkdir()
    (folder / "Beach_walk.mp4").write_bytes((footage / "A001.mp4").read_bytes())
    assert ranges(read_editor_cut(edl(footage, event), relink=folder)) == [("Beach_walk", 5, 15)]
    (folder / "Beach_wave.mp4").write_bytes((footage / "A001.mp4").read_bytes())
    with pytest.raises(InputError, match="cannot be used"):
        read_editor_cut(edl(footage, event), relink=folder)


def test_a_dissolve_needs_the_tail_of_the_outgoing_clip(footage: Path) -> None:
    path = edl(
        footage,
        "001  A001     V     C        00:00:00:00 00:00:00:20 01:00:00:00 01:00:00:20",
        "002  A001     V     C        00:00:00:20 00:00:00:20 01:00:00:20 01:00:00:20",
        "002  AX       V     D    010 01:00:01:00 01:00:02:00 01:00:00:20 01:00:01:20",
        "* FROM CLIP NAME: A001",
        "* TO CLIP NAME: Beach walk",
    )
    out, into = read_editor_cut(path).clips
    assert (out.first, out.visible_end, out.end) == (0, 20, 30)
    assert (into.first, into.visible_first, into.end) == (25, 25, 50)


@pytest.mark.parametrize(
    ("motion", "source", "expected", "speed"),
    [
        ("M2   A001       050.0                00:00:00:10", ("00:00:00:10", "00:00:01:05"), (10, 29), 2),
        ("M2   A001       012.5                00:00:00:10", ("00:00:00:10", "00:00:00:15"), (10, 15), Fraction(1, 2)),
        ("M2   A001       000.0                00:00:00:10", ("00:00:00:10", "00:00:00:11"), (10, 11), 0),
        ("M2   A001       -025.0               00:00:00:10", ("00:00:00:10", "00:00:00:20"), (10, 20), -1),
        ("M2   A001       025.0                00:00:00:10", ("00:00:00:10", "00:00:00:20"), (10, 20), 1),
    ],
)
def test_motion_lines_become_speeds(
    motion: str, source: tuple[str, str], expected: tuple[int, int], speed: Fraction, footage: Path
) -> None:
    freeze = ["* * FREEZE FRAME"] if speed == 0 else []
    path = edl(footage, f"001  A001     V     C        {' '.join(source)} 01:00:00:00 01:00:00:10", motion, *freeze)
    cut = read_editor_cut(path)
    (used,) = cut.clips
    assert (used.visible_first, used.visible_end, used.speed) == (*expected, speed)
    assert cut.timeline.find_clips()[0].source_range.duration.value == 10


def test_drop_frame_counts_as_the_fcm_line_says(footage: Path) -> None:
    event = "001  ntsc     V     C        00:00:00:05 00:00:00:15 00:01:00{0}02 00:01:00{0}12"
    dropped = read_editor_cut(edl(footage, "FCM: DROP FRAME", event.format(":")))
    marked = read_editor_cut(edl(footage, event.format(";").replace("00:00:00:", "00:00:00;")))
    plain = read_editor_cut(edl(footage, "FCM: NON-DROP FRAME", event.format(":")))
    starts = [cut.timeline.global_start_time.value for cut in (dropped, marked, plain)]
    assert starts == [1800, 1800, 1802]
    assert {cut.rate for cut in (dropped, marked, plain)} == {NTSC}
    assert {tuple(ranges(cut)) for cut in (dropped, marked, plain)} == {(("ntsc", 5, 15),)}


def test_a_rate_may_be_given_but_not_one_that_cannot_be(footage: Path) -> None:
    path = edl(footage, "001  A001     V     C        00:00:00:05 00:00:00:24 01:00:00:00 01:00:00:19")
    assert read_editor_cut(path, rate=NTSC).rate == NTSC
    with pytest.raises(UsageError, match="cannot have 24"):
        read_editor_cut(path, rate=Fraction(24))


def test_the_rate_is_said_to_be_a_guess_where_no_media_tells_it(footage: Path, tmp_path: Path) -> None:
    path = edl(tmp_path, "001  NOWHERE  V     C        00:00:00:05 00:00:00:24 01:00:00:00 01:00:00:19")
    with pytest.raises(InputError) as caught:
        read_editor_cut(path)
    assert "NOWHERE" in caught.value.why and "--relink" in caught.value.fix
    guess = read_edl(path).counting.guess_rate()
    assert guess == 25 and parse_edl(read_edl(path), guess)[0].global_start_time.rate == 25


def test_sound_that_begins_later_leaves_the_picture_where_it_is(footage: Path) -> None:
    path = edl(
        footage,
        "001  A001     V     C        00:00:00:05 00:00:00:15 00:00:00:00 00:00:00:10",
        "002  A001     AA/V  C        00:00:01:00 00:00:01:10 00:00:00:10 00:00:00:20",
    )
    timeline = read_editor_cut(path).timeline
    assert timeline.global_start_time.value == 0
    sound = timeline.audio_tracks()[0]
    assert sound.range_of_child(sound.find_clips()[0]).start_time.value == 10


def test_locators_count_the_record(footage: Path) -> None:
    """Half as fast: six frames into the clip is the third frame of its media."""
    path = edl(
        footage,
        "001  A001     V     C        00:00:00:05 00:00:00:15 01:00:00:00 01:00:00:10",
        "* LOC: 01:00:00:04 RED     LOOK",
        "* LOC: 02:00:00:04 RED     ELSEWHERE",
        "002  A001     V     C        00:00:00:10 00:00:00:15 01:00:00:10 01:00:00:20",
        "M2   A001       012.5                00:00:00:10",
        "* LOC: 01:00:00:16 RED     SLOW",
    )
    timeline = read_editor_cut(path).timeline
    first, second = timeline.find_clips()
    assert [(m.name, m.marked_range.start_time.value) for m in first.markers] == [("LOOK", 9)]
    assert [(m.name, m.marked_range.start_time.value) for m in timeline.tracks.markers] == [("ELSEWHERE", 90004)]
    assert [(m.name, m.marked_range.start_time.value) for m in second.markers] == [("SLOW", 13)]


def test_black_is_a_gap_and_bars_are_left_alone(footage: Path) -> None:
    cut = read_editor_cut(
        edl(
            footage,
            "001  BL       V     C        00:00:00:00 00:00:00:10 01:00:00:00 01:00:00:10",
            "002  A001     V     C        00:00:00:05 00:00:00:15 01:00:00:10 01:00:00:20",
            "003  BARS     V     C        00:00:00:00 00:00:00:05 01:00:00:20 01:00:01:00",
        )
    )
    assert ranges(cut) == [("A001", 5, 15)]
    assert [note.what for note in cut.unframed] == ["clip '003'"]
    (track,) = cut.timeline.video_tracks()
    assert [(type(c).__name__, c.duration().value) for c in track] == [("Gap", 10), ("Clip", 10), ("Clip", 5)]
    assert cut.timeline.global_start_time.value == 90000


@pytest.mark.parametrize(
    "text", ["", "TITLE: nothing\n", "001 A V C 1 2\n", "001  A V C 00:00:00:00 xx 00:00:00:00 yy\n"]
)
def test_what_is_no_edl_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.edl"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_editor_cut(path)
    assert caught.value.why and caught.value.fix


RATE = "<rate><timebase>{0}</timebase><ntsc>{1}</ntsc></rate>"


def clipitem(number: int, url: str, start: int, end: int, first: int, *, extra: str = "", timecode: str = "") -> str:
    stamp = f"<timecode>{RATE.format(25, 'FALSE')}<string>{timecode}</string></timecode>" if timecode else ""
    return (
        f'<clipitem id="clipitem-{number}"><name>clip {number}</name><enabled>TRUE</enabled><duration>60</duration>'
        f"{RATE.format(25, 'FALSE')}<start>{start}</start><end>{end}</end><in>{first}</in><out>{first + 10}</out>"
        f'<file id="file-{number}"><name>x</name><pathurl>{url}</pathurl>{RATE.format(25, "FALSE")}'
        f"<duration>60</duration>{stamp}<media><video/></media></file>{extra}</clipitem>"
    )


def xmeml(folder: Path, tracks: str, *, rate: str = RATE.format(25, "FALSE"), more: str = "", head: str = "") -> Path:
    path = folder / "cut.xml"
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE xmeml{head}><xmeml version="4"><sequence id="sequence-1">'
        f"<name>seq</name><duration>60</duration>{rate}<media><video><format/>{tracks}</video></media>"
        f"<timecode>{rate}<string>01:00:00:00</string></timecode></sequence>{more}</xmeml>",
        encoding="utf-8",
    )
    return path


def test_premiere_addresses_start_times_and_disabled_clips(footage: Path) -> None:
    local = "file://localhost" + (footage / "A001.mp4").as_uri().removeprefix("file://")
    windows = "file://localhost/C%3a/Users/me/Beach%20walk.mov"
    off = clipitem(3, local, 20, 30, 0).replace("<enabled>TRUE", "<enabled>FALSE")
    track = (
        f"<track>{clipitem(1, local, 0, 10, 5)}{clipitem(2, windows, 10, 20, 20, timecode='01:00:00:00')}{off}</track>"
    )
    cut = read_editor_cut(xmeml(footage, track))
    assert ranges(cut) == [("A001", 5, 15), ("Beach walk", 20, 30)]
    assert cut.timeline.global_start_time == otio.opentime.RationalTime(90000, 25) and cut.rate == 25
    assert ["disabled" in note.why for note in cut.unframed] == [True]
    assert [clip.enabled for clip in cut.timeline.find_clips()] == [True, True, False]
    assert cut.timeline.find_clips()[1].metadata["fcp_xml"]


def time_remap(**parameters: str) -> str:
    listed = "".join(
        f"<parameter><parameterid>{name}</parameterid><value>{value}</value></parameter>"
        for name, value in {"variablespeed": "0", **parameters}.items()
    )
    return f"<filter><effect><name>Time Remap</name><effectid>timeremap</effectid>{listed}</effect></filter>"


@pytest.mark.parametrize(
    ("parameters", "first", "expected", "speed"),
    [
        ({"speed": "200", "reverse": "FALSE"}, 5, (10, 29), 2),
        ({"speed": "50", "reverse": "FALSE"}, 20, (10, 15), Fraction(1, 2)),
        ({"speed": "100", "reverse": "TRUE"}, 5, (45, 55), -1),
        ({"speed": "100", "reverse": "FALSE"}, 5, (5, 15), 1),
    ],
)
def test_time_remap_becomes_a_speed(
    parameters: dict[str, str], first: int, expected: tuple[int, int], speed: Fraction, footage: Path
) -> None:
    remap = time_remap(**parameters)
    item = clipitem(1, (footage / "A001.mp4").as_uri(), 0, 10, first, extra=remap)
    cut = read_editor_cut(xmeml(footage, f"<track>{item}</track>"))
    (used,) = cut.clips
    assert (used.visible_first, used.visible_end, used.speed) == (*expected, speed)
    assert cut.timeline.find_clips()[0].effects[0].name == "Time Remap", "the editor's own filter stays"


@pytest.mark.parametrize(("first", "speed", "why"), [("1e309", "200", "start of the media"), ("5", "inf", "")])
def test_a_speed_of_endless_times(first: str, speed: str, why: str, footage: Path) -> None:
    item = clipitem(1, (footage / "A001.mp4").as_uri(), 0, 10, 5, extra=time_remap(speed=speed))
    path = xmeml(footage, f"<track>{item.replace('<in>5<', f'<in>{first}<')}</track>")
    cut = read_editor_cut(path)
    assert cut.clips[0].speed == (2 if why else 1)
    assert any(why in note.why for note in cut.unframed) == bool(why)


def test_ntsc_sequences_are_exact(footage: Path) -> None:
    rate = RATE.format(30, "TRUE")
    item = clipitem(1, (footage / "ntsc.mov").as_uri(), 0, 10, 5).replace(RATE.format(25, "FALSE"), rate)
    cut = read_editor_cut(xmeml(footage, f"<track>{item}</track>", rate=rate))
    assert cut.rate == NTSC and ranges(cut) == [("ntsc", 5, 15)]
    assert cut.timeline.global_start_time.value == 108000


def test_a_dissolve_of_premiere_hides_where_its_clips_meet(footage: Path) -> None:
    """Start and end are -1 beside a transition, and `in` counts from where the transition begins."""
    url = (footage / "A001.mp4").as_uri()
    fade = (
        f"<transitionitem>{RATE.format(25, 'FALSE')}<start>7</start><end>13</end><alignment>center</alignment>"
        "<effect><name>Cross Dissolve</name></effect></transitionitem>"
    )
    track = f"<track>{clipitem(1, url, 0, -1, 0)}{fade}{clipitem(2, url, -1, 20, 27)}</track>"
    out, into = read_editor_cut(xmeml(footage, track)).clips
    assert (out.first, out.visible_end, out.end) == (0, 10, 13)
    assert (into.first, into.visible_first, into.end) == (27, 30, 40)


def test_a_nested_sequence_is_opened(footage: Path) -> None:
    url = (footage / "A001.mp4").as_uri()
    inner = (
        f'<sequence id="inner"><name>inner</name>{RATE.format(25, "FALSE")}<media><video><track>'
        f"{clipitem(7, url, 0, 30, 10)}</track></video></media></sequence>"
    )
    nest = (
        f'<clipitem id="clipitem-9"><name>nest</name>{RATE.format(25, "FALSE")}<start>3</start><end>8</end>'
        f"<in>4</in><out>9</out>{inner}</clipitem>"
    )
    assert ranges(read_editor_cut(xmeml(footage, f"<track>{nest}</track>"))) == [("A001", 14, 19)]
    # Premiere also lists the nested sequence in the bin, and may write its content only there.
    nest = nest.replace(inner, '<sequence id="inner"/>')
    assert ranges(read_editor_cut(xmeml(footage, f"<track>{nest}</track>", more=inner))) == [("A001", 14, 19)]


def test_a_file_that_is_described_elsewhere_is_known(footage: Path) -> None:
    """In the clip of a bin, as Final Cut 7 does, or at a later use."""
    url = (footage / "A001.mp4").as_uri()
    whole = clipitem(1, url, 0, 10, 5)
    file = whole[whole.index("<file") : whole.index("</file>") + 7]
    bare = whole.replace(file, '<file id="file-1"/>')
    path = xmeml(
        footage, f"<track>{bare}</track>", more=f'<clip id="master"><media><video>{file}</video></media></clip>'
    )
    assert ranges(read_editor_cut(path)) == [("A001", 5, 15)]
    later = clipitem(2, url, 10, 20, 20).replace("file-2", "file-1")
    assert ranges(read_editor_cut(xmeml(footage, f"<track>{bare}{later}</track>"))) == [
        ("A001", 5, 15),
        ("A001", 20, 30),
    ]


@pytest.mark.parametrize(
    "effect", ["", "<effect><name>Matte</name></effect>", "<effect><effecttype>generator</effecttype></effect>"]
)
def test_generators_and_clips_without_media_are_left_alone(effect: str, footage: Path) -> None:
    rate = RATE.format(25, "FALSE")
    times = f"{rate}<start>10</start><end>20</end><in>0</in><out>10</out>"
    url = (footage / "A001.mp4").as_uri()
    made = f"<generatoritem><name>Matte</name>{times}{effect}</generatoritem>"
    layer = f"<clipitem><name>Layer</name>{times.replace('10<', '20<', 1).replace('20</end', '30</end')}</clipitem>"
    cut = read_editor_cut(xmeml(footage, f"<track>{clipitem(1, url, 0, 10, 5)}{made}{layer}</track>"))
    assert ranges(cut) == [("A001", 5, 15)]
    assert [("Matte" in n.what or "Layer" in n.what) and "generator" in n.why for n in cut.unframed] == [True, True]


@pytest.mark.parametrize(
    ("effect", "kind"),
    [
        ("<effect><name>Überblendung</name><effectid>Cross Dissolve</effectid></effect>", "SMPTE_Dissolve"),
        ("<effect><name>Push</name><effectid>Push</effectid></effect>", "Custom_Transition"),
        ("<effect><name>Film Dissolve</name></effect>", "SMPTE_Dissolve"),
    ],
)
def test_only_dissolves_are_dissolves(effect: str, kind: str, footage: Path) -> None:
    url = (footage / "A001.mp4").as_uri()
    fade = (
        f"<transitionitem>{RATE.format(25, 'FALSE')}<start>7</start><end>13</end><alignment>center</alignment>"
        f"{effect}</transitionitem>"
    )
    track = f"<track>{clipitem(1, url, 0, -1, 0)}{fade}{clipitem(2, url, -1, 20, 27)}</track>"
    timeline = read_editor_cut(xmeml(footage, track)).timeline
    (found,) = [c for c in timeline.video_tracks()[0] if isinstance(c, otio.schema.Transition)]
    assert found.transition_type == kind and not any("panscan" in key for key in found.metadata["fcp_xml"])


def test_sequences_that_hold_themselves_are_refused(footage: Path) -> None:
    nest = (
        f'<clipitem id="c"><name>nest</name>{RATE.format(25, "FALSE")}<start>0</start><end>8</end><in>0</in>'
        '<out>8</out><sequence id="sequence-1"/></clipitem>'
    )
    with pytest.raises(InputError, match="cannot be read") as caught:
        read_editor_cut(xmeml(footage, f"<track>{nest}</track>"))
    assert "itself" in caught.value.why


def test_two_sequences_must_be_told_apart(footage: Path) -> None:
    track = f"<track>{clipitem(1, (footage / 'A001.mp4').as_uri(), 0, 10, 5)}</track>"
    second = (
        f'<sequence id="two"><name>two</name>{RATE.format(25, "FALSE")}<media><video>{track}</video></media></sequence>'
    )
    with pytest.raises(InputError, match="2 timelines"):
        read_editor_cut(xmeml(footage, track, more=second))


@pytest.mark.parametrize(
    ("url", "path", "name"),
    [
        ("file:///media/a%20b.mov", "/media/a b.mov", "a b.mov"),
        ("file://localhost/media/a.mov", "/media/a.mov", "a.mov"),
        ("file://localhost//media/a.mov", "/media/a.mov", "a.mov"),
        ("file://localhost/D%3a/clips/a.mov", "/D:/clips/a.mov", "a.mov"),
        ("D:\\clips\\a.mov", "D:\\clips\\a.mov", "a.mov"),
        ("clips/a.mov", "clips/a.mov", "a.mov"),
        ("/media/50%25.mov", "/media/50%25.mov", "50%25.mov"),
    ],
)
def test_addresses_of_media(url: str, path: str, name: str) -> None:
    assert (plain_path(url), base_name(url), is_web(url)) == (path, name, False)


@pytest.mark.parametrize("url", ["http://a/b.mov", "https://a/b.mov", "rtsp://x"])
def test_addresses_of_other_machines(url: str) -> None:
    assert is_web(url)
