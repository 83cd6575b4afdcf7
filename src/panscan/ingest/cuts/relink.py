"""Finding the media that a timeline names by a URL, a path of any system or a reel; also in a given folder."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from panscan.ingest.cuts.addresses import base_names, is_web, machine_of, paths_of

# Of files that may be meant by a name without suffix, as reels are; with a suffix any file may be.
_PICTURES = (
    "3g2 3gp asf av1 avi avif bmp braw cin dav divx dng dnxhd dpx dv exr f4v flv gif gxf h264 h265 heic hevc insv ivf "
    "j2k jp2 jpeg jpg jxl lrv m2t m2ts m2v m4v mj2 mjpg mkv mod mov mp4 mpeg mpg mts mxf nut ogv png ppm psd qt r3d rm "
    "rmvb sgi tga tif tiff tod ts vob webm webp wmv wtv y4m"
)
_SOUNDS = "aac ac3 aif aifc aiff amr ape bwf caf eac3 flac m4a mka mp2 mp3 oga ogg opus rf64 w64 wav wma wv"
_PICTURE_SUFFIXES = frozenset(f".{name}" for name in _PICTURES.split())
SOUND_SUFFIXES = frozenset(f".{name}" for name in _SOUNDS.split())
_MEDIA_SUFFIXES = _PICTURE_SUFFIXES | SOUND_SUFFIXES
_BUNDLES = (".fcpxmld", ".otiod")  # folders that hold a timeline with its media
_MAX_FILES = 200_000  # of a folder that are looked at: a whole disk would take minutes
_MAX_PATH_CHARACTERS = 4096  # longer paths exist on no system
_REEL_CHARACTERS = 8  # CMX3600 cuts names to this length


def name_key(name: str) -> str:
    """What two names of one file have in common: macOS hands names on in another Unicode form than others write."""
    return unicodedata.normalize("NFC", name.strip()).casefold()


@dataclass(slots=True)
class MediaIndex:
    """The media files of a folder.

    Attributes
    ----------
    by_name : dict of str to list of Path
        All files by the key of their name.
    by_stem : dict of str to list of Path
        Pictures by the key of their name without suffix: sounds may lie beside the movie of their name.
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
                if count > _MAX_FILES:
                    return index
                index.by_name.setdefault(name_key(name), []).append(path)
                if path.suffix.lower() in _PICTURE_SUFFIXES:
                    index.by_stem.setdefault(name_key(path.stem), []).append(path)
        return index

    def find(self, names: list[str]) -> list[Path]:
        """The files with the first of `names`, with or without suffix, that any file has.

        Else the only file whose name begins with one of `names` that has the length to which an EDL cuts reels.
        """
        for name in names:
            key = name_key(name)
            # A name without a known suffix may hold dots: reels such as "A001C002.B".
            stem = key.rsplit(".", 1)[0] if "." + key.rsplit(".", 1)[-1] in _MEDIA_SUFFIXES else key
            found = self.by_name.get(key) or self.by_stem.get(stem, [])
            if key and found:
                return [path for path in found if _same_case(path.name, name)] or found
        for name in names:
            key = name_key(name)
            if len(key) == _REEL_CHARACTERS:
                starts = [
                    paths
                    for known, paths in self.by_name.items()
                    if known.startswith(key) and paths[0].suffix.lower() in _MEDIA_SUFFIXES
                ]
                if len(starts) == 1:
                    return starts[0]
        return []


def _same_case(one: str, other: str) -> bool:
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other.strip())


class MediaFinder:
    """Finds media for one timeline: at the path that it names, in the folder given by the user, beside the timeline."""

    def __init__(self, folder: Path, relink: Path | None, allowed: Callable[[Path], bool] | None = None) -> None:
        self._folder = folder
        self._allowed = allowed
        self._relink = relink
        self._built_indexes: list[MediaIndex] | None = None
        self._folders: dict[Path, MediaIndex] = {}

    def locate(self, url: str | None, names: list[str]) -> tuple[Path | None, int]:
        """The file for a media URL, else for one of `names`; and how many files have that name.

        A file at the path that the timeline names is preferred to files of the same name elsewhere.
        """
        # Comments of an EDL may hold whole paths, and a clip may have several references.
        addresses = [url or "", *(name for name in names if "/" in name or Path(name.strip()).is_absolute())]
        addresses = [address for address in addresses if address and not is_web(address)]
        paths = [path for address in addresses for path in self._paths(address)]
        for look in (_itself, self._beside):
            for path in filter(self._may_be_opened, paths):
                there = look(path)
                if there is not None and self._may_be_opened(there):
                    return there.resolve(), 1
        wanted = [name for address in (url, *names) if address and not is_web(address) for name in base_names(address)]
        for index in self._indexes():
            found = index.find([*wanted, *names])
            if found and self._may_be_opened(found[0]):
                return found[0].resolve(), len(found)
        return None, 0

    def _may_be_opened(self, path: Path) -> bool:
        return self._allowed is None or self._allowed(path)

    def _beside(self, path: Path) -> Path | None:
        """The file in the folder of a path whose name differs in its Unicode form or case alone."""
        if path.parent not in self._folders:
            self._folders[path.parent] = MediaIndex.scan_folder(path.parent, deep=False)
        return next(iter(self._folders[path.parent].by_name.get(name_key(path.name), [])), None)

    def _paths(self, address: str) -> Iterator[Path]:
        """The paths on this machine that an address may mean."""
        if machine_of(address) and os.name != "nt":
            return
        for text in paths_of(address):
            if "\0" not in text and len(text) <= _MAX_PATH_CHARACTERS:
                yield Path(text) if Path(text).is_absolute() else self._folder / text

    def _indexes(self) -> list[MediaIndex]:
        if self._built_indexes is None:
            given = [MediaIndex.scan_folder(self._relink, deep=True)] if self._relink is not None else []
            is_bundle = self._folder.suffix.lower() in _BUNDLES
            folders = [self._folder, self._folder.parent] if is_bundle else [self._folder]
            own = [MediaIndex.scan_folder(folder, deep=folder.suffix.lower() in _BUNDLES) for folder in folders]
            self._built_indexes = [*given, *own]
        return self._built_indexes


def _itself(path: Path) -> Path | None:
    """The file at a path."""
    try:
        return path if path.is_file() else None
    except OSError:
        return None
