"""Media whose pictures tell which file and frame they are, and framings that show them whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import opentimelineio as otio

import media
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.timeline.conform import ReframedCut, attach_framings
from panscan.timeline.editorial import EditorCut

SIZE = Size(320, 180)
CANVAS = Size(160, 90)
_BITS = 16  # eight for the frame, four for the file, and the last is always bright
_BRIGHT = 1 << 15
_STRIPE_PX = SIZE.width // _BITS

Picture = tuple[int, int] | None


def movie(path: Path, number: int, frames: int = 60, rate: Fraction = Fraction(25), **named: Any) -> Path:
    """A movie whose picture k of file `number` (0..15) shows both numbers as bright and dark stripes."""

    def scene(frame: int, plane: int, x_px: Any, y_px: Any) -> Any:
        bits = (frame | number << 8 | _BRIGHT) >> (x_px // _STRIPE_PX).astype(int) & 1
        return np.broadcast_to(40 + 170 * bits if plane == 0 else np.full(len(x_px), 128), (len(y_px), len(x_px)))

    return media.write_clip(path, scene, pts=range(frames), rate=rate, **{"tones": {}, **named})


def still(path: Path, number: int, frame: int = 0, *, alpha: bool = False) -> Path:
    """A PNG that reads as this file and frame."""
    from PIL import Image

    bits = (frame | number << 8 | _BRIGHT) >> (np.arange(SIZE.width) // _STRIPE_PX) & 1
    grey = np.broadcast_to((40 + 170 * bits).astype(np.uint8), (SIZE.height, SIZE.width))
    layers = [grey, grey, grey, np.full_like(grey, 128)][: 4 if alpha else 3]
    Image.fromarray(np.stack(layers, axis=-1)).save(path)
    return path


def numbers(path: Path) -> Iterator[Picture]:
    """(file, frame) of each picture of a movie, None for black ones."""
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            grey = frame.to_ndarray(format="gray").mean(axis=0)
            centres = ((np.arange(_BITS) + 0.5) * len(grey) / _BITS).astype(int)
            value = sum(1 << n for n, level in enumerate(grey[centres]) if level > 110)
            yield None if grey.max() < 30 else (value >> 8 & 15, value & 255)


def whole_picture() -> Framing:
    """A framing that shows the whole picture at half its size."""
    return Framing(CANVAS, SIZE, Fraction(25), (Cell(0, 0, CANVAS, Camera((0,), (0.5,), (0.0,), (0.0,))),))


def framed(cut: EditorCut) -> ReframedCut:
    """All clips of a cut framed to show their whole picture."""
    shots = {n: [(Shot(0, cut.media[s.media_path].frame_count), whole_picture())] for n, s in enumerate(cut.clips)}
    return attach_framings(cut, shots, {"ratio": "16:9"})


def time_range(start: float, count: float, rate: Fraction = Fraction(25)) -> Any:
    fps = float(rate)
    return otio.opentime.TimeRange(otio.opentime.RationalTime(start, fps), otio.opentime.RationalTime(count, fps))


def clip(path: Path | str, start: float, count: float, rate: Fraction = Fraction(25), **named: Any) -> Any:
    """A clip of a media that starts at 0 on its clock, unless `available` says otherwise."""
    available = named.pop("available", time_range(0, 60, rate))
    effects: Sequence[Any] = named.pop("effects", ())
    made = otio.schema.Clip(
        name=named.pop("name", Path(str(path)).stem),
        media_reference=otio.schema.ExternalReference(str(path), available_range=available),
        source_range=time_range(start, count, rate),
        **named,
    )
    made.effects.extend(effects)
    return made


def gap(count: float, rate: Fraction = Fraction(25)) -> Any:
    return otio.schema.Gap(source_range=time_range(0, count, rate))


def track(*children: Any, name: str = "V1", kind: str = "Video") -> Any:
    made = otio.schema.Track(name=name, kind=kind)
    made.extend(children)
    return made


def timeline(*tracks: Any, name: str = "cut", metadata: Mapping[str, Any] | None = None) -> Any:
    made = otio.schema.Timeline(name=name, metadata=dict(metadata or {}))
    made.tracks.extend(tracks)
    return made


def written(made: Any, path: Path) -> Path:
    otio.adapters.write_to_file(made, str(path), "otio_json")
    return path
