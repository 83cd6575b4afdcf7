"""Which files are handed to FFmpeg: movies, told by their first bytes and not by their names.

A playlist (HLS, DASH, a list of files) names other files, and whoever sends one could have any file of this machine
read. What is no known movie is refused here, before anything else opens it.
"""

from __future__ import annotations

import re
from pathlib import Path

from panscan.errors import InputError

_HEAD_BYTES = 64 * 1024 + 16  # MXF may begin with 64 KiB of anything
_BOXES = rb"ftyp|moov|mdat|wide|free|skip|pnot"  # that MP4 and QuickTime begin with
# FFmpeg's name of each container, and what its files begin with.
_CONTAINERS = {
    "mov": rb".{4}(?:%s)" % _BOXES,
    "matroska": rb"\x1a\x45\xdf\xa3",
    "avi": rb"RIFF.{4}AVI |RIFF.{4}AVIX",
    "mpegts": rb"\x47.{187}\x47.{187}\x47|.{4}\x47.{191}\x47.{191}\x47|\x47.{203}\x47.{203}\x47",
    "mxf": rb"(?:\x06\x0e\x2b\x34|.{1,65536}?\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02)",
    "mpeg": rb"\x00\x00\x01\xba",
    "asf": rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
    "flv": rb"FLV\x01",
    "ogg": rb"OggS",
    "gxf": rb"\x00\x00\x00\x00\x01\xbc",
    "dv": rb"\x1f\x07\x00[\x3f\xbf]",
}
_PATTERNS = {name: re.compile(pattern, re.DOTALL) for name, pattern in _CONTAINERS.items()}


def container_of(head: bytes) -> str | None:
    """FFmpeg's name of the container that a file with these first bytes is; None for all that is no movie."""
    return next((name for name, pattern in _PATTERNS.items() if pattern.match(head)), None)


def check_container(path: Path) -> str:
    """FFmpeg's name of a file's container.

    Raises
    ------
    InputError
        It is no movie in a container of the list.
    """
    with path.open("rb") as file:
        found = container_of(file.read(_HEAD_BYTES))
    if found is None:
        raise InputError(
            f"{path.name} is no movie that the service takes",
            why=f"It begins like none of {', '.join(_CONTAINERS)}. Playlists are not taken: they name other files.",
            fix="Give the movie itself, e.g. MP4, MOV or MKV.",
        )
    return found
