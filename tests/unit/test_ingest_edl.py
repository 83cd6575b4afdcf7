"""Edit lists of every dialect, as the reader lays them into tracks."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from panscan.errors import InputError, UsageError
from panscan.ingest.edl.reader import media_names_of, named_media, parse_edl, read_edl

PAL, FILM, NTSC = Fraction(25), Fraction(24), Fraction(30000, 1001)
Row = list[tuple[Any, ...]]


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """Reads the lines of a list at a rate: its timeline, and what is said of it."""

    def made(*lines: str, rate: Fraction = PAL, raw: bytes | None = None) -> tuple[Any, list[str]]:
        path = tmp_path / "cut.edl"
        path.write_bytes("\n".join(["TITLE: cut", *lines, ""]).encode() if raw is None else raw)
        timeline, notes = parse_edl(read_edl(path), rate)
        return timeline, [note.why for note in notes]

    return made


def row(timeline: Any, name: str = "V") -> Row:
    """A track: clips with reel or name, first media frame, length, and speed unless 1; gaps; transitions."""
    (track,) = [track for track in timeline.tracks if track.name == name]
    return [_part(child) for child in track]


def _part(child: Any) -> tuple[Any, ...]:
    if isinstance(child, otio.schema.Transition):
        kind = "dissolve" if child.transition_type == "SMPTE_Dissolve" else "wipe"
        return (kind, child.in_offset.value, child.out_offset.value)
    used = child.source_range
    if isinstance(child, otio.schema.Gap):
        return ("gap", used.duration.value)
    named = child.metadata.get("cmx_3600", {}).get("reel") or child.name
    speeds = tuple(effect.time_scalar for effect in child.effects)
    return (named, used.start_time.value, used.duration.value, *speeds)


def event(number: int, reel: str, times: str, edit: str = "C", channels: str = "V") -> str:
    """An event from seconds and frames at 25 fps: "0+00 1+00 10+00 11+00"."""
    stamps = [f"00:00:{int(t.split('+')[0]):02d}:{int(t.split('+')[1]):02d}" for t in times.split()]
    return f"{number:03d}  {reel:<8} {channels:<5} {edit:<8} {' '.join(stamps)}"


A = event(1, "A", "5+00 6+00 0+00 1+00")


# --- transitions


def test_a_dissolve_whose_first_line_has_a_length(read: Any) -> None:
    timeline, notes = read(
        A, event(2, "A", "8+00 10+00 1+00 3+00"), event(2, "B", "1+00 2+00 3+00 4+00", "D    010")
    )  # fmt: skip
    assert row(timeline) == [("A", 125, 25), ("A", 200, 50), ("dissolve", 0, 10), ("B", 25, 25)]
    assert notes == []


@pytest.mark.parametrize(
    "lines",
    [
        [event(2, "A", "6+00 6+00 1+00 1+00"), event(2, "B", "1+00 2+00 1+00 2+00", "D    010")],
        [event(2, "B", "1+00 2+00 1+00 2+00", "D    010")],
        [event(2, "A", "6+00 6+00 1+00 1+00"), event(3, "B", "1+00 2+00 1+00 2+00", "D    010")],
        [event(2, "A", "6+00 6+10 1+00 1+10"), event(2, "B", "1+00 2+00 1+00 2+00", "D    010")],
        [event(2, "A", "6+00 6+00 1+00 1+00"), "FCM: NON-DROP FRAME", event(2, "B", "1+00 2+00 1+00 2+00", "D 10")],
        [event(2, "B", "6+00 6+00 1+00 1+00"), event(2, "B", "1+00 2+00 1+00 2+00", "D    010")],
    ],
    ids=["two lines", "one line", "two numbers", "overlapping", "with a code mode between", "with the second reel"],
)
def test_dissolves_in_all_forms(lines: list[str], read: Any) -> None:
    timeline, notes = read(A, *lines)
    assert row(timeline) == [("A", 125, 25), ("dissolve", 0, 10), ("B", 25, 25)] and notes == []


def test_a_dissolve_may_leave_a_picture_that_is_not_before_it(read: Any) -> None:
    """It lies in the cut for as long as the dissolve lasts."""
    timeline, _ = read(
        A, event(2, "C", "9+00 9+00 1+00 1+00"), event(2, "B", "1+00 2+00 1+00 2+00", "D    010")
    )  # fmt: skip
    assert row(timeline) == [("A", 125, 25), ("C", 225, 10), ("dissolve", 10, 0), ("B", 35, 15)]


def test_a_dissolve_from_another_picture_may_last_as_long_as_its_event(read: Any) -> None:
    timeline, _ = read(
        A, event(2, "C", "9+00 9+00 1+00 1+00"), event(2, "B", "1+00 1+10 1+00 1+10", "D    010")
    )  # fmt: skip
    assert row(timeline) == [("A", 125, 25), ("C", 225, 9), ("dissolve", 9, 1), ("B", 34, 1)]


def test_fades_from_and_to_black(read: Any) -> None:
    timeline, notes = read(
        event(1, "BL", "0+00 0+00 10+00 10+00"),
        event(1, "A", "5+00 7+00 10+00 12+00", "D    010"),
        event(2, "A", "7+00 7+00 12+00 12+00"),
        event(2, "BL", "0+00 1+00 12+00 13+00", "D    012"),
        event(3, "A", "1+00 2+00 13+00 14+00"),
        event(4, "BL", "0+00 0+00 14+00 14+00"),
        event(4, "B", "1+00 2+00 14+00 15+00", "D    005"),
    )
    assert timeline.global_start_time.value == 250 and notes == []
    assert row(timeline) == [
        ("dissolve", 0, 10), ("A", 125, 50), ("dissolve", 0, 12), ("gap", 25), ("A", 25, 25),
        ("gap", 5), ("dissolve", 5, 0), ("B", 30, 20),  # the picture before the black is not seen in it
    ]  # fmt: skip


def test_picture_and_sound_may_fade_in_lines_of_their_own(read: Any) -> None:
    """From black after a clip that touches: the clip is not seen again, whatever order the lines have."""
    black, fade = "0+00 0+00 1+00 1+00", "1+00 2+00 1+00 2+00"
    timeline, notes = read(
        event(1, "A", "5+00 6+00 0+00 1+00", channels="B"),
        event(2, "BL", black),
        event(2, "BL", black, channels="A"),
        event(2, "AX", fade, "D    010"),
        event(2, "AX", fade, "D    010", channels="A"),
        "* FROM CLIP NAME: BL",
        "* TO CLIP NAME: two.mov",
    )
    for name in ("V", "A1"):
        assert row(timeline, name) == [("A", 125, 25), ("gap", 10), ("dissolve", 10, 0), ("two.mov", 35, 15)]
    assert notes == []


def test_wipes_are_no_dissolves_but_sound_only_fades(read: Any) -> None:
    timeline, _ = read(
        event(1, "A", "5+00 6+00 0+00 1+00", channels="B"),
        event(2, "A", "6+00 6+00 1+00 1+00", channels="B"),
        event(2, "B", "1+00 2+00 1+00 2+00", "W012 010", channels="B"),
        "EFFECTS NAME IS Constant Power",
    )
    assert row(timeline) == [("A", 125, 25), ("wipe", 0, 10), ("B", 25, 25)]
    assert row(timeline, "A1") == [("A", 125, 25), ("dissolve", 0, 10), ("B", 25, 25)]
    (wipe,) = [c for c in timeline.video_tracks()[0] if isinstance(c, otio.schema.Transition)]
    assert wipe.metadata["cmx_3600"]["transition"] == "W012" and "Wipe 012" in wipe.name
    (fade,) = [c for c in timeline.audio_tracks()[0] if isinstance(c, otio.schema.Transition)]
    assert fade.name.startswith("Constant Power"), "which says how loud both sounds are in it"


def test_a_transition_longer_than_its_event_is_shortened_and_told(read: Any) -> None:
    timeline, notes = read(A, event(2, "B", "1+00 2+00 1+00 2+00", "D    040"))
    assert row(timeline) == [("A", 125, 25), ("dissolve", 0, 25), ("B", 25, 25)]
    assert notes == ["1 event: its transition lasts longer than it; the transition is shortened (002 in line 3)."]


@pytest.mark.parametrize("codes", [("K B", "K    000"), ("KB", "KO   010"), ("K B", "K O  000")])
def test_a_key_is_a_clip_above_its_background(codes: tuple[str, str], read: Any) -> None:
    timeline, notes = read(
        A,
        event(2, "B", "1+00 2+00 1+00 2+00", codes[0]),
        event(2, "C", "3+00 4+00 1+00 2+00", codes[1]),
        "* FROM CLIP NAME: below.mov",
        "* KEY CLIP NAME: above.mov",
        event(3, "A", "8+00 9+00 2+00 3+00"),
    )
    assert row(timeline) == [("A", 125, 25), ("B", 25, 25), ("A", 200, 25)]
    assert row(timeline, "V key") == [("gap", 25), ("C", 75, 25)] and notes == []
    assert [c.name for c in timeline.find_clips()] == ["001", "below.mov", "003", "above.mov"]


# --- times


def test_record_times_hold(read: Any) -> None:
    timeline, notes = read(
        event(1, "A", "0+00 2+01 10+00 12+00"),
        event(2, "A", "4+00 4+23 12+00 13+00"),
        event(3, "A", "1+00 2+00 15+00 17+00"),
        event(4, "A", "6+00 6+01 17+00 18+00"),
        event(5, "A", "6+00 6+00 18+00 19+00"),
        event(6, "A", "7+00 8+00 19+00 19+00"),
        event(7, "A", "7+00 10+22 19+00 20+24"),
    )
    assert row(timeline) == [
        ("A", 0, 50), ("A", 100, 25), ("gap", 50), ("A", 25, 50, 0.5), ("A", 150, 25, 0.0), ("A", 150, 25),
        ("A", 175, 49, 2.0),
    ]  # fmt: skip
    assert notes == [
        "1 event: its source times last longer than its record times, which hold; its end is cut (001 in line 2).",
        "2 events: its source times end before its record times, which hold; it plays on "
        "(002 in line 3, 005 in line 6).",
        "2 events: its source and record times differ and it has no M2 line; its speed is what they say "
        "(003 in line 4, 007 in line 8).",
        "1 event: it shows one frame of its source for longer and has no M2 line; it stands still (004 in line 5).",
        "1 event: it has no length in the record; it is left out (006 in line 7).",
    ]


def test_lists_in_source_order_come_out_in_record_order(read: Any) -> None:
    timeline, notes = read(event(1, "A", "1+00 2+00 12+00 13+00"), event(2, "A", "3+00 5+00 10+00 12+00"))
    assert row(timeline) == [("A", 75, 50), ("A", 25, 25)] and notes == []


def test_what_was_recorded_later_lies_over_what_was_there(read: Any) -> None:
    timeline, notes = read(
        event(1, "A", "0+00 10+00 0+00 10+00"),
        event(2, "B", "5+00 6+00 2+00 3+00"),
        event(3, "C", "0+00 4+00 8+00 12+00"),
    )
    assert row(timeline) == [("A", 0, 50), ("B", 125, 25), ("A", 75, 125), ("C", 0, 100)]
    assert len(notes) == 1 and "1 event: a later event lies over it" in notes[0]


@pytest.mark.parametrize(
    ("motion", "times", "expected"),
    [
        ("M2   A       050.0                00:00:05:00", "5+00 7+00 0+00 1+00", (125, 25, 2.0)),
        ("M2   A       012.50               00:00:05:00", "5+00 5+13 0+00 1+00", (125, 25, 0.5)),
        ("M2   A       -025.0               00:00:05:00", "5+00 6+00 0+00 1+00", (149, 25, -1.0)),
        ("M2   A       -50.                 00:00:05:00", "5+00 7+00 0+00 1+00", (174, 25, -2.0)),
        ("M2   A       000.0                00:00:05:00", "5+00 5+01 0+00 1+00", (125, 25, 0.0)),
        ("M2   A       +033.333 00:00:05:00", "5+00 6+08 0+00 1+00", (125, 25, float(Fraction("33.333") / 25))),
        ("M2   A       025.0", "5+00 6+00 0+00 1+00", (125, 25)),
        ("** FREEZE FRAME", "5+00 5+01 0+00 1+00", (125, 25, 0.0)),
        ("M2   A       -025.0               00:00:05:00", "5+00 5+01 0+00 1+00", (125, 25, -1.0)),
        (
            "* PANSCAN: speed=2/3 from=376/3\nM2   A       016.667 00:00:05:00",
            "5+00 5+17 0+00 1+00",
            (376 / 3, 25, 2 / 3),
        ),
    ],
)  # fmt: skip
def test_speeds(motion: str, times: str, expected: tuple[float, ...], read: Any) -> None:
    timeline, notes = read(event(1, "A", times), *motion.split("\n"))
    assert row(timeline) == [("A", *expected)] and notes == []


def test_a_speed_that_its_times_deny_is_told(read: Any) -> None:
    timeline, notes = read(A, "M2   A       100.0                00:00:05:00")
    assert row(timeline) == [("A", 125, 25, 4.0)] and "another speed than its times" in notes[0]


def test_speeds_of_both_pictures_of_a_dissolve(read: Any) -> None:
    timeline, _ = read(
        event(1, "A", "0+00 2+00 0+00 1+00"),
        "M2   A       050.0                00:00:00:00",
        event(2, "A", "2+00 2+00 1+00 1+00"),
        event(2, "B", "1+00 4+00 1+00 2+00", "D    010"),
        "M2   A       050.0                00:00:02:00",
        "M2   B       075.0                00:00:01:00",
    )
    assert row(timeline) == [("A", 0, 25, 2.0), ("dissolve", 0, 10), ("B", 25, 25, 3.0)]


def test_frame_counts_in_place_of_timecode(read: Any) -> None:
    timeline, notes = read("1 A V C 10 20 100 110", "2 B V D 5 0 10 110 120")
    assert row(timeline) == [("A", 10, 10), ("dissolve", 0, 5), ("B", 0, 10)] and notes == []
    assert timeline.global_start_time.value == 100


@pytest.mark.parametrize(
    ("rate", "base", "lost"),
    [(NTSC, 30, 2), (Fraction(30), 30, 2), (Fraction(60000, 1001), 60, 4), (Fraction(60), 60, 4)],
)
def test_drop_frame_of_any_rate(rate: Fraction, base: int, lost: int, read: Any) -> None:
    line = "001  A        V     C        00:00:00:00 00:00:10:00 00:01:00;10 00:01:10;10"
    timeline, notes = read(line, rate=rate)
    assert timeline.global_start_time.value == 60 * base + 10 - lost and notes == []
    assert row(timeline) == [("A", 0, 10 * base)], "the source has no sign, so it does not drop"


def test_the_code_mode_may_change_for_sources(read: Any) -> None:
    """The record counts as it began."""
    lines = (
        "FCM: NON-DROP FRAME",
        "001  A        V     C        00:01:00:02 00:01:01:02 00:01:59:00 00:02:00:00",
        "FCM: DROP FRAME",
        "002  B        V     C        00:01:00:02 00:01:01:02 00:02:00:00 00:02:01:00",
    )
    timeline, notes = read(*lines, rate=NTSC)
    assert row(timeline) == [("A", 1802, 30), ("B", 1800, 30)] and notes == []


def test_drop_frame_that_the_rate_does_not_have_is_told(read: Any) -> None:
    timeline, notes = read("FCM: DROP FRAME", A)
    assert row(timeline) == [("A", 125, 25)] and "25 frames per second do not have" in notes[0]


def test_events_run_over_midnight(read: Any) -> None:
    timeline, notes = read(
        "001  A        V     C        23:59:59:00 00:00:01:00 23:59:58:00 00:00:00:00",
        "002  B        V     C        00:00:01:00 00:00:02:00 00:00:00:00 00:00:01:00",
    )
    assert row(timeline) == [("A", 86399 * 25, 50), ("B", 25, 25)] and notes == []
    assert timeline.global_start_time.value == 86398 * 25


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("001  A  V  C  00:00:00:00 00:00:01:28 01:00:00:00 01:00:01:20", "its record times do not"),
        ("001  A  V  C  00:00:00:00 00:00:01:20 01:00:00:00 01:00:01:28", "frames up to 28"),
    ],
)
def test_a_rate_that_cannot_be_is_refused_with_its_reason(line: str, words: str, read: Any) -> None:
    with pytest.raises(UsageError, match="cannot have 24") as caught:
        read(line, rate=FILM)
    assert words in caught.value.why and "--rate" in caught.value.fix


def test_a_source_of_another_rate_does_not_change_that_of_a_long_list(read: Any, tmp_path: Path) -> None:
    """Record times show that the edit counts to 23; one recorder counts 30 frames per second."""
    times = [(n, n + 7) for n in range(0, 700, 7)]
    stamps = [tuple(f"00:00:{frame // 24:02d}:{frame % 24:02d}" for frame in pair) for pair in times]
    lines = [f"{n:03d} A V C {a} {b} {a} {b}" for n, (a, b) in enumerate(stamps)]
    sound = "100 REC A C 00:00:02:27 00:00:04:27 00:00:00:00 00:00:02:00"
    timeline, notes = read(*lines, sound, rate=FILM)
    assert row(timeline, "A1") == [("REC", 87 * 24 / 30, 48)]
    assert notes == [
        "1 event: its source times count more frames in a second than the edit; "
        "they are taken for those of 30 frames per second (100 in line 102)."
    ]
    assert read_edl(tmp_path / "cut.edl").counting.guess_rate() == 24


# --- tracks


@pytest.mark.parametrize(
    ("channels", "tracks"),
    [
        ("V", ["V"]), ("V2", ["V2"]), ("A", ["A1"]), ("A2", ["A2"]), ("AA", ["A1", "A2"]), ("B", ["V", "A1"]),
        ("AA/V", ["V", "A1", "A2"]), ("A2/V", ["V", "A2"]), ("A4", ["A4"]), ("VA1A2", ["V", "A1", "A2"]),
        ("aa/v", ["V", "A1", "A2"]), ("V1", ["V"]), ("A12", ["A12"]),
    ],
)  # fmt: skip
def test_channels(channels: str, tracks: list[str], read: Any) -> None:
    timeline, _ = read(event(1, "A", "5+00 6+00 0+00 1+00", channels=channels))
    assert [track.name for track in timeline.tracks] == tracks
    assert all(row(timeline, name) == [("A", 125, 25)] for name in tracks)


def test_further_sound_channels(read: Any) -> None:
    timeline, notes = read(
        A,
        event(2, "A", "5+00 6+00 0+00 1+00", channels="NONE"),
        "* FROM CLIP NAME: talk.mov",
        "AUD  3    4",
        event(3, "A", "5+00 6+00 0+00 1+00", channels="NONE"),
        event(4, "S", "0+00 1+00 1+00 2+00", channels="AA"),
        "AUD  3",
    )
    assert [track.name for track in timeline.tracks] == ["V", "A1", "A2", "A3", "A4"]
    assert row(timeline, "A3") == [("A", 125, 25), ("S", 0, 25)] and row(timeline, "A4") == [("A", 125, 25)]
    assert row(timeline, "A1") == [("gap", 25), ("S", 0, 25)]
    assert notes == ["1 event: it records neither picture nor sound; it is left out (003 in line 6)."]


def test_split_edits_and_sound_of_its_own(read: Any) -> None:
    """A J-cut: the sound of the second picture begins before it; then music alone."""
    timeline, notes = read(
        event(1, "A", "5+00 7+00 0+00 2+00", channels="B"),
        "SPLIT:    VIDEO DELAY=  00:00:00:10",
        event(2, "B", "0+15 2+00 1+15 3+00", channels="A"),
        event(2, "B", "1+00 2+00 2+00 3+00"),
        event(3, "M", "0+00 4+00 0+00 4+00", channels="A2"),
        event(4, "BL", "0+00 9+00 4+00 13+00", channels="AA"),
    )
    assert row(timeline) == [("A", 125, 50), ("B", 25, 25)]
    assert row(timeline, "A1") == [("A", 125, 40), ("B", 15, 35)]
    assert row(timeline, "A2") == [("M", 0, 100)], "without the silence at the end"
    assert len(notes) == 1 and "a later event lies over it" in notes[0]


def test_a_list_without_channels_shows_pictures(read: Any) -> None:
    timeline, notes = read("004 002 W001 25 00:00:03:00 00:00:04:00 00:00:01:00 00:00:02:00")
    assert row(timeline) == [("wipe", 0, 25), ("002", 75, 25)]
    assert "does not say what it records" in notes[0]


# --- names and comments


def test_names_of_both_pictures(read: Any) -> None:
    timeline, _ = read(
        event(1, "AX", "5+00 6+00 0+00 1+00"),
        "* FROM CLIP NAME: one.mov",
        event(2, "AX", "6+00 6+00 1+00 1+00"),
        event(2, "AX", "1+00 2+00 1+00 2+00", "D    010"),
        "EFFECTS NAME IS CROSS DISSOLVE",
        "* FROM CLIP NAME: one.mov",
        "* TO CLIP NAME: two.mov",
        event(3, "BL", "0+00 0+00 2+00 2+00"),
        event(3, "AX", "1+00 2+00 2+00 3+00", "D    010"),
        "* FROM CLIP NAME: three.mov",
    )
    assert [clip.name for clip in timeline.find_clips()] == ["one.mov", "two.mov", "three.mov"]
    names = [c.name for c in timeline.video_tracks()[0] if isinstance(c, otio.schema.Transition)]
    assert names == ["SMPTE_Dissolve from one.mov to two.mov", "SMPTE_Dissolve to three.mov"]


def test_media_are_named_by_path_comment_name_and_reel(read: Any, tmp_path: Path) -> None:
    timeline, _ = read(
        event(1, "BR005", "5+00 6+00 0+00 1+00"),
        "* FROM CLIP NAME: shot 4",
        "* SOURCE FILE: A001.mov",
        "FINAL CUT PRO REEL: BR_005 REPLACED BY: BR005",
        event(2, "AX", "5+00 6+00 1+00 2+00"),
        "* FROM CLIP: /media/two.mov",
        event(3, "AX", "5+00 6+00 2+00 3+00"),
        "* FROM FILE: /media/show.[1001-1100].dpx",
    )
    first, second, third = timeline.find_clips()
    names = ["A001.mov", "shot 4", "BR_005", "BR005"]
    assert media_names_of(first) == names
    assert second.media_reference.target_url == "/media/two.mov" and second.name == "two"
    sequence = third.media_reference
    assert (sequence.target_url_base, sequence.name_prefix, sequence.start_frame, sequence.name_suffix) == (
        "/media", "show.", 1001, ".dpx",
    )  # fmt: skip
    assert next(named_media(read_edl(tmp_path / "cut.edl"))) == ("", names)


def test_comments_and_colours_are_kept(read: Any) -> None:
    timeline, notes = read(
        "* Written by somebody",
        A,
        "* COMMENT: look",
        "* ASC_SOP (1.1 1.2 1.3)(0.1 -0.2 0.3)(1 1 1)",
        "* ASC_SAT 0.9",
        "* AUDIO LEVEL AT 00:00:05:00 IS -6.00 DB  (REEL A A1)",
        ">>> SOURCE A A 123",
        "A NOTE WITHOUT ASTERISK",
    )
    (clip,) = timeline.find_clips()
    assert list(clip.metadata["cmx_3600"]["comments"]) == [
        "COMMENT: look", "AUDIO LEVEL AT 00:00:05:00 IS -6.00 DB  (REEL A A1)", ">>> SOURCE A A 123",
        "A NOTE WITHOUT ASTERISK",
    ]  # fmt: skip
    cdl = clip.metadata["cdl"]
    assert list(cdl["asc_sop"]["offset"]) == [0.1, -0.2, 0.3] and cdl["asc_sat"] == 0.9
    assert list(timeline.metadata["cmx_3600"]["comments"]) == ["Written by somebody"]
    assert notes == ["1 line: it says nothing that is known; it is kept as a comment (9: 'A NOTE WITHOUT ASTERISK')."]


@pytest.mark.parametrize(
    "line",
    [
        "002 A V C 0 {0} 0 1", "002 A V D {0} 0 1 0 1", "002 A A{0} C 0 1 0 1", "M2 A {0} 00:00:00:00", "M2 A 1 {0}",
        "AUD {0}", "* AUDIO LEVEL AT {0} IS {0} DB (REEL A A{0})", "* ASC_SAT {0}", "* FROM CLIP: a.[{0}-{0}].dpx",
        "* ASC_SOP ({0} 1 1)(1 1 1)(1 1 1)", "* LOC: {0} RED x", "{0} A V C 0 1 50 51", "* PANSCAN: speed={0} from={0}",
    ],
)  # fmt: skip
def test_numbers_without_end_are_none(line: str, read: Any) -> None:
    timeline, _ = read(A, line.format("9" * 5000))
    assert row(timeline)[0] == ("A", 125, 25)
    assert "Infinity" not in timeline.to_json_string()


# --- files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding: str, end: str, read: Any) -> None:
    lines = [
        "TITLE: caf\u00e9",
        "FCM: NON-DROP FRAME",
        "",
        f"{A}  \t".replace("  ", "\t"),
        "* FROM CLIP NAME: caf\u00e9.mov \t",
    ]
    timeline, notes = read(raw=end.join(lines).encode(encoding))
    assert timeline.name == "caf\u00e9" and [clip.name for clip in timeline.find_clips()] == ["caf\u00e9.mov"]
    assert row(timeline) == [("A", 125, 25)]
    assert len(notes) == (encoding == "cp1252")


@pytest.mark.parametrize("number", ["0000", "000001", "1", "0011D", "1234"])
@pytest.mark.parametrize("reel", ["A001C002_210101_R1AB", "a clip with blanks.mov", "A" * 128])
def test_long_numbers_and_reels(number: str, reel: str, read: Any) -> None:
    timeline, notes = read(f"{number}  {reel}   V     C        00:00:05:00 00:00:06:00 00:00:00:00 00:00:01:00 ")
    assert row(timeline) == [(reel, 125, 25)] and notes == []


def test_more_events_than_three_digits_count(read: Any) -> None:
    lines = [f"{n % 1000:03d} A V C {n} {n + 1} {n} {n + 1}" for n in range(2500)]
    timeline, notes = read(*lines)
    assert row(timeline) == [("A", n, 1) for n in range(2500)] and notes == []


def test_all_events_may_have_one_number(read: Any) -> None:
    lines = [text for n in range(5) for text in (f"0000 A V C {n} {n + 1} {n} {n + 1}", f"* FROM CLIP NAME: {n}")]
    timeline, _ = read(*lines)
    assert [clip.name for clip in timeline.find_clips()] == list("01234")


def test_many_transitions_of_one_number_take_no_longer(read: Any) -> None:
    lines = [f"0 {'AB'[n % 2]} V {'D 1' if n else 'C'} {n} {n + 2} {2 * n} {2 * n + 2}" for n in range(10_000)]
    started = time.process_time()
    timeline, _ = read(*lines)
    assert len(row(timeline)) == 19_999 and time.process_time() - started < 10


def test_bad_lines_are_told_with_their_number_and_the_rest_is_read(read: Any) -> None:
    timeline, notes = read(
        A,
        "002  A        V     C        00:00:06:00 00:00:07:00 00:00:01:00",
        "003  A        V     C        00:99:06:00 00:00:07:00 00:00:01:00 00:00:02:00",
        "004  A        V     X        00:00:06:00 00:00:07:00 00:00:01:00 00:00:02:00",
        "005  A        TX1   C        00:00:06:00 00:00:07:00 00:00:01:00 00:00:02:00",
        "M2   A        fast",
        "AUD  all",
        event(6, "A", "8+00 9+00 2+00 3+00"),
    )
    assert row(timeline) == [("A", 125, 25), ("gap", 25), ("A", 200, 25)]
    assert [note.partition(";")[0] for note in notes] == [
        "2 lines: it has no time where one must be", "1 line: it is no cut, dissolve, wipe or key",
        "1 line: what it records is no picture and no sound",
        "1 line: it has no speed: an M2 line has a reel, frames per second and a time",
        "1 line: it names no sound channel",
    ]  # fmt: skip
    assert "(3: '002  A  " in notes[0] and ", 4: '003  A  " in notes[0]


def test_long_lines_take_no_longer(read: Any) -> None:
    """Blanks and brackets by the ten thousand, where a pattern could look again and again."""
    blanks, many = " " * 50_000, "(REEL A1 " * 10_000
    started = time.process_time()
    timeline, _ = read(
        A,
        f"M2 A{blanks}x",
        f"* AUDIO LEVEL AT 00:00:05:00 IS 1 DB {many}",
        f"FINAL CUT PRO REEL: A{blanks}REPLACED",
        f"* FROM CLIP: {'.[1-' * 20_000}",
        f"* LOC: 00:00:00:05{blanks}\x00",
        f"* ASC_SOP {'(1 1 ' * 20_000}",
        f"002 {many} C 1 2",
    )
    assert media_names_of(timeline.find_clips()[0]) and time.process_time() - started < 5


def test_of_several_lists_the_first_with_pictures_is_read(read: Any) -> None:
    sound, second = event(1, "S", "0+00 1+00 0+00 1+00", channels="A"), event(1, "B", "0+00 1+00 0+00 1+00")
    timeline, notes = read(
        sound, "TITLE: two", A, "TITLE: two", event(2, "A", "6+00 7+00 1+00 2+00"), "TITLE: 3", second
    )
    assert timeline.name == "two" and row(timeline) == [("A", 125, 25), ("A", 150, 25)]
    assert notes == ["The file holds 3 lists; 'two' was read, 'cut', '3' not."]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("TITLE: nothing\n* only a comment\n", "no event"),
        (
            "TITLE: bad\n001  A  V  C  00:00:00:00 xx 00:00:00:00 yy\n",
            "it has no time where one must be; it is left out (2: ",
        ),
    ],
)
def test_nothing_readable_is_refused(text: str, words: str, read: Any) -> None:
    with pytest.raises(InputError, match="cannot be read as a timeline") as caught:
        read(raw=text.encode())
    assert words in caught.value.why and caught.value.fix


def test_levels_of_sound_lie_on_its_clip(read: Any) -> None:
    """In dB at frames of the media, for the channel that the comment names."""
    timeline, _ = read(
        event(1, "AX", "5+00 6+00 0+00 1+00", channels="AA/V"),
        "* FROM CLIP NAME: talk.mov",
        "* AUDIO LEVEL AT 00:00:04:00 IS -6.00 DB  (REEL AX A1)",
        "* AUDIO LEVEL AT 00:00:05:05 IS 1.5 DB  (REEL AX A1)",
        "* AUDIO LEVEL AT 00:00:04:00 IS -0.00 DB  (REEL AX A2)",
    )
    first, second = (track[0].metadata["cmx_3600"] for track in timeline.audio_tracks())
    assert [list(level) for level in first["levels"]] == [[100, -6.0], [130, 1.5]] and first["channel"] == 1
    assert "levels" not in second and second["channel"] == 2
