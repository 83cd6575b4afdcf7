"""Small clips made on the spot, one phenomenon each. Every generator writes `path` and returns it.

Pictures are sums of sines of incommensurate wavelengths: each place looks unlike every other, nothing aliases,
and the value between pixels is known exactly (`coded_value`).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]

# Value 0..255 of a plane (0 luma, 1 and 2 chroma) of one frame at columns x and rows y in luma px: array (y, x).
Scene = Callable[[int, int, Floats, Floats], Floats]

FILM_RATE, NTSC_RATE = Fraction(25), Fraction(30000, 1001)
AUDIO_HZ = 48000
ONE_TONE: Mapping[str, float] = {"und": 440.0}
SMALL = (320, 180)


def texture(seed: int, plane: int, x_px: Floats, y_px: Floats) -> Floats:
    """A still texture of 24 waves 12 to 300 px long, mean 126, standard deviation 30: array (y, x)."""
    rng = np.random.default_rng([seed, plane])
    length_px = np.exp(rng.uniform(np.log(12), np.log(300), 24))
    angle, phase = rng.uniform(0, np.pi, 24), rng.uniform(0, 2 * np.pi, 24)
    across = np.outer(x_px, 2 * np.pi * np.cos(angle) / length_px)
    down = np.outer(y_px, 2 * np.pi * np.sin(angle) / length_px) + phase
    return 126 + 30 / np.sqrt(12) * _sum_of_sines(down, across)


def _sum_of_sines(down: Floats, across: Floats) -> Floats:
    """Sum over the waves of sin(down + across), phases of rows (m, waves) and columns (n, waves): array (m, n)."""
    # sin(a + b) taken apart: a small matrix product instead of a sine for every pixel and wave. It is OpenCV's, as
    # NumPy leaves products to BLAS, whose waiting threads make it many times slower on a busy machine.
    rows, columns = np.hstack([np.cos(down), np.sin(down)]), np.hstack([np.sin(across), np.cos(across)])
    return np.asarray(cv2.gemm(rows, columns, 1, None, 0, flags=cv2.GEMM_2_T))


def coded_value(frame: int, plane: int, x_px: Floats, y_px: Floats, shift_per_frame: float = 0.0) -> Floats:
    """The picture of `position_coded` before rounding, at any columns (n,) and rows (m,) in luma px: array (m, n).

    Coordinates count pixel centres: 0 is the middle of the first pixel, so what a `Rect` calls e is e - 0.5 here.
    Two faint waves that run on at unequal speeds tell the frames apart.
    """
    still = texture(1, plane, x_px - shift_per_frame * frame, y_px)
    across = 2 * np.pi * np.outer(x_px, [1 / 61, 1 / 97])
    down = 2 * np.pi * (np.outer(y_px, [1 / 83, -1 / 71]) + np.array([-0.137, 0.0618]) * frame)
    return np.asarray(np.clip(still + 7 * _sum_of_sines(down, across), 16, 235))


def picture(scene: Scene, frame: int, size: tuple[int, int], pixel_format: str) -> av.VideoFrame:
    """One frame of a scene in any planar format of 8 to 16 bits."""
    shown = av.VideoFrame(size[0], size[1], pixel_format)
    bits = shown.format.components[0].bits
    kind = np.dtype(np.uint8 if bits == 8 else "<u2")
    for index, plane in enumerate(shown.planes):
        # Chroma samples are taken as centred between the luma samples that they colour.
        x_px = np.arange(plane.width) * 2 + 0.5 if plane.width < size[0] else np.arange(float(size[0]))
        y_px = np.arange(plane.height) * 2 + 0.5 if plane.height < size[1] else np.arange(float(size[1]))
        rows = np.zeros((plane.height, plane.line_size // kind.itemsize), kind)
        rows[:, : plane.width] = np.round(np.clip(scene(frame, index, x_px, y_px), 16, 240) * 2 ** (bits - 8))
        plane.update(rows.tobytes())
    return shown


def fill_tone(container: av.container.OutputContainer, stream: av.AudioStream, seconds: float, tone_hz: float) -> None:
    """Write a sine from time 0 on, and close the stream."""
    samples = 0.3 * np.sin(2 * np.pi * tone_hz * np.arange(round(seconds * AUDIO_HZ)) / AUDIO_HZ)
    for start in range(0, len(samples), 1024):
        block = samples[start : start + 1024].astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.stack([block, block]), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = AUDIO_HZ, start, Fraction(1, AUDIO_HZ)
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def write_clip(
    path: Path,
    scene: Scene = coded_value,
    *,
    size: tuple[int, int] = SMALL,
    rate: Fraction = FILM_RATE,
    pixel_format: str = "yuv420p",
    lossless: bool = False,
    pts: Sequence[int] = range(25),
    time_base: Fraction | None = None,
    tones: Mapping[str, float] = ONE_TONE,
    timecode: str | None = None,
    rotation_deg: int = 0,
    pixel_aspect: Fraction = Fraction(1),
    delay_s: Fraction = Fraction(0),
    container_options: Mapping[str, str] | None = None,
) -> Path:
    """Encode a scene with libx264; what all generators share.

    pts: timestamps of the pictures in units of `time_base` (default: of a frame); tones: language -> Hz, one stereo
    stream each; rotation_deg: what `frame.rotation` reads back; delay_s: start of the picture after the sound.
    """
    tick = time_base or 1 / rate
    with av.open(str(path), "w", options=dict(container_options or {})) as container:
        quality = {"preset": "ultrafast", "qp": "0"} if lossless else {"preset": "ultrafast", "crf": "12"}
        video = container.add_stream("libx264", rate=rate, options=quality)
        video.width, video.height, video.pix_fmt, video.thread_count = *size, pixel_format, 1
        context = video.codec_context
        video.time_base = context.time_base = tick
        context.color_primaries = context.color_trc = context.colorspace = context.color_range = 1  # BT.709, limited
        video.sample_aspect_ratio = context.sample_aspect_ratio = pixel_aspect
        if timecode:
            video.metadata["timecode"] = timecode
        streams = [container.add_stream("aac", rate=AUDIO_HZ, layout="stereo") for _ in tones]
        for stream, language in zip(streams, tones, strict=True):
            stream.metadata["language"] = language
        for index, stamp in enumerate(pts):
            shown = picture(scene, index, size, pixel_format)
            shown.pts, shown.time_base = stamp + round(delay_s / tick), tick
            container.mux(video.encode(shown))
        container.mux(video.encode(None))
        for stream, hz in zip(streams, tones.values(), strict=True):
            fill_tone(container, stream, float(delay_s + (pts[-1] - pts[0]) * tick + 1 / rate), hz)
    return show_through(path, turned_matrix(rotation_deg)) if rotation_deg else path


def turned_matrix(degrees: float) -> tuple[float, float, float, float]:
    """The display matrix a, b, c, d of a counter-clockwise turn."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return cos, -sin, sin, cos


