"""Flat drawings of people, things and screens for the pictures of the documentation. No photo, no clip.

Places are in px of a 1920x1080 picture, times in frames. What is drawn says where it is (`box`), so that a perception
can be written down without looking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]  # (height, width, 3), blue green red
Colour = tuple[int, int, int]
Box = tuple[float, float, float, float]  # left, top, width, height
Path = tuple[tuple[float, float, float], ...]  # frame, left, top

WIDTH_PX, HEIGHT_PX = 1920, 1080
SKINS: tuple[Colour, ...] = ((150, 190, 236), (98, 140, 196), (66, 96, 150), (164, 204, 240))
HAIRS: tuple[Colour, ...] = ((38, 48, 70), (24, 24, 28), (70, 120, 190), (60, 66, 74))
SHIRTS: tuple[Colour, ...] = ((180, 110, 50), (70, 80, 190), (90, 150, 70), (60, 170, 225))


class Thing(Protocol):
    """Something that is at a place at a time."""

    def box(self, frame: float) -> Box:
        """Where it is."""

    def draw(self, picture: Picture, frame: float) -> None:
        """Draw it over what is there."""


def _at(path: Path, frame: float) -> tuple[float, float]:
    frames, left, top = zip(*path, strict=True)
    return float(np.interp(frame, frames, left)), float(np.interp(frame, frames, top))


def _polygon(picture: Picture, points: Sequence[tuple[float, float]], colour: Colour) -> None:
    cv2.fillPoly(picture, [np.round(np.array(points)).astype(np.int32)], colour, cv2.LINE_AA)


def _ellipse(
    picture: Picture, middle: tuple[float, float], axes: tuple[float, float], colour: Colour, arc: tuple[int, int]
) -> None:
    place, size = (round(middle[0]), round(middle[1])), (max(1, round(axes[0])), max(1, round(axes[1])))
    cv2.ellipse(picture, place, size, 0, *arc, colour, -1, cv2.LINE_AA)


_ALL = (0, 360)


@dataclass(frozen=True)
class Person:
    """Someone whose face fills a square of `size` px; `speaks`: frames [first, end) in which the mouth moves."""

    size: float
    path: Path
    look: int = 0
    speaks: tuple[tuple[int, int], ...] = ()

    def box(self, frame: float) -> Box:
        """The face."""
        return (*_at(self.path, frame), self.size, self.size)

    def draw(self, picture: Picture, frame: float) -> None:
        """Head to feet; the feet may lie below the picture."""
        left, top, s, _ = self.box(frame)
        x = left + s / 2
        skin, hair, shirt = (tones[self.look % len(tones)] for tones in (SKINS, HAIRS, SHIRTS))
        trousers = (70, 62, 58)
        step = 0.16 * s * np.sin(frame / 3) if self._walks(frame) else 0.0
        for side in (-1, 1):
            foot = x + side * (0.34 * s + step)
            hip = x + side * 0.32 * s
            _polygon(
                picture,
                [
                    (hip - 0.28 * s, top + 3.4 * s),
                    (hip + 0.28 * s, top + 3.4 * s),
                    (foot + 0.2 * s, top + 6.4 * s),
                    (foot - 0.2 * s, top + 6.4 * s),
                ],
                trousers,
            )
            hand = (x + side * (1.2 * s) + step, top + 3.3 * s)
            shoulder = (round(x + side * 0.85 * s), round(top + 1.55 * s))
            dark: Colour = (int(0.82 * shirt[0]), int(0.82 * shirt[1]), int(0.82 * shirt[2]))
            cv2.line(picture, shoulder, (round(hand[0]), round(hand[1])), dark, max(2, round(0.4 * s)), cv2.LINE_AA)
            _ellipse(picture, hand, (0.2 * s, 0.2 * s), skin, _ALL)
        body = [(-0.3, 1.12), (0.3, 1.12), (0.95, 1.38), (0.8, 3.6), (-0.8, 3.6), (-0.95, 1.38)]
        _polygon(picture, [(x + a * s, top + b * s) for a, b in body], shirt)
        neck = [(-0.2, 0.9), (0.2, 0.9), (0.2, 1.3), (-0.2, 1.3)]
        _polygon(picture, [(x + a * s, top + b * s) for a, b in neck], skin)
        _ellipse(picture, (x, top + 0.36 * s), (0.53 * s, 0.58 * s), hair, _ALL)
        _ellipse(picture, (x, top + 0.54 * s), (0.45 * s, 0.56 * s), skin, _ALL)
        _ellipse(picture, (x, top + 0.3 * s), (0.5 * s, 0.44 * s), hair, (180, 360))
        for side in (-1, 1):
            _ellipse(picture, (x + side * 0.19 * s, top + 0.44 * s), (0.05 * s, 0.06 * s), (40, 34, 30), _ALL)
        _ellipse(picture, (x, top + 0.62 * s), (0.04 * s, 0.08 * s), (110, 140, 190), _ALL)
        talking = any(first <= frame < end for first, end in self.speaks)
        opening = 0.05 + 0.07 * abs(np.sin(frame / 2.2)) if talking else 0.02
        _ellipse(picture, (x, top + 0.83 * s), (0.15 * s, opening * s), (60, 50, 130), _ALL)

    def _walks(self, frame: float) -> bool:
        return abs(_at(self.path, frame + 1)[0] - _at(self.path, frame - 1)[0]) > 1


@dataclass(frozen=True)
class Ball:
    """A ball that hops along its path."""

    size: float
    path: Path
    hop_px: float = 120.0

    def box(self, frame: float) -> Box:
        """All of it."""
        left, top = _at(self.path, frame)
        return (left, top - self.hop_px * abs(np.sin(frame / 16)), self.size, self.size)

    def draw(self, picture: Picture, frame: float) -> None:
        """Red, with a light."""
        left, top, s, _ = self.box(frame)
        _ellipse(picture, (left + s / 2, top + s / 2), (s / 2, s / 2), (40, 50, 210), _ALL)
        _ellipse(picture, (left + 0.36 * s, top + 0.34 * s), (0.13 * s, 0.13 * s), (190, 200, 250), _ALL)


@dataclass(frozen=True)
class Dog:
    """A dog of `size` px from nose to tail."""

    size: float
    path: Path

    def box(self, frame: float) -> Box:
        """All of it."""
        return (*_at(self.path, frame), self.size, 0.72 * self.size)

    def draw(self, picture: Picture, frame: float) -> None:
        """It wags its tail."""
        left, top, s, _ = self.box(frame)
        brown, dark = (60, 100, 150), (40, 66, 100)
        wag = 0.06 * s * np.sin(frame / 1.5)
        tail = ((round(left + 0.84 * s), round(top + 0.36 * s)), (round(left + 0.97 * s + wag), round(top + 0.06 * s)))
        cv2.line(picture, *tail, brown, round(0.07 * s), cv2.LINE_AA)
        for leg in (0.3, 0.42, 0.7, 0.82):
            ends = ((round(left + leg * s), round(top + 0.4 * s)), (round(left + leg * s), round(top + 0.68 * s)))
            cv2.line(picture, *ends, dark, round(0.08 * s), cv2.LINE_AA)
        _ellipse(picture, (left + 0.56 * s, top + 0.4 * s), (0.34 * s, 0.17 * s), brown, _ALL)
        _ellipse(picture, (left + 0.2 * s, top + 0.22 * s), (0.17 * s, 0.18 * s), brown, _ALL)
        _ellipse(picture, (left + 0.07 * s, top + 0.28 * s), (0.08 * s, 0.07 * s), dark, _ALL)
        _ellipse(picture, (left + 0.28 * s, top + 0.2 * s), (0.06 * s, 0.17 * s), dark, _ALL)
        _ellipse(picture, (left + 0.16 * s, top + 0.17 * s), (0.025 * s, 0.03 * s), (20, 20, 20), _ALL)


@dataclass(frozen=True)
class TypedLine:
    """A line of code that is typed in frames [first, end), with a caret at its end."""

    left: float
    top: float
    text: str
    first: int
    end: int

    def box(self, frame: float) -> Box:
        """All of the line, as it will be."""
        (width, height), _ = cv2.getTextSize(self.text, cv2.FONT_HERSHEY_DUPLEX, 1.0, 2)
        return (self.left, self.top, width + 20.0, height + 20.0)

    def draw(self, picture: Picture, frame: float) -> None:
        """What is there of it."""
        share = np.clip((frame - self.first) / (self.end - self.first), 0, 1)
        shown = self.text[: round(share * len(self.text))]
        (width, _), _ = cv2.getTextSize(shown, cv2.FONT_HERSHEY_DUPLEX, 1.0, 2)
        left, base = round(self.left) + 8, round(self.top) + 32
        cv2.putText(picture, shown, (left, base), cv2.FONT_HERSHEY_DUPLEX, 1.0, (120, 60, 20), 2, cv2.LINE_AA)
        cv2.rectangle(picture, (left + width + 3, base - 28), (left + width + 6, base + 4), (30, 30, 30), -1)


@dataclass(frozen=True)
class Arrow:
    """A mouse pointer."""

    path: Path

    def box(self, frame: float) -> Box:
        """The arrow and what lies about it."""
        left, top = _at(self.path, frame)
        return (left - 60, top - 40, 160, 120)

    def draw(self, picture: Picture, frame: float) -> None:
        """Black, with a white edge."""
        left, top = _at(self.path, frame)
        shape = [(0, 0), (0, 44), (11, 34), (19, 52), (27, 48), (19, 31), (33, 31)]
        points = [(left + x, top + y) for x, y in shape]
        _polygon(picture, points, (20, 20, 20))
        cv2.polylines(picture, [np.round(np.array(points)).astype(np.int32)], True, (255, 255, 255), 3, cv2.LINE_AA)


def desktop() -> Picture:
    """A computer's screen: files on the left, an editor with code, a preview on the right."""
    picture = np.full((HEIGHT_PX, WIDTH_PX, 3), 252, np.uint8)
    picture[:64] = (224, 222, 220)
    picture[64:, :260] = (240, 238, 236)
    picture[64:, 1340:] = (232, 226, 216)
    for n, tone in enumerate(((80, 90, 240), (70, 190, 240), (90, 200, 110))):
        _ellipse(picture, (40 + 44 * n, 32), (13, 13), tone, _ALL)
    for n in range(12):
        cv2.rectangle(picture, (36, 110 + 54 * n), (120 + 31 * (n % 4), 126 + 54 * n), (170, 160, 150), -1)
    for n, wide in enumerate((420, 610, 300, 0, 0, 560, 380, 640, 250, 470)):
        top = 120 + 62 * n
        cv2.rectangle(picture, (290, top), (312, top + 18), (190, 190, 190), -1)
        if wide:
            cv2.rectangle(picture, (350 + 40 * (n % 3), top), (350 + wide, top + 18), (200, 180, 150), -1)
    cv2.rectangle(picture, (1400, 130), (1860, 420), (180, 140, 90), -1)
    cv2.rectangle(picture, (1400, 470), (1860, 500), (160, 150, 140), -1)
    cv2.rectangle(picture, (1400, 900), (1620, 970), (90, 150, 70), -1)
    return picture


