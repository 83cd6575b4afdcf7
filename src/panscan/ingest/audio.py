"""The first audio stream as mono samples on the clock of the first picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import av.error
import numpy as np
import numpy.typing as npt

from panscan.model.media import Media

SAMPLE_RATE_HZ = 16_000

Samples = npt.NDArray[np.float32]


def mono_blocks(media: Media) -> Iterator[Samples]:
    """Blocks of mono float32 samples in -1..1 at 16 kHz; sample 0 sounds with the first picture.

    Sound before the first picture is left out; sound that starts later is preceded by silence; none at all
    yields nothing. A stream that breaks simply ends: sound only advises, the picture decides.
    """
    if not media.audio:
        return
    with av.open(media.path) as container:
        stream: Any = container.streams[media.audio[0].index]
        # The mean of the channels: FFmpeg's own downmix adds them up, 3 dB too loud in stereo and beyond 1.
        resampler = av.AudioResampler(format="fltp", rate=SAMPLE_RATE_HZ)
        position: int | None = None
        try:
            decoded: Any = container.decode(stream)
            for frame in decoded:
                if position is None and frame.pts is not None:
                    position = round((frame.pts * frame.time_base - media.video.start_s) * SAMPLE_RATE_HZ)
                    if position > 0:
                        yield np.zeros(position, np.float32)
                for block in resampler.resample(frame):
                    samples = block.to_ndarray().mean(axis=0)
                    skip = max(0, -(position or 0))
                    position = (position or 0) + len(samples)
                    if skip < len(samples):
                        yield samples[skip:].astype(np.float32, copy=False)
        except av.error.FFmpegError:
            return
