"""Finding the media that a timeline names by a URL, a path of any system or a reel; also in a given folder."""

from __future__ import annotations

import ntpath
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

MOVIE_SUFFIXES = frozenset(
    (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi", ".mxf", ".mts", ".m2ts", ".ts", ".mpg", ".mpeg", ".m2v")
) | frozenset((".wmv", ".flv", ".dv", ".3gp", ".ogv", ".r3d", ".braw", ".gif"))
STILL_SUFFIXES = frozenset((".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".dpx", ".exr", ".tga"))
SOUND_SUFFIXES = frozenset(
    (".wav", ".bwf", ".w64", ".rf64", ".aif", ".aiff", ".aifc", ".caf", ".mp3", ".mp2", ".m4a", ".aac", ".flac")
) | frozenset((".ogg", ".oga", ".opus", ".wma", ".ac3", ".eac3", ".mka"))
_SUFFIXES = MOVIE_SUFFIXES | STILL_SUFFIXES | SOUND_SUFFIXES
_MAX_FILES = 200_000  # of a folder that are looked at: a whole disk would take minutes
_MAX_PATH_CHARACTERS = 4096  # longer paths exist on no system
_REEL_CHARACTERS = 8  # CMX3600 cuts names to this length
_DRIVE = re.compile(r"^/?[A-Za-z]:[\\/]")


def is_web(url: str) -> bool:
    """Whether a media URL is an address on the web, not a file."""
    scheme = _split(url).scheme
    return len(scheme) > 1 and scheme != "file"


def machine_of(url: str) -> str:
    """The machine that a file URL names, as in file://server/share/clip.mov; empty where it names none or this one."""
    parts = _split(url)
    return "" if parts.scheme != "file" or parts.netloc == "localhost" else parts.netloc


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # a bracket of an IPv6 address that is not closed: no URL, but maybe a file's name
        return SplitResult("", "", url, "", "")


def decoded(text: str) -> str:
    """A text without percent signs for bytes; bytes that are no UTF-8 become what Python has for them in file names."""
    return unquote(text, errors="surrogateescape")


def plain_path(url: str) -> str:
    """The path in a media URL: a file URL (with or without localhost), a Windows path, any other path."""
    text = url.strip()
    if text.lower().startswith("file:"):
        path = decoded(_split(text).path)
        path = re.sub(r"^//+(?=[^/])", "/", path)  # Resolve writes file://localhost//path
        return path[1:] if _DRIVE.match(path) and os.name == "nt" else path
    return text


def base_name(url: str) -> str:
    """The last part of a media URL, whichever system wrote it."""
    path = (plain_path(url) or machine_of(url)).rstrip("/\\")
    return ntpath.basename(path) if "\\" in path or _DRIVE.match(path) else path.rsplit("/", 1)[-1]


@dataclass(slots=True)
class MediaIndex:
    """The media files of a folder.

    Attributes
    ----------
    by_name : dict of str to list of Path
        By lower-case name.
    by_stem : dict of str to list of Path
        By lower-case name without suffix; not sounds, which may lie beside the movie of their name.
    """

    by_name: dict[str, list[Path]] = field(default_factory=dict)
    by_stem: dict[str, list[Path]] = field(default_factory=dict)

    @classmethod
    def scan_folder(cls, folder: Path, *, deep: bool) -> MediaIndex:
        """All media files of a folder, and of the folders in it if `deep`."""
        index = cls()
        count = 0
        for parent, folders, names in os.walk(folder):
            folders[:] = sorted(f for f in folders if not f.startswith(".")) if deep else []
            for name in sorted(names):
                count += 1
                path = Path(parent) / name
                suffix = path.suffix.lower()
                if count > _MAX_FILES:
                    continue
                if suffix in _SUFFIXES:
                    index.by_name.setdefault(name.lower(), []).append(path)
                if suffix in _SUFFIXES - SOUND_SUFFIXES:
                    index.by_stem.setdefault(path.stem.lower(), []).append(path)
        return index

    def find(self, names: list[str]) -> list[Path]:
        """The files with the first of `names`, with or without suffix, that any file has.

        Else the only file whose name begins with one of `names` that has the length to which an EDL cuts reels.
        """
        for name in names:
            low = name.strip().lower()
            # A name without a known suffix may hold dots: reels such as "A001C002.B".
            stem = low.rsplit(".", 1)[0] if "." + low.rsplit(".", 1)[-1] in _SUFFIXES else low
            found = self.by_name.get(low) or self.by_stem.get(stem)
            if low and found:
                return found
        for name in names:
            low = name.strip().lower()
            if len(low) == _REEL_CHARACTERS:
                starts = [paths for known, paths in self.by_name.items() if known.startswith(low)]
                if len(starts) == 1:
                    return starts[0]
        return []


class MediaFinder:
    """Finds media for one timeline: at the path that it names, in the folder given by the user, beside the timeline."""

    def __init__(self, folder: Path, relink: Path | None, allowed: Callable[[Path], bool] | None = None) -> None:
        self._folder = folder
        self._allowed = allowed
        self._relink = relink
        self._built_indexes: list[MediaIndex] | None = None

    def locate(self, url: str | None, names: list[str]) -> tuple[Path | None, int]:
        """The file for a media URL, else for one of `names`; and how many files have that name.

        A file at the path that the timeline names is preferred to files of the same name elsewhere.
        """
        # The comments of an EDL may hold whole paths.
        for address in [url or "", *(name for name in names if Path(name.strip()).is_absolute())]:
            if not address or is_web(address) or machine_of(address):
                continue
            for text in dict.fromkeys((plain_path(address), decoded(plain_path(address)))):
                if "\0" in text or len(text) > _MAX_PATH_CHARACTERS:
                    continue
                path = Path(text) if Path(text).is_absolute() else self._folder / text
                try:
                    if (self._allowed is None or self._allowed(path)) and path.is_file():
                        return path.resolve(), 1
                except OSError:
                    continue
        wanted = [base_name(address) for address in (url, *names) if address and not is_web(address)]
        for index in self._indexes():
            found = index.find([*wanted, *names])
            if found and (self._allowed is None or self._allowed(found[0])):
                return found[0].resolve(), len(found)
        return None, 0

    def _indexes(self) -> list[MediaIndex]:
        if self._built_indexes is None:
            given = [MediaIndex.scan_folder(self._relink, deep=True)] if self._relink is not None else []
            self._built_indexes = [*given, MediaIndex.scan_folder(self._folder, deep=False)]
        return self._built_indexes
