"""Which clip of the timeline is which clip of the plan: by file, first frame and length, never by number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from panscan_resolve import notes
from panscan_resolve.host import as_list, frame_rate, has_method
from panscan_resolve.plan import Plan

if TYPE_CHECKING:
    from fusionscript import MediaPoolItem, Timeline, TimelineItem

_MAX_DRIFT_FRAMES = 1.5  # between the media frames that a clip takes and those that it would take at normal speed


@dataclass(frozen=True)
class TimelineClip:
    """A clip on a video track.

    Attributes
    ----------
    item : TimelineItem
    track : int
        Its track, from 1.
    start : int
        Its first record frame.
    clip : mapping
        The plan's clip; empty where it has none.
    """

    item: TimelineItem
    track: int
    start: int
    clip: Mapping[str, Any]


@dataclass(frozen=True)
class MatchResult:
    """What of a plan was found in a timeline.

    Attributes
    ----------
    timeline_clips : list of TimelineClip
        With their plan.
    left_alone : list of str
        Other clips of the timeline, and why they are left alone.
    missing : list of str
        Clips of the plan that are not in the timeline.
    """

    timeline_clips: list[TimelineClip]
    left_alone: list[str]
    missing: list[str]


def video_clips(timeline: Timeline) -> list[TimelineClip]:
    """All clips on video tracks, in record order, lower tracks first."""
    found = []
    for track in range(1, int(timeline.GetTrackCount("video")) + 1):
        for item in as_list(timeline.GetItemListInTrack("video", track)):
            if has_method(item, "GetStart"):  # a dropped clip may linger as a handle without methods
                found.append(TimelineClip(item, track, int(item.GetStart(False)), {}))
    return sorted(found, key=lambda timeline_clip: (timeline_clip.start, timeline_clip.track))


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _is_retimed(item: TimelineItem, pool: MediaPoolItem, timeline: Timeline) -> bool:
    first, last = _number(item.GetSourceStartFrame()), _number(item.GetSourceEndFrame())
    duration = int(item.GetDuration(False))
    if first is None or last is None or first == last or duration < 2:
        return False  # some imports leave both at zero
    media_fps = _number(pool.GetClipProperty("FPS"))
    same = media_fps / frame_rate(timeline)[0] if media_fps else 1.0
    # Some versions count the last frame in, some do not, so one frame more or less tells nothing.
    return abs(abs(last - first) - duration * same) > _MAX_DRIFT_FRAMES or last < first


def why_not_reframable(item: TimelineItem, timeline: Timeline, track: int) -> str | None:
    """Why a clip cannot be reframed; None if it can."""
    pool = item.GetMediaPoolItem()
    if pool is None:
        return "a title or generator"
    if not pool.GetClipProperty("File Path"):
        return "a nested timeline or generated clip"
    if timeline.GetIsTrackLocked("video", track):
        return "its track is locked"
    if _is_retimed(item, pool, timeline):
        return "it is retimed"
    for name in ("RotationAngle", "Pitch", "Yaw"):
        if _number(item.GetProperty(name)):
            return f"it is turned by hand ({name})"
    if any(_number(item.GetProperty(name)) for name in ("FlipX", "FlipY")):
        return "it is flipped"
    return None


def _path(text: str) -> str:
    """One spelling of a path: Resolve and a plan may differ in slashes and, on Windows, in case."""
    path = text.replace("\\", "/")
    return path.lower() if path[1:3] == ":/" else path


def match_clips(timeline: Timeline, plan: Plan) -> MatchResult:
    """The plan's clips found in a timeline."""
    waiting: defaultdict[tuple[str, int, int], list[Mapping[str, Any]]] = defaultdict(list)
    stills = {_path(clip["file"]) for clip in plan["clips"] if clip.get("still")}
    for clip in plan["clips"]:
        path = _path(clip["file"])
        waiting[path, 0 if path in stills else clip["left_offset"], clip["duration"]].append(clip)
    here = video_clips(timeline)
    # Layers that a broken run put on tracks above, maybe before it could mark them.
    broken = set()
    for timeline_clip in here:
        note = notes.read_note(timeline_clip.item)
        if note and note.get("state") == "building":
            broken |= {(timeline_clip.start, track) for track in notes.note_numbers(note, "tracks")}
    timeline_clips, left_alone = [], []
    for timeline_clip in here:
        item = timeline_clip.item
        note = notes.read_note(item)
        if note and int(note.get("cell", 1)) > 1:
            continue
        why = why_not_reframable(item, timeline, timeline_clip.track)
        queue: list[Mapping[str, Any]] = []
        if why is None:
            path = _path(str(item.GetMediaPoolItem().GetClipProperty("File Path")))
            # A photo has no time: each clip of it begins anywhere.
            left = 0 if path in stills else int(item.GetLeftOffset(False))
            queue = waiting[path, left, int(item.GetDuration(False))]
        if queue:
            timeline_clips.append(TimelineClip(item, timeline_clip.track, timeline_clip.start, queue.pop(0)))
        elif (timeline_clip.start, timeline_clip.track) not in broken:
            why = why or "the plan has no clip with this file, first frame and length"
            left_alone.append(f"{item.GetName()} (track {timeline_clip.track}): {why}")
    rest = [clip["id"] for queue in waiting.values() for clip in queue]
    missing = [f"{c['name']} ({c['id']}): not in this timeline" for c in plan["clips"] if c["id"] in rest]
    return MatchResult(timeline_clips, left_alone, missing)
