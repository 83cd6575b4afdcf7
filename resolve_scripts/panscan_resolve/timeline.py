"""The copy of the timeline: the editor's own is never touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panscan_resolve import notes
from panscan_resolve.host import ScriptError, Session, as_list, has_method, timelines
from panscan_resolve.plan import Plan

if TYPE_CHECKING:
    from fusionscript import MediaPoolClipInfo, MediaPoolItem, Project, Timeline, TimelineItem


def canvas_name(plan: Plan) -> str:
    """The canvas as names and notes spell it: 1080x1920."""
    width, height = plan["canvas_px"]
    return f"{width}x{height}"


def unique_name(project: Project, expected: str) -> str:
    """A name no timeline has: a second one of the same name fails and opens a dialog that blocks Resolve."""
    taken = {timeline.GetName() for timeline in timelines(project)}
    name, number = expected, 2
    while name in taken:
        name, number = f"{expected} {number}", number + 1
    return name


def find_or_make_copy(session: Session, project: Project, original: Timeline, plan: Plan) -> tuple[Timeline, str]:
    """The copy to work on and the id of its original.

    The current timeline if it is a copy of ours, the copy that an earlier run made of it, or a new one.

    Raises
    ------
    ScriptError
        It cannot be copied, or is a copy for another canvas.
    """
    own = notes.read_note(original)
    if own and own.get("role") == "copy":
        if own["canvas"] != canvas_name(plan):
            raise ScriptError(f"this timeline is panscan's copy for {own['canvas']}; open the original")
        return original, own["source"]
    source = str(original.GetUniqueId())
    for timeline in timelines(project):
        note = notes.read_note(timeline)
        if note and (note.get("role"), note.get("source"), note.get("canvas")) == ("copy", source, canvas_name(plan)):
            session.say(f"updating the copy {timeline.GetName()}")
            return timeline, source
    copy = original.DuplicateTimeline(unique_name(project, f"{original.GetName()} {canvas_name(plan)}"))
    if copy is None or not has_method(copy, "GetName"):
        raise ScriptError("Resolve could not copy the timeline; nothing was changed")
    session.wait()
    return copy, source


def make_current(session: Session, project: Project, timeline: Timeline) -> None:
    """Make a timeline current: others count pan and tilt in the project's picture, not in their own."""
    project.SetCurrentTimeline(timeline)
    session.wait(3)
    current = project.GetCurrentTimeline()
    if current is None or current.GetUniqueId() != timeline.GetUniqueId():
        raise ScriptError(f"Resolve did not open the timeline {timeline.GetName()}")


def set_canvas(session: Session, timeline: Timeline, plan: Plan) -> None:
    """The canvas, and media fitted into it. Settings are texts; custom settings must be allowed first."""
    width, height = (str(side) for side in plan["canvas_px"])
    for name, value in (
        ("useCustomSettings", "1"),
        ("timelineResolutionWidth", width),
        ("timelineResolutionHeight", height),
        ("timelineOutputResMatchTimelineRes", "1"),
        ("timelineInputResMismatchBehavior", "scaleToFit"),
        ("timelinePixelAspectRatio", "square"),
    ):
        timeline.SetSetting(name, value)
        session.wait()
    found = [str(timeline.GetSetting(f"timelineResolution{side}")) for side in ("Width", "Height")]
    if found != [width, height]:
        raise ScriptError(f"Resolve kept the timeline at {'x'.join(found)} instead of {canvas_name(plan)}")


def append_clip(
    project: Project, media: MediaPoolItem, frames: tuple[int, int], track: int, record_frame: int
) -> list[TimelineItem]:
    """Put a media's frames (first, last) on a track of the current timeline, the picture alone.

    What comes back may be a handle without methods: Resolve drops clips that lie over others without a word.
    """
    info: MediaPoolClipInfo = {
        "mediaPoolItem": media,
        "startFrame": frames[0],
        "endFrame": frames[1],
        "mediaType": 1,
        "trackIndex": track,
        "recordFrame": record_frame,
    }
    pool = project.GetMediaPool()
    return as_list(pool.AppendToTimeline([info]))  # type: ignore[arg-type]  # only its oldest form is declared


def note_copy(copy: Timeline, source: str, plan: Plan, state: str, text: str) -> None:
    """What stands on the copy while work goes on, and afterwards."""
    note = {"role": "copy", "source": source, "canvas": canvas_name(plan), "plan": plan["id"], "state": state}
    notes.put_on_timeline(copy, note, text)
