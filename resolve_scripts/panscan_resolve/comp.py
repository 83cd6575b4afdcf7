"""Clips that move: a Fusion comp with a Background of the canvas's size and a Merge whose Size and Center are keyed.

Resolve has no script call for keys of the Inspector.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from panscan_resolve.host import Remote, ScriptError, Session, as_list, is_close, parse_rows
from panscan_resolve.plan import Plan

if TYPE_CHECKING:
    from fusionscript import TimelineItem

NAME = "Panscan"  # of our comp, by which it is known again
_ANYWHERE = -32768  # as a tool's position: Fusion places the tool itself


@dataclass
class _CompTools:
    """Tools of a comp that get values.

    Attributes
    ----------
    backgrounds : list of (tool, size)
        Background tools and their sizes in px.
    cameras : list
        A Merge per cell that shows the media through its camera.
    places : list
        A Merge per cell that lays it on the canvas; none where one cell is the whole canvas.
    """

    backgrounds: list[tuple[Remote, Sequence[int]]] = field(default_factory=list)
    cameras: list[Remote] = field(default_factory=list)
    places: list[Remote] = field(default_factory=list)


def add(session: Session, item: TimelineItem, plan: Plan, clip: Mapping[str, Any]) -> None:
    """Add our comp to a clip. Its first visible frame is the start of the comp's render range, seldom zero.

    Raises
    ------
    ScriptError
        Resolve has no comp for it, or did not keep a key.
    """
    comp: Remote = item.AddFusionComp()
    if comp is None:
        raise ScriptError("Resolve could not add a Fusion comp")
    item.RenameFusionCompByName(as_list(item.GetFusionCompNameList())[-1], NAME)
    session.wait()
    start = float(comp.GetAttrs()["COMPN_RenderStart"])
    comp.Lock()
    try:
        built = _build(comp, plan["canvas_px"], clip["fusion"])
    finally:
        comp.Unlock()
    comp.StartUndo("Panscan")
    try:
        _fill(comp, built, clip["fusion"], start)
    finally:
        comp.EndUndo(True)
    session.wait()
    _read_back(built, clip["fusion"], start)


def remove(session: Session, item: TimelineItem, kept: int) -> None:
    """Take away comps beyond the first `kept` ones: ours, and one that a broken run left unnamed."""
    for name in reversed(as_list(item.GetFusionCompNameList())[kept:]):
        item.DeleteFusionCompByName(name)
        session.wait()


def _by_kind(comp: Remote, kind: str) -> Remote:
    for tool in as_list(comp.GetToolList(False)):
        if tool.GetAttrs()["TOOLS_RegID"] == kind:
            return tool
    raise ScriptError(f"the clip's comp has no {kind}")


def _build(comp: Remote, canvas: Sequence[int], fusion: Mapping[str, Any]) -> _CompTools:
    """The tools and their wires. Nothing here is a value, so it may happen under Lock."""
    built = _CompTools()
    source, output = _by_kind(comp, "MediaIn"), _by_kind(comp, "MediaOut")
    shown: Remote = None

    def background(size: Sequence[int]) -> Remote:
        tool = comp.AddTool("Background", _ANYWHERE, _ANYWHERE)
        built.backgrounds.append((tool, size))
        return tool

    def merge(under: Remote, over: Remote) -> Remote:
        tool = comp.AddTool("Merge", _ANYWHERE, _ANYWHERE)
        tool.ConnectInput("Background", under)
        tool.ConnectInput("Foreground", over)
        return tool

    if not fusion["is_whole"]:
        shown = background(canvas)
    for cell in fusion["cells"]:
        camera = merge(background(cell["size_px"]), source)
        built.cameras.append(camera)
        if fusion["is_whole"]:
            shown = camera
        else:
            shown = merge(shown, camera)
            built.places.append(shown)
    output.ConnectInput("Input", shown)
    return built


def _fill(comp: Remote, built: _CompTools, fusion: Mapping[str, Any], start: float) -> None:
    """Values and keys. Never under Lock: they would read back right and render as if they were not there."""
    red, green, blue = fusion["background_rgb"]
    for tool, (width, height) in built.backgrounds:
        values = {"UseFrameFormatSettings": 0, "Width": width, "Height": height}
        levels = {"TopLeftRed": red, "TopLeftGreen": green, "TopLeftBlue": blue, "TopLeftAlpha": 1}
        for name, value in {**values, **levels}.items():
            tool.SetInput(name, value)
    for number, (camera, cell) in enumerate(zip(built.cameras, fusion["cells"], strict=True)):
        if len(parse_rows(cell["size"])) > 1:
            # Attached first: keys of a loose modifier are ignored.
            camera.Size = comp.BezierSpline({})
            _spline(comp, camera, "Size").SetKeyFrames(_keys(cell["size"], start), True)
            # A point is moved by a path; a spline would be accepted and stand still.
            camera.Center = comp.XYPath({})
            path = camera.Center.GetConnectedOutput().GetTool()
            _spline(comp, path, "X").SetKeyFrames(_keys(cell["x"], start), True)
            _spline(comp, path, "Y").SetKeyFrames(_keys(cell["y"], start), True)
        else:
            camera.SetInput("Size", parse_rows(cell["size"])[0][1])
            camera.SetInput("Center", {1: parse_rows(cell["x"])[0][1], 2: parse_rows(cell["y"])[0][1]})
        if built.places:
            built.places[number].SetInput("Size", 1)
            built.places[number].SetInput("Center", {1: cell["place"][0], 2: cell["place"][1]})


def _spline(comp: Remote, owner: Remote, name: str) -> Remote:
    """The spline behind an input, made if there is none."""
    source = getattr(owner, name).GetConnectedOutput()
    if source is None:
        setattr(owner, name, comp.BezierSpline({}))
        source = getattr(owner, name).GetConnectedOutput()
    return source.GetTool()


def _keys(text: str, shift: float) -> dict[float, dict[Any, Any]]:
    """Keys of the plan, `shift` frames later: value and absolute handles on a straight line."""
    return {
        frame + shift: {1: value, "LH": {1: lh_frame + shift, 2: lh}, "RH": {1: rh_frame + shift, 2: rh}}
        for frame, value, lh_frame, lh, rh_frame, rh in parse_rows(text)
    }


def _read_back(built: _CompTools, fusion: Mapping[str, Any], start: float) -> None:
    for camera, cell in zip(built.cameras, fusion["cells"], strict=True):
        columns = zip(parse_rows(cell["size"]), parse_rows(cell["x"]), parse_rows(cell["y"]), strict=True)
        for (frame, size, *_), (_, x, *_), (_, y, *_) in columns:
            center = camera.GetInput("Center", start + frame)
            if not (
                is_close(camera.GetInput("Size", start + frame), size)
                and is_close(center[1], x)
                and is_close(center[2], y)
            ):
                raise ScriptError(f"Fusion did not keep the key at frame {frame:g}")
