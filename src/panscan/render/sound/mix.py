"""The sounds of a cut, levelled and added up block by block; files are open only while they are heard."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av.error
import numpy as np

from panscan.decoding.sound import Samples, SoundDamage
from panscan.errors import InputError, RenderError
from panscan.render.container.sound_coding import RATE_HZ, channel_count
from panscan.render.sound.downmix import Downmix
from panscan.render.sound.files import SoundFiles
from panscan.render.sound.levels import level_factors
from panscan.render.sound.reading import SoundSpan, silence, span_samples
from panscan.render.sound.tempo import at_speed
from panscan.timeline.sound import Fade, SoundClip

_BLOCK_SAMPLES = 4096  # a tenth of a second: small beside the pictures, large beside Python's own cost
_TEMPO_TAIL_S = Fraction(1, 4)  # read beyond the end: the filter holds back what it has no full window for
_TEMPO_LEAD_S = Fraction(1, 100)  # by so much of the media the filter is early: a quarter of its window
_TOLD_DB = 0.5  # lossy decoders themselves go beyond full scale by as much


class Mix:
    """Sounds that are heard together.

    Attributes
    ----------
    peak : float
        The loudest sample so far, before it was limited to 1.
    unreadable : dict of str to None
        Names of the clips whose files could not be read when they should be heard.
    """

    def __init__(self, sounds: Sequence[SoundClip], files: SoundFiles, layout: str, length_s: Fraction) -> None:
        """`layout`: FFmpeg's name of the channels that they are mixed to; `length_s`: of the whole."""
        self.peak = 0.0
        self.unreadable: dict[str, None] = {}
        self._damage: dict[tuple[Path, int], SoundDamage] = {}
        self._channels, self._count = channel_count(layout), round(length_s * RATE_HZ)
        voices = [_Voice(sound, files, layout, self.unreadable, self._damage) for sound in joined(sounds)]
        self._waiting = deque(sorted(voices, key=lambda voice: voice.first))

    def blocks(self) -> Iterator[Samples]:
        """All samples, from the start of the record to its end."""
        sounding: list[_Voice] = []
        try:
            for at in range(0, self._count, _BLOCK_SAMPLES):
                block = np.zeros((min(_BLOCK_SAMPLES, self._count - at), self._channels), np.float32)
                while self._waiting and self._waiting[0].first < at + len(block):
                    sounding.append(self._waiting.popleft())
                for voice in sounding:
                    voice.add_to(block, at)
                sounding = [voice for voice in sounding if not voice.ends_before(at + len(block))]
                self.peak = max(self.peak, float(np.abs(block).max()))
                yield np.clip(block, -1, 1)
        finally:
            for voice in sounding:
                voice.close()

    def notes(self) -> Iterator[str]:
        """What is not as the cut says it, after all blocks."""
        if self.unreadable:
            yield f"{len(self.unreadable)} sound clip(s) cannot be read and are silent: {', '.join(self.unreadable)}"
        for (path, _), damage in self._damage.items():
            yield from (f"{path.name}: {line}" for line in damage.notes())
        over_db = 20 * np.log10(max(self.peak, 1.0))
        if over_db >= _TOLD_DB:
            yield f"the sounds together are {over_db:.1f} dB louder than a movie can hold: peaks are cut off"


def joined(sounds: Iterable[SoundClip]) -> list[SoundClip]:
    """The sounds with neighbours in one where the recording runs on: each start of a decoder costs time."""
    result: list[SoundClip] = []
    for sound in sorted(sounds, key=lambda one: (one.track, one.start_s)):
        before = result[-1] if result else None
        if before is not None and _runs_on(before, sound):
            result[-1] = replace(before, end_s=sound.end_s)
        else:
            result.append(sound)
    return result


def _runs_on(before: SoundClip, after: SoundClip) -> bool:
    changes = before.gain or after.gain or before.fade_out.length_s or after.fade_in.length_s or after.fade_out.length_s
    continued = replace(before, end_s=after.end_s, fade_in=Fade())
    reaches = before.media_s + before.length_s * before.speed
    started = replace(after, name=before.name, start_s=before.start_s, media_s=before.media_s)
    return not changes and before.end_s == after.start_s and reaches == after.media_s and continued == started


class _Voice:
    """One sound in the mix."""

    def __init__(
        self,
        sound: SoundClip,
        files: SoundFiles,
        layout: str,
        unreadable: dict[str, None],
        damage: dict[tuple[Path, int], SoundDamage],
    ) -> None:
        self.first, self._end = round(sound.start_s * RATE_HZ), round(sound.end_s * RATE_HZ)
        self._sound, self._files, self._layout = sound, files, layout
        self._unreadable, self._damage = unreadable, damage
        self._left = np.zeros((0, channel_count(layout)), np.float32)
        self._blocks: Any = None

    def add_to(self, block: Samples, at: int) -> None:
        """Add its samples to a block that starts at sample `at` of the record; blocks follow each other."""
        first, end = max(self.first, at), min(self._end, at + len(block))
        if end <= first:
            return
        samples = self._take(end - first)
        factors = level_factors(self._sound, first - self.first, end - self.first)
        block[first - at : end - at] += samples if factors is None else samples * factors[:, None]

    def ends_before(self, at: int) -> bool:
        """Whether nothing is left from sample `at` on; its file is closed then."""
        if self._end <= at:
            self.close()
        return self._end <= at

    def close(self) -> None:
        """Close its file."""
        if self._blocks is not None:
            self._blocks.close()

    def _take(self, count: int) -> Samples:
        if self._blocks is None:
            self._blocks = self._read()
        parts, found = [self._left], len(self._left)
        while found < count:
            parts.append(next(self._blocks))
            found += len(parts[-1])
        samples = np.concatenate(parts)
        self._left = samples[count:]
        return samples[:count]

    def _read(self) -> Iterator[Samples]:
        """Its samples, and silence after them."""
        count, channels = self._end - self.first, channel_count(self._layout)
        written = 0
        try:
            for block in self._decoded():
                written += len(block)
                yield block
        except (InputError, RenderError, OSError, av.error.FFmpegError):
            self._unreadable[self._sound.name] = None
        yield from silence(count - written, channels)

    def _decoded(self) -> Iterator[Samples]:
        sound, count = self._sound, self._end - self.first
        stream, clock = self._files.stream(sound), self._files.clock(sound.path)
        assert stream is not None
        # Its first sample lies up to half a sample beside its start.
        media_s = sound.media_s + (Fraction(self.first, RATE_HZ) - sound.start_s) * sound.speed
        downmix = Downmix(self._layout, sound.channels, sound.pan)
        damage = self._damage.setdefault((sound.path, stream.index), SoundDamage(clock.index))
        start_s = clock.zero_s + media_s
        if sound.speed == 1:
            return span_samples(SoundSpan(sound.path, stream.index, start_s, count, clock.index), downmix, damage)
        media_count = round((count + _TEMPO_TAIL_S * RATE_HZ) * sound.speed)
        span = SoundSpan(sound.path, stream.index, start_s - _TEMPO_LEAD_S, media_count, clock.index)
        return at_speed(span_samples(span, downmix, damage), self._layout, sound.speed)