def room() -> Picture:
    """A wall with pictures and a window, a floor."""
    picture = np.full((HEIGHT_PX, WIDTH_PX, 3), (196, 206, 204), np.uint8)
    picture[880:] = (120, 150, 178)
    picture[868:880] = (225, 232, 234)
    cv2.rectangle(picture, (120, 110), (420, 430), (236, 240, 242), -1)
    for left, top in ((140, 130), (280, 130), (140, 280), (280, 280)):
        cv2.rectangle(picture, (left, top), (left + 120, top + 130), (226, 196, 150), -1)
    for left, top, right, bottom, tone in (
        (620, 140, 860, 300, (150, 170, 120)),
        (1040, 110, 1180, 300, (120, 140, 190)),
        (1420, 150, 1760, 330, (180, 150, 120)),
    ):
        cv2.rectangle(picture, (left, top), (right, bottom), (90, 104, 116), -1)
        cv2.rectangle(picture, (left + 14, top + 14), (right - 14, bottom - 14), tone, -1)
    return picture


def park() -> Picture:
    """Sky, grass, trees and a way, so that a moving crop shows."""
    picture = np.full((HEIGHT_PX, WIDTH_PX, 3), (238, 216, 180), np.uint8)
    picture[620:] = (110, 176, 128)
    picture[860:] = (170, 190, 204)
    for n, left in enumerate(range(90, WIDTH_PX, 300)):
        cv2.rectangle(picture, (left - 16, 430), (left + 16, 650), (66, 92, 120), -1)
        tall = 120 + 30 * (n % 3)
        _ellipse(picture, (left, 370), (100, tall), ((84, 138, 90), (70, 120, 74), (96, 150, 112))[n % 3], _ALL)
    return picture


