"""Fusion comps of the fake Resolve.

A comp starts at its render start, not at zero; keys of a loose modifier are ignored; values written under Lock read
back right and render as if absent; a point takes paths, and stands still on a spline; splines without handles ease.
"""

from __future__ import annotations

from hosts.fusion_model import _cubic
from hosts.resolve_fake_base import Remote
from hosts.shown import whole

INPUTS = {
    "Background": {
        "UseFrameFormatSettings": 1, "Width": 0, "Height": 0, "TopLeftRed": 0, "TopLeftGreen": 0, "TopLeftBlue": 0,
        "TopLeftAlpha": 0,
    },
    "Merge": {"Size": 1, "Center": {1: 0.5, 2: 0.5}},
    "MediaIn": {}, "MediaOut": {}, "BezierSpline": {}, "XYPath": {"X": 0.5, "Y": 0.5},
}  # fmt: skip
WIRES = {"Merge": ("Background", "Foreground"), "MediaOut": ("Input",)}


class Composition(Remote):
    def __init__(self, item):
        super().__init__(item._world)
        self._item, self._locked, self._undo, self._name = item, False, False, ""
        self._tools = [Operator(self, "MediaIn"), Operator(self, "MediaOut")]
        self._tools[1]._wires["Input"] = self._tools[0]

    def GetAttrs(self):
        start = self._world.render_start
        return {"COMPN_RenderStart": start, "COMPN_RenderEnd": start + self._item._duration - 1}

    def GetToolList(self, selected):
        assert selected is False
        return dict(enumerate(self._tools, start=1))

    def Lock(self):
        self._locked = True

    def Unlock(self):
        self._locked = False

    def StartUndo(self, name):
        self._undo = True

    def EndUndo(self, keep):
        assert keep is True and self._undo
        self._undo = False

    def AddTool(self, kind, x, y):
        self._world.step()
        assert kind in INPUTS
        self._tools.append(Operator(self, kind))
        return self._tools[-1]

    def BezierSpline(self, empty):
        return Operator(self, "BezierSpline")

    def XYPath(self, empty):
        return Operator(self, "XYPath")

    def _picture(self, frame):
        return _picture(self._tools[1]._wires["Input"], frame, self._item._media._size)


class Operator(Remote):
    def __init__(self, comp, kind):
        super().__init__(comp._world)
        self._comp, self._id, self._attached = comp, kind, False
        self._values, self._rendered, self._wires, self._keys, self._drawn = {}, {}, {}, {}, {}

    def __getattribute__(self, name):
        if not name.startswith("_") and name in INPUTS[self._id]:
            return Input(self, name)
        return super().__getattribute__(name)

    def __setattr__(self, name, value):
        if name.startswith("_"):
            object.__setattr__(self, name, value)
            return
        self._world.step()
        assert name in INPUTS[self._id], f"{self._id} has no input {name}"
        assert isinstance(value, Operator), "an input takes a modifier"
        value._attached = True
        self._wires[name] = value

    def GetAttrs(self):
        return {"TOOLS_RegID": self._id}

    def ConnectInput(self, name, tool):
        self._world.step()
        assert name in WIRES[self._id] and isinstance(tool, Operator)
        self._wires[name] = tool
        return True

    def SetInput(self, name, value):
        self._world.step()
        assert isinstance(value, dict) == isinstance(INPUTS[self._id][name], dict)
        self._values[name] = value
        if not self._comp._locked:
            self._rendered[name] = value

    def SetKeyFrames(self, keys, replace):
        self._world.step()
        assert self._id == "BezierSpline" and replace is True
        if self._attached:
            self._keys = keys
            if not self._comp._locked:
                self._drawn = keys

    def GetInput(self, name, frame):
        return self._at(name, frame, "_values", "_keys")

    def _at(self, name, frame, values="_rendered", curves="_drawn"):
        default = INPUTS[self._id][name]
        modifier = self._wires.get(name)
        if modifier is not None and modifier._id == "XYPath":
            return {n: modifier._at(axis, frame, values, curves) for n, axis in ((1, "X"), (2, "Y"))}
        if modifier is not None and not isinstance(default, dict):
            keys = getattr(modifier, curves)
            return _bezier(keys, frame) if keys else default
        return getattr(self, values).get(name, default)  # a spline on a point is taken and does nothing


class Input(Remote):
    def __init__(self, tool, name):
        super().__init__(tool._world)
        self._tool, self._name = tool, name

    def GetConnectedOutput(self):
        source = self._tool._wires.get(self._name)
        return None if source is None else Output(source)


class Output(Remote):
    def __init__(self, tool):
        super().__init__(tool._world)
        self._tool = tool

    def GetTool(self):
        return self._tool


def _bezier(keys, frame):
    frames = sorted(keys)
    if frame <= frames[0]:
        return keys[frames[0]][1]
    if frame >= frames[-1]:
        return keys[frames[-1]][1]
    end = next(at for at in frames if at > frame)
    start = frames[frames.index(end) - 1]
    third = (end - start) / 3
    right = keys[start].get("RH", {1: start + third, 2: keys[start][1]})
    left = keys[end].get("LH", {1: end - third, 2: keys[end][1]})
    times, values = (start, right[1], left[1], end), (keys[start][1], right[2], left[2], keys[end][1])
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _cubic(times, middle) < frame else (low, middle)
    return _cubic(values, low)


def _picture(tool, frame, source):
    """Size of what a tool makes, and what it shows of the source, lowest first."""
    if tool._id == "MediaIn":
        return (source.width, source.height), [whole(source)]
    if tool._id == "Background":
        assert tool._at("UseFrameFormatSettings", frame) == 0 and tool._at("TopLeftAlpha", frame) == 1
        return (tool._at("Width", frame), tool._at("Height", frame)), []
    (width, height), shown = _picture(tool._wires["Background"], frame, source)
    (wide, high), over = _picture(tool._wires["Foreground"], frame, source)
    size, center = tool._at("Size", frame), tool._at("Center", frame)
    left, top = center[1] * width - size * wide / 2, (1 - center[2]) * height - size * high / 2
    return (width, height), [*shown, *(layer.moved(size, left, top).cropped(width, height) for layer in over)]
