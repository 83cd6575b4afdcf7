"""Paths of media in timelines."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import url2pathname

from panscan.errors import DocumentError


def media_path(url: str, folder: Path) -> Path:
    """The local path of a media reference: file URL, absolute path, or relative to the timeline's folder.

    Raises
    ------
    DocumentError
        It names no file on this machine.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # a bracket of an IPv6 address that is not closed: no URL
        parts = SplitResult("", "", url, "", "")
    is_file_url = parts.scheme == "file"
    # Bytes of a name that are no UTF-8 become what Python has for them in file names.
    text = unquote(parts.path if is_file_url else url, errors="surrogateescape")
    if not text or "\0" in text or (is_file_url and os.name != "nt" and parts.netloc not in ("", "localhost")):
        raise DocumentError(
            f"the media reference {url!r} names no file on this machine",
            why="A file URL has three slashes: file:///folder/movie.mp4.",
            fix="Correct it in the timeline, or make the timeline again with `panscan reframe`.",
        )
    if is_file_url:
        return Path(url2pathname(text) if os.name == "nt" else text)
    path = Path(text)
    return path if path.is_absolute() else folder / path
