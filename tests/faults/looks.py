"""Faults of how pictures look: flashes, tones, turns, marks, noise and lost detail."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from faults.fault import FLAGGED, REJECTED, Fault, Plant
from faults.films import CUTS
from faults.picture import VARIED
from faults.remaking import Pictures, PlaneChange, frame_of, planes, remade, rows_of
from panscan.verify import Verdict

Plane = npt.NDArray[Any]

SHARP = ("three shots", "slow pan", "29.97", "10 bit")  # with fine detail by day
LONG = ("three shots", "slow pan", "still camera", "10 bit")  # with a clip of which most can be blurred
ALL_PICTURES, SECOND_SHOT = range(1000), range(*CUTS)
ONE_SHOT = "no other kind has a shot between two others"
SMOOTH, FAST = "grain hides bands elsewhere", "nothing moves as fast elsewhere"


def _during(numbers: range, change: PlaneChange) -> Plant:
    """Some pictures changed, plane by plane."""
    return lambda s, t: replace(
        s, movie=remade(s.movie, t, lambda n, frame: [planes(frame, change) if n in numbers else frame])
    )


def _luma(change: Callable[[Plane], Plane]) -> PlaneChange:
    return lambda plane, x: change(x.astype(np.float32)) if plane == 0 else x


def _gamma(x: Plane, exponent: float) -> Plane:
    return np.asarray(16 + 219 * (np.clip(x - 16, 0, 219) / 219) ** exponent)


def _noisy(levels: float) -> Callable[[Plane], Plane]:
    rng = np.random.default_rng(8)
    return lambda x: x + rng.normal(0, levels, x.shape)


def _sharper(x: Plane) -> Plane:
    return np.asarray(x + 0.6 * (x - cv2.GaussianBlur(x, (0, 0), 1.2)))


def _soft(_plane: int, x: Plane) -> Plane:
    return np.asarray(cv2.GaussianBlur(x, (0, 0), 1.2))


def _blocky(plane: int, x: Plane) -> Plane:
    """Nothing is left but the mean of each block of 8 px, as where bits are short."""
    side = 8 if plane == 0 else 4
    small = cv2.resize(x, (x.shape[1] // side, x.shape[0] // side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(small, (x.shape[1], x.shape[0]), interpolation=cv2.INTER_NEAREST))


def _turned(_plane: int, x: Plane) -> Plane:
    """By 0.3 degrees."""
    size = (x.shape[1], x.shape[0])
    matrix = cv2.getRotationMatrix2D(((size[0] - 1) / 2, (size[1] - 1) / 2), 0.3, 1.0)
    return np.asarray(cv2.warpAffine(x, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


def _marked(share: float) -> PlaneChange:
    """A white disc, seen through, in the upper right corner."""

    def change(x: Plane) -> Plane:
        disc = np.zeros_like(x)
        cv2.circle(disc, (x.shape[1] * 8 // 10, x.shape[0] // 10), x.shape[1] // 12, 1.0, -1, cv2.LINE_AA)
        return x + share * disc * (235 - x)

    return _luma(change)


def _lettered(x: Plane) -> Plane:
    """A small text in the lower left corner, edged in black so that it can be read anywhere."""
    shown = np.ascontiguousarray(x)
    place, size = (x.shape[1] // 20, x.shape[0] * 19 // 20), x.shape[0] / 1000
    cv2.putText(shown, "CAM 2", place, cv2.FONT_HERSHEY_SIMPLEX, size, 16.0, 3, cv2.LINE_AA)
    cv2.putText(shown, "CAM 2", place, cv2.FONT_HERSHEY_SIMPLEX, size, 235.0, 1, cv2.LINE_AA)
    return shown


def _woven() -> Pictures:
    """Every other row is of the picture before, as where two fields stand in the wrong order."""
    before: list[Plane] = []

    def pictures(_n: int, frame: Any) -> list[Any]:
        rows = rows_of(frame)
        woven = rows.copy()
        if before:
            woven[1::2] = before[-1][1::2]
        before.append(rows)
        return [frame_of(woven, frame.format.name)]

    return pictures


def _fault(
    name: str,
    check: str,
    change: PlaneChange,
    kinds: tuple[str, ...] = VARIED,
    tier: Verdict = REJECTED,
    *,
    at: range = ALL_PICTURES,
    why: str = "",
) -> Fault:
    return Fault(name, _during(at, change), check, kinds, tier, why)


def _of_a_shot(name: str, check: str, change: PlaneChange, tier: Verdict = FLAGGED) -> Fault:
    return _fault(f"{name}, in one shot", check, change, ("three shots",), tier, at=SECOND_SHOT, why=ONE_SHOT)


FAULTS = (
    _fault("a white flash of one picture", "flashes", _luma(lambda x: x + 0.7 * (235 - x)), at=range(14, 15)),
    _fault("one picture 6 levels brighter", "flashes", _luma(lambda x: x + 6), at=range(14, 15)),
    _fault("one picture 8 levels darker", "flashes", _luma(lambda x: x - 8), SHARP, at=range(5, 6)),
    _fault("one picture of 0.8 the contrast", "flashes", _luma(lambda x: 0.8 * x + 24), SHARP, at=range(14, 15)),
    _fault("gamma 1.05", "tones", _luma(lambda x: _gamma(x, 1 / 1.05)), SHARP, FLAGGED),
    _of_a_shot("gamma 0.95", "tones", _luma(lambda x: _gamma(x, 1.05))),
    _of_a_shot("8 levels brighter", "tones", _luma(lambda x: x + 8), REJECTED),
    _fault(
        "27 levels of grey", "tones", _luma(lambda x: np.floor(x / 8) * 8 + 4), ("nearly still picture",), FLAGGED,
        why=SMOOTH,
    ),
    _fault("turned by 0.3 degrees", "upright", _turned, ("three shots", "nearly still picture", "dark", "29.97")),
    _of_a_shot("turned by 0.3 degrees", "upright", _turned, REJECTED),
    _fault("a mark of 40 %", "marks", _marked(0.4), (*VARIED, "split")),
    _fault("a mark of 40 % for half a second", "marks", _marked(0.4), at=range(10, 24)),
    _fault("a faint mark of 10 %", "marks", _marked(0.1), SHARP, FLAGGED),
    _fault("a small text in a corner", "marks", _luma(_lettered)),
    _fault("noise of 8 levels", "artefacts", _luma(_noisy(8.0)), SHARP, FLAGGED),
    _of_a_shot("noise of 8 levels", "artefacts", _luma(_noisy(8.0))),
    _fault("sharpened", "artefacts", _luma(_sharper), SHARP, FLAGGED),
    _of_a_shot("sharpened", "artefacts", _luma(_sharper)),
    Fault(
        "fields in the wrong order", lambda s, t: replace(s, movie=remade(s.movie, t, _woven())), "artefacts",
        ("three shots",), why=FAST,
    ),
    _of_a_shot("blurred", "sharpness", _soft),
    _fault("two fifths of the movie blurred", "sharpness", _soft, LONG, FLAGGED, at=range(12, 28)),
    _fault("one second of blocks", "sharpness", _blocky, SHARP, FLAGGED, at=range(8, 33)),
    _fault("one colour plane 2 samples aside", "chroma", lambda p, x: np.roll(x, 2, axis=1) if p == 2 else x),
)  # fmt: skip
