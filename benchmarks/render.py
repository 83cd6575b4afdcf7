"""CPU time of rendering against FFmpeg at the same encoder settings, as ratios inside one run; and its memory.

    python benchmarks/render.py [--seconds 60] [--rounds 3] [--height 1080] [--only zoom] [--source MOVIE] [--memory]

Wall clocks of shared machines are noise; CPU seconds of child processes are much less so, and what others do can only
add to them. Rounds are interleaved, and the ratios are those of the least CPU time over all rounds. Both sides encode
with frame threads of the same number. Each row names what it is compared with:

* a still crop: `ffmpeg -vf crop`, not moving;
* a pan by parts of a pixel: `ffmpeg -vf crop` that moves by whole pixels, the cheapest move there is;
* a zoom: FFmpeg's own zoom (`crop` by commands, then `scale`), and the bare minimum, which is decoding the source and
  encoding the very pictures that panscan renders, read uncompressed from disk. A cropped picture that does not zoom is
  no yardstick: it is another picture to encode;
* the whole picture with padding, in a moving tilt, with round corners and a shadow: the same camera without all these.

A render's start-up is inside its row; one row times it alone. `--memory` prints the peak at 1 and 3 minutes instead.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

RATE = 30
PRESET, CRF = "veryfast", 18
KINDS = ("still", "pan", "zoom", "staged")
_MOVES = 900  # frames that a camera moves on before it jumps back


def make_source(path: Path, seconds: int, size: tuple[int, int]) -> None:
    """A texture that drifts by parts of a pixel, with grain: about as hard to code as camera footage."""
    rng = np.random.default_rng(1)
    wide = cv2.GaussianBlur(rng.normal(size=(size[1] + 120, size[0] + 1280)).astype(np.float32), None, 3)
    wide = np.clip(126 + wide / wide.std() * 35, 16, 235)
    grain = [rng.normal(scale=3, size=size[::-1]).astype(np.float32) for _ in range(7)]
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": PRESET, "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        sound = out.add_stream("aac", rate=48000, layout="stereo")
        for n in range(seconds * RATE):
            # Whole-pixel drift would be free for the encoder behind a whole-pixel crop, and only there.
            shift = np.array([[1, 0, 600 + 500 * np.sin(n / 90)], [0, 1, 60 + 50 * np.cos(n / 70)]])
            flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
            luma = cv2.warpAffine(wide, shift, size, flags=flags) + grain[n % 7]
            frame = av.VideoFrame(*size, "yuv420p")
            for index, plane in enumerate(frame.planes):
                rows = np.full((plane.height, plane.line_size), 128, np.uint8)
                if index == 0:
                    rows[:, : size[0]] = np.clip(luma, 0, 255)
                plane.update(rows.tobytes())
            frame.pts, frame.time_base = n, Fraction(1, RATE)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
        for start in range(0, seconds * 48000, 1024):
            block = rng.normal(scale=0.05, size=(2, 1024)).astype(np.float32)
            tone = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
            tone.sample_rate, tone.pts, tone.time_base = 48000, start, Fraction(1, 48000)
            out.mux(sound.encode(tone))
        out.mux(sound.encode(None))


def crops(kind: str, height: int, last: int) -> list[tuple[float, float, float, float]]:
    """First and last crop (left, top, width, height) of a camera in source px."""
    width, zoom = round(height * 9 / 32) * 2, 0.8
    whole = (round(height * 16 / 9), height)
    padded = tuple(-0.06 * side for side in whole) + tuple(1.12 * side for side in whole)
    return {
        "still": [(400, 0, width, height)],
        "pan": [(100.3, 0, width, height), (100.3 + 0.37 * last, 0, width, height)],
        "zoom": [(300, 0, width, height), (400.3, 101.7, width * zoom, height * zoom)],
        "padded": [padded, (20.3, 11.7, padded[2] * zoom, padded[3] * zoom)],
        "staged": [padded, (20.3, 11.7, padded[2] * zoom, padded[3] * zoom)],
    }[kind]


def make_timeline(source: Path, kind: str, path: Path, height: int) -> None:
    """A timeline with one camera: still on whole pixels, panning by parts of a pixel, or zooming."""
    from panscan.ingest.media.probe import probe
    from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
    from panscan.model.geometry import Rect, Size
    from panscan.model.plan import Shot
    from panscan.model.style import TiltAngles
    from panscan.operate.tilt import turned_corners
    from panscan.timeline.build import build_timeline
    from panscan.timeline.files import write_timeline

    media = probe(source)
    display, last = media.video.display_size, media.frame_count - 1
    ends = [Rect(*crop) for crop in crops(kind, height, min(last, _MOVES))]
    is_padded = kind in ("padded", "staged")
    canvas = display if is_padded else Size(round(ends[0].width), round(ends[0].height))
    rows = [key_values_of_crop(end, canvas, display) for end in ends]
    frames, columns = [], []
    for start in range(0, last + 1, _MOVES + 1):  # there and back again, for as long as the movie lasts
        frames += [start, min(start + _MOVES, last)] if len(rows) == 2 and start < last else [start]
        columns += rows[: 1 + (frames[-1] > start)]
    scale, x_px, y_px = zip(*columns, strict=True)
    tilts = [turned_corners(TiltAngles(0.0, 4.0 * (n % 2)), canvas) for n in range(len(frames))]
    camera = Camera(tuple(frames), scale, x_px, y_px, tuple(tilts) if kind == "staged" else ())
    looks = {"corner_radius_px": 24.0, "has_shadow": True} if kind == "staged" else {}
    framing = Framing(canvas, display, media.video.rate, (Cell(0, 0, canvas, camera),), "#262b33", **looks)
    write_timeline(build_timeline(media, [(Shot(0, media.frame_count), framing)], name=kind, recipe={}), path)


RENDER = """
import sys
from pathlib import Path
from panscan.render import RenderSettings, render
from panscan.timeline.files import read_timeline
source, output, preset, crf = sys.argv[1:]
if output:
    settings = RenderSettings(preset=preset, crf=int(crf))
    render(read_timeline(Path(source)), folder=Path(source).parent, output=Path(output), settings=settings)
