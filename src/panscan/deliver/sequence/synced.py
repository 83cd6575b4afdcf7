"""Which sounds are cut together with their picture, so that one clip of an editor brings both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from panscan.timeline.cut import FramedClip
from panscan.timeline.dissolves import Dissolve
from panscan.timeline.sound import FadeShape, SoundClip

_STEPS_HZ = 10_000  # times are compared in these steps: finer than any frame, coarser than the rounding in files

SyncKey = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class PictureTimes:
    """Where a picture lies, as exactly as the timeline says it.

    Attributes
    ----------
    clip : FramedClip
    start_s, end_s : Fraction
        Record time.
    media_s : Fraction
        What it shows first, in seconds from the first picture of its media.
    """

    clip: FramedClip
    start_s: Fraction
    end_s: Fraction
    media_s: Fraction


@dataclass(frozen=True, slots=True)
class OwnSound:
    """The sounds of a picture, one per stream.

    Attributes
    ----------
    sounds : tuple of SoundClip
        Empty if its own sound is not cut together with it.
    crosses_in, crosses_out : bool
        They cross another sound in the dissolve at its start or end.
    """

    sounds: tuple[SoundClip, ...] = ()
    crosses_in: bool = False
    crosses_out: bool = False

    @property
    def streams(self) -> set[int]:
        """Numbers of their streams."""
        return {sound.stream for sound in self.sounds}


class SyncedSounds:
    """Finds the sounds that are cut together with their picture, and keeps the rest."""

    def __init__(self, sounds: Iterable[SoundClip]) -> None:
        self._by_key: dict[SyncKey, list[SoundClip]] = {}
        self._others: list[SoundClip] = []
        for sound in sounds:
            if sound.gain or sound.pan or sound.channels or sound.is_ramped:
                self._others.append(sound)
            else:
                self._by_key.setdefault(_key_of(sound), []).append(sound)

    def find(
        self,
        picture: PictureTimes,
        into: Dissolve | None = None,
        out_of: Dissolve | None = None,
        shape: FadeShape | None = None,
    ) -> OwnSound:
        """The sounds of a picture.

        Parameters
        ----------
        picture : PictureTimes
        into, out_of : Dissolve, optional
            Those at its ends, in which its sounds may cross others.
        shape : "linear" or "equal-power", optional
            How they must cross.
        """
        rate, speed = picture.clip.framing.rate, picture.clip.speed
        heads = [(Fraction(0), Fraction(0)), *((d.in_frames / rate, d.frame_count / rate) for d in [into] if d)]
        tails = [(Fraction(0), Fraction(0)), *((d.out_frames / rate, d.frame_count / rate) for d in [out_of] if d)]
        for head_s, fade_in_s in heads:
            for tail_s, fade_out_s in tails:
                times = (picture.start_s - head_s, picture.end_s + tail_s, picture.media_s - head_s * speed)
                found = self._by_key.get(_key(picture.clip.path, speed, (*times, fade_in_s, fade_out_s)))
                fades = [fade for sound in found or () for fade in (sound.fade_in, sound.fade_out) if fade.length_s]
                if found and all(fade.shape == shape for fade in fades):
                    return OwnSound(tuple(found), fade_in_s > 0, fade_out_s > 0)
        return OwnSound()

    def take(self, own: OwnSound) -> None:
        """Leave sounds out of `rest`: their picture brings them."""
        for sound in own.sounds:
            self._by_key.pop(_key_of(sound), None)

    @property
    def rest(self) -> list[SoundClip]:
        """The sounds that were not taken, by track and in record order."""
        left = [sound for sounds in self._by_key.values() for sound in sounds]
        return sorted([*left, *self._others], key=lambda sound: (sound.track, sound.start_s))


def agreed(found: list[OwnSound], dissolves: Iterable[Dissolve]) -> list[OwnSound]:
    """The own sounds of a row of pictures, without those that cross in a dissolve in which the other side does not."""
    kept = list(found)
    crossing = {dissolve.incoming for dissolve in dissolves if dissolve.incoming is not None and dissolve.is_cross}
    while True:
        crossing = {n for n in crossing if kept[n - 1].crosses_out and kept[n].crosses_in}
        alone = [
            n
            for n, own in enumerate(kept)
            if (own.crosses_in and n not in crossing) or (own.crosses_out and n + 1 not in crossing)
        ]
        if not alone:
            return kept
        for n in alone:
            kept[n] = OwnSound()


def _key_of(sound: SoundClip) -> SyncKey:
    times = (sound.start_s, sound.end_s, sound.media_s, sound.fade_in.length_s, sound.fade_out.length_s)
    return _key(sound.path, sound.speed, times)


def _key(path: object, speed: Fraction, times: Iterable[Fraction]) -> SyncKey:
    return (path, speed, *(round(time * _STEPS_HZ) for time in times))
