"""Finding the media that a timeline names: file URLs, Windows paths, reels, and a folder to look in."""

from __future__ import annotations

import ntpath
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

MOVIE_SUFFIXES = frozenset(
    (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mxf", ".mts", ".m2ts", ".ts", ".mpg", ".mpeg", ".m2v")
) | frozenset((".wmv", ".flv", ".dv", ".3gp", ".ogv", ".r3d", ".braw", ".gif"))
STILL_SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".dpx", ".exr", ".tga"))
_MAX_FILES = 200_000
_REEL_LENGTH = 8
_DRIVE = re.compile(r"^/?[A-Za-z]:[\\/]")


def is_web(url: str) -> bool:
    """Whether a media address leads to another machine."""
    parts = urlsplit(url)
    if len(parts.scheme) > 1 and parts.scheme != "file":
        return True
    return parts.scheme == "file" and parts.netloc not in ("", "localhost")


def plain_path(url: str) -> str:
    """The path in a media address: file URL (with or without localhost), Windows path, absolute or relative path."""
    text = url.strip()
    if text.lower().startswith("file:"):
        path = unquote(urlsplit(text).path)
        path = re.sub(r"^//+(?=[^/])", "/", path)  # Resolve writes file://localhost//path
        return path[1:] if _DRIVE.match(path) and os.name == "nt" else path
    return text


def base_name(url: str) -> str:
    """The last part of a media address, whichever system wrote it."""
    path = plain_path(url).rstrip("/\\")
    return ntpath.basename(path) if "\\" in path or _DRIVE.match(path) else path.rsplit("/", 1)[-1]


@dataclass(slots=True)
class MediaIndex:
    """Media files that may stand in for missing ones, by lower-case name and by name without suffix."""

    by_name: dict[str, list[Path]] = field(default_factory=dict)
    by_stem: dict[str, list[Path]] = field(default_factory=dict)

    @classmethod
    def scan_folder(cls, folder: Path, *, deep: bool) -> MediaIndex:
        """All media files of a folder, and of the folders in it if `deep`."""
        shelf = cls()
        seen = 0
        for place, folders, names in os.walk(folder):
            folders[:] = sorted(f for f in folders if not f.startswith(".")) if deep else []
            for name in sorted(names):
                seen += 1
                path = Path(place) / name
                if seen <= _MAX_FILES and path.suffix.lower() in MOVIE_SUFFIXES | STILL_SUFFIXES:
                    shelf.by_name.setdefault(name.lower(), []).append(path)
                    shelf.by_stem.setdefault(path.stem.lower(), []).append(path)
        return shelf

    def find(self, names: list[str]) -> list[Path]:
        """Files called by the first of `names` (with or without suffix) that any file has.

        Else the only file that begins with one of `names` that is as long as an EDL cuts its reels.
        """
        for name in names:
            low = name.strip().lower()
            # A name without a known suffix may hold dots: reels such as "A001C002.B".
            stem = low.rsplit(".", 1)[0] if "." + low.rsplit(".", 1)[-1] in MOVIE_SUFFIXES | STILL_SUFFIXES else low
            found = self.by_name.get(low) or self.by_stem.get(stem)
            if low and found:
                return found
        for name in names:
            low = name.strip().lower()
            if len(low) == _REEL_LENGTH:
                starts = [paths for known, paths in self.by_name.items() if known.startswith(low)]
                if len(starts) == 1:
                    return starts[0]
        return []


class MediaFinder:
    """Finds media for one timeline: where it says, in the folder given by the user, beside the timeline."""

    def __init__(self, folder: Path, relink: Path | None, allowed: Callable[[Path], bool] | None = None) -> None:
        self._folder = folder
        self._allowed = allowed
        self._relink = relink
        self._shelves: list[MediaIndex] | None = None

    def locate(self, url: str | None, names: list[str]) -> tuple[Path | None, int]:
        """The file for a media address, else for one of `names`; and how many files it could have been.

        A file that is where the timeline says wins over files of the same name elsewhere.
        """
        # The comments of an EDL may hold whole paths.
        for address in [url or "", *(name for name in names if Path(name.strip()).is_absolute())]:
            if not address or is_web(address):
                continue
            for text in dict.fromkeys((plain_path(address), unquote(plain_path(address)))):
                if "\0" in text or len(text) > 4096:
                    continue
                path = Path(text) if Path(text).is_absolute() else self._folder / text
                try:
                    if (self._allowed is None or self._allowed(path)) and path.is_file():
                        return path.resolve(), 1
                except OSError:
                    continue
        wanted = [base_name(address) for address in (url, *names) if address and not is_web(address)]
        for shelf in self._indexes():
            found = shelf.find([*wanted, *names])
            if found and (self._allowed is None or self._allowed(found[0])):
                return found[0].resolve(), len(found)
        return None, 0

    def _indexes(self) -> list[MediaIndex]:
        if self._shelves is None:
            given = [MediaIndex.scan_folder(self._relink, deep=True)] if self._relink is not None else []
            self._shelves = [*given, MediaIndex.scan_folder(self._folder, deep=False)]
        return self._shelves
