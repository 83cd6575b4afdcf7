"""What becomes of movies whose sound has any shape; run as a program, since a fault may end the whole process.

Each channel plays a sum of sines of its own, known at any time and at any rate: where a sample belongs can be told.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from panscan import ingest
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.render import RenderSettings, render
from panscan.timeline.build import build_timeline

Floats = npt.NDArray[np.floating[Any]]
Window = tuple[float, float, float]  # heard from, until, and which time of the channels it plays, all in s

RATE_HZ = 48000  # at which sound is compared
CANVAS = Size(16, 16)
_SINES, _LOW_HZ, _HIGH_HZ = 30, 60, 1400  # below half of the lowest rate of sound, with a part for subwoofers
_MAX_LAG_S = 0.1
_KNOWN_S = (-0.5, 2.0)  # when what a channel plays is asked for
_EDGE_S = 0.03  # left out where sound begins and ends


@dataclass(frozen=True)
class Heard:
    """The sound of a movie from its first picture on, at RATE_HZ: array (samples, channels)."""

    layout: str
    speakers: tuple[str, ...]
    samples: Floats


def channel(number: int, time_s: Floats) -> Floats:
    """What one channel plays."""
    rng = np.random.default_rng([17, number])
    hz, phase = rng.uniform(_LOW_HZ, _HIGH_HZ, _SINES), rng.uniform(0, 2 * np.pi, _SINES)
    return np.sum([0.03 * np.sin(2 * np.pi * f * time_s + start) for f, start in zip(hz, phase, strict=True)], axis=0)


def write_raw(path: Path, channels: int, rate_hz: int, seconds: float) -> Path:
    """All channels as packed 32-bit floats."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    np.stack([channel(n, time_s) for n in range(channels)], axis=1).astype("<f4").tofile(path)
    return path


@cache
def _known(number: int) -> Floats:
    return channel(number, np.arange(*(round(s * RATE_HZ) for s in _KNOWN_S)) / RATE_HZ)


def lag_s(samples: Floats, numbers: Sequence[int], start_s: float) -> tuple[float, float]:
    """How late the mean of some channels is that should start at a time of theirs, and its likeness."""
    edge = round(_MAX_LAG_S * RATE_HZ)
    first = round((start_s - _KNOWN_S[0]) * RATE_HZ) - edge
    wanted = np.mean([_known(n)[first : first + len(samples) + 2 * edge] for n in numbers], axis=0)
    size = len(wanted) + len(samples)
    product = np.fft.irfft(np.fft.rfft(wanted, size) * np.conj(np.fft.rfft(samples, size)), size)[: 2 * edge + 1]
    best = int(np.argmax(product))
    return (edge - best) / RATE_HZ, float(np.corrcoef(wanted[best : best + len(samples)], samples)[0, 1])


def worst_lag_s(samples: Floats, numbers: Sequence[int], windows: Sequence[Window]) -> tuple[float, float]:
    """The longest lag in all windows, and the least likeness."""
    found = []
    for start_s, end_s, plays_s in windows:
        part = samples[round((start_s + _EDGE_S) * RATE_HZ) : round((end_s - _EDGE_S) * RATE_HZ)]
        found.append(lag_s(part, numbers, plays_s + _EDGE_S))
    return max((lag for lag, _ in found), key=abs), min(likeness for _, likeness in found)


def trimmed_windows(windows: Sequence[Window], start_s: float, end_s: float) -> list[Window]:
    """What is left of the windows in a part of a movie; those that are too short to tell are left out."""
    cut = [(max(a, start_s), min(b, end_s), plays + max(0.0, start_s - a)) for a, b, plays in windows]
    return [(a - start_s, b - start_s, plays) for a, b, plays in cut if b - a > 0.15]


