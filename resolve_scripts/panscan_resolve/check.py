"""Whether the copy shows what was planned.

Reading values back proves little (Resolve may show something else), so stills of the copy are compared with stills of
the original at the points of the plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import correlation, pstdev
from typing import TYPE_CHECKING, Any

from panscan_resolve import comp, inspector, layers, notes, stills
from panscan_resolve.host import ScriptError, Session, as_list, count_of_clips, is_close, parse_rows, timelines
from panscan_resolve.items import TimelineClip, match_clips
from panscan_resolve.plan import Plan
from panscan_resolve.timeline import make_current

if TYPE_CHECKING:
    from fusionscript import Project, Timeline, TimelineItem

MIN_CORRELATION = 0.9  # of brightness: a picture that is off by a tenth of its height is well below
MIN_CONTRAST = 0.01  # standard deviation of brightness (0 to 1) below which every crop looks the same
_MIN_POINTS = 5  # fewer say nothing about a correlation
_MAX_SHAPE_DIFFERENCE = 0.01  # of width / height: more than rounding to whole px


def check(session: Session, plan: Plan, folder: Path) -> list[str]:
    """What is wrong with the current copy, one line per clip; stills go to `folder`.

    Raises
    ------
    ScriptError
        The current timeline is no copy of ours.
    """
    project = session.project()
    copy = project.GetCurrentTimeline()
    note = None if copy is None else notes.read_note(copy)
    if note is None or note.get("role") != "copy":
        raise ScriptError("open the copy that panscan made")
    timeline_clips = match_clips(copy, plan).timeline_clips
    original = next((t for t in timelines(project) if str(t.GetUniqueId()) == note.get("source")), None)
    _take(session, project, copy, timeline_clips, folder, ".ppm")
    if original is None:
        session.say("the original timeline is gone: only values are checked")
    else:
        _take(session, project, original, timeline_clips, folder, "-original.ppm")
        make_current(session, project, copy)
    found = []
    for timeline_clip in timeline_clips:
        wrong = _why_not_done(session, copy, timeline_clip, plan)
        for number, probe in enumerate(timeline_clip.clip["looks"], start=1):
            if wrong is None and original is not None:
                pair = [stills.read(folder / f"{timeline_clip.clip['id']}-{number}{e}.ppm") for e in ("", "-original")]
                wrong = _compared(pair[0], pair[1], timeline_clip.clip, probe)
        if wrong:
            found.append(f"{timeline_clip.clip['name']} ({timeline_clip.clip['id']}): {wrong}")
            session.say(found[-1])
    session.say(f"{count_of_clips(len(timeline_clips) - len(found))} as planned, {len(found)} not")
    return found


def likeness(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Correlation of two lists of brightness; None where one of them is flat or short."""
    if len(a) < _MIN_POINTS or min(pstdev(a), pstdev(b)) < MIN_CONTRAST:
        return None
    return correlation(a, b)


def _take(
    session: Session,
    project: Project,
    timeline: Timeline,
    timeline_clips: Sequence[TimelineClip],
    folder: Path,
    ending: str,
) -> None:
    make_current(session, project, timeline)
    for timeline_clip in timeline_clips:
        for number, probe in enumerate(timeline_clip.clip["looks"], start=1):
            path = folder / f"{timeline_clip.clip['id']}-{number}{ending}"
            stills.export_still(session, project, timeline, timeline_clip.start + probe["frame"], path)


def _why_not_done(session: Session, copy: Timeline, timeline_clip: TimelineClip, plan: Plan) -> str | None:
    note, clip = notes.read_note(timeline_clip.item), timeline_clip.clip
    if note is None or note.get("state") != "done":
        return "not reframed yet"
    if note.get("plan") != plan["id"]:
        return "reframed by another plan"
    if "fusion" in clip:
        if as_list(timeline_clip.item.GetFusionCompNameList())[-1:] != [comp.NAME]:
            return "its Fusion comp is gone"
        return _differs(timeline_clip.item, inspector.expected_values(session, inspector.NEUTRAL))
    if layers.count(copy, timeline_clip) != len(clip["inspector"]) - 1:
        return "layers are missing"
    return _differs(timeline_clip.item, inspector.expected_values(session, clip["inspector"][0]))


def _differs(item: TimelineItem, expected: Mapping[str, Any]) -> str | None:
    for name, value in expected.items():
        found = item.GetProperty(name)
        if not is_close(found, float(value)):
            return f"{name} is {found} instead of {value}"
    return None


def _compared(
    shown: stills.Still | None, original: stills.Still | None, clip: Mapping[str, Any], probe: Mapping[str, Any]
) -> str | None:
    where = f"frame {probe['frame']}: "
    if shown is None or original is None:
        return where + "its still could not be read; look at it"
    wide, high = clip["source_px"]
    if abs(original.width / original.height - wide / high) > _MAX_SHAPE_DIFFERENCE:
        return where + "the original timeline has another shape than the media; compare the stills by eye"
    points = parse_rows(probe["points"])
    a = [shown.mean_brightness_around(int(x), int(y)) for x, y, _, _ in points]
    b = [original.mean_brightness_around(int(u * original.width), int(v * original.height)) for _, _, u, v in points]
    alike = likeness(a, b)
    if alike is not None and alike < MIN_CORRELATION:
        return where + f"shows another crop than planned (likeness {alike:.2f})"
    return None
