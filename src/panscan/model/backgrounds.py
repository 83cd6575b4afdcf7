"""What shows around a picture: black, a blurred copy of it, a colour, or a gradient from one colour to another."""

from __future__ import annotations

import re

BACKGROUNDS = "black, blur, a colour #rrggbb, or a gradient #rrggbb:#rrggbb from top to bottom"

_COLOUR = "#[0-9a-fA-F]{6}"
_PATTERN = re.compile(f"black|blur|{_COLOUR}(:{_COLOUR})?")


def is_background(text: str) -> bool:
    """Whether a text names a background."""
    return _PATTERN.fullmatch(text) is not None


def gradient_of(background: str) -> tuple[str, str]:
    """The colours "#rrggbb" at the upper and the lower edge of the canvas; black behind a blurred copy."""
    if background in ("black", "blur"):
        return "#000000", "#000000"
    upper, _, lower = background.partition(":")
    return upper, lower or upper