def heard(path: Path, stream: int = 0) -> Heard:
    """Read the sound of a movie; silence where there is none."""
    parts: list[tuple[int, Floats]] = []
    at: int | None = None
    resampler = av.AudioResampler(format="flt", rate=RATE_HZ)
    with av.open(str(path)) as container:
        audio: Any = container.streams.audio[stream]
        first: Any = next(container.demux(video=0))  # the stream's start in the header may be that of the sound
        container.seek(0)
        for frame in [*_frames(container, audio), None]:
            if frame is not None:
                name, speakers = frame.layout.name, tuple(one.name for one in frame.layout.channels)
                begins = round((frame.pts * frame.time_base - first.pts * first.time_base) * RATE_HZ)
                if at is None or abs(begins - at) > RATE_HZ // 20:
                    resampler, at = av.AudioResampler(format="flt", rate=RATE_HZ), begins
                frame.pts = None
            for part in resampler.resample(frame):
                parts.append((at or 0, part.to_ndarray().reshape(-1, len(speakers))))
                at = (at or 0) + part.samples
    result: Floats = np.zeros((max(at + len(samples) for at, samples in parts), len(speakers)))
    for at, samples in parts:
        result[max(0, at) : max(0, at + len(samples))] = samples[max(0, -at) :]
    return Heard(name, speakers, result)


def _frames(container: Any, stream: Any) -> Any:
    for packet in container.demux(stream):
        try:
            yield from packet.decode()
        except av.error.FFmpegError:
            continue


def measured(path: Path, windows: Sequence[Window], trim: tuple[int, int], suffixes: Sequence[str]) -> dict[str, Any]:
    """What ingest hears, and what a whole render and a trimmed one hold in some containers."""
    media = ingest.probe(path)
    source = heard(path)
    told: list[str] = []
    mono = np.concatenate([*ingest.mono_blocks(media, told.append), np.zeros(0, np.float32)])
    everything = range(len(source.speakers))
    found: dict[str, Any] = {
        "probed_channels": media.audio[0].channels,
        "source": _described(source, source, windows),
        "told": told,
        "mono": worst_lag_s(resample_poly(mono, RATE_HZ, 16000), everything, windows),
        "outputs": {},
    }
    shown_s = [float(frame / media.video.rate) for frame in trim]
    for name, (first, end) in {"whole": (0, media.frame_count), "trimmed": trim}.items():
        framing = Framing(CANVAS, media.video.display_size, media.video.rate, (Cell(0, 0, CANVAS, _STILL),))
        timeline = build_timeline(media, [(Shot(first, end), framing)], name="test", recipe={})
        left = trimmed_windows(windows, *shown_s) if name == "trimmed" else windows
        for suffix in suffixes:
            output = path.with_name(f"{path.stem}.{name}{suffix}")
            result = render(timeline, folder=path.parent, output=output, settings=RenderSettings(preset="ultrafast"))
            described = _described(heard(output), source, left)
            found["outputs"][name + suffix] = described | {"sound": result.sound, "notes": result.notes}
    return found


_STILL = Camera((0,), (0.5,), (0.0,), (0.0,))


def _described(one: Heard, source: Heard, windows: Sequence[Window]) -> dict[str, Any]:
    """Layout, length, and for each channel which one of the source it is, how late, and how like it."""
    rows = []
    for number, speaker in enumerate(one.speakers):
        is_listed = speaker in source.speakers and one.speakers != source.speakers
        wanted = source.speakers.index(speaker) if is_listed else number
        rows.append((speaker, *worst_lag_s(one.samples[:, number], [wanted], windows)))
    silent = [
        float(np.abs(one.samples[round(b * RATE_HZ) + 4800 : round(c * RATE_HZ) - 4800]).max(initial=0))
        for (_, b, _), (c, _, _) in itertools.pairwise(windows)
    ]
    return {"layout": one.layout, "seconds": len(one.samples) / RATE_HZ, "channels": rows, "gaps": silent}


if __name__ == "__main__":
    for line in sys.stdin:
        asked = json.loads(line)
        answer = measured(Path(asked["path"]), asked["windows"], tuple(asked["trim"]), asked["suffixes"])
        print(json.dumps(answer), flush=True)
