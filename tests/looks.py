"""Movies that are shown otherwise than they are coded: mirrored and turned, made of fields, changing on the way."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

import media

# How the coded x and y go to the shown ones (a, b, c, d of a display matrix), with the mirroring and the
# counter-clockwise turn that show the picture so: all eight that keep a rectangle upright or lying.
MATRICES = {
    (1, 0, 0, 1): (False, 0),
    (0, 1, -1, 0): (False, 270),
    (-1, 0, 0, -1): (False, 180),
    (0, -1, 1, 0): (False, 90),
    (-1, 0, 0, 1): (True, 0),
    (0, -1, -1, 0): (True, 270),
    (1, 0, 0, -1): (True, 180),
    (0, 1, 1, 0): (True, 90),
}

PAL_SD, NTSC_SD = (180, 576), (180, 480)  # narrow, for speed: rows alone are of interest
_FIELD_SHIFT_PX = 5.0  # what moves between two fields: clear combs


def with_matrix(path: Path, matrix: Iterable[float], make: Any = media.write_clip) -> Path:
    """A movie (.mp4) whose header shows it through the matrix a, b, c, d."""
    return media.show_through(make(path), matrix)


def moving(moment: int, plane: int, x_px: media.Floats, y_px: media.Floats) -> media.Floats:
    """A texture that wanders to the right; one moment is a field."""
    return media.texture(3, plane, x_px - _FIELD_SHIFT_PX * moment, y_px)


def woven(first: int, second: int) -> media.Scene:
    """Pictures of two moments each, `first` in the rows 0, 2, 4 and `second` between them; frame n adds 2 n."""

    def scene(frame: int, plane: int, x_px: media.Floats, y_px: media.Floats) -> media.Floats:
        rows = np.arange(len(y_px)) % 2 == 0
        even, odd = (moving(2 * frame + moment, plane, x_px, y_px) for moment in (first, second))
        return np.where(rows[:, None], even, odd)

    return scene


def telecined(frame: int, plane: int, x_px: media.Floats, y_px: media.Floats) -> media.Floats:
    """Film on video: four frames of the film in five pictures, two of which show two of them."""
    film, step = divmod(frame, 5)
    top, bottom = ((0, 0), (0, 1), (1, 2), (2, 2), (3, 3))[step]
    return woven(2 * (4 * film + top), 2 * (4 * film + bottom))(0, plane, x_px, y_px)


def fields(
    path: Path,
    scene: media.Scene,
    *,
    size: tuple[int, int] = PAL_SD,
    flag: str = "",
    frames: int = 40,
    rate: Fraction = media.FILM_RATE,
) -> Path:
    """Encode a scene; `flag`: "tff" or "bff" has the encoder say that its pictures are interlaced."""
    options = {"preset": "ultrafast", "qp": "8"} | ({"x264-params": f"interlaced=1:{flag}=1"} if flag else {})
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt, stream.thread_count = *size, "yuv420p", 1
        stream.codec_context.time_base = 1 / rate
        for n in range(frames):
            shown = media.picture(scene, n, size, "yuv420p")
            shown.pts, shown.time_base = n, 1 / rate
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
    return path


def joined(path: Path, *parts: Path) -> Path:
    """Transport streams of the parts one after the other: what differs between them changes in mid-stream."""
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def changing_jpegs(path: Path, *sizes: tuple[int, int]) -> Path:
    """Five pictures of each size in one stream of JPEGs, whose packets bring no headers."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=media.FILM_RATE)
        (stream.width, stream.height), stream.pix_fmt = sizes[0], "yuvj420p"
        for part, size in enumerate(sizes):
            encoder = av.CodecContext.create("mjpeg", "w")
            (encoder.width, encoder.height), encoder.pix_fmt = size, "yuvj420p"
            encoder.time_base = 1 / media.FILM_RATE
            for n in range(5 * part, 5 * part + 5):
                shown = av.VideoFrame(*size, "yuvj420p")
                shown.pts, shown.time_base = n, encoder.time_base
                for packet in encoder.encode(shown):
                    packet.stream = stream
                    container.mux(packet)
    return path


def as_ffmpeg_shows(program: str, path: Path, *filters: str, pixels: str = "gray") -> list[npt.NDArray[np.uint8]]:
    """All pictures as the program ffmpeg reads them: upright, of the size it gives."""
    probe = subprocess.run(
        [program, "-v", "error", "-i", path, "-frames:v", "1", "-pix_fmt", "gray", "-c:v", "pgm", "-f", "image2pipe",
         "-"],
        check=True, capture_output=True, timeout=60,
    ).stdout  # fmt: skip
    width, height = (int(number) for number in probe.split(maxsplit=3)[1:3])
    command = [program, "-v", "error", "-i", path, *(["-vf", ",".join(filters)] if filters else [])]
    raw = subprocess.run(
        [*command, "-fps_mode", "passthrough", "-pix_fmt", pixels, "-f", "rawvideo", "-"],
        check=True, capture_output=True, timeout=120,
    ).stdout  # fmt: skip
    return list(np.frombuffer(raw, np.uint8).reshape(-1, height, width))
