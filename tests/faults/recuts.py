"""Edits of the cut of a timeline: its clips, transitions and sounds; each gives a changed copy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import opentimelineio as otio

from faults.edits import late

NAMESPACE = "panscan"


def _frames(count: int, like: Any) -> Any:
    return otio.opentime.RationalTime(count, like.rate)


def used(clip: Any, *, start: int = 0, count: int = 0) -> None:
    """A clip starts so many frames of its media later, and lasts so many longer."""
    first, length = clip.source_range.start_time, clip.source_range.duration
    clip.source_range = otio.opentime.TimeRange(first + _frames(start, first), length + _frames(count, length))


def recut(timeline: Any, change: Callable[[Any], None], *, sound: bool = True) -> Any:
    """Each track changed in place, or the picture alone."""
    edited = timeline.deepcopy()
    for track in edited.tracks if sound else edited.video_tracks():
        change(track)
    return edited


def _clips(track: Any) -> list[Any]:
    return list(track.find_clips())


def slipped(timeline: Any, frames: int) -> Any:
    """Pictures of so many media frames later in all clips, under cameras that move as before."""
    return recut(late(timeline, frames), lambda t: [used(c, start=frames) for c in _clips(t)], sound=False)


def rolled(timeline: Any, cut: int, frames: int) -> Any:
    """A cut, counted from 0, so many frames later."""

    def change(track: Any) -> None:
        before, after = _clips(track)[cut : cut + 2]
        used(before, count=frames)
        used(after, start=frames, count=-frames)

    return recut(timeline, change)


def trimmed(timeline: Any, clip: int, *, head: int = 0, tail: int = 0) -> Any:
    """A clip loses frames at one end."""
    return recut(timeline, lambda t: used(_clips(t)[clip], start=head, count=-head - tail))


def _at(track: Any, clip: int) -> int:
    return int(track.index(_clips(track)[clip]))


def swapped_clips(timeline: Any) -> Any:
    """The first two clips in the other order."""

    def change(track: Any) -> None:
        first, second = _at(track, 0), _at(track, 1)
        one, other = track[first].clone(), track[second].clone()
        track[first], track[second] = other, one

    return recut(timeline, change)


def removed(timeline: Any, clip: int) -> Any:
    """A clip is gone, and the rest moves up."""
    return recut(timeline, lambda t: t.__delitem__(_at(t, clip)))


def disabled(timeline: Any, clip: int) -> Any:
    """A clip is switched off."""
    return recut(timeline, lambda t: setattr(_clips(t)[clip], "enabled", False), sound=False)


def parted(timeline: Any, clip: int, frames: int) -> Any:
    """A gap before a clip, which loses as much at its end."""

    def change(track: Any) -> None:
        used(_clips(track)[clip], count=-frames)
        length = _clips(track)[clip].source_range.duration
        track.insert(_at(track, clip), otio.schema.Gap(duration=_frames(frames, length)))

    return recut(timeline, change)


def other_media(timeline: Any, path: Path) -> Any:
    """All clips of another file."""

    def change(track: Any) -> None:
        for clip in _clips(track):
            clip.media_reference.target_url = path.as_uri()

    return recut(timeline, change, sound=False)


def film_of(timeline: Any) -> Path:
    """The file of the first clip."""
    return Path(unquote(urlparse(next(iter(timeline.find_clips())).media_reference.target_url).path))


def retimed(timeline: Any, speed: float, *, first_is_last: bool = False) -> Any:
    """The first clip at another speed (0: a freeze frame), perhaps from its last frame on."""

    def change(track: Any) -> None:
        clip = _clips(track)[0]
        used(clip, start=int(clip.source_range.duration.value) - 1 if first_is_last else 0)
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed) if speed else otio.schema.FreezeFrame())

    return recut(timeline, change, sound=False)


def _transition(track: Any, name: str) -> Any:
    return next(child for child in track if child.name == name)


def without(timeline: Any, name: str) -> Any:
    """A transition is gone."""
    return recut(timeline, lambda t: t.remove(_transition(t, name)), sound=False)


def timed(timeline: Any, name: str, *, before: int = 0, after: int = 0) -> Any:
    """A transition that lasts so many frames longer before and after the cut."""

    def change(track: Any) -> None:
        one = _transition(track, name)
        one.in_offset += _frames(before, one.in_offset)
        one.out_offset += _frames(after, one.out_offset)

    return recut(timeline, change, sound=False)


def mixed(timeline: Any, frames: tuple[int, int], cut: int = 0) -> Any:
    """A dissolve at a cut, counted from 0, so many frames before and after it."""

    def change(track: Any) -> None:
        offsets = (_frames(count, _clips(track)[0].source_range.duration) for count in frames)
        track.insert(_at(track, cut + 1), otio.schema.Transition("extra", "SMPTE_Dissolve", *offsets))

    return recut(timeline, change, sound=False)


def renamed(timeline: Any, name: str, new: str) -> Any:
    """A transition of another name, which is its kind where it is no dissolve."""
    return recut(timeline, lambda t: setattr(_transition(t, name), "name", new), sound=False)


def resounded(timeline: Any, change: Callable[[Any], None]) -> Any:
    """The sound tracks changed in place."""
    edited = timeline.deepcopy()
    for track in edited.audio_tracks():
        change(track)
    return edited


def told(timeline: Any, **said: Any) -> Any:
    """The first clip of each sound track says more of its sound: level, pan, fades, stream."""

    def change(track: Any) -> None:
        metadata = _clips(track)[0].metadata.setdefault(NAMESPACE, {})
        metadata["sound"] = said

    return resounded(timeline, change)


def sound_moved(timeline: Any, frames: int) -> Any:
    """The first sound clip so many frames later in the cut."""

    def change(track: Any) -> None:
        clip = _clips(track)[0]
        used(clip, count=-frames)
        track.insert(0, otio.schema.Gap(duration=_frames(frames, clip.source_range.duration)))

    return resounded(timeline, change)


def sound_slipped(timeline: Any, frames: int) -> Any:
    """The first sound clip plays what is so many frames later in its media."""
    return resounded(timeline, lambda t: used(_clips(t)[0], start=frames))


def sound_cut(timeline: Any, clip: int = 0) -> Any:
    """A sound clip is gone, and silence in its place."""

    def change(track: Any) -> None:
        at = _at(track, clip)
        track[at] = otio.schema.Gap(duration=track[at].source_range.duration)

    return resounded(timeline, change)


def silent(timeline: Any) -> Any:
    """All sound tracks are gone."""
    edited = timeline.deepcopy()
    edited.tracks[:] = [track for track in edited.tracks if track.kind == otio.schema.TrackKind.Video]
    return edited
