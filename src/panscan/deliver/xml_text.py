"""Text as XML formats take it."""

from __future__ import annotations


def xml_safe(text: str) -> str:
    """`text` without the characters that XML 1.0 forbids."""
    return "".join(
        c if c in "\t\n\r" or "\x20" <= c <= "\ud7ff" or "\ue000" <= c <= "\ufffd" or c > "\uffff" else "\ufffd"
        for c in text
    )
