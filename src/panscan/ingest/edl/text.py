"""The lines of an edit list, in whatever encoding and with whatever line ends it was written."""

from __future__ import annotations

from pathlib import Path

from panscan.ingest.cuts.files import read_bytes, unreadable
from panscan.timeline.editorial import Note

_MAX_LINES = 2_000_000  # a hundred thousand events with many comments each; a longer file is no edit list
_SAMPLE_BYTES = 4096  # enough to see the zero bytes of UTF-16
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LEGACY = "cp1252"  # what editors on Windows wrote before UTF-8, for the western languages
_END_OF_FILE = "\x1a"  # that some editors on DOS left at the end


def read_lines(path: Path) -> tuple[list[str], list[Note]]:
    """The lines of a file without blanks at their ends, and a note where their encoding is a guess.

    Raises
    ------
    InputError
        The file is missing, empty or far too long.
    """
    text, notes = _decoded(read_bytes(path))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > _MAX_LINES:
        raise unreadable(path, f"It has {len(lines)} lines, more than any edit list", "Export it as a CMX3600 EDL.")
    return [line.strip().strip("\0" + _END_OF_FILE) for line in lines], notes


def _decoded(raw: bytes) -> tuple[str, list[Note]]:
    """The text, and a note where it is in an encoding that does not name itself."""
    encoding = next((name for mark, name in _BYTE_ORDER_MARKS if raw.startswith(mark)), "")
    if not encoding and b"\0" in raw[:_SAMPLE_BYTES]:
        # Latin letters have their zero byte second in little-endian UTF-16.
        sample = raw[:_SAMPLE_BYTES]
        encoding = "utf-16-le" if sample[1::2].count(0) >= sample[::2].count(0) else "utf-16-be"
    if encoding:
        return raw.decode(encoding, errors="replace"), []
    try:
        return raw.decode("utf-8"), []
    except UnicodeDecodeError:
        why = "It is not in UTF-8; its letters were read as Windows-1252. Save it as UTF-8 if names look wrong."
        return raw.decode(_LEGACY, errors="replace"), [Note("the EDL", why)]
