"""What a judge of framings sees in a movie, kept in a folder, so that more timelines of it are judged in no time."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
import numpy.typing as npt

from judge.detectors import LONG_SIDE_PX, PATCH_PX, Image, Look, Rows, patches_of
from panscan import ingest

VERSION = "1"  # raise it when the same movie may give other values
LOOKS_PER_S = 5  # a subject that is late by 0.3 s, or a head at the edge, is seen once at least
APART = 3  # looks between which a line comes or goes: 0.6 s, longer than most fades take
SMALL_PX = 64  # longer side of the pictures that tell a hard change of shot from a soft one

Whole = npt.NDArray[np.int64]


class Looker(Protocol):
    """Looks at one picture."""

    def look(self, bgr: Image) -> Look:
        """What is in it."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """All looks at one movie. Boxes are left, top, right, bottom in source px.

    Attributes
    ----------
    looked : ndarray
        Frames that were looked at, counted from the media's first picture, rising.
    face_look, thing_look, text_look : ndarray
        Row in `looked` of each face, thing and line of text.
    faces : ndarray, shape (n, 5)
        Box and score.
    things : ndarray, shape (n, 6)
        Box, score and class, counted from 0 as in COCO's list of 90.
    texts : ndarray, shape (n, 5)
        Boxes of lines and scores.
    patches : ndarray, shape (n, 8, 48), uint8
        Each line, squeezed to one size.
    was_there, stays_there : ndarray
        Share of each line's contrast that was at its place 0.6 s before, and is there 0.6 s later; 1 at the movie's
        ends.
    pictures : ndarray
        Frames of all pictures.
    change : ndarray
        How much each picture differs from the one before, grey levels.
    """

    looked: Whole
    face_look: Whole
    faces: Rows
    thing_look: Whole
    things: Rows
    text_look: Whole
    texts: Rows
    patches: Image
    was_there: Rows
    stays_there: Rows
    pictures: Whole
    change: Rows


def evidence_of(movie: Path, folder: Path, make_looker: Callable[[], Looker]) -> Evidence:
    """The evidence of a movie out of the folder; else look at it, which takes a third of its length on one core."""
    digest = hashlib.sha256(movie.read_bytes() + VERSION.encode()).hexdigest()[:16]
    path = folder / f"{movie.stem}-{digest}.npz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npz")
        seen = gather(movie, make_looker())
        np.savez_compressed(part, **{name: getattr(seen, name) for name in Evidence.__slots__})
        part.replace(path)
    with np.load(path) as kept:
        return Evidence(**{name: kept[name] for name in Evidence.__slots__})


def gather(movie: Path, looker: Looker) -> Evidence:
    """Look at a movie some times a second."""
    media = ingest.probe(movie)
    every = float(media.video.rate) / LOOKS_PER_S
    frames: list[int] = []
    pictures: list[int] = []
    change: list[float] = []
    looks: list[Look] = []
    shown: deque[Image] = deque(maxlen=APART + 1)
    was_there, stays_there = [], []
    before: npt.NDArray[np.float32] | None = None
    for picture in ingest.PictureDecoder(media):
        small = picture.view(SMALL_PX, "gray").astype(np.float32)
        change.append(0.0 if before is None else float(np.abs(small - before).mean()))
        pictures.append(picture.frame)
        before = small
        if picture.frame >= len(frames) * every:
            frames.append(picture.frame)
            shown.append(seen(picture.view(LONG_SIDE_PX)))
            looks.append(looker.look(shown[-1]))
            was_there.append(_shares(looks[-1], shown[0] if len(shown) > APART else None))
            if len(looks) > APART:
                stays_there.append(_shares(looks[-1 - APART], shown[-1]))
    stays_there += [_shares(look, None) for look in looks[len(stays_there) :]]
    display = media.video.display_size
    return Evidence(
        looked=np.array(frames, np.int64),
        **_rows(looks, (display.width, display.height)),
        patches=np.concatenate([np.zeros((0, *PATCH_PX[::-1]), np.uint8), *(look.patches for look in looks)]),
        was_there=np.concatenate([np.zeros(0), *was_there]),
        stays_there=np.concatenate([np.zeros(0), *stays_there]),
        pictures=np.array(pictures, np.int64),
        change=np.array(change, np.float64),
    )


def seen(rgb: Image) -> Image:
    """A picture in OpenCV's order of colours, enlarged where the source is smaller than what networks look at."""
    factor = LONG_SIDE_PX / max(rgb.shape[:2])
    bgr = np.ascontiguousarray(rgb[:, :, ::-1], np.uint8)
    return bgr if factor <= 1 else np.asarray(cv2.resize(bgr, None, fx=factor, fy=factor), np.uint8)


def likeness(a: Image, b: Image) -> float:
    """Correlation of two patches, without the bands that all lines of text have in common."""
    one, other = _letters(a), _letters(b)
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / size if size > 1e-6 else 0.0


def contrast(patch: Image) -> float:
    """Contrast of the letters in a patch, grey levels."""
    return float(np.sqrt((_letters(patch) ** 2).mean()))


def contrast_share(line: Image, other: Image) -> float:
    """Share of a line's contrast that another patch has: 1 where it is the same, less where it fades, 0 without it."""
    letters = _letters(line)
    return float((letters * _letters(other)).sum()) / max(1e-6, float((letters**2).sum()))


def _letters(patch: Image) -> Rows:
    return np.asarray(patch - patch.mean(axis=1, keepdims=True, dtype=np.float64))


def _shares(look: Look, picture: Image | None) -> Rows:
    """Share of the contrast of each line that another picture has at its place."""
    if picture is None:
        return np.ones(len(look.texts))
    patches = patches_of(picture, look.texts[:, :4])
    return np.array([contrast_share(a, b) for a, b in zip(look.patches, patches, strict=True)])


def _rows(looks: list[Look], size_px: tuple[int, int]) -> dict[str, Any]:
    """What was seen in columns, boxes in source px, each with the number of its look."""
    found: dict[str, Any] = {}
    for kind, width in (("face", 5), ("thing", 6), ("text", 5)):
        parts = [getattr(look, f"{kind}s") for look in looks]
        scale = np.ones(width)
        scale[:4] = np.tile(size_px, 2)
        found[f"{kind}_look"] = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        found[f"{kind}s"] = np.concatenate([np.zeros((0, width)), *parts]) * scale
    return found
