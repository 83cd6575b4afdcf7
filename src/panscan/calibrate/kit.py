"""Making the kit: movie, timelines, stills, page and text in one folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from panscan import ingest, registry
from panscan.calibrate import grid, guide, page, speeds
from panscan.calibrate.points import CLIP_FRAMES, CheckFrame, check_frames, test_clips
from panscan.deliver import Artifact, deliver
from panscan.errors import InputError
from panscan.files import write_bytes, write_text
from panscan.model.geometry import Size
from panscan.render.picture.compose import Compositor
from panscan.timeline.build import build_timeline

STEM = "calibration"
_BT709, _LIMITED = 1, 1

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class CalibrationKit:
    """What was made.

    timelines: by the name of their format; speeds: the same of the cut with other speeds, in the formats that say them;
    stills: one for each of `points`.
    """

    folder: Path
    movie: Path
    timelines: dict[str, tuple[Path, ...]]
    speeds: dict[str, tuple[Path, ...]]
    check_frames: tuple[CheckFrame, ...]
    stills: tuple[Path, ...]
    page: Path
    text: Path


def make_kit(folder: Path, canvas: Size, *, progress: Progress | None = None) -> CalibrationKit:
    """Make the kit in a folder; what it needs to make there is overwritten.

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
    steps = 4
    stills_folder = folder / "stills"
    try:
        stills_folder.mkdir(parents=True, exist_ok=True)
        movie = folder / "grid.mov"
        grid.write_movie(movie)
    except OSError as error:
        raise InputError(
            f"cannot write to {folder}", why=str(error.strerror or error), fix="Choose another folder with -o."
        ) from error
    report_progress(1, steps)
    cut = test_clips(canvas)
    shots = [(part.shot, part.framing) for part in cut]
    recipe = {"calibration": 1, "canvas_px": [canvas.width, canvas.height]}
    media = ingest.probe(movie)
    timeline = build_timeline(media, shots, name=f"panscan calibration {canvas}", recipe=recipe)
    artifacts = {name: deliver(timeline, name, folder=folder) for name in registry.entries("exporters")}
    written = {name: _write(artifact, folder, STEM) for name, artifact in artifacts.items()}
    speed_timeline = speeds.speed_timeline(media, canvas)
    fast_artifacts = speeds.deliveries(speed_timeline, folder)
    fast_written = {name: _write(artifact, folder, speeds.STEM) for name, artifact in fast_artifacts.items()}
    report_progress(2, steps)
    frames = check_frames(cut)
    pictures = list(_stills(movie, frames))
    stills = []
    for point, picture in zip(frames, pictures, strict=True):
        stills.append(stills_folder / f"{point.slug}.png")
        write_bytes(_coded(picture, ".png"), stills[-1])
    report_progress(3, steps)
    lost = {name: artifact.losses for name, artifact in artifacts.items() if artifact.losses}
    files = {name: [path.name for path in paths] for name, paths in written.items()}
    fast_files = {name: [path.name for path in paths] for name, paths in fast_written.items()}
    facts = guide.KitContents(canvas, frames, files, lost, speeds.speed_checks(speed_timeline, folder), fast_files)
    text, html = folder / "README.md", folder / "index.html"
    write_text(guide.markdown(facts), text)
    images = [_coded(picture, ".jpg", cv2.IMWRITE_JPEG_QUALITY, 88) for picture in pictures]
    write_text(page.html(facts, images), html)
    report_progress(4, steps)
    return CalibrationKit(folder, movie, written, fast_written, frames, tuple(stills), html, text)


def _write(artifact: Artifact, folder: Path, stem: str) -> tuple[Path, ...]:
    made = []
    for suffix, data in artifact.files.items():
        made.append(folder / f"{stem}{suffix}")
        write_bytes(data, made[-1])
    return tuple(made)


def _stills(movie: Path, check_frames: tuple[CheckFrame, ...]) -> Iterator[npt.NDArray[np.uint8]]:
    """The canvas at each point, RGB, drawn by the compositor that renders movies."""
    wanted = {point.movie_frame for point in check_frames}
    decoded: dict[int, Any] = {}
    with av.open(str(movie)) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number in wanted:
                decoded[number] = frame
    coded = Size(grid.SIZE.width, grid.SIZE.height)
    for point in check_frames:
        framing = point.clip.framing
        compositor = Compositor(
            framing,
            point.clip.shot.first,
            CLIP_FRAMES,
            pixel_format="yuv420p",
            coded=coded,
            matrix=_BT709,
            colour_range=_LIMITED,
        )
        canvas = compositor.compose(decoded[point.movie_frame], point.movie_frame)
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
