"""Numbers and names as XML formats take them."""

from __future__ import annotations


def format_number(value: float, decimals: int = 6) -> str:
    """At most so many decimals, no exponent, no "-0"."""
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def xml_safe(text: str) -> str:
    """`text` without the characters that XML 1.0 forbids."""
    return "".join(
        c if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "\ufffd"
        for c in text
    )
