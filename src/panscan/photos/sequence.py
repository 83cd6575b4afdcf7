"""The shots of a photo in time: each stands for some seconds, and may come slowly nearer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from panscan import __version__
from panscan.files import digest_of, name_text
from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Ratio, Rect, Size, canvas_for, cover_scale
from panscan.model.media import StillFacts
from panscan.model.request import Override
from panscan.operate.keys import simplify_to_keys
from panscan.photos.composition import inside_share
from panscan.photos.perception import FloatArray, PhotoPerception
from panscan.photos.planner import PlannedShot, ShotSet
from panscan.photos.words import why
from panscan.request.overrides import overrides_recipe
from panscan.timeline.effect import to_payload
from panscan.timeline.stills import StillClip

_DIGEST_BYTES = 16  # as of media
_WHOLE = 0.999  # share of a head inside, from which it is not cut


@dataclass(frozen=True, slots=True)
class SequenceOptions:
    """How the shots of a photo follow each other.

    Attributes
    ----------
    rate : Fraction
        Frames per second.
    seconds : float
        How long each shot stands.
    push : float
        How many times larger its subject is at its end than at its start; 1 for no movement.
    canvas : Size, optional
        Of the timeline; None: that of the shape, whose short side has 1080 px.
    """

    rate: Fraction = Fraction(30)  # what phones and social networks play; every editor has it
    seconds: float = 3.0
    push: float = 1.0
    canvas: Size | None = None

    @property
    def frame_count(self) -> int:
        """Of each shot."""
        return max(1, round(self.seconds * self.rate))


def still_clips(
    path: Path,
    found: ShotSet,
    perception: PhotoPerception,
    options: SequenceOptions,
    facts: StillFacts | None = None,
) -> tuple[StillClip, ...]:
    """The shots of a photo in one shape as clips, from wide to tight."""
    canvas, count, plain = options.canvas or canvas_for(found.ratio), options.frame_count, StillFacts()
    return tuple(
        StillClip(path, shot.shot, count, _framing(shot, perception, canvas, options), facts or plain)
        for shot in found.shots
    )


def sequence_recipe(
    clips: Sequence[StillClip],
    overrides: Mapping[Path, Sequence[Override]],
    ratio: Ratio,
    subject: str,
    options: SequenceOptions,
    music: Path | None,
) -> dict[str, Any]:
    """Everything needed to repeat a run; equal recipes give equal timelines.

    overrides: for each photo what a person wants otherwise, perhaps nothing.
    """
    return {
        "version": __version__,
        "ratio": str(ratio),
        "subject": subject,
        "rate": str(options.rate),
        "seconds": options.seconds,
        "push": options.push,
        "music": "" if music is None else name_text(music.resolve()),
        "media": {name_text(path.resolve()): _digest(path) for path in (*overrides, *([music] if music else []))},
        "overrides": {name_text(path.resolve()): overrides_recipe(said) for path, said in overrides.items() if said},
        "framings": _framings_digest(clips),
    }


def _framings_digest(clips: Sequence[StillClip]) -> str:
    """A name for what the shots show: with other weights the same photo may have others."""
    text = json.dumps([to_payload(clip.framing) for clip in clips], sort_keys=True)
    return blake2b(text.encode(), digest_size=_DIGEST_BYTES).hexdigest()


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return digest_of(file)


def _framing(shot: PlannedShot, perception: PhotoPerception, canvas: Size, options: SequenceOptions) -> Framing:
    count = options.frame_count
    point = _nearest_point(shot)
    push = 1.0 if shot.is_held else min(options.push, _largest_push(shot, perception))
    path = _eased_path(shot, point, max(1.0, push), count, (canvas, perception.size))
    camera = simplify_to_keys(np.arange(count), path, (canvas.width, canvas.height))
    cell = Cell(0, 0, canvas, camera, subject=_subject(shot))
    effect = "STATIC" if camera.is_static else "BREATHE"
    return Framing(canvas, perception.size, options.rate, (cell,), effect=effect, why=why(shot, perception))


def _subject(shot: PlannedShot) -> str:
    return "+".join(p.name for p in shot.brief.people) or shot.brief.subject


def _nearest_point(shot: PlannedShot) -> FloatArray:
    """The point that a push goes to: the main head, else the middle of the subject, as far as the crop shows it."""
    people = shot.brief.people
    head = people[0].head_px if people else None
    box = np.asarray(shot.brief.subject_px if head is None else head, np.float64).reshape(2, 2)
    x0, y0, x1, y1 = shot.box_px
    seen = np.clip(box, (x0, y0), (x1, y1))
    if shot.is_by_hand and np.any(seen[1] <= seen[0]):  # moved away from its subject
        seen = np.array([[x0, y0], [x1, y1]], np.float64)
    return np.asarray(seen.mean(axis=0), np.float64)


def _largest_push(shot: PlannedShot, perception: PhotoPerception) -> float:
    """The push at which the crop would begin to cut a head that it holds whole."""
    low, high = np.array(shot.box_px, np.float64).reshape(2, 2)
    point, limits = _nearest_point(shot), [float("inf")]
    for head in perception.heads:
        if inside_share(np.array([shot.box_px], np.float64), head)[0] >= _WHOLE:
            limits.append(_times_nearer(point - low, point - head[:2]))
            limits.append(_times_nearer(high - point, head[2:] - point))
    return min(limits)


def _times_nearer(room_px: FloatArray, reach_px: FloatArray) -> float:
    """How many times the room beside a point can shrink until it is what is needed there."""
    return float(np.divide(room_px, reach_px, out=np.full(2, np.inf), where=reach_px > 0).min())


def _eased_path(shot: PlannedShot, point: FloatArray, push: float, count: int, sizes: tuple[Size, Size]) -> FloatArray:
    """Scale, x_px and y_px at every frame (count, 3): the crop closes in on a point that stays where it is.

    It sets off and arrives softly, and grows by equal factors between, as a dolly seems to move evenly.
    """
    canvas, source = sizes
    x0, y0, x1, y1 = shot.box_px
    time = np.linspace(0.0, 1.0, count)
    zoom = push ** (time * time * (3 - 2 * time))
    middle = np.array([(x0 + x1) / 2, (y0 + y1) / 2])
    centres = point + (middle - point) / zoom[:, None]
    scale = cover_scale(canvas, Rect(x0, y0, x1 - x0, y1 - y0)) * zoom
    offsets = scale[:, None] * (np.array([source.width, source.height]) / 2 - centres)
    return np.column_stack([scale, offsets])
