"""What a layout is asked and what it answers; and which layout a shot gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from panscan import registry
from panscan.direct.shot_context import MethodResult, ShotContext
from panscan.errors import unknown_name
from panscan.model.geometry import Size
from panscan.model.plan import CellPlan


@dataclass(frozen=True, slots=True, eq=False)
class LayoutInput:
    """One shot that needs a layout.

    Attributes
    ----------
    context : ShotContext
        The shot.
    choice : MethodResult
        What the method chose of it.
    canvas : Size
    is_forced : bool
        The user asks for this layout alone: it is used wherever it is possible at all.
    """

    context: ShotContext
    choice: MethodResult
    canvas: Size
    is_forced: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The canvas, divided.

    Attributes
    ----------
    name : str
    cells : tuple of CellPlan
        Its cells with their aims, in drawing order.
    why : str
        What led to it; empty where that is plain.
    background : str
        What shows around a picture that does not fill its cell.
    shows : str
        Who or what is shown in place of what the method chose, in words; empty where it is that.
    """

    name: str
    cells: tuple[CellPlan, ...]
    why: str = ""
    background: str = "black"
    shows: str = ""


def choose_layout(context: ShotContext, choice: MethodResult, canvas: Size, allowed: Sequence[str]) -> Layout:
    """The layout of one shot.

    Parameters
    ----------
    context, choice : what there is, and what the method chose of it
    canvas : Size
    allowed : sequence of str
        Names, tried in turn, but "single", which is always possible, last; "auto" stands for all. A layout that is
        the only name is forced: it is used wherever it is possible at all. Where none is, the shot is shown in one
        cell, and says so.

    Raises
    ------
    UsageError
        A name is unknown.
    """
    known = registry.names("layouts")
    names = [name for entry in allowed for name in (known if entry == "auto" else (entry,))]
    insisted = len(names) == 1
    for name in sorted(dict.fromkeys(names), key=lambda name: name == "single"):
        if name not in known:
            raise unknown_name("layout", name, ("auto", *known))
        laid: Layout | None = registry.load("layouts", name)(LayoutInput(context, choice, canvas, insisted))
        if laid is not None:
            return laid
    single: Layout = registry.load("layouts", "single")(LayoutInput(context, choice, canvas, True))
    if "single" in names:
        return single
    return Layout(single.name, single.cells, f"{' and '.join(names)} cannot be made of this shot")
