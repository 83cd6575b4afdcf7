"""Pictures for the report page: some of each clip, the source with its crop drawn in, beside the output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from panscan.errors import InputError
from panscan.verify.expectation import Expectation
from panscan.verify.report import Finding
from panscan.verify.source_pictures import SourcePictures

_PER_CLIP = 3  # pictures: beginning, middle and end
_PER_FINDING, _MAX_CONSIDERED = 3, 10  # pictures that are shown, and numbers of the finding that are considered
_MAX_EXHIBITS = 48  # of all clips: the page stays below a few MB
_SOURCE_LONG_SIDE_PX, _OUTPUT_LONG_SIDE_PX = 448, 300  # so that both fit beside each other on a page
_JPEG_QUALITY = 72  # of 100: no visible blocks at this size
_CELL_COLOURS = ((255, 176, 32), (64, 196, 255), (255, 96, 160), (128, 230, 120))  # RGB, as in style.py
_DIMMED = 0.45  # share of the brightness outside the crop

Image = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One picture of a clip for the page.

    Attributes
    ----------
    number : int
        Of the output picture.
    clip : int
        Of the cut.
    source, output : bytes
        JPEG.
    output_size : tuple of two int
        Width and height of `output` in px.
    """

    number: int
    clip: int
    source: bytes
    output: bytes
    output_size: tuple[int, int]


class ExhibitCollector:
    """Collects exhibits while the output is decoded."""

    def __init__(self, expectation: Expectation) -> None:
        self.exhibits: list[Exhibit] = []
        self._expectation = expectation
        self._wanted = _numbers(expectation)

    def add_picture(self, frame: Any, number: int) -> None:
        """Take the next picture; keep it if it is wanted."""
        if number in self._wanted and (made := self._make_exhibit(frame, number)) is not None:
            self.exhibits.append(made)

    def evidence(self, output: Path, findings: Sequence[Finding]) -> dict[str, tuple[Exhibit, ...]]:
        """Pictures that findings name as wrong, by the finding's name; the movie is opened again for them."""
        wanted = {f.name: named_pictures(f, self._expectation.cut.rate) for f in findings if f.grade != "pass"}
        found: dict[str, tuple[Exhibit, ...]] = {}
        if not any(wanted.values()):
            return found
        try:
            movie = SourcePictures(output)
        except InputError:
            return found
        try:
            for name, numbers in wanted.items():
                frames = [(n, movie.frame(n)) for n in numbers if n < len(self._expectation.pictures)]
                made = [self._make_exhibit(frame, n) for n, frame in frames if frame is not None]
                found[name] = tuple(one for one in made if one is not None)
        except InputError:  # it is damaged further on
            return found
        finally:
            movie.close()
        return found

    def _make_exhibit(self, frame: Any, number: int) -> Exhibit | None:
        expected_picture = self._expectation.pictures[number]
        if expected_picture is None:
            return None
        source, framing = self._expectation.source_of(expected_picture), self._expectation.framing_of(expected_picture)
        picture = source.frame(expected_picture.source_picture)
        if picture is None:
            return None
        display = framing.source
        sides = (display.height, display.width) if source.quarter_turns % 2 else (display.width, display.height)
        image = source.upright(_rgb(picture, *sides, _SOURCE_LONG_SIDE_PX))
        factor = image.shape[1] / display.width
        crops = [cell.crop_at(expected_picture.media_frame, display) for cell in framing.cells]
        boxes = [(c.left * factor, c.top * factor, c.right * factor, c.bottom * factor) for c in crops]
        own = _rgb(frame, frame.width, frame.height, _OUTPUT_LONG_SIDE_PX)
        size = (own.shape[1], own.shape[0])
        return Exhibit(number, expected_picture.clip, _jpeg(drawn(image, boxes)), _jpeg(own), size)


def named_pictures(finding: Finding, rate: Fraction) -> list[int]:
    """Some output pictures that a finding names as wrong, rising."""
    measured = finding.measured
    found = [int(n) for key in ("misplaced", "extra") for n in measured.get(key, ())]
    found += [int(pair[0]) for pair in measured.get("beside_a_cut", ())]
    found += [int(miss["picture"]) for miss in measured.get("misses", ())]
    seconds = [run["from_s"] for run in measured.get("runs", ())] + list(measured.get("missing_s", ()))
    found += [round(float(s) * rate) for s in seconds]
    return sorted(dict.fromkeys(found[:_MAX_CONSIDERED]))[:_PER_FINDING]


def drawn(image: Image, boxes: list[tuple[float, float, float, float]]) -> Image:
    """A picture darkened outside all boxes (left, top, right, bottom in px), with the boxes outlined."""
    is_inside = np.zeros(image.shape[:2], np.bool_)
    for box in boxes:
        left, top, right, bottom = (max(0, round(v)) for v in box)
        is_inside[top:bottom, left:right] = True
    result = np.where(is_inside[..., None], image, (image * _DIMMED).astype(np.uint8))
    result = np.ascontiguousarray(result, np.uint8)
    for n, box in enumerate(boxes):
        left, top, right, bottom = (round(v) for v in box)
        corner = (min(right, image.shape[1]) - 1, min(bottom, image.shape[0]) - 1)
        cv2.rectangle(result, (max(0, left), max(0, top)), corner, _CELL_COLOURS[n % len(_CELL_COLOURS)], 2)
    return result


def _numbers(expectation: Expectation) -> set[int]:
    """The pictures to keep: three of each clip, fewer where there are many clips."""
    spans: dict[int, list[int]] = {}
    for n, expected_picture in enumerate(expectation.pictures):
        if expected_picture is not None:
            spans.setdefault(expected_picture.clip, []).append(n)
    per_clip = max(1, min(_PER_CLIP, _MAX_EXHIBITS // max(1, len(spans))))
    clips = sorted(spans)
    if len(clips) > _MAX_EXHIBITS:
        clips = [clips[n] for n in np.linspace(0, len(clips) - 1, _MAX_EXHIBITS).round().astype(int)]
    shares = {1: (0.5,), 2: (0.2, 0.8), 3: (0.1, 0.5, 0.9)}[per_clip]
    return {spans[clip][round((len(spans[clip]) - 1) * share)] for clip in clips for share in shares}


def _rgb(frame: Any, width: int, height: int, long_side: int) -> Image:
    factor = min(1.0, long_side / max(width, height))
    size = (max(2, round(width * factor)), max(2, round(height * factor)))
    options = {"width": size[0], "height": size[1], "format": "rgb24", "interpolation": "AREA"}
    return np.asarray(frame.reformat(**options).to_ndarray(), np.uint8)


def _jpeg(image: Image) -> bytes:
    _ok, data = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return bytes(data)
