"""Movies of every shape: panscan reads what an independent reader reads, and what it makes shows the same at each time.

All of panscan runs in a process of its own, which a native library may end.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

import independent_reader
import media_shapes
from apart import Apart, Ended
from independent_reader import Reading, Sound

# "test/shape" -> what is wrong today. Whoever mends one deletes its line: the test fails until they do.
KNOWN_WRONG: dict[str, str] = {}

TIME_S = 0.0021  # times in milliseconds, as Matroska has them, round twice
BROKEN_PICTURES = 3  # more or fewer may come out of a damaged stretch
COPIED_SOUND_S = 0.001
OPUS_LEAD_IN_S = 0.0075  # versions of libav count it in or not
MADE_SOUND_S = 0.05  # sound that is encoded anew: a frame of the encoder and its lead-in
READABLE = [name for name, shape in media_shapes.SHAPES.items() if not shape.refused]


@dataclass(frozen=True)
class Bench:
    """Movies, each made and read once, and a process to run panscan in."""

    folder: Path
    apart: Apart
    readings: dict[Path, Reading]

    def movie(self, name: str) -> Path:
        return media_shapes.made(name, self.folder)

    def reading(self, path: Path) -> Reading:
        if path not in self.readings:
            self.readings[path] = independent_reader.read(path)
        return self.readings[path]


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Apart() as apart:
        yield Bench(tmp_path_factory.mktemp("shapes"), apart, {})


def cases(test: str, names: list[str]) -> list[object]:
    """A test's shapes; the known wrong ones are expected to fail."""
    return [
        pytest.param(
            name, marks=[pytest.mark.xfail(reason=wrong)] if (wrong := KNOWN_WRONG.get(f"{test}/{name}")) else []
        )
        for name in names
    ]


def went_well(ended: Ended) -> Ended:
    assert not ended.died, (ended.died, ended.where)
    assert not ended.traceback, ended.traceback
    return ended


def test_there_are_enough_shapes_and_every_known_fault_has_one() -> None:
    assert len(media_shapes.SHAPES) >= 60
    tests = ("read", "sound", "made", "refused")
    assert {*KNOWN_WRONG} <= {f"{test}/{name}" for test, name in itertools.product(tests, media_shapes.SHAPES)}


# --- what is read


@pytest.mark.parametrize("name", cases("read", READABLE))
def test_read_as_an_independent_reader_does(name: str, bench: Bench) -> None:
    shape, truth = media_shapes.SHAPES[name], bench.reading(bench.movie(name))
    ended = went_well(bench.apart.do("panscan_reader:facts", path=str(bench.movie(name))))
    assert ended.code == 0, ended.err
    found = ended.value
    assert tuple(found["size"]) == truth.size
    if shape.damaged:
        # How many pictures of a broken stretch decode is each decoder's business.
        assert abs(len(found["times_s"]) - len(truth.times_s)) <= BROKEN_PICTURES
    else:
        assert found["times_s"] == pytest.approx(truth.times_s, abs=TIME_S)
        assert found["frames"] == found["grid"] and not any(found["combed"])
    times_s = dict(zip(found["grid"], found["times_s"], strict=True))
    shown = [(times_s.get(n), at) for n, at in zip(found["frames"], found["numbers"], strict=True)]
    assert wrong_pictures(shown, truth, damaged=shape.damaged) == []
    if truth.last_s and not shape.damaged:  # of a file that is cut off, the header promises more
        frame_s = 1 / found["rate"]
        assert (found["frame_count"] - found["grid"][-1]) * frame_s == pytest.approx(truth.last_s, abs=frame_s)


@pytest.mark.parametrize("name", cases("sound", [name for name in READABLE if name != "silent"]))
def test_sound_is_described_as_an_independent_reader_does(name: str, bench: Bench) -> None:
    truth = bench.reading(bench.movie(name))
    ended = went_well(bench.apart.do("panscan_reader:sounds", path=str(bench.movie(name))))
    assert ended.code == 0, ended.err
    assert [tuple(s[:3]) for s in ended.value] == [(s.codec, s.channels, s.rate_hz) for s in truth.sounds]
    for (_, _, _, start_s), sound in zip(ended.value, truth.sounds, strict=True):
        allowed_s = OPUS_LEAD_IN_S if sound.codec == "opus" else COPIED_SOUND_S
        assert start_s == pytest.approx(sound.start_s - truth.first_s, abs=allowed_s)


