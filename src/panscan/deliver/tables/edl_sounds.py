"""Sounds in an edit list: events of their own on its four sound tracks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from panscan.deliver.artifact import Loss
from panscan.deliver.sequence import ClipSequence, SoundItem, SoundTrack, named

_SIDES = 2  # channels that an event names: left and right, on tracks 1 and 2 or 3 and 4
_TRACKS = 4


@dataclass(frozen=True, slots=True)
class SoundEvent:
    """A sound and its place.

    Attributes
    ----------
    item : SoundItem
    tracks : tuple of int
        Numbers of its sound tracks, from 1.
    """

    item: SoundItem
    tracks: tuple[int, ...]

    @property
    def channels(self) -> str:
        """What its event says of tracks 1 and 2."""
        main = [track for track in self.tracks if track <= _SIDES]
        return "NONE" if not main else "AA" if len(main) == _SIDES else ("A", "A2")[main[0] - 1]

    @property
    def auxiliary(self) -> list[int]:
        """Its tracks beyond the second, which an AUD line names."""
        return [track for track in self.tracks if track > _SIDES]


@dataclass(slots=True)
class _Track:
    """When a sound track is taken: record frames, in order."""

    taken: list[tuple[int, int]] = field(default_factory=list)

    def is_free(self, first: int, end: int) -> bool:
        """Whether nothing lies there."""
        index = bisect_left(self.taken, (first, end))
        before, after = self.taken[index - 1 : index] if index else [], self.taken[index : index + 1]
        return all(span[1] <= first for span in before) and all(span[0] >= end for span in after)

    def take(self, first: int, end: int) -> None:
        """Put something there."""
        self.taken.insert(bisect_left(self.taken, (first, end)), (first, end))


def sound_events(clip_sequence: ClipSequence) -> tuple[list[SoundEvent], list[Loss]]:
    """The sounds on the first tracks that are free beside the sound of pictures; one that finds none is lost."""
    tracks = [_Track() for _ in range(_TRACKS)]
    for clip_item in clip_sequence.clip_items:
        clip = clip_item.clip
        if clip_item.enabled and clip_item.has_sound:
            for track in tracks[:_SIDES]:
                track.take(clip.record_frame, clip.record_frame + clip.frame_count)
    placed = [(track, item) for track in clip_sequence.sound_tracks for item in track.items]
    events: list[SoundEvent] = []
    lost: list[tuple[SoundTrack, SoundItem]] = []
    for owner, item in sorted(placed, key=lambda one: one[1].sound.start_s):
        frames = item.record_frames(clip_sequence.rate)
        free = next((n for n in _places(item) if all(tracks[k - 1].is_free(*frames) for k in n)), None)
        if free is None:
            lost.append((owner, item))
            continue
        for number in free:
            tracks[number - 1].take(*frames)
        events.append(SoundEvent(item, free))
    why = "An event names channels 1 and 2 of its media, and the list has four sound tracks."
    return events, [Loss(named(lost), why)] if lost else []


def _places(item: SoundItem) -> Iterator[tuple[int, ...]]:
    """Tracks that can hold a sound: left stays left, the one channel of a file may lie anywhere."""
    channels: Sequence[int] = item.media.channels_of(item.sound)
    sides = [channel for channel in channels if channel < _SIDES]
    if item.media.streams and sum(count for count, _ in item.media.streams) == 1:
        yield from ((number,) for number in range(1, _TRACKS + 1))
    elif sides:
        yield from (tuple(first + side for side in sides) for first in range(1, _TRACKS + 1, _SIDES))
