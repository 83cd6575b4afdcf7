"""Addresses of media as timelines write them: URLs of files, well made or not, and paths of any system."""

from __future__ import annotations

import ntpath
import os
import re
from urllib.parse import SplitResult, unquote, urlsplit

_FILE_URL = re.compile(r"file:(?://(?P<machine>[^/\\]*))?(?P<path>.*)", re.IGNORECASE | re.DOTALL)
_LOCAL_MACHINE = re.compile(r"(?:localhost)?(?P<drive>[A-Za-z]:)?", re.IGNORECASE)  # file://localhostC:\clips\a.mov
_DRIVE = re.compile(r"^/?[A-Za-z]:[\\/]")


def is_web(url: str) -> bool:
    """Whether a media URL is an address on the web, not a file."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:  # a bracket of an IPv6 address that is not closed: no URL, but maybe a file's name
        scheme = SplitResult("", "", url, "", "").scheme
    return len(scheme) > 1 and scheme != "file"


def machine_of(url: str) -> str:
    """The machine that a file URL names, as in file://server/share/clip.mov; empty where it names none or this one."""
    return _machine_and_path(url)[0]


def decoded(text: str) -> str:
    """A text without percent signs for bytes; bytes that are no UTF-8 become what Python has for them in file names."""
    return unquote(text, errors="surrogateescape")


def paths_of(url: str) -> list[str]:
    """The paths that a media URL may mean, the likeliest first: a file URL, a Windows path, any other path.

    Hand-made exporters leave `#`, `?` and `%` as they are, so a URL is also read as if it knew none of them.
    """
    machine, path = _machine_and_path(url)
    if not url.strip().lower().startswith("file:"):
        return list(dict.fromkeys((path, decoded(path))))
    texts = (decoded(path), path, decoded(re.split(r"[?#]", path, maxsplit=1)[0]))
    return list(dict.fromkeys(_on_this_system(machine, text) for text in texts))


def plain_path(url: str) -> str:
    """The likeliest path that a media URL means."""
    return paths_of(url)[0]


def base_name(url: str) -> str:
    """The last part of a media URL, whichever system wrote it."""
    return _last_part(plain_path(url)) or machine_of(url)


def base_names(url: str) -> list[str]:
    """The last parts of all paths that a media URL may mean."""
    return list(dict.fromkeys(name for name in (base_name(url), *map(_last_part, paths_of(url))) if name))


def _machine_and_path(url: str) -> tuple[str, str]:
    """The machine of a file URL, and its path as it is written; for anything else the text itself."""
    text = url.strip()
    match = _FILE_URL.fullmatch(text)
    if match is None:
        return "", text
    machine, path = match["machine"] or "", match["path"]
    local = _LOCAL_MACHINE.fullmatch(machine)
    return ("", (local["drive"] or "") + path) if local else (machine, path)


def _on_this_system(machine: str, path: str) -> str:
    path = re.sub(r"^//+(?=[^/])", "/", path)  # Resolve writes file://localhost//path
    if os.name != "nt":
        return path
    if machine:
        return rf"\\{machine}{path}"
    return path[1:] if path.startswith("/") and _DRIVE.match(path) else path


def _last_part(path: str) -> str:
    path = path.rstrip("/\\")
    return ntpath.basename(path) if "\\" in path or _DRIVE.match(path) else path.rsplit("/", 1)[-1]