"""


def ours(timeline: Path | str, output: Path | str, crf: int = CRF, preset: str = PRESET) -> list[str]:
    return [sys.executable, "-c", RENDER, str(timeline), str(output), preset, str(crf)]


def theirs(source: Path, output: Path, filters: str) -> list[str]:
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(source), "-vf", filters, "-c:v", "libx264"]
    return [*command, "-preset", PRESET, "-crf", str(CRF), "-c:a", "copy", str(output)]


def same_pictures(source: Path, rendered: Path, output: Path) -> list[str]:
    """Decode the source, and encode pictures that need no decoding."""
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(source), "-i", str(rendered), "-map", "1:v", "-map", "0:a"]
    command += ["-c:v", "libx264", "-preset", PRESET, "-crf", str(CRF), "-c:a", "copy", str(output)]
    return [*command, "-map", "0:v", "-f", "null", "-"]


def uncompressed(timeline: Path, folder: Path) -> Path:
    """The pictures of a timeline as panscan renders them, losslessly."""
    subprocess.run(ours(timeline, folder / "lossless.mkv", 0, "ultrafast"), check=True)
    raw = folder / "raw.nut"
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(folder / "lossless.mkv"), "-an", "-c:v", "rawvideo", str(raw)]
    subprocess.run(command, check=True)
    (folder / "lossless.mkv").unlink()
    return raw


def zoom_commands(path: Path, height: int, frames: int) -> str:
    """FFmpeg's own zoom: one command per frame, half a frame early, and the size of the result."""
    (x0, y0, w0, h0), (x1, y1, w1, h1) = crops("zoom", height, _MOVES)
    with path.open("w") as file:
        for n in range(frames):
            t = (n % (_MOVES + 1)) / _MOVES
            values = (x0 + (x1 - x0) * t, y0 + (y1 - y0) * t, w0 + (w1 - w0) * t, h0 + (h1 - h0) * t)
            orders = ", ".join(f"crop {k} {v:.3f}" for k, v in zip("xywh", values, strict=True))
            file.write(f"{max(0, (n - 0.5) / RATE):.6f} {orders};\n")
    return f"sendcmd=f={path},crop={w0}:{h0}:{x0}:{y0},null,scale={w0}:{h0}:flags=bicubic"


def timed(command: list[str]) -> tuple[float, float]:
    """CPU and wall seconds of a child."""
    # What is installed has its bytecode beside it; here the first round writes it.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - start


