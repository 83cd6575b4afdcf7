"""CPU time of rendering against FFmpeg's own crop at the same encoder settings, as ratios inside one run.

    python benchmarks/render.py [--seconds 24] [--rounds 3] [--source MOVIE]

Wall clocks of shared machines are noise; CPU seconds of child processes and their ratios are not. Rounds are
interleaved, medians are printed. The yardstick is `ffmpeg -vf crop` moving by whole pixels, which is what a render
without sub-pixel motion would cost. One row times an empty child, to tell start-up from work.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

SIZE = (1920, 1080)
CANVAS = (608, 1080)
RATE = 30
PRESET, CRF = "veryfast", 18


def make_source(path: Path, seconds: int) -> None:
    """A texture that drifts by parts of a pixel, with grain: about as hard to code as camera footage."""
    rng = np.random.default_rng(1)
    wide = cv2.GaussianBlur(rng.normal(size=(1200, 3200)).astype(np.float32), None, 3)
    wide = np.clip(126 + wide / wide.std() * 35, 16, 235)
    grain = [rng.normal(scale=3, size=SIZE[::-1]).astype(np.float32) for _ in range(7)]
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=RATE, options={"preset": PRESET, "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
        sound = out.add_stream("aac", rate=48000, layout="stereo")
        for n in range(seconds * RATE):
            # Whole-pixel drift would be free for the encoder behind a whole-pixel crop, and only there.
            shift = np.array([[1, 0, 600 + 500 * np.sin(n / 90)], [0, 1, 60 + 50 * np.cos(n / 70)]])
            flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
            luma = cv2.warpAffine(wide, shift, SIZE, flags=flags) + grain[n % 7]
            frame = av.VideoFrame(*SIZE, "yuv420p")
            for index, plane in enumerate(frame.planes):
                rows = np.full((plane.height, plane.line_size), 128, np.uint8)
                if index == 0:
                    rows[:, : SIZE[0]] = np.clip(luma, 0, 255)
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


def make_timeline(source: Path, kind: str, path: Path) -> None:
    """A timeline with one camera: still on whole pixels, panning by parts of a pixel, or zooming."""
    from panscan.document import timeline as document
    from panscan.ingest.probe import probe
    from panscan.model.framing import Camera, Cell, Framing, camera_of_crop
    from panscan.model.geometry import Rect, Size
    from panscan.model.plan import Shot

    media = probe(source)
    display, last = media.video.display, media.frame_count - 1
    canvas = Size(1080, 1920) if kind == "upscaled pan" else Size(*CANVAS)
    width = display.height * canvas.width / canvas.height if kind == "upscaled pan" else canvas.width
    height = width * canvas.height / canvas.width
    ends = {
        "still": [Rect(400, 0, width, height)],
        "pan": [Rect(100.3, 0, width, height), Rect(100.3 + 0.37 * last, 0, width, height)],
        "upscaled pan": [Rect(100.3, 0, width, height), Rect(100.3 + 0.37 * last, 0, width, height)],
        "zoom": [Rect(300, 0, width, height), Rect(400.3, 101.7, width * 0.8, height * 0.8)],
    }[kind]
    rows = [camera_of_crop(end, canvas, display) for end in ends]
    frames = (0, last)[: len(rows)]
    camera = Camera(frames, *(tuple(column) for column in zip(*rows, strict=True)))
    framing = Framing(canvas, display, media.video.rate, (Cell(0, 0, canvas, camera),))
    document.write(document.build(media, [(Shot(0, media.frame_count), framing)], name=kind, recipe={}), path)


RENDER = """
import sys
from pathlib import Path
from panscan.document import timeline
from panscan.render import Settings, render
source, output, preset, crf = sys.argv[1:]
if output:
    settings = Settings(preset=preset, crf=int(crf))
    render(timeline.read(Path(source)), folder=Path(source).parent, output=Path(output), settings=settings)
"""


def ours(timeline: Path | str, output: Path | str) -> list[str]:
    return [sys.executable, "-c", RENDER, str(timeline), str(output), PRESET, str(CRF)]


def theirs(source: Path, output: Path, filters: str) -> list[str]:
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(source), "-vf", filters, "-c:v", "libx264"]
    return [*command, "-preset", PRESET, "-crf", str(CRF), "-c:a", "copy", str(output)]


def timed(command: list[str]) -> tuple[float, float]:
    """CPU and wall seconds of a child."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(command, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return cpu, time.monotonic() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--source", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = arguments.source or folder / "source.mp4"
        if not arguments.source:
            make_source(source, arguments.seconds)
        rows: dict[str, list[str]] = {}
        if shutil.which("ffmpeg"):
            size = f"{CANVAS[0]}:{CANVAS[1]}"
            rows["ffmpeg moving crop"] = theirs(source, folder / "a.mp4", f"crop={size}:x='100.3+0.37*n':y=0:exact=1")
            rows["ffmpeg still crop"] = theirs(source, folder / "b.mp4", f"crop={size}:x=400:y=0")
            rows["ffmpeg still crop + bicubic"] = theirs(
                source, folder / "c.mp4", f"crop={size}:x=400:y=0,scale=1080:1920"
            )
        for kind in ("still", "pan", "zoom", "upscaled pan"):
            make_timeline(source, kind, folder / f"{kind}.otio")
            rows[f"panscan {kind}"] = ours(folder / f"{kind}.otio", folder / f"{kind}.mp4")
        rows["panscan start-up only"] = ours("", "")
        found: dict[str, list[tuple[float, float]]] = {row: [] for row in rows}
        for _ in range(arguments.rounds):
            for row, command in rows.items():
                found[row].append(timed(command))
    yardsticks = [row for row in ("ffmpeg moving crop", "ffmpeg still crop + bicubic") if row in rows]
    print(f"{'':30}{'CPU s':>8}{'wall s':>8}" + "".join(f"{'/ ' + y.removeprefix('ffmpeg '):>24}" for y in yardsticks))
    for row, times in found.items():
        cpu, wall = (statistics.median(column) for column in zip(*times, strict=True))
        ratios = [statistics.median(a[0] / b[0] for a, b in zip(times, found[y], strict=True)) for y in yardsticks]
        print(f"{row:30}{cpu:8.2f}{wall:8.2f}" + "".join(f"{ratio:24.2f}" for ratio in ratios))


if __name__ == "__main__":
    main()