def slide() -> Picture:
    """A slide of a talk: title, bars, lines of text, up to the edges."""
    picture = np.full((HEIGHT_PX, WIDTH_PX, 3), 250, np.uint8)
    picture[:150] = (120, 70, 40)
    cv2.putText(picture, "Viewers by screen", (60, 105), cv2.FONT_HERSHEY_DUPLEX, 2.6, (255, 255, 255), 5, cv2.LINE_AA)
    for n, (word, tall) in enumerate((("TV", 300), ("Laptop", 210), ("Tablet", 260), ("Phone", 560))):
        left = 90 + 225 * n
        cv2.rectangle(picture, (left, 940 - tall), (left + 140, 940), ((200, 150, 90), (60, 130, 230))[n == 3], -1)
        cv2.putText(picture, word, (left, 1010), cv2.FONT_HERSHEY_DUPLEX, 1.5, (60, 50, 40), 3, cv2.LINE_AA)
    for n, line in enumerate(("Most watch on phones", "held upright.", "So a wide picture", "needs a tall version.")):
        cv2.putText(picture, line, (1090, 250 + 105 * n), cv2.FONT_HERSHEY_DUPLEX, 2.0, (70, 60, 50), 4, cv2.LINE_AA)
    return picture


@dataclass(frozen=True, eq=False)
class Stage:
    """A background and what is before it, the nearest last."""

    background: Picture
    things: tuple[Thing, ...] = ()
    frame_count: int = 100
    window: Box | None = field(default=None)  # a webcam's picture that people are cut to

    def draw(self, frame: float) -> Picture:
        """The picture of one frame."""
        picture = self.background.copy()
        target = picture
        if self.window:
            left, top, width, height = (round(v) for v in self.window)
            picture[top : top + height, left : left + width] = (206, 196, 186)
            target = picture.copy()
        for thing in self.things:
            thing.draw(target, frame)
        if self.window:
            picture[top : top + height, left : left + width] = target[top : top + height, left : left + width]
        return picture
