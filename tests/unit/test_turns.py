"""Speaker turns from probabilities: who is shown, from when, and what is no turn."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from panscan.direct.turns import Turn, find_turns, speaking_elsewhere
from panscan.model.perception import Speaker

STEP_S = 0.1


def table(*parts, people=3):
    """Probabilities (k, people) and those of somebody else; a part is seconds and who speaks.

    who: a column, "else", or "" for silence; a tuple shares the voice.
    """
    rows = []
    for seconds, who in parts:
        row = np.zeros(people + 1)
        names = who if isinstance(who, tuple) else (who,)
        for name in names:
            if name != "":
                row[people if name == "else" else name] = 0.9 / len(names)
        rows += [row] * round(seconds / STEP_S)
    full = np.array(rows)
    return full[:, :people], full[:, people]


def turns(*parts, hold_s=1.5, people=3):
    """Start in seconds and person of each turn."""
    found = find_turns(*table(*parts, people=people), STEP_S, hold_s)
    assert found[0].first == 0 and all(a.end == b.first for a, b in pairwise(found))
    assert found[-1].end == sum(round(seconds / STEP_S) for seconds, _ in parts)
    return [(round(t.first * STEP_S, 3), t.who) for t in found]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([(5, 0), (5, 1)], [(0, 0), (5, 1)]),
        ([(3, 2), (3, 0), (3, 2)], [(0, 2), (3, 0), (6, 2)]),
        ([(5, 0), (0.5, 1), (5, 0)], [(0, 0)]),
        ([(5, 0), (1.2, 1), (5, 0)], [(0, 0)]),
        ([(4, 1)], [(0, 1)]),
        ([(4, "")], [(0, 0)]),
        ([(4, "else")], [(0, 0)]),
    ],
)
def test_who_speaks_is_shown(parts, expected):
    assert turns(*parts) == expected


def test_no_steps_and_no_people():
    assert find_turns(np.zeros((0, 2)), np.zeros(0), STEP_S) == []
    assert find_turns(np.zeros((5, 0)), np.ones(5), STEP_S) == []


def test_in_silence_the_last_speaker_stays_and_the_next_begins_with_the_voice():
    assert turns((5, 0), (2, ""), (5, 1)) == [(0, 0), (7, 1)]
    assert turns((5, 0), (2, ""), (5, 0)) == [(0, 0)]
    assert turns((2, ""), (5, 1)) == [(0, 1)]


def test_while_the_voice_comes_from_elsewhere_the_last_speaker_stays():
    assert turns((5, 0), (6, "else"), (5, 1)) == [(0, 0), (11, 1)]
    assert turns((6, "else"), (5, 1), (6, "else")) == [(0, 1)]


def test_weak_evidence_during_a_voice_over_is_no_turn():
    probability, elsewhere = table((5, 0), (20, "else"))
    probability[50:, 1] = 0.1
    assert [t.who for t in find_turns(probability, elsewhere, STEP_S)] == [0]


def test_the_shortest_turn_is_as_long_as_asked():
    parts = [(5, 0), (2.4, 1), (5, 0)]
    assert len(turns(*parts, hold_s=2.0)) == 3 and turns(*parts, hold_s=3.0) == [(0, 0)]


def test_two_at_once_leave_the_turn_with_the_first():
    assert turns((4, 0), (3, (0, 1)), (4, 0)) == [(0, 0)]


@pytest.mark.parametrize("step_s", [0.04, 0.1, 0.2])
def test_turns_do_not_hang_on_the_rate_of_the_steps(step_s):
    probability, elsewhere = table((5, 0), (1.2, 1), (3, 0), (4, 1), people=2)
    at = np.minimum((np.arange(0, 13.2, step_s) / STEP_S + 1e-6).astype(int), len(elsewhere) - 1)
    found = find_turns(probability[at], elsewhere[at], step_s)
    assert [t.who for t in found] == [0, 1] and found[1].first * step_s == pytest.approx(9.2, abs=step_s)


def likelihoods(*parts):
    """Probabilities (k, n) of parts: seconds, and each person's probability."""
    return np.concatenate([np.tile(np.array(likely, float), (round(s / STEP_S), 1)) for s, likely in parts])


def among(likely, **named):
    """Turns where nobody else is heard."""
    return find_turns(likely, np.zeros(len(likely)), STEP_S, **named)


@pytest.mark.parametrize(
    ("before", "after", "edge_s"),
    [(0.1, 0.3, 5.0), (0.3, 0.1, 6.4)],
    ids=["the next one speaks into it", "the one before goes on in it"],
)
@pytest.mark.parametrize("flipped", [False, True])
def test_a_short_turn_goes_to_the_neighbour_who_speaks_more_in_it(before, after, edge_s, flipped):
    """Person 1 puts in 1.4 s, while one neighbour is heard too: their turn takes it over, on whichever side."""
    table = likelihoods((5.0, [0.95, 0.05, 0.05]), (1.4, [before, 0.95, after]), (5.0, [0.05, 0.05, 0.95]))
    edge, whole = round(edge_s / STEP_S), len(table)
    expected = [Turn(0, edge, 0), Turn(edge, whole, 2)]
    if flipped:
        table, expected = table[::-1], [Turn(0, whole - edge, 2), Turn(whole - edge, whole, 0)]
    assert among(table, min_hold_s=0.0)[1].who == 1, "it would be a turn of its own, were it not too short"
    assert among(table) == expected


def test_of_several_short_turns_the_shortest_goes_first():
    """The longer one grows by it and is then long enough to stay."""
    table = likelihoods(
        (5.0, [0.99, 0.0, 0.0]), (1.4, [0.0, 0.99, 0.0]), (1.2, [0.0, 0.3, 0.99]), (5.0, [0.99, 0.0, 0.0])
    )
    assert [turn.who for turn in among(table, min_hold_s=0.0)] == [0, 1, 2, 0]
    assert among(table) == [Turn(0, 50, 0), Turn(50, 76, 1), Turn(76, 126, 0)]


def test_at_the_ends_there_is_one_neighbour():
    table = likelihoods((1.2, [0.0, 0.95]), (5.0, [0.95, 0.0]), (1.2, [0.0, 0.95]))
    assert among(table) == [Turn(0, 74, 0)]


def test_turns_are_values():
    assert find_turns(np.ones((3, 1)), np.zeros(3), STEP_S) == [Turn(0, 3, 0)]


def test_elsewhere_is_everybody_but_those_asked_for():
    heard = Speaker(
        looked=np.array([0, 2, 4]),
        offscreen=np.array([0.2, 0.0, 0.5]),
        frame=np.array([0, 0, 2, 4]),
        track=np.array([0, 7, 7, 0]),
        probability=np.array([0.5, 0.3, 1.0, 0.5]),
    )
    assert speaking_elsewhere(heard, np.array([0]), 0, 5) == pytest.approx([0.5, 1.0, 0.5])
    assert speaking_elsewhere(heard, np.array([0, 7]), 2, 5) == pytest.approx([0.0, 0.5])
    assert speaking_elsewhere(heard, np.array([9]), 0, 3) == pytest.approx([1.0, 1.0])
