"""Files that are no movies: told from their first bytes, each refused with its own way out."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from panscan.errors import InputError

_HEAD_BYTES = 1024  # playlists and documents say what they are in the first line or two
# What the text of a playlist or of a script of files begins with, after comments: HLS and M3U, FFmpeg's concat with and
# without its header, DASH, PLS, ASX and SMIL.
_PLAYLIST = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:#EXTM3U|(?:#[^\n]*\n\s*)*(?:ffconcat version|file\s+\S|stream\s|<asx|<smil|\[playlist\]"
    rb"|(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:MPD|smil)))",
    re.IGNORECASE | re.DOTALL,
)
_PLAYLIST_SUFFIXES = frozenset((".m3u", ".m3u8", ".ffconcat", ".mpd", ".pls", ".asx", ".smil"))
_DOCUMENTS = {
    re.compile(rb"%PDF"): "a PDF",
    re.compile(rb"%!PS"): "a PostScript document",
    re.compile(rb"PK\x03\x04"): "a ZIP archive",
    re.compile(rb"RIFF....WEBP.*ANIM", re.DOTALL): "an animated WebP that FFmpeg cannot decode",
}

# FFmpeg's names, or parts of them, of readers of single pictures and of short animations that may be single pictures;
# and the brands of HEIF photos.
_PHOTO_CONTAINERS = ("image2", "_pipe", "gif", "apng", "webp", "jpegxl_anim")
_PHOTO_BRANDS = frozenset(("heic", "heix", "heim", "heis", "mif1", "avif"))


def refuse_playlists_and_documents(file: Path) -> None:
    """Raise an error for a file that cannot be a movie, before FFmpeg sees it.

    Raises
    ------
    InputError
        It is a playlist, or a document.
    """
    with file.open("rb") as opened:
        head = opened.read(_HEAD_BYTES)
    is_text = b"\0" not in head
    if is_text and (_PLAYLIST.match(head) or file.suffix.lower() in _PLAYLIST_SUFFIXES):
        raise InputError(
            f"{file} is a playlist, no movie",
            why="It names other files, and panscan opens only the file it is given.",
            fix=f"Give the movie itself; `ffmpeg -i {file.name} -c copy movie.mp4` makes one file of a playlist.",
        )
    for pattern, kind in _DOCUMENTS.items():
        if pattern.match(head):
            raise InputError(
                f"{file} is {kind}, no movie", why="panscan reframes movies.", fix="Give a movie, e.g. MP4 or MOV."
            )


def is_photo(container: Any, frame_count: int) -> bool:
    """Whether a file holds one picture, in a format for photos."""
    brand = str(container.metadata.get("major_brand", "")).strip()
    is_for_photos = any(name in container.format.name for name in _PHOTO_CONTAINERS) or brand in _PHOTO_BRANDS
    return is_for_photos and frame_count == 1


def refuse_photo(file: Path, container: Any, frame_count: int) -> None:
    """Raise an error for a photo.

    Raises
    ------
    InputError
        The file holds one picture, in a format for photos.
    """
    if is_photo(container, frame_count):
        raise InputError(
            f"{file} is a photo, no movie",
            why="It is one picture, without time; panscan reframes movies.",
            fix=f"Find crops of it with `panscan shots {file.name}`, or put it into a cut and reframe the cut.",
        )
