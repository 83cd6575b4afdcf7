"""Sounds in an edit list: events of their own on its four sound tracks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

from panscan.deliver.artifact import Loss
from panscan.deliver.sequence import ClipSequence, SoundItem, SoundTrack, named

_SIDES = 2  # sound tracks that belong together: 1 and 2, 3 and 4


@dataclass(frozen=True, slots=True)
class SoundEvent:
    """A sound and its place.

    Attributes
    ----------
    item : SoundItem
    channels : str
        As the event names them.
    auxiliary : tuple of int
        Tracks 3 and 4, which an AUD line names.
    """

    item: SoundItem
    channels: str
    auxiliary: tuple[int, ...] = ()


@dataclass(slots=True)
class _Pair:
    """When two sound tracks are taken: record frames, in order."""

    taken: list[tuple[int, int]] = field(default_factory=list)

    def take(self, first: int, end: int) -> bool:
        """Take it from one frame to another if it is free there."""
        index = bisect_left(self.taken, (first, end))
        before, after = self.taken[index - 1 : index], self.taken[index : index + 1]
        if (index and before[0][1] > first) or (after and after[0][0] < end):
            return False
        self.taken.insert(index, (first, end))
        return True


def sound_events(clip_sequence: ClipSequence) -> tuple[list[SoundEvent], list[Loss]]:
    """The sounds on the first two tracks that are free: 1 and 2, beside the sound of pictures, or 3 and 4.

    Where a sound finds none, it is lost.
    """
    pairs = [_Pair(), _Pair()]
    for clip_item in clip_sequence.clip_items:
        clip = clip_item.clip
        if clip_item.enabled and clip_item.has_sound:
            pairs[0].take(clip.record_frame, clip.record_frame + clip.frame_count)
    placed = [(track, item) for track in clip_sequence.sound_tracks for item in track.items]
    placed.sort(key=lambda one: one[1].sound.start_s)
    events: list[SoundEvent] = []
    lost: list[tuple[SoundTrack, SoundItem]] = []
    for track, item in placed:
        sides = [channel for channel in item.media.channels_of(item.sound) if channel < _SIDES]
        frames = item.record_frames(clip_sequence.rate)
        free = next((number for number, pair in enumerate(pairs) if sides and pair.take(*frames)), None)
        if free is None:
            lost.append((track, item))
        elif free == 0:
            events.append(SoundEvent(item, _channels(sides)))
        else:
            events.append(SoundEvent(item, "NONE", tuple(_SIDES + 1 + side for side in sides)))
    why = "An event names channels 1 and 2 of its media, and the list has four sound tracks."
    return events, [Loss(named(lost), why)] if lost else []


def _channels(sides: Sequence[int]) -> str:
    return "AA" if len(sides) > 1 else ("A", "A2")[sides[0]]