def show_through(path: Path, matrix: Iterable[float]) -> Path:
    """Write a display matrix into the header of a movie (.mp4, .mov), whose first stream is the picture."""
    a, b, c, d = (round(value * 65536) for value in matrix)
    data = bytearray(path.read_bytes())
    start = data.find(b"tkhd") + 44  # of a header of version 0: times, number, duration, layer and volume come first
    data[start : start + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 0x40000000)
    path.write_bytes(data)
    return path


def position_coded(
    path: Path,
    *,
    size: tuple[int, int] = (640, 360),
    frames: int = 48,
    rate: Fraction = FILM_RATE,
    lossless: bool = True,
    pixel_format: str = "yuv420p",
    timecode: str | None = None,
    shift_per_frame: float = 0,
) -> Path:
    """Which place at which frame: a crop can be located to a part of a pixel and frame n told from n + 1.

    `coded_value` gives the exact picture; `shift_per_frame` moves the scene to the right, px per frame.
    """
    write = partial(write_clip, size=size, pts=range(frames), rate=rate, lossless=lossless, pixel_format=pixel_format)
    return write(path, partial(coded_value, shift_per_frame=shift_per_frame), timecode=timecode)


def cuts(
    path: Path, *, scene_frames: Sequence[int] = (20, 15, 25), rate: Fraction = NTSC_RATE, audio: bool = True
) -> Path:
    """Hard cuts between moving scenes of unlike light: the first frames of new shots are the running sums."""
    starts = np.cumsum([0, *scene_frames])

    def scene(frame: int, plane: int, x_px: Floats, y_px: Floats) -> Floats:
        shot = int(np.searchsorted(starts, frame, side="right"))
        speed_px, light = ((2.0, -1.5, 1.0)[shot % 3], (45, -30, 10)[shot % 3])
        return texture(100 + shot, plane, x_px - speed_px * frame, y_px) + (light if plane == 0 else 0)

    return write_clip(path, scene, pts=range(starts[-1]), rate=rate, tones=ONE_TONE if audio else {})


