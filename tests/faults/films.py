"""Films that faults are planted into, their sound, and the cameras over them. Small, and made in half a second."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

import cut_sounds
import media
import tones
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size

CANVAS = Size(180, 320)
SIZE = (640, 360)
RATE = Fraction(25)
CUTS = (24, 48)
FRAMES = 66

Samples = npt.NDArray[np.float32]


def scene(frame: int, plane: int, x_px: media.Floats, y_px: media.Floats, cuts: tuple[int, int] = CUTS) -> media.Floats:
    """Three moving shots with coarse and fine detail, of unlike light."""
    shot = int(np.searchsorted(cuts, frame, side="right"))
    drift = (1.6, -1.2, 0.9)[shot] * frame
    coarse = media.texture(40 + shot, plane, x_px - drift, y_px)
    if plane:
        return 128 + (coarse - 126) * 1.3 + (14, -14)[plane - 1] * (shot - 1)
    fine = np.outer(np.sin(2 * np.pi * y_px / 6.1), np.sin(2 * np.pi * (x_px - drift) / 5.3))
    return coarse + 14 * fine + (30, -25, 5)[shot]


def drifting(frame: int, plane: int, x_px: media.Floats, y_px: media.Floats) -> media.Floats:
    """A texture that moves by part of a px a frame, with colours."""
    coarse = media.texture(60, plane, x_px - 0.7 * frame, y_px)
    if plane:
        return 128 + (coarse - 126) * 1.3
    fine = np.outer(np.sin(2 * np.pi * y_px / 6.1), np.sin(2 * np.pi * (x_px - 0.7 * frame) / 5.3))
    return coarse + 12 * fine


def nearly_still(frame: int, plane: int, x_px: media.Floats, y_px: media.Floats) -> media.Floats:
    """A still texture in which one small thing moves by part of a px a frame."""
    still = media.texture(61, plane, x_px, y_px)
    if plane:
        return 128 + (still - 126) * 1.3
    # As nothing alive, it does not move evenly.
    at = 178 + 0.25 * frame + 3 * np.sin(frame / 4)
    column = np.clip(16 - np.abs(x_px - at), 0, 1)
    row = np.clip(20 - np.abs(y_px - 170), 0, 1)
    thing = media.texture(62, plane, 2 * (x_px - at), 2 * y_px)
    return still + np.outer(row, column) * (1.3 * (thing - 126) + 126 - still)


def dark(frame: int, plane: int, x_px: media.Floats, y_px: media.Floats) -> media.Floats:
    """The same as `drifting` by night."""
    bright = drifting(frame, plane, x_px, y_px)
    return 128 + (bright - 128) * 0.3 if plane else 17 + (bright - 30) * 0.25


def noise(seed: int, seconds: float) -> Samples:
    """Sound that fits in one place only: noise with syllables."""
    rng = np.random.default_rng(seed)
    grain = np.convolve(rng.normal(0, 1, round(seconds * tones.RATE_HZ)), np.ones(12) / 12, mode="same")
    loud = np.repeat(rng.uniform(0.2, 1, int(seconds * 8) + 1), tones.RATE_HZ // 8)[: len(grain)]
    return np.asarray(0.25 * grain * loud, np.float32)


def film_sound(seed: int, seconds: float) -> npt.NDArray[np.floating]:
    """A voice in the middle over faint music left and right, and a third of a second of near silence."""
    samples = cut_sounds.voice(seed, seconds) + 0.3 * cut_sounds.music(seed, seconds)
    at_s = np.arange(len(samples))[:, None] / tones.RATE_HZ
    return np.where((at_s > 0.6) & (at_s < 0.9), 0.01, 1.0) * samples


def with_sound(
    pictures: Path, target: Path, *sounds: npt.NDArray[np.floating], codec: str = "aac", bit_rate: int = 0
) -> Path:
    """The pictures of a file, copied, with other sounds: a stream of each array of samples, (n,) or (n, channels)."""
    columns = [samples.reshape(len(samples), -1) for samples in sounds]
    layouts = [{1: "mono", 2: "stereo"}[samples.shape[1]] for samples in columns]
    with av.open(str(pictures)) as source, av.open(str(target), "w") as out:
        video = out.add_stream_from_template(source.streams.video[0])
        streams = [tones.sound_stream(out, tones.RATE_HZ, layout, codec, bit_rate) for layout in layouts]
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = video
                out.mux(packet)
        for stream, samples, layout in zip(streams, columns, layouts, strict=True):
            tones.fill_sound(out, stream, samples, tones.RATE_HZ, layout)
    return target


def pan(canvas: Size, first: int, end: int, start_px: float, stop_px: float, by_px: float = 0) -> Framing:
    """From one left edge to another in source px; `by_px`: so much beside it in canvas px."""
    height = float(SIZE[1])
    width = height * canvas.width / canvas.height
    scale = canvas.height / height
    rows = [
        key_values_of_crop(Rect(left - by_px / scale, 0, width, height), canvas, Size(*SIZE))
        for left in (start_px, stop_px)
    ]
    columns = [tuple(float(v) for v in column) for column in zip(*rows, strict=True)]
    return Framing(canvas, Size(*SIZE), RATE, (Cell(0, 0, canvas, Camera((first, end - 1), *columns)),))


def halves(canvas: Size) -> Framing:
    """Two cells, one above the other."""
    half = Size(canvas.width, canvas.height // 2)
    cells = []
    for n, left in enumerate((20.0, 300.0)):
        row = key_values_of_crop(Rect(left, 40, 315, 315 * half.height / half.width), half, Size(*SIZE))
        cells.append(Cell(0, n * half.height, half, Camera((0,), *((v,) for v in row))))
    return Framing(canvas, Size(*SIZE), RATE, tuple(cells), layout="split-2")


def whole(canvas: Size, background: str = "#208040") -> Framing:
    """All of the picture, with a background above and below."""
    tall = SIZE[0] * canvas.height / canvas.width
    row = key_values_of_crop(Rect(0, (SIZE[1] - tall) / 2, SIZE[0], tall), canvas, Size(*SIZE))
    cell = Cell(0, 0, canvas, Camera((0,), *((v,) for v in row)))
    return Framing(canvas, Size(*SIZE), RATE, (cell,), layout="fit", background=background)


def on_background(canvas: Size) -> Framing:
    """The whole picture with air around it, round corners and a shadow."""
    framing = whole(canvas, "#c8c8d0:#a0a0b0")
    (cell,) = framing.cells
    wide, tall = SIZE[0] * 1.2, SIZE[0] * 1.2 * canvas.height / canvas.width
    row = key_values_of_crop(Rect(-0.1 * SIZE[0], (SIZE[1] - tall) / 2, wide, tall), canvas, Size(*SIZE))
    cell = replace(cell, camera=Camera((0,), *((v,) for v in row)))
    return replace(framing, cells=(cell,), corner_radius_px=60.0, has_shadow=True)
