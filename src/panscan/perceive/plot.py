"""A plot of everything that was measured, over time: shots, subjects, speech, motion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.files import whole_file
from panscan.model import perception as values
from panscan.model.media import Media
from panscan.model.perception import Perception
from panscan.model.shots import shots_of

Image = npt.NDArray[np.uint8]

_PERSON = 0  # kind of a person in `Tracks`
_MIN_ROWS_OF_PERSON, _MIN_ROWS_OF_OTHER = 2, 4  # of a track that is drawn: two make a line, movers flicker
_FACE_NEAR_S = 0.25  # from a thumbnail to the faces drawn on it: one or two samples of faces
_DOTS_PER_INCH = 80  # of a figure 16 inches wide: 1280 px


def thumbnail_frames(media: Media, perception: Perception, most: int = 10) -> list[int]:
    """Frames whose pictures the plot shows: the middle of every shot, more of long ones, `most` in all."""
    shots = shots_of(perception.get(values.ShotBoundaries), media.frame_count)
    spread = max(1, media.frame_count // most)
    frames: list[int] = []
    for shot in shots:
        count = max(1, round(shot.frame_count / spread))
        frames += [shot.first + round((n + 0.5) * shot.frame_count / count) for n in range(count)]
    return [frames[n * len(frames) // most] for n in range(most)] if len(frames) > most else frames


def save_plot(media: Media, perception: Perception, thumbnails: Sequence[tuple[int, Image]], path: Path) -> None:
    """Write the plot as PNG.

    Parameters
    ----------
    media : Media
    perception : Perception
    thumbnails : sequence of (frame, rgb picture)
        Drawn along the top; faces found nearby are marked.
    path : Path
        The PNG to write.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rate, seconds = float(media.video.rate), float(media.duration_s)
    # The strip is as tall as its pictures are at a tenth of the figure's width each.
    display = media.video.display_size
    strip = min(3.0, 0.15 + 15.0 / max(4, len(thumbnails)) * display.height / display.width)
    heights = [strip, 4.0, 1.6, 1.8, 1.8]
    figure, axes = pyplot.subplots(
        5, 1, figsize=(16, sum(heights) + 1.2), sharex=True, height_ratios=heights, constrained_layout=True
    )
    figure.suptitle(f"{Path(media.path).name}: {media.video.display_size}, {rate:.3f} fps, {seconds:.1f} s")
    _filmstrip(axes[0], media, perception, thumbnails, rate, seconds)
    _subjects(axes[1], media, perception, rate)
    _speaker(axes[2], perception, rate)
    _sound(axes[3], perception, seconds)
    _motion(axes[4], perception, rate)
    for axis in axes[1:]:
        for shot in shots_of(perception.get(values.ShotBoundaries), media.frame_count)[1:]:
            axis.axvline(shot.first / rate, color="black", linewidth=0.8)
        axis.grid(alpha=0.2)
    axes[-1].set_xlim(0, seconds)
    axes[-1].set_xlabel("seconds from the first picture; black lines: cuts")
    try:
        with whole_file(path) as file:
            figure.savefig(file, format="png", dpi=_DOTS_PER_INCH)
    finally:
        pyplot.close(figure)


def _filmstrip(
    axis: Any,
    media: Media,
    perception: Perception,
    thumbnails: Sequence[tuple[int, Image]],
    rate: float,
    seconds: float,
) -> None:
    from matplotlib.patches import Rectangle

    display = media.video.display_size
    faces = perception.get(values.Faces)
    width = seconds / max(4, len(thumbnails))
    for place, (frame, image) in enumerate(thumbnails):
        left, right = place * width, (place + 0.96) * width
        axis.imshow(image, extent=(left, right, 0, 1), aspect="auto")
        axis.text(left, 1.02, f"{frame / rate:.1f} s", fontsize=7)
        if faces is None or not len(faces.frame):
            continue
        nearest = faces.frame[np.argmin(np.abs(faces.frame - frame))]
        if abs(int(nearest) - frame) > rate * _FACE_NEAR_S:
            continue
        for box in faces.box_px[faces.frame == nearest]:
            x, y = left + box[0] / display.width * (right - left), 1 - (box[1] + box[3]) / display.height
            size = box[2] / display.width * (right - left), box[3] / display.height
            axis.add_patch(Rectangle((x, y), *size, fill=False, color="red", linewidth=1))
    axis.set_ylim(0, 1.12)
    axis.set_axis_off()


def _subjects(axis: Any, media: Media, perception: Perception, rate: float) -> None:
    axis.set_ylabel("place across the picture\n(thick: persons, thin: movers, objects)")
    axis.set_ylim(0, media.video.display_size.width)
    tracks = perception.get(values.Tracks)
    if tracks is None:
        return
    for track in range(len(tracks.kind)):
        rows = tracks.track == track
        seconds = tracks.frame[rows] / rate
        box = tracks.box_px[rows]
        person = tracks.kind[track] == _PERSON
        if rows.sum() < (_MIN_ROWS_OF_PERSON if person else _MIN_ROWS_OF_OTHER):
            continue
        colour = f"C{track % 10}" if person else "0.6"
        axis.fill_between(seconds, box[:, 0], box[:, 0] + box[:, 2], alpha=0.25 if person else 0.08, color=colour)
        axis.plot(seconds, box[:, 0] + box[:, 2] / 2, color=colour, linewidth=2 if person else 0.6)


def _speaker(axis: Any, perception: Perception, rate: float) -> None:
    axis.set_ylabel("speaking\n(dots: off screen)")
    axis.set_ylim(0, 1.05)
    tracks, speaker = perception.get(values.Tracks), perception.get(values.Speaker)
    if tracks is None or speaker is None:
        return
    for track in np.unique(speaker.track):
        rows = speaker.track == track
        if speaker.probability[rows].max(initial=0) > 0:
            axis.plot(speaker.frame[rows] / rate, speaker.probability[rows], color=f"C{int(track) % 10}")
    if len(speaker.looked):
        axis.plot(speaker.looked / rate, speaker.offscreen, color="0.7", linewidth=0.8, linestyle=":")


def _sound(axis: Any, perception: Perception, seconds: float) -> None:
    axis.set_ylabel("loudness dB\n(shade: speech)")
    axis.set_ylim(-80, 0)
    loudness, speech = perception.get(values.Loudness), perception.get(values.Speech)
    if loudness is not None and len(loudness.level_db):
        axis.plot(np.arange(len(loudness.level_db)) * loudness.step_s, loudness.level_db, linewidth=0.6)
    if speech is not None:
        for start, end in zip(speech.segment_start_s, speech.segment_end_s, strict=True):
            axis.axvspan(start, min(end, seconds), color="C2", alpha=0.2)


def _motion(axis: Any, perception: Perception, rate: float) -> None:
    axis.set_ylabel("motion\n(widths per s)")
    flow = perception.get(values.Flow)
    if flow is not None and len(flow.looked):
        axis.plot(flow.looked / rate, flow.energy, linewidth=0.8, label="against the background")
        camera = np.hypot(*flow.camera_px_s.T)
        axis.twinx().plot(flow.looked / rate, camera, linewidth=0.6, color="C1", label="camera px/s")
