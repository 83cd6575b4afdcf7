"""The fake Resolve has teeth: each of these mistakes of a script shows in what it then plays, or stops it."""

from __future__ import annotations

import pytest

from hosts import resolve_scenes
from hosts.resolve_menu import applied, mixed, stills
from panscan_resolve.launchers import HERE

SET, TEXTS = "timeline:SetSetting(setting[1], ", "setting[2])"
PATH = "camera.Center = comp:XYPath({})"
SIZE = 'spline_of(comp, camera, "Size"):SetKeyFrames(keys_of(cell.size, start), true)'
HANDLES = "      LH = { row[3] + shift, row[4] },\n      RH = { row[5] + shift, row[6] },\n"
MISTAKES = {
    "tilt in plain pixels": ("inspector", "values[name] /", '(name == "Tilt" and 0.3164 or 1) * values[name] /'),
    "scaling left as it is": ("inspector", "local SCALE_TO_FIT = 2", "local SCALE_TO_FIT = 3"),
    "the copy is not current": ("timeline", "project:SetCurrentTimeline(timeline)", ""),
    "custom settings come last": ("timeline", '{ "useCustomSettings", "1" },', ""),
    "numbers for settings": ("timeline", SET + TEXTS, f"{SET}tonumber(setting[2]) or {TEXTS}"),
    "values under lock": ("comp", "  comp:Unlock()\n", ""),
    "comps start at zero": ("comp", "comp:GetAttrs().COMPN_RenderStart", "0"),
    "a point on a spline": ("comp", PATH, f"{PATH} camera.Center = comp:BezierSpline({{}})"),
    "smooth handles": ("comp", HANDLES, ""),
    "keys before attaching": ("comp", SIZE, SIZE.replace('spline_of(comp, camera, "Size")', "comp:BezierSpline({})")),
    "a name that is taken": ("timeline", "while taken[name] do", "while false do"),
    "layers on a busy track": ("layers", "is_free = is_free and not (", "is_free = is_free and not (false and "),
    "one frame too long": ("layers", "if layer:GetDuration(false) == duration and", "if"),
    "matching by number": ("items", "item:GetLeftOffset(false), item:GetDuration(false), stills", "0, 0, stills"),
    "what only Studio has": ("apply", "local comps = item:Get", "item:SmartReframe()\n  local comps = item:Get"),
    "a module from outside": ("base", "local P = ...", 'local P = ...\nrequire("socket")'),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_of_a_script_shows(mistake, tmp_path, monkeypatch):
    part, right, wrong = MISTAKES[mistake]
    text = (HERE / f"{part}.lua").read_text(encoding="utf-8")
    assert text.count(right) == 1, mistake
    copy = tmp_path / "parts"
    copy.mkdir()
    for path in HERE.glob("*.lua"):
        (copy / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    timeline = mixed() if mistake not in ("tilt in plain pixels",) else stills()
    more = [{"name": "lower third", "track": 2, "start": 7, "left": 0, "duration": 1}]
    scene = {"more": more, "timelines": ["Interview 1080x1920"], "free_edition": True, "end_is_exclusive": True}

    def agrees():
        report = applied(tmp_path, timeline, **scene)
        (copied,) = [number for number, t in report.timelines.items() if t["name"] == "Interview 1080x1920 2"]
        frames = {at: [one for one in layers if one[0] != 2] for at, layers in report.shown[copied].items()}
        resolve_scenes.agrees(timeline, frames)

    monkeypatch.setattr("panscan_resolve.launchers.HERE", copy)
    agrees()
    (copy / f"{part}.lua").write_text(text.replace(right, wrong), encoding="utf-8")
    with pytest.raises((AssertionError, ValueError)):
        agrees()
