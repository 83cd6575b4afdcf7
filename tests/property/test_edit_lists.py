"""Random cuts, written as edit lists by rules of their own, and read back: each track shows what the cut shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from panscan.errors import PanscanError
from panscan.ingest.edl.reader import parse_edl, read_edl
from panscan.model.time import frames_to_timecode, nominal_rate

NTSC = Fraction(30000, 1001)
# Rate, whether record and sources count drop frame, and whether times say so by their sign or by the code mode.
CLOCKS = st.sampled_from(
    [(Fraction(24), False, False), (Fraction(25), False, False), (Fraction(30), True, True), (NTSC, False, False),
     (NTSC, True, True), (NTSC, True, False), (Fraction(60000, 1001), True, True)]
)  # fmt: skip
# What a track shows at a frame: reel and media frame, or None.
Shown = tuple[str, int] | None


@dataclass(frozen=True)
class Thing:
    """A piece of a track: a clip, black or nothing; `length`: of the transition that leads to it; `code`: its kind."""

    reel: str
    first: int
    count: int
    speed: int
    length: int
    code: str

    def at(self, frame: int) -> Shown:
        """What it shows so many frames after its start."""
        return None if self.reel in ("", "BL") else (self.reel, self.first + frame * self.speed)


THINGS = st.builds(
    Thing,
    reel=st.sampled_from(["A", "B", "REEL_C", "BL", ""]),
    first=st.integers(1000, 90_000),
    count=st.integers(2, 40),
    speed=st.sampled_from([1, 1, 1, 2, 0, -1]),
    length=st.sampled_from([0, 0, 1, 5, 12]),
    code=st.sampled_from(["D", "W003"]),
)
TRACKS = st.dictionaries(
    st.sampled_from(["V", "V2", "A", "A2"]), st.lists(THINGS, min_size=1, max_size=6), min_size=1, max_size=4
)


@dataclass(frozen=True)
class Stamps:
    """Writes times."""

    rate: Fraction
    drop: bool
    signs: bool

    def __call__(self, frames: int) -> str:
        text = frames_to_timecode(frames, self.rate, drop=self.drop)
        return text if self.signs else text.replace(";", ":")


def written(tracks: dict[str, list[Thing]], start: int, stamps: Stamps) -> list[list[str]]:
    """The events of a cut, each with its lines."""
    events = []
    for channel, things in tracks.items():
        record, before = start, None
        for thing in things:
            if thing.reel:
                events.append(list(_event(channel, thing, before, record, stamps)))
            before = thing if thing.reel else None
            record += thing.count
    return events


def _event(channel: str, thing: Thing, before: Thing | None, record: int, stamps: Stamps) -> Iterator[str]:
    ends = f"{stamps(record)} {stamps(record + thing.count)}"
    used = max(thing.count * abs(thing.speed), 1)
    low = thing.first - (used - 1 if thing.speed < 0 else 0)
    edit = "C       "
    if _has_transition(thing):
        edit = f"{thing.code:<4} {thing.length:03d}"
        here = stamps(record)
        reel, left = ("BL", 0) if before is None or before.reel == "BL" else (before.reel, _end(before))
        yield f"%s  {reel:<8} {channel:<5} C        {stamps(left)} {stamps(left)} {here} {here}"
    yield f"%s  {thing.reel:<8} {channel:<5} {edit} {stamps(low)} {stamps(low + used)} {ends}"
    if thing.speed != 1 and thing.reel != "BL":
        fps = f"{float(thing.speed * nominal_rate(stamps.rate)):06.1f}"
        yield f"M2   {thing.reel:<8} {fps} {stamps(low).replace(';', ':')}"


def _has_transition(thing: Thing) -> bool:
    return bool(thing.length) and thing.length <= thing.count


def _end(thing: Thing) -> int:
    return thing.first + thing.count * thing.speed


def expected(things: list[Thing]) -> tuple[list[Shown], list[tuple[int, int]]]:
    """What a track shows on each frame, and its transitions: where they begin and how long they last."""
    shown: list[Shown] = []
    transitions = []
    for thing in things:
        if thing.reel and _has_transition(thing):
            transitions.append((len(shown), thing.length))
        shown += [thing.at(frame) for frame in range(thing.count)]
    return shown, transitions


def found(track: Any) -> tuple[list[Shown], list[tuple[int, int]]]:
    """The same of a track that was read."""
    shown: list[Shown] = []
    transitions = []
    for child in track:
        if isinstance(child, otio.schema.Transition):
            assert child.in_offset.value == 0
            transitions.append((len(shown), round(child.out_offset.value)))
            continue
        used, speed = child.source_range, 1
        for effect in getattr(child, "effects", ()):
            speed = round(effect.time_scalar)
        for frame in range(round(used.duration.value)):
            reel = child.metadata["cmx_3600"]["reel"] if isinstance(child, otio.schema.Clip) else ""
            shown.append((reel, round(used.start_time.value) + frame * speed) if reel else None)
    return shown, transitions


def _without_silence(shown: list[Shown], length: int = 0) -> list[Shown]:
    while len(shown) > length and shown[-1] is None:
        shown = shown[:-1]
    return shown


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lists")


@given(tracks=TRACKS, start=st.integers(0, 200_000), clock=CLOCKS, dice=st.randoms(use_true_random=False))
@settings(max_examples=250, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_random_cut_is_read_back(
    tracks: dict[str, list[Thing]], start: int, clock: tuple[Fraction, bool, bool], dice: Any, folder: Path
) -> None:
    """In any order of its events."""
    rate, drop, signs = clock
    events = written(tracks, start, Stamps(rate, drop, signs))
    assume(events)
    dice.shuffle(events)
    lines = ["TITLE: random", f"FCM: {'DROP' if drop else 'NON-DROP'} FRAME"]
    lines += [line.replace("%s", f"{n:03d}", 1) for n, event in enumerate(events, 1) for line in event]
    path = folder / "random.edl"
    path.write_text("\n".join(lines) + "\n")
    timeline, notes = parse_edl(read_edl(path), rate)
    assert notes == []
    first = round(timeline.global_start_time.value) - start
    for channel, things in tracks.items():
        name = channel if channel != "A" else "A1"
        shown, transitions = expected(things)
        listed = [track for track in timeline.tracks if track.name == name]
        if not listed:
            assert not any(thing.reel for thing in things)
            continue
        read_shown, read_transitions = found(listed[0])
        read_shown = [None] * first + read_shown
        assert _without_silence(read_shown) == _without_silence(shown)
        assert [(at + first, length) for at, length in read_transitions] == transitions


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            ["TITLE: x", "FCM: DROP FRAME", "AUD 3", "M2 A 050.0 00:00:01:00", "SPLIT: AUDIO DELAY= 00:00:00:05",
             "* FROM CLIP NAME: a", "* TO CLIP NAME: b", "* LOC: 00:00:00:05 RED x", "* FREEZE FRAME",
             "001 A V C 00:00:01:00 00:00:02:00 00:00:00:00 00:00:01:00",
             "001 B V D 010 00:00:01:00 00:00:02:00 00:00:00:00 00:00:01:00",
             "002 BL V C 00:00:01:00 00:00:01:00 00:00:01:00 00:00:01:00",
             "002 C B W001 025 00:00:01:00 00:00:02:00 00:00:01:00 00:00:02:00",
             "003 C V K B 00:00:01:00 00:00:02:00 00:00:01:10 00:00:02:10",
             "003 D V K 000 00:00:01:00 00:00:02:00 00:00:01:10 00:00:02:10",
             "004 E AA C 23:59:59:00 00:00:01:00 23:59:59:00 00:00:01:00", "5 F V C 1 2 3 4",
             "* SOURCE FILE: c"]
        ),
        st.text(max_size=60),
    ),
    max_size=25,
)  # fmt: skip


@given(lines=LINES, rate=st.sampled_from([Fraction(1), Fraction(25), NTSC, Fraction(60), Fraction(1000)]))
@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_lines_end_in_a_timeline_or_a_reason(lines: list[str], rate: Fraction, folder: Path) -> None:
    path = folder / "any.edl"
    path.write_text("\n".join(["TITLE: any", *lines]), encoding="utf-8", errors="replace")
    try:
        timeline, _ = parse_edl(read_edl(path), rate)
    except PanscanError as error:
        assert error.what and error.why and error.fix
    else:
        for track in timeline.tracks:
            assert all(child.duration().value > 0 for child in track if not isinstance(child, otio.schema.Transition))
        assert otio.adapters.read_from_string(timeline.to_json_string(), "otio_json").is_equivalent_to(timeline)
