"""Which shots are worth a look first."""

from types import SimpleNamespace

import pytest

import documents as make
from panscan.cli.shot_table import ShotsOfShape, print_shots
from panscan.timeline.doubts import doubts, mark_of, words_on_doubts


def framed(confidence=None, clear=0.5, seen=0.5):
    metrics = {} if confidence is None else {"confidence": confidence, "clear": clear, "seen": seen}
    return make.framing(((0, 2.0, 0.0, 0.0),), metrics=metrics)


def found(*framings):
    return doubts([SimpleNamespace(framing=framing) for framing in framings])


def test_the_least_sure_come_first_and_the_sure_not_at_all():
    assert [doubt.number for doubt in found(framed(0.4), framed(0.9), framed(0.1), framed(0.5))] == [3, 1]


def test_a_few_only():
    told = found(*(framed(0.01 * n) for n in range(20)))
    assert [doubt.number for doubt in told] == [1, 2, 3, 4, 5]


def test_timelines_without_the_figure_are_no_doubt():
    assert found(framed(), framed()) == [] and words_on_doubts([]) == "" and mark_of(framed()) == ""


@pytest.mark.parametrize(
    ("clear", "seen", "why"),
    [
        (0.1, 0.7, "another part counts about as much"),
        (0.7, 0.1, "little recognised for sure"),
        (0.2, 0.0, "nobody and nothing recognised"),
    ],
)
def test_the_reason_is_the_weaker_evidence(clear, seen, why):
    assert words_on_doubts(found(framed(0.4, clear, seen))) == f"worth a look first: shot 1 ({why})"


def test_marks():
    assert [mark_of(framed(value)) for value in (0.123, 0.5, 1.0)] == ["12% ?", "50%", "100%"]


def test_the_run_says_it(capsys, tmp_path):
    timeline = make.timeline((0, 50, framed(0.9)), (50, 100, framed(0.2, 0.1, 0.3)))
    shots = ShotsOfShape.of("9:16", timeline, tmp_path)
    print_shots([shots], verbose=True)
    told = shots.as_data()
    said = " ".join(capsys.readouterr().err.split())
    assert "note: worth a look first: shot 2 (another part counts about as much)" in said and "20% ?" in said
    assert told["confidence"] == [0.9, 0.2]
    assert told["look_first"] == [{"number": 2, "confidence": 0.2, "why": "another part counts about as much"}]
