"""Faults between movie and timeline: it was edited after the movie was rendered, or another one was rendered."""

from __future__ import annotations

from dataclasses import replace

from faults import edits
from faults.edits import Edit
from faults.fault import Fault, Plant

FAST = ("three shots", "dissolves")
SORTS = ("three shots", "variable rate made constant", "10 bit", "split")
EVERYWHERE = ("still camera", "slow pan", "nearly still picture", "dark", "split", "29.97", "variable rate", "10 bit")


def _edited(edit: Edit) -> Plant:
    """The honest movie, judged by an edited timeline."""
    return lambda s, _t: replace(s, timeline=edit(s.timeline))


def _rendered(edit: Edit) -> Plant:
    """The movie of an edited timeline, judged by the right one."""
    return lambda s, t: replace(s, movie=s.render(edit(s.timeline), t))


ONE_CELL = "the others have one cell"
NO_CUT = "the others have no cut between shots"

FAULTS = (
    Fault("crop 2 px aside", _edited(lambda t: edits.moved(t, 2)), "position", EVERYWHERE),
    Fault("crop 2 px aside, rendered", _rendered(lambda t: edits.moved(t, 2)), "position", SORTS),
    Fault("crop 2 % too narrow", _edited(lambda t: edits.zoomed(t, 1.02)), "position", EVERYWHERE),
    Fault("cells swapped", _edited(edits.swapped_cells), "position", ("split", "three shots"), why=ONE_CELL),
    Fault("camera one frame late", _edited(lambda t: edits.late(t, 1)), "camera", FAST, why="others are slower"),
    Fault("pictures of one frame later", _edited(lambda t: edits.slipped(t, 1)), "moment", FAST[1:], why=NO_CUT),
    Fault("cut one frame late", _edited(lambda t: edits.rolled(t, 0, 1)), "cuts", FAST[:1], why=NO_CUT),
    Fault("cut one frame early", _edited(lambda t: edits.rolled(t, 1, -1)), "cuts", FAST[:1], why=NO_CUT),
)
