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
    parts = _split(url)
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


def path_on_any_machine(url: str, folder: Path) -> Path:
    """As `media_path`, but a file on another machine keeps its address, //machine/share/music.wav: it is not there.

    Raises
    ------
    DocumentError
        It names no file at all.
    """
    parts = _split(url)
    if parts.scheme == "file" and parts.netloc not in ("", "localhost") and "\0" not in unquote(parts.path):
        return Path(f"//{parts.netloc}{unquote(parts.path, errors='surrogateescape')}")
    return media_path(url, folder)


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # a bracket of an IPv6 address that is not closed: no URL
        return SplitResult("", "", url, "", "")