def moving_block_path(frames: int = 30) -> Floats:
    """Left, top, width, height (edges, px) of the block of `moving_block` at each frame: array (frames, 4)."""
    done = np.arange(frames) / max(1, frames - 1)
    left, top = 135 - 95 * np.cos(np.pi * done), 70 + 20 * np.sin(2 * np.pi * done)
    return np.stack([left, top, np.full(frames, 48.0), np.full(frames, 60.0)], axis=1)


def moving_block(path: Path, *, frames: int = 30, rate: Fraction = FILM_RATE) -> Path:
    """One thing moves against a still background, on the path that `moving_block_path` tells."""

    def scene(frame: int, plane: int, x_px: Floats, y_px: Floats) -> Floats:
        left, top, width, height = moving_block_path(frames)[frame]
        # The share of each pixel that the block covers: its edges move by parts of a pixel.
        column = np.clip(np.minimum(x_px + 1, left + width) - np.maximum(x_px, left), 0, 1)
        row = np.clip(np.minimum(y_px + 1, top + height) - np.maximum(y_px, top), 0, 1)
        block = 1.4 * (texture(7, plane, 2 * (x_px - left), 2 * (y_px - top)) - 126) + 126
        still = texture(6, plane, x_px, y_px)
        return still + np.outer(row, column) * (block - still)

    return write_clip(path, scene, pts=range(frames), rate=rate)


