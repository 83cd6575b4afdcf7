"""The first audio stream as samples on the clock of the first picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from panscan.decoding.containers import open_container
from panscan.decoding.sound import PackedSound, Samples, SoundDamage, decoded_sound
from panscan.model.media import Media

SAMPLE_RATE_HZ = 16_000  # what the models for speech expect
_JITTER_S = 0.05  # timestamps stray by so much; a lost packet makes a longer gap
_SILENCE_S = 60  # at most in one block of silence, so that a long gap needs no memory

Note = Callable[[str], None]


def mono_blocks(media: Media, note: Note | None = None) -> Iterator[Samples]:
    """Blocks (n,) of mono float32 samples in -1..1 at 16 kHz; sample 0 sounds with the first picture.

    Sound before the first picture is left out; before sound that starts later comes silence; media without sound
    yields nothing. Damaged packets are silent, and a broken stream ends early: without sound, cameras still follow the
    picture. `note` gets a line on damage, once all is decoded.
    """
    sound = PackedSound(SAMPLE_RATE_HZ)
    return (block[:, 0] for block in _blocks(media, sound, SAMPLE_RATE_HZ, 1, note))


def stereo_blocks(media: Media, rate_hz: int) -> Iterator[Samples]:
    """The same in blocks (n, 2) for two loudspeakers, at any rate: for people, not for models."""
    return _blocks(media, PackedSound(rate_hz, "stereo"), rate_hz, 2)


def _blocks(
    media: Media, packed: PackedSound, rate_hz: int, channels: int, note: Note | None = None
) -> Iterator[Samples]:
    """Blocks (n, channels) without gaps."""
    if not media.audio:
        return
    written = 0
    damage = SoundDamage(media.video.picture_index)
    with open_container(media.path) as container:
        stream = container.streams[media.audio[0].index]
        for start, samples in _placed_blocks(container, stream, media, damage, packed, rate_hz):
            # A late start and damaged packets become silence, so that what follows stays in time.
            while written < start:
                silent = min(start - written, _SILENCE_S * rate_hz)
                written += silent
                yield np.zeros((silent, channels), np.float32)
            part = samples[written - start :]
            written += len(part)
            if len(part):
                yield _mono(part) if channels == 1 else part
    for line in damage.notes():
        if note:
            note(line)


def _placed_blocks(
    container: Any, stream: Any, media: Media, damage: SoundDamage, packed: PackedSound, rate_hz: int
) -> Iterator[tuple[int, Samples]]:
    """Samples, and the number of the first one on the clock of the picture."""
    end = round(media.frame_count / media.video.rate * rate_hz)
    place: int | None = None
    for frame in decoded_sound(container, stream, media.video.picture_index, damage):
        if frame.pts is not None:
            begins = round((frame.pts * frame.time_base - media.video.start_s) * rate_hz)
            if place is None or abs(begins - place) > _JITTER_S * rate_hz:
                if begins > end:  # a broken timestamp, or nothing that any picture goes with
                    continue
                yield from ((place or 0, samples) for samples in packed.flush())
                place = begins
        for samples in packed.add(frame):
            yield place or 0, samples
            place = (place or 0) + len(samples)


def _mono(samples: Samples) -> Samples:
    """Channels are averaged: FFmpeg's own downmix adds them up, which is 3 dB too loud in stereo and clips."""
    return np.asarray(samples.mean(axis=1, keepdims=True), np.float32)
