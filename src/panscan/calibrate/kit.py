"""Making the kit: movie, timelines, stills, page and text in one folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan import ingest, registry
from panscan.calibrate import grid, guide, page, speeds
from panscan.calibrate.clips import CLIP_FRAMES, CheckFrame, calibration_clips, check_frames
from panscan.decoding.containers import open_container
from panscan.deliver import Artifact, deliver
from panscan.errors import InputError
from panscan.files import write_bytes, write_text
from panscan.model.geometry import Size
from panscan.render.picture.compose import Compositor
from panscan.timeline.build import build_timeline

STEM = "calibration"  # of file names
_MOVIE, _STILLS, _TEXT, _PAGE = "grid.mov", "stills", "README.md", "index.html"
_BT709, _LIMITED = 1, 1  # FFmpeg's numbers of the movie's matrix and range
_STEPS = 4  # of the progress: movie, timelines, stills, page
_JPEG_QUALITY = 88  # of the pictures in the page: the small numbers of the grid stay readable

Progress = Callable[[int, int], None]  # steps done, steps in all


@dataclass(frozen=True, slots=True)
class CalibrationKit:
    """What was made.

    Attributes
    ----------
    folder, movie : Path
    timelines : dict
        Files of the cut, by the name of their format.
    speeds : dict
        Files of the cut with other speeds, in the formats that store them.
    check_frames : tuple of CheckFrame
    stills : tuple of Path
        One for each of `check_frames`.
    page, text : Path
        The same as HTML and as Markdown.
    """

    folder: Path
    movie: Path
    timelines: dict[str, tuple[Path, ...]]
    speeds: dict[str, tuple[Path, ...]]
    check_frames: tuple[CheckFrame, ...]
    stills: tuple[Path, ...]
    page: Path
    text: Path


def files_of_kit(folder: Path) -> list[Path]:
    """The files in a folder that have names of a kit's files."""
    patterns = (_MOVIE, _TEXT, _PAGE, f"{STEM}.*", f"{speeds.STEM}.*", f"{_STILLS}/*.png")
    return [path for pattern in patterns for path in sorted(folder.glob(pattern))]


def make_kit(folder: Path, canvas: Size, *, progress: Progress | None = None) -> CalibrationKit:
    """Make the kit in a folder; files of an earlier kit are overwritten.

    Parameters
    ----------
    folder : Path
    canvas : Size
        Of the timelines; both sides even.

    Raises
    ------
    InputError
        The folder cannot be written.
    """
    report_progress = progress or (lambda done, total: None)
    stills_folder = folder / _STILLS
    try:
        stills_folder.mkdir(parents=True, exist_ok=True)
        movie = folder / _MOVIE
        grid.write_movie(movie)
    except OSError as error:
        raise InputError(
            f"cannot write to {folder}", why=str(error.strerror or error), fix="Choose another folder with -o."
        ) from error
    report_progress(1, _STEPS)
    cut = calibration_clips(canvas)
    shots = [(clip.shot, clip.framing) for clip in cut]
    recipe = {"calibration": 1, "canvas_px": [canvas.width, canvas.height]}
    media = ingest.probe(movie)
    timeline = build_timeline(media, shots, name=f"panscan calibration {canvas}", recipe=recipe)
    artifacts = {name: deliver(timeline, name, folder=folder) for name in registry.entries("exporters")}
    written = {name: _write(artifact, folder, STEM) for name, artifact in artifacts.items()}
    speed_timeline = speeds.speed_timeline(media, canvas)
    speed_artifacts = speeds.deliveries(speed_timeline, folder)
    speed_written = {name: _write(artifact, folder, speeds.STEM) for name, artifact in speed_artifacts.items()}
    report_progress(2, _STEPS)
    frames = check_frames(cut)
    pictures = list(_stills(movie, frames))
    stills = []
    for check_frame, picture in zip(frames, pictures, strict=True):
        stills.append(stills_folder / f"{check_frame.slug}.png")
        write_bytes(_coded(picture, ".png"), stills[-1])
    report_progress(3, _STEPS)
    lost = {name: artifact.losses for name, artifact in artifacts.items() if artifact.losses}
    files = {name: [path.name for path in paths] for name, paths in written.items()}
    speed_files = {name: [path.name for path in paths] for name, paths in speed_written.items()}
    contents = guide.KitContents(canvas, frames, files, lost, speeds.speed_checks(speed_timeline, folder), speed_files)
    text, html = folder / _TEXT, folder / _PAGE
    write_text(guide.markdown(contents), text)
    images = [_coded(picture, ".jpg", cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY) for picture in pictures]
    write_text(page.html(contents, images), html)
    report_progress(4, _STEPS)
    return CalibrationKit(folder, movie, written, speed_written, frames, tuple(stills), html, text)


def _write(artifact: Artifact, folder: Path, stem: str) -> tuple[Path, ...]:
    made = []
    for suffix, data in artifact.files.items():
        made.append(folder / f"{stem}{suffix}")
        write_bytes(data, made[-1])
    return tuple(made)


def _stills(movie: Path, check_frames: tuple[CheckFrame, ...]) -> Iterator[npt.NDArray[np.uint8]]:
    """The canvas at each frame to compare, RGB, drawn by the compositor that renders movies."""
    wanted = {check_frame.movie_frame for check_frame in check_frames}
    decoded: dict[int, Any] = {}
    with open_container(movie) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number in wanted:
                decoded[number] = frame
    coded = Size(grid.SIZE.width, grid.SIZE.height)
    for check_frame in check_frames:
        framing = check_frame.clip.framing
        compositor = Compositor(
            framing,
            check_frame.clip.shot.first,
            CLIP_FRAMES,
            pixel_format="yuv420p",
            coded=coded,
            matrix=_BT709,
            colour_range=_LIMITED,
        )
        canvas = compositor.compose(decoded[check_frame.movie_frame], check_frame.movie_frame)
        shown = canvas.reformat(
            format="rgb24",
            src_colorspace="ITU709",
            interpolation=grid.EXACT_SCALING,
            src_color_range="MPEG",
            dst_color_range="JPEG",
        )
        yield np.asarray(shown.to_ndarray(), np.uint8)


def _coded(picture: npt.NDArray[np.uint8], suffix: str, *options: int) -> bytes:
    done, data = cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), list(options))
    assert done, f"OpenCV cannot write {suffix}"
    return bytes(data)
