"""Setting a plan on a copy of a timeline, clip by clip.

A second run goes on where a broken one stopped, and replaces what an earlier plan set.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panscan_resolve import comp, inspector, layers, notes
from panscan_resolve.host import ScriptError, Session, count_of_clips, has_method
from panscan_resolve.items import TimelineClip, match_clips
from panscan_resolve.plan import Plan
from panscan_resolve.timeline import find_or_make_copy, make_current, note_copy, set_canvas, unique_name

if TYPE_CHECKING:
    from fusionscript import Project, Timeline


@dataclass
class ApplyResult:
    """What became of the clips: a line per clip, with the reason where something was not done.

    Attributes
    ----------
    copy : Timeline
        The timeline that was changed.
    applied, kept, left_alone, missing, failed : list of str
        Clips that were set, were set before, are not touched, are in the plan alone, or could not be set.
    """

    copy: Timeline
    applied: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    left_alone: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """One sentence."""
        return (
            f"{count_of_clips(len(self.applied))} reframed, {len(self.kept)} were done before, "
            f"{len(self.left_alone)} left alone, {len(self.failed)} failed"
        )


def apply(session: Session, plan: Plan) -> ApplyResult:
    """Apply a plan to a copy of the current timeline.

    Raises
    ------
    ScriptError
        The plan is of another timeline, or the copy could not be made or sized; the editor's own is as it was.
    """
    project = session.project()
    original = project.GetCurrentTimeline()
    if original is None:
        raise ScriptError("no timeline is open: open the one to reframe first")
    known = match_clips(original, plan)
    if not known.timeline_clips:
        for line in known.left_alone:
            session.say(f"left alone: {line}")
        raise ScriptError("the plan knows no clip of this timeline: open the one that it was made from")
    copy, source = find_or_make_copy(session, project, original, plan)
    note_copy(copy, source, plan, "building", "panscan is at work; clips with a Panscan marker are done")
    make_current(session, project, copy)
    set_canvas(session, copy, plan)
    matched = match_clips(copy, plan)
    result = ApplyResult(copy, left_alone=matched.left_alone, missing=matched.missing)
    for number, timeline_clip in enumerate(matched.timeline_clips, start=1):
        _apply_one(session, project, plan, timeline_clip, result)
        session.say(
            f"{number} of {len(matched.timeline_clips)}: {timeline_clip.clip['name']} ({timeline_clip.clip['id']})"
        )
    for title, lines in (
        ("left alone", result.left_alone),
        ("in the plan, but not here", result.missing),
        ("failed (run this again to retry)", result.failed),
    ):
        for line in lines:
            session.say(f"{title}: {line}")
    note_copy(copy, source, plan, "building" if result.failed else "done", result.summary)
    session.say(f"{copy.GetName()}: {result.summary}")
    return result


def _apply_one(
    session: Session, project: Project, plan: Plan, timeline_clip: TimelineClip, result: ApplyResult
) -> None:
    title = f"{timeline_clip.clip['name']} ({timeline_clip.clip['id']})"
    note = notes.read_note(timeline_clip.item)
    if note and (note.get("plan"), note.get("state")) == (plan["id"], "done"):
        result.kept.append(title)
        return
    try:
        why = _set(session, project, plan, timeline_clip, result.copy)
        cells = timeline_clip.clip.get("inspector", [None])
        if why is None and layers.count(result.copy, timeline_clip) != len(cells) - 1:
            raise ScriptError("layers are missing")
    except Exception as error:  # whatever Resolve does with one clip, the others go on
        result.failed.append(f"{title}: {error}")
        return
    if why:
        result.left_alone.append(f"{title}: {why}")
    else:
        result.applied.append(title)


def _set(session: Session, project: Project, plan: Plan, timeline_clip: TimelineClip, copy: Timeline) -> str | None:
    """Set one clip; why it is left alone, or None."""
    item, clip = timeline_clip.item, timeline_clip.clip
    before = notes.read_note(item)
    if before:
        layers.remove(session, copy, timeline_clip, before)
        comp.remove(session, item, int(before.get("comps", 0)))
    comps = int(item.GetFusionCompCount())
    if comps:
        return "it has a Fusion comp of its own"
    note: dict[str, Any] = {"plan": plan["id"], "clip": clip["id"], "cell": 1, "state": "building", "comps": comps}
    if "inspector" in clip:
        values = clip["inspector"]
        tracks = layers.free_tracks(session, copy, timeline_clip, len(values) - 1)
        if tracks:
            note["tracks"] = ",".join(map(str, tracks))
        notes.put_on_clip(item, note)
        inspector.set_values(session, item, values[0])
        for cell, track in enumerate(tracks, start=2):
            layer = layers.append(session, project, copy, timeline_clip, track)
            notes.put_on_clip(layer, {"plan": plan["id"], "clip": clip["id"], "cell": cell, "state": "done"})
            inspector.set_values(session, layer, values[cell - 1])
    else:
        notes.put_on_clip(item, note)
        inspector.set_values(session, item, inspector.NEUTRAL)
        comp.add(session, item, plan, clip)
    notes.put_on_clip(item, {**note, "state": "done"})
    return None


def import_timeline(session: Session, plan: Plan, path: Path) -> Timeline:
    """Import the delivered .resolve.otio instead: its keys arrive in the Inspector, the editor's other work does not.

    Raises
    ------
    ScriptError
        Resolve does not import it.
    """
    project = session.project()
    options: Any = {"timelineName": unique_name(project, plan["name"]), "importSourceClips": True}
    made = project.GetMediaPool().ImportTimelineFromFile(str(path), options)
    if made is None or not has_method(made, "GetName"):
        raise ScriptError(f"Resolve did not import {path}: it gives no reason; most often a media file is missing")
    make_current(session, project, made)
    set_canvas(session, made, plan)
    session.say(f"imported as {made.GetName()}")
    return made
