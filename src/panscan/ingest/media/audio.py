"""The first audio stream as mono samples on the clock of the first picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt

from panscan.decoding.containers import open_container
from panscan.model.media import Media

SAMPLE_RATE_HZ = 16_000  # what the models for speech expect
_MIN_GAP_SAMPLES = SAMPLE_RATE_HZ // 20  # a shorter gap is jitter of timestamps; a lost packet makes a longer one

Samples = npt.NDArray[np.float32]


def mono_blocks(media: Media) -> Iterator[Samples]:
    """Blocks of mono float32 samples in -1..1 at 16 kHz; sample 0 sounds with the first picture.

    Sound before the first picture is left out; before sound that starts later comes silence; media without sound
    yields nothing. Damaged packets are silent, and a broken stream ends early: without sound, cameras still follow the
    picture.
    """
    if not media.audio:
        return
    with open_container(media.path) as container:
        stream: Any = container.streams[media.audio[0].index]
        # Channels are averaged below: FFmpeg's own downmix adds them up, which is 3 dB too loud in stereo and clips.
        resampler = av.AudioResampler(format="fltp", rate=SAMPLE_RATE_HZ)
        position: int | None = None
        for frame in _decoded(container, stream):
            if frame.pts is not None:
                begins = round((frame.pts * frame.time_base - media.video.start_s) * SAMPLE_RATE_HZ)
                gap = begins - max(0, position or 0)
                # A late start and damaged packets become silence, so that what follows stays in time.
                if gap > (_MIN_GAP_SAMPLES if position is not None else 0):
                    yield np.zeros(gap, np.float32)
                    position = begins
                elif position is None:
                    position = begins
            for block in resampler.resample(frame):
                samples = block.to_ndarray().mean(axis=0)
                skip = max(0, -(position or 0))
                position = (position or 0) + len(samples)
                if skip < len(samples):
                    yield samples[skip:].astype(np.float32, copy=False)


def _decoded(container: Any, stream: Any) -> Iterator[Any]:
    """All frames that can be decoded; damaged packets are skipped."""
    try:
        for packet in container.demux(stream):
            try:
                yield from packet.decode()
            except av.error.FFmpegError:
                continue
    except av.error.FFmpegError:
        return
