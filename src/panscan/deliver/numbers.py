"""Numbers as the files hold them."""

from __future__ import annotations


def format_number(value: float, decimals: int = 6) -> str:
    """At most so many decimals, no exponent, no "-0"."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def rounded(value: float, decimals: int) -> float:
    """A number with so many decimals, never -0.0."""
    return round(value, decimals) + 0.0
