"""Cells of a split layout: the clip again on tracks above, one per cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panscan_resolve import notes
from panscan_resolve.host import ScriptError, Session, has_method
from panscan_resolve.items import TimelineClip, video_clips
from panscan_resolve.timeline import append_clip

if TYPE_CHECKING:
    from fusionscript import Project, Timeline, TimelineItem


def free_tracks(session: Session, timeline: Timeline, timeline_clip: TimelineClip, count: int) -> list[int]:
    """Tracks above a clip that are free for as long as it lasts, made where there are too few.

    Appending over another clip would silently drop ours.

    Raises
    ------
    ScriptError
        Resolve adds no track.
    """
    end = timeline_clip.start + int(timeline_clip.item.GetDuration(False))
    here = video_clips(timeline)
    taken = {o.track for o in here if o.start < end and timeline_clip.start < o.start + int(o.item.GetDuration(False))}
    tracks: list[int] = []
    track = timeline_clip.track
    while len(tracks) < count:
        track += 1
        if track > int(timeline.GetTrackCount("video")):
            if not timeline.AddTrack("video"):  # type: ignore[call-overload]  # what it lacks is for sound alone
                raise ScriptError("Resolve could not add a video track")
            session.wait()
        if track not in taken and not timeline.GetIsTrackLocked("video", track):
            tracks.append(track)
    return tracks


def append(
    session: Session, project: Project, timeline: Timeline, timeline_clip: TimelineClip, track: int
) -> TimelineItem:
    """The same frames of the same media on another track of the current timeline.

    Raises
    ------
    ScriptError
        Resolve dropped it, or made it another length.
    """
    item = timeline_clip.item
    duration, first = int(item.GetDuration(False)), int(item.GetLeftOffset(False))
    # Versions differ in whether the last frame counts in: read back, and try the other way once.
    for last in (first + duration - 1, first + duration):
        added = append_clip(project, item.GetMediaPoolItem(), (first, last), track, timeline_clip.start)
        session.wait()
        if not added or not has_method(added[0], "GetDuration"):
            raise ScriptError(f"Resolve dropped the layer on track {track}")
        if (int(added[0].GetDuration(False)), int(added[0].GetStart(False))) == (duration, timeline_clip.start):
            return added[0]
        timeline.DeleteClips([added[0]], False)
    raise ScriptError(f"Resolve made the layer on track {track} another length")


def remove(session: Session, timeline: Timeline, timeline_clip: TimelineClip, note: notes.Note) -> None:
    """Take away the layers that a note on the clip below names."""
    gone = []
    tracks = notes.note_numbers(note, "tracks")
    for other in video_clips(timeline):
        if other.track not in tracks or other.start != timeline_clip.start:
            continue
        own = notes.read_note(other.item)
        marked = own is not None and own.get("clip") == note.get("clip") and "cell" in own
        if marked or (own is None and note.get("state") == "building"):
            gone.append(other.item)
    if gone:
        timeline.DeleteClips(gone, False)
        session.wait()


def count(timeline: Timeline, timeline_clip: TimelineClip) -> int:
    """How many of a clip's layers are there: Resolve has been seen to drop clips without a word."""
    found = [notes.read_note(other.item) for other in video_clips(timeline) if other.start == timeline_clip.start]
    return sum(n is not None and n.get("clip") == timeline_clip.clip["id"] and int(n.get("cell", 1)) > 1 for n in found)
