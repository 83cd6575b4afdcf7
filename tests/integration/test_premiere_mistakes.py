"""The strict Premiere has teeth: each of these mistakes of a panel shows in what it then plays, or is refused."""

from __future__ import annotations

import shutil

import pytest

import documents as make
from hosts.placed import agrees
from hosts.premiere_node import FOLDER, PANEL, placed, plan_of, run, scenario
from panscan.timeline.cut import read_cut

MOVE = ((0, 1.777778, 811.1111, 0.0), (40, 2.4, 324.0, 240.0))
OTHER = ((0, 2.0, -300.0, 10.0), (15, 2.2, 200.0, -10.0), (40, 2.0, 200.0, 10.0))

POINT = "new ppro.PointF(x, position.y[number])"
OVERLAP = "  return best;\n}\n\n/**\n * The planned clip"
CLONE = "(compound) => compound.addAction(sequence.createCloneAction())"
EARLY = "((made) => (compound) => compound.addAction(made))(sequence.createCloneAction())"
SEQUENCE = "const sequence = () => project.getSequence(guid);"
MATCH = "(await component.getMatchName()) === MATCH_NAME"
REMOVE = "compound.addAction(param.createRemoveKeyframeRangeAction(old[0], end));"

# What is wrong: (part, the right code, the wrong code).
MISTAKES = {
    "positions in pixels": ("motion", POINT, "new ppro.PointF(1080 * x, 1920 * position.y[number])"),
    "a list for a point": ("motion", POINT, "[x, position.y[number]]"),
    "keys in the time of the sequence": (
        "match",
        OVERLAP,
        OVERLAP.replace("return best", "return { ...best, clockTicks: item.startTicks - item.inTicks }"),
    ),
    "the number that the typings have for linear": ("motion", "ppro.Constants.InterpolationMode.LINEAR", "2"),
    "curves between keys": ("motion", 'if (steps.includes("lines"))', "if (false)"),
    "the English name of Motion": ("motion", MATCH, '(await component.getDisplayName()) === "Motion"'),
    "a parameter by another place": ("motion", "const SCALE = 1;", "const SCALE = 2;"),
    "an action without the lock": ("transact", "project.lockedAccess(() => {", "((work) => work())(() => {"),
    "an action from before its transaction": ("sequence", CLONE, EARLY),
    "a wait inside a transaction": ("transact", "project.executeTransaction((", "project.executeTransaction(async ("),
    "a reference from before a transaction": (
        "apply",
        SEQUENCE,
        "const kept = project.getSequence(guid);\n  const sequence = () => kept;",
    ),
    "the size is never set": ("apply", "return resize(project, copy, plan.canvas_px);", "return copy;"),
    "old keys stay": ("motion", REMOVE, ""),
    "the editor's own sequence": ("apply", "await copyOf(project, active, ", "(active, "),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_of_the_panel_shows(mistake, tmp_path) -> None:
    """Two uses of one shot, of which the second lies elsewhere in the sequence, under a plan that replaces another."""
    part, right, wrong = MISTAKES[mistake]
    copy = shutil.copytree(PANEL, tmp_path / "panel")
    path = copy / "js" / f"{part}.js"
    text = path.read_text()
    assert text.count(right) == 1
    timeline = make.timeline((5, 45, make.framing(MOVE)), (5, 45, make.framing(OTHER)))
    before = make.timeline((5, 45, make.framing(OTHER)), (5, 45, make.framing(MOVE)))

    def agrees_twice() -> None:
        steps = ({"plan": plan_of(before)}, {"mode": "update"})
        told = run("premiere_run.js", scenario(timeline, *steps, panel=str(copy)))
        original, made = told["sequences"]
        agrees(placed(made["shown"]), read_cut(timeline, folder=FOLDER))
        assert not any(original["keys"][0][0]) and set(made["modes"]) == {0}

    agrees_twice()
    path.write_text(text.replace(right, wrong))
    with pytest.raises((AssertionError, ValueError)):
        agrees_twice()