def wrong_pictures(
    shown: Sequence[tuple[float | None, int | None]], truth: Reading, *, damaged: bool
) -> list[tuple[float | None, int | None, int | None]]:
    """(time, number, right number) of what is shown at a wrong time.

    Of a damaged movie what does not decode may be anything, and what decodes here and not there is right where its
    number is that of its time.
    """
    wide = 2 if any(truth.combed) else 1  # two fields make one picture, which shows either
    wrong = []
    for at_s, number in shown:
        right = None if at_s is None else truth.number_at(at_s)
        if number is not None and right is not None and number // wide == right // wide:
            continue
        counted = round((at_s or 0) * media_shapes.RATE) + (truth.numbers[0] or 0)
        if not (damaged and (number is None or right is None or number == counted)):
            wrong.append((at_s, number, right))
    return wrong


# --- what is made


@pytest.mark.parametrize("name", cases("made", READABLE))
def test_reframed_end_to_end(name: str, bench: Bench) -> None:
    shape, source = media_shapes.SHAPES[name], bench.movie(name)
    folder = bench.folder / "made"
    command = ["reframe", source, "-r", "9:16", "--canvas", "90x160", "--layouts", "single", "--to", "otio"]
    ended = went_well(bench.apart.panscan(*command, "--render", "--json", "-o", folder / name))
    assert ended.code == 0, ended.err
    (result,) = json.loads(ended.out)
    truth, made = bench.reading(source), independent_reader.read(Path(result["movie"]))
    assert made.size == (90, 160) and made.field_order == "P"
    assert shape.damaged or not any(made.combed)  # what a decoder guesses may look like anything
    shows_the_same(made, truth, damaged=shape.damaged)
    assert min([made.first_s, *(sound.start_s for sound in made.sounds)]) == pytest.approx(0, abs=MADE_SOUND_S)
    if truth.sounds:
        sounds_the_same(made, truth)
    # What was guessed, and lines made from one field, are told.
    told = {"DELIVERED_WITH_QUALITY_FLAGS"} if shape.damaged or any(truth.combed) else set()
    assert result["verdict"] in {"VERIFIED", *told}, [f for f in result["report"]["findings"] if f["verdict"] != "pass"]


def shows_the_same(made: Reading, truth: Reading, *, damaged: bool) -> None:
    """At each time the picture that the source shows then; as many as the source has, unless it is damaged."""
    if not damaged:
        assert made.times_s == pytest.approx(truth.times_s, abs=TIME_S)
    assert wrong_pictures(list(zip(made.times_s, made.numbers, strict=True)), truth, damaged=damaged) == []
    step_s = truth.times_s[-1] / max(1, len(truth.times_s) - 1)
    is_said = truth.last_s > 0 and not damaged
    assert made.times_s[-1] + made.last_s == pytest.approx(
        truth.times_s[-1] + (truth.last_s if is_said else step_s), abs=TIME_S if is_said else 1.5 * step_s
    )


def sounds_the_same(made: Reading, truth: Reading) -> None:
    """Copied packets keep their distance from the first picture exactly."""
    heard, source = made.sounds[0], truth.sounds[0]
    # MP4 holds no more than eight channels without a layout; they are mixed, which is told.
    assert heard.channels == (source.channels if source.channels != 24 else 2)
    offsets = copied_offsets(heard, source, made.first_s - truth.first_s)
    assert bool(offsets) == (heard.codec == source.codec)  # nothing is encoded anew in the same codec
    if offsets:
        assert max(map(abs, offsets)) <= COPIED_SOUND_S
    else:
        assert heard.start_s - made.first_s == pytest.approx(source.start_s - truth.first_s, abs=MADE_SOUND_S)


def copied_offsets(heard: Sound, source: Sound, clocks_s: float) -> list[float]:
    """How much later each packet plays that both files have."""
    return [
        heard.packets[packet] - clocks_s - at_s for packet, at_s in source.packets.items() if packet in heard.packets
    ]


# --- what is refused


@pytest.mark.parametrize("name", cases("refused", [name for name, s in media_shapes.SHAPES.items() if s.refused]))
def test_refused_with_a_way_out(name: str, bench: Bench) -> None:
    ended = went_well(bench.apart.panscan("reframe", bench.movie(name), "-o", bench.folder / "refused"))
    assert ended.code == 3 and "why:" in ended.err and "fix:" in ended.err
