"""Sizes, rectangles and aspect ratios in pixels: origin top-left, y down, edges (not pixel centres)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from panscan.errors import UsageError


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in whole pixels."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0:
            raise ValueError(f"a size needs positive sides, got {self.width} x {self.height} px")

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Rect:
    """Axis-aligned box in pixels; right and bottom are exclusive edges."""

    left: float
    top: float
    width: float
    height: float

    def __post_init__(self) -> None:
        if not (self.width > 0 and self.height > 0):
            raise ValueError(f"a rectangle needs a positive size, got {self.width} x {self.height} px")

    @property
    def right(self) -> float:
        """Exclusive right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Exclusive bottom edge."""
        return self.top + self.height

    @property
    def center_x(self) -> float:
        """Horizontal centre."""
        return self.left + self.width / 2

    @property
    def center_y(self) -> float:
        """Vertical centre."""
        return self.top + self.height / 2

    def contains(self, other: Rect, slack_px: float = 0.0) -> bool:
        """Whether `other` lies inside, up to `slack_px` on each side."""
        return (
            other.left >= self.left - slack_px
            and other.top >= self.top - slack_px
            and other.right <= self.right + slack_px
            and other.bottom <= self.bottom + slack_px
        )


@dataclass(frozen=True, slots=True)
class Ratio:
    """An aspect ratio of two whole numbers, width first."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width <= 0 or self.height <= 0:
            raise ValueError(f"a ratio needs positive numbers, got {self.width}:{self.height}")

    @classmethod
    def parse(cls, text: str) -> Ratio:
        """Read "9:16" (or "9x16").

        Raises
        ------
        UsageError
            `text` is not two positive whole numbers, or one side is over 10 times the other.
        """
        match = re.fullmatch(r"\s*(\d{1,5})\s*[:x]\s*(\d{1,5})\s*", text)
        if not match or int(match[1]) == 0 or int(match[2]) == 0:
            raise UsageError(
                f"{text!r} is not an aspect ratio",
                why="A ratio is two positive whole numbers, width first.",
                fix="Write for example -r 9:16, -r 1:1 or -r 4:5.",
            )
        width, height = int(match[1]), int(match[2])
        if max(width, height) > 10 * min(width, height):
            raise UsageError(
                f"the ratio {text} is too extreme",
                why="One side is more than ten times the other.",
                fix="Choose a ratio between 1:10 and 10:1.",
            )
        divisor = math.gcd(width, height)
        return cls(width // divisor, height // divisor)

    def __str__(self) -> str:
        return f"{self.width}:{self.height}"

    @property
    def slug(self) -> str:
        """The form used in file names, e.g. "9x16"."""
        return f"{self.width}x{self.height}"


def even_floor(value: float) -> int:
    """Largest even whole number <= `value` (at least 2): 4:2:0 video has no odd sizes."""
    return max(2, 2 * math.floor(value / 2 + 1e-9))


def canvas_for(ratio: Ratio, short_side_px: int = 1080) -> Size:
    """The 1080-class canvas of a ratio: the short side is `short_side_px`, both sides even.

    9:16 gives 1080x1920, 1:1 1080x1080, 4:5 1080x1350, 16:9 1920x1080.
    """
    if ratio.width <= ratio.height:
        return Size(even_floor(short_side_px), even_floor(short_side_px * ratio.height / ratio.width))
    return Size(even_floor(short_side_px * ratio.width / ratio.height), even_floor(short_side_px))


def cover_scale(window: Size, picture: Rect) -> float:
    """Smallest scale (window px per picture px) at which `picture` fills `window` completely."""
    return max(window.width / picture.width, window.height / picture.height)
