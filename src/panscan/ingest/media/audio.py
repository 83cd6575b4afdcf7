"""The first audio stream as mono samples on the clock of the first picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from panscan.decoding.containers import open_container
from panscan.decoding.sound import PackedSound, Samples, SoundDamage, decoded_sound
from panscan.model.media import Media

SAMPLE_RATE_HZ = 16_000  # what the models for speech expect
_JITTER_SAMPLES = SAMPLE_RATE_HZ // 20  # timestamps stray by so much; a lost packet makes a longer gap
_SILENCE_SAMPLES = SAMPLE_RATE_HZ * 60  # at most in one block of silence, so that a long gap needs no memory


def mono_blocks(media: Media, note: Callable[[str], None] | None = None) -> Iterator[Samples]:
    """Blocks of mono float32 samples in -1..1 at 16 kHz; sample 0 sounds with the first picture.

    Sound before the first picture is left out; before sound that starts later comes silence; media without sound
    yields nothing. Damaged packets are silent, and a broken stream ends early: without sound, cameras still follow the
    picture. `note` gets a line on damage, once all is decoded.
    """
    if not media.audio:
        return
    written = 0
    damage = SoundDamage(media.video.picture_index)
    with open_container(media.path) as container:
        for start, samples in _placed_blocks(container, container.streams[media.audio[0].index], media, damage):
            # A late start and damaged packets become silence, so that what follows stays in time.
            while written < start:
                silent = min(start - written, _SILENCE_SAMPLES)
                written += silent
                yield np.zeros(silent, np.float32)
            part = samples[written - start :]
            written += len(part)
            if len(part):
                yield part
    for line in damage.notes():
        if note:
            note(line)


def _placed_blocks(container: Any, stream: Any, media: Media, damage: SoundDamage) -> Iterator[tuple[int, Samples]]:
    """Mono samples, and the number of the first one on the clock of the picture."""
    packed = PackedSound(SAMPLE_RATE_HZ)
    end = round(media.frame_count / media.video.rate * SAMPLE_RATE_HZ)
    place: int | None = None
    for frame in decoded_sound(container, stream, media.video.picture_index, damage):
        if frame.pts is not None:
            begins = round((frame.pts * frame.time_base - media.video.start_s) * SAMPLE_RATE_HZ)
            if place is None or abs(begins - place) > _JITTER_SAMPLES:
                if begins > end:  # a broken timestamp, or nothing that any picture goes with
                    continue
                yield from ((place or 0, _mono(samples)) for samples in packed.flush())
                place = begins
        for samples in packed.add(frame):
            yield place or 0, _mono(samples)
            place = (place or 0) + len(samples)


def _mono(samples: Samples) -> Samples:
    """Channels are averaged: FFmpeg's own downmix adds them up, which is 3 dB too loud in stereo and clips."""
    return np.asarray(samples.mean(axis=1), np.float32)
