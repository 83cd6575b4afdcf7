"""Who holds the floor: a turn too short to be shown goes to the neighbour that is heard more in it."""

from __future__ import annotations

import numpy as np
import pytest

from panscan.direct.turns import Turn, find_turns

STEP_S = 0.1


def heard(*parts):
    """Probabilities (k, n) of parts: seconds, and each person's probability."""
    return np.concatenate([np.tile(np.array(likely, float), (round(s / STEP_S), 1)) for s, likely in parts])


@pytest.mark.parametrize(
    ("before", "after", "edge_s"),
    [(0.1, 0.3, 5.0), (0.3, 0.1, 6.4)],
    ids=["the next one speaks into it", "the one before goes on in it"],
)
@pytest.mark.parametrize("flipped", [False, True])
def test_a_short_turn_goes_to_the_neighbour_who_speaks_more_in_it(before, after, edge_s, flipped):
    """Person 1 puts in 1.4 s, while one neighbour is heard too: their turn takes it over, on whichever side."""
    table = heard((5.0, [0.95, 0.05, 0.05]), (1.4, [before, 0.95, after]), (5.0, [0.05, 0.05, 0.95]))
    edge, whole = round(edge_s / STEP_S), len(table)
    expected = [Turn(0, edge, 0), Turn(edge, whole, 2)]
    if flipped:
        table, expected = table[::-1], [Turn(0, whole - edge, 2), Turn(whole - edge, whole, 0)]
    assert find_turns(table, STEP_S, min_hold_s=0.0)[1].who == 1, "it would be a turn of its own, were it not too short"
    assert find_turns(table, STEP_S) == expected


def test_of_several_short_turns_the_shortest_goes_first():
    """The longer one grows by it and is then long enough to stay."""
    table = heard((5.0, [0.99, 0.0, 0.0]), (1.4, [0.0, 0.99, 0.0]), (1.2, [0.0, 0.3, 0.99]), (5.0, [0.99, 0.0, 0.0]))
    assert [turn.who for turn in find_turns(table, STEP_S, min_hold_s=0.0)] == [0, 1, 2, 0]
    assert find_turns(table, STEP_S) == [Turn(0, 50, 0), Turn(50, 76, 1), Turn(76, 126, 0)]


def test_at_the_ends_there_is_one_neighbour():
    table = heard((1.2, [0.0, 0.95]), (5.0, [0.95, 0.0]), (1.2, [0.0, 0.95]))
    assert find_turns(table, STEP_S) == [Turn(0, 74, 0)]
