"""What panscan reads of a media file, in plain values, to be compared with `independent_reader`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import banded
from panscan import ingest


def facts(path: str) -> dict[str, Any]:
    """What the probe says, and each picture as the analysis gets it."""
    found = ingest.probe(Path(path))
    video = found.video
    ticks = video.pts - video.pts[0]
    greys = [(picture.frame, np.array(picture.view(192, "gray"))) for picture in ingest.PictureDecoder(found)]
    return {
        "times_s": [float(tick * video.time_base) for tick in ticks.tolist()],
        "frames": [frame for frame, _ in greys],
        "numbers": [banded.number(grey) for _, grey in greys],
        "combed": [banded.is_combed(grey) for _, grey in greys],
        "grid": video.grid_frames().tolist(),
        "rate": float(video.rate),
        "frame_count": found.frame_count,
        "size": [video.display_size.width, video.display_size.height],
    }


def sounds(path: str) -> list[list[Any]]:
    """Codec, channels, rate and start after the first picture of each audio stream."""
    found = ingest.probe(Path(path))
    starts_s = [float(s.start_s - found.video.start_s) for s in found.audio]
    return [[s.codec, s.channels, s.rate_hz, at] for s, at in zip(found.audio, starts_s, strict=True)]