# Not ru_maxrss, which a child takes over from the parent that started it.
PEAK = f"""{RENDER}
status = Path("/proc/self/status").read_text()
print(int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""


def memory(folder: Path, source: Path, height: int) -> None:
    """Peak memory in MB of a pan over 1 and 3 minutes of the source, repeated."""
    for minutes in (1, 3):
        movie = folder / f"{minutes}min.mp4"
        command = ["ffmpeg", "-v", "error", "-y", "-stream_loop", "-1", "-i", str(source), "-t", str(60 * minutes)]
        subprocess.run([*command, "-c", "copy", str(movie)], check=True)
        make_timeline(movie, "pan", folder / "pan.otio", height)
        child = ours(folder / "pan.otio", folder / "pan.mp4")
        child[2] = PEAK
        print(f"{minutes} min: peak {subprocess.check_output(child, text=True).strip()} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--height", type=int, default=1080)
    parser.add_argument("--only", choices=KINDS, nargs="+", default=KINDS, help="these cameras and their yardsticks")
    parser.add_argument("--source", type=Path)
    parser.add_argument("--memory", action="store_true")
    arguments = parser.parse_args()
    height = arguments.height
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = arguments.source or folder / "source.mp4"
        if not arguments.source:
            make_source(source, 20 if arguments.memory else arguments.seconds, (height * 16 // 9, height))
        if arguments.memory:
            memory(folder, source, height)
        else:
            compare(folder, source, height, arguments.rounds, arguments.only)


def compare(folder: Path, source: Path, height: int, rounds: int, kinds: Sequence[str]) -> None:
    """Interleaved rounds of all rows; prints the least and the median of each, and ratios of the least."""
    with av.open(str(source)) as opened:
        frames = opened.streams.video[0].frames
    for kind in (*kinds, *(["padded"] if "staged" in kinds else [])):
        make_timeline(source, kind, folder / f"{kind}.otio", height)
    raw = uncompressed(folder / "zoom.otio", folder) if "zoom" in kinds else folder / "raw.nut"
    width = round(height * 9 / 32) * 2
    moving = f"crop={width}:{height}:x='100.3+0.37*mod(n,{_MOVES + 1})':y=0:exact=1"
    rows = {
        "ffmpeg still crop": theirs(source, folder / "a.mp4", f"crop={width}:{height}:x=400:y=0"),
        "ffmpeg moving crop": theirs(source, folder / "b.mp4", moving),
        "ffmpeg zoom": theirs(source, folder / "c.mp4", zoom_commands(folder / "zoom.cmd", height, frames)),
        "decode + encode of the zoom": same_pictures(source, raw, folder / "d.mp4"),
        "panscan still": ours(folder / "still.otio", folder / "still.mp4"),
        "panscan pan": ours(folder / "pan.otio", folder / "pan.mp4"),
        "panscan zoom": ours(folder / "zoom.otio", folder / "zoom.mp4"),
        "panscan padded": ours(folder / "padded.otio", folder / "padded.mp4"),
        "panscan staged": ours(folder / "staged.otio", folder / "staged.mp4"),
        "panscan start-up only": ours("", ""),
    }
    against = {
        "panscan still": ("ffmpeg still crop",),
        "panscan pan": ("ffmpeg moving crop",),
        "panscan zoom": ("ffmpeg zoom", "decode + encode of the zoom", "ffmpeg moving crop"),
        "panscan staged": ("panscan padded",),
    }
    against = {row: yardsticks for row, yardsticks in against.items() if row.split()[-1] in kinds}
    wanted = {*against, *(one for yardsticks in against.values() for one in yardsticks), "panscan start-up only"}
    found: dict[str, list[tuple[float, float]]] = {row: [] for row in rows if row in wanted}
    for _ in range(rounds):
        for row, times in found.items():
            times.append(timed(rows[row]))
    least = {row: min(cpu for cpu, _ in times) for row, times in found.items()}
    print(f"{'':30}{'CPU s':>8}{'median':>8}{'wall s':>8}")
    for row, times in found.items():
        cpu, wall = (statistics.median(column) for column in zip(*times, strict=True))
        line = f"{row:30}{least[row]:8.2f}{cpu:8.2f}{wall:8.2f}"
        for yardstick in against.get(row, ()):
            line += f"   {least[row] / least[yardstick]:.2f} of {yardstick}"
        print(line, flush=True)


if __name__ == "__main__":
    main()