def exact(path: Path, *, frames: int = 12) -> Path:
    """A pattern that wanders, uncompressed and of whole numbers: the same bytes on every machine, with any encoder."""
    width, height = 128, 72
    y_px, x_px = np.mgrid[:height, :width]
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{width} H{height} F25:1 Ip A1:1 C420jpeg\n".encode())
        for frame in range(frames):
            luma = (3 * x_px + 5 * y_px + 7 * frame) % 200 + 20
            file.write(b"FRAME\n" + luma.astype(np.uint8).tobytes() + bytes([128]) * (width * height // 2))
    return path


def vfr_pts(frames: int = 30, time_base: Fraction = Fraction(1, 30000)) -> npt.NDArray[np.int64]:
    """Timestamps of `vfr` in units of `time_base`: steps of 20 to 133 ms, as a phone or a screen recorder makes."""
    steps_s = np.resize([1001, 1001, 2002, 1500, 4004, 600, 1001, 3003], frames - 1) / 30000
    return np.asarray(np.round(np.cumsum([0.0, *steps_s]) * float(1 / time_base)), np.int64)


def vfr(path: Path, *, frames: int = 30, time_base: Fraction = Fraction(1, 30000)) -> Path:
    """Variable frame rate: the timestamps are `vfr_pts`, and no frame number can stand for a time."""
    return write_clip(path, pts=vfr_pts(frames, time_base).tolist(), time_base=time_base, rate=NTSC_RATE)


def rotated(path: Path, degrees: int = 90) -> Path:
    """A phone's upright film: coded landscape, turned by a display matrix (`degrees` counter-clockwise)."""
    return write_clip(path, rotation_deg=degrees)


def anamorphic(path: Path, *, pixel_aspect: Fraction = Fraction(2)) -> Path:
    """Pixels that are not square: shown wider than coded."""
    return write_clip(path, pixel_aspect=pixel_aspect)


def odd_sized(path: Path, *, size: tuple[int, int] = (321, 181)) -> Path:
    """Odd width and height, which only 4:4:4 can hold."""
    return write_clip(path, size=size, pixel_format="yuv444p")


def portrait(path: Path) -> Path:
    """Already upright."""
    return write_clip(path, size=(180, 320))


def square(path: Path) -> Path:
    """As wide as high."""
    return write_clip(path, size=(240, 240))


def silent(path: Path) -> Path:
    """No audio stream at all."""
    return write_clip(path, tones={})


def one_frame(path: Path) -> Path:
    """A single picture: no second one to measure a rate, a cut or a motion with."""
    return write_clip(path, pts=[0])


def ten_bit(path: Path) -> Path:
    """Ten bits per sample, as cameras and intermediate codecs give."""
    return write_clip(path, pixel_format="yuv420p10le")


def late_video(path: Path, *, delay_s: Fraction = Fraction(4, 5)) -> Path:
    """The picture starts after the sound: the file's clock is not the picture's."""
    return write_clip(path, delay_s=delay_s)


def pillarbox(path: Path, *, bar_px: int = 40) -> Path:
    """Black bars left and right that no crop should show."""

    def scene(frame: int, plane: int, x_px: Floats, y_px: Floats) -> Floats:
        inside = (x_px >= bar_px) & (x_px < SMALL[0] - bar_px)
        return np.where(inside, coded_value(frame, plane, x_px, y_px), 16 if plane == 0 else 128)

    return write_clip(path, scene)


def with_timecode(path: Path, *, timecode: str = "01:00:00:00", rate: Fraction = NTSC_RATE) -> Path:
    """A camera's clock in the file: frame numbers do not start at 0."""
    return write_clip(path, timecode=timecode, rate=rate)


def two_audio(path: Path) -> Path:
    """Two languages: English has the higher tone, German the lower one."""
    return write_clip(path, tones={"eng": 880.0, "deu": 440.0})


def audio_only(path: Path) -> Path:
    """Sound without a picture."""
    with av.open(str(path), "w") as container:
        fill_tone(container, container.add_stream("aac", rate=AUDIO_HZ, layout="stereo"), 1.0, 440.0)
    return path


def truncated(path: Path, *, lost: str = "index") -> Path:
    """A copy that stopped half-way: without its "index" (moov, nothing opens) or without the rest of its "data"."""
    write_clip(path, container_options={"movflags": "faststart"} if lost == "data" else {})
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def text_file(path: Path) -> Path:
    """Words under a movie's name."""
    path.write_text("This is not a movie.\n" * 20, encoding="utf-8")
    return path


def empty_file(path: Path) -> Path:
    """Nothing under a movie's name."""
    path.write_bytes(b"")
    return path


# Every movie that must work, and every file that must be refused with a clear message, by name.
MOVIES: Mapping[str, Callable[[Path], Path]] = {
    make.__name__: make
    for group in (
        (position_coded, cuts, moving_block, vfr, rotated, anamorphic, odd_sized, portrait, square, silent),
        (one_frame, ten_bit, late_video, pillarbox, with_timecode, two_audio),
    )
    for make in group
}
UNUSABLE = {make.__name__: make for make in (audio_only, truncated, text_file, empty_file)}
