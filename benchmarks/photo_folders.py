"""Folders of photos: `python benchmarks/photo_folders.py [--count 100] [--jobs 1]`.

Processor seconds per photo of 12 megapixels and the largest memory of `panscan shots`, for a quarter of the photos and
for all of them: memory that does not grow with the folder is flat. Then one photo of 100 megapixels, and photos that
are odd or broken: what the command makes of each, or says. The photos are made of a portrait in the public domain.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from skimage import data

USUAL, LARGE = (4000, 3000), (12000, 8400)  # px: 12 and 100 megapixels
SMALLER_SHARE = 4  # the smaller folder holds so many times fewer photos: the start of the command is left out by it
MB = 1024  # ru_maxrss counts in KiB


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the command.

    Attributes
    ----------
    code : int
        Exit code.
    cpu_s : float
        Processor seconds, of its processes too.
    peak_mb : float
        Largest memory of one process, MiB.
    said : str
        What it made, or its error.
    """

    code: int
    cpu_s: float
    peak_mb: float
    said: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=100, help="photos of 12 megapixels")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="panscan-photos-") as folder:
        _folders(Path(folder), chosen.count, chosen.jobs)
        _large(Path(folder) / "large")
        _odd(Path(folder) / "odd")


def _folders(folder: Path, count: int, jobs: int) -> None:
    runs = {}
    for size in (max(1, count // SMALLER_SHARE), count):
        photos = folder / f"{size} photos"
        photos.mkdir()
        _make_portraits(photos, USUAL, size)
        runs[size] = run = _shots(photos, "--jobs", str(jobs))
        print(f"{size:4} photos of 12 MP: {run.cpu_s:6.1f} CPU s, {run.peak_mb:5.0f} MiB in a process, exit {run.code}")
    (few, small), (many, large) = runs.items()
    if many > few:
        print(f"each photo: {(large.cpu_s - small.cpu_s) / (many - few):.2f} CPU s")


def _large(folder: Path) -> None:
    folder.mkdir()
    _make_portraits(folder, LARGE, 1)
    run = _shots(folder, "--push", "1.06")
    print(f"one photo of 100 MP: {run.cpu_s:.1f} CPU s, {run.peak_mb:.0f} MiB, exit {run.code}")


def _odd(folder: Path) -> None:
    for name, save in ODD.items():
        (folder / name).mkdir(parents=True)
        save(_portrait((1200, 900), 0), folder / name / name)
        run = _shots(folder / name / name)
        print(f"{name:16} exit {run.code}: {run.said.replace(str(folder), '')}")


def _make_portraits(folder: Path, size: tuple[int, int], count: int) -> None:
    """Save portraits from another process: what this one has in memory would count as memory of those it starts."""
    maker = multiprocessing.get_context("spawn").Process(target=_save_portraits, args=(folder, size, count))
    maker.start()
    maker.join()


def _save_portraits(folder: Path, size: tuple[int, int], count: int) -> None:
    for n in range(count):
        _portrait(size, n).save(folder / f"{n:04}.jpg", quality=90)


def _portrait(size: tuple[int, int], number: int) -> Image.Image:
    """A portrait with grain; each number cuts it otherwise."""
    left, top = number % 10 * 6, number // 10 % 10 * 6
    picture = Image.fromarray(data.astronaut()).crop((left, top, left + 440, top + 330)).resize(size)
    grain = np.random.default_rng(number).integers(-12, 13, (size[1], size[0], 1), np.int16)
    return Image.fromarray(np.clip(np.asarray(picture, np.int16) + grain, 0, 255).astype(np.uint8))


def _shots(photos: Path, *options: str) -> Run:
    command = [sys.executable, "-m", "panscan", "shots", str(photos), "-r", "4:5", *options]
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(command, stdout=told, stderr=told)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        told.seek(0)
        lines = [line.strip() for line in told.read().decode().splitlines()]
    said = [line for line in lines if line.startswith(("error", "why", "wrote"))]
    return Run(process.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss / MB, "; ".join(said))


def _turned(picture: Image.Image, path: Path) -> None:
    exif = Image.Exif()
    exif[274] = 6
    picture.save(path, exif=exif)


def _transparent(picture: Image.Image, path: Path) -> None:
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    picture.save(path)


def _cut_off(picture: Image.Image, path: Path) -> None:
    picture.save(path)
    path.write_bytes(path.read_bytes()[:20000])


def _deep(picture: Image.Image, path: Path) -> None:
    cv2.imwrite(str(path), np.asarray(picture)[..., ::-1].astype(np.uint16) * 257)


ODD: dict[str, Callable[[Image.Image, Path], object]] = {
    "cut off.jpg": _cut_off,
    "text.jpg": lambda picture, path: path.write_text("no photo"),
    "empty.jpg": lambda picture, path: path.write_bytes(b""),
    "tiny.png": lambda picture, path: picture.resize((16, 12)).save(path),
    "small.png": lambda picture, path: picture.resize((160, 120)).save(path),
    "panorama.jpg": lambda picture, path: picture.resize((6000, 400)).save(path),
    "grey.jpg": lambda picture, path: picture.convert("L").save(path),
    "printer.jpg": lambda picture, path: picture.convert("CMYK").save(path),
    "transparent.png": _transparent,
    "deep.png": _deep,
    "turned.jpg": _turned,
    "animated.webp": lambda picture, path: picture.save(path, save_all=True, append_images=[picture.rotate(9)]),
    "camera.cr2": lambda picture, path: path.write_bytes(b"II*\0 raw"),
    "phone.heic": lambda picture, path: path.write_bytes(b"\0\0\0\x18ftypheic"),
}

if __name__ == "__main__":
    main()
