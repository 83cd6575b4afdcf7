"""Reading timeline files that anybody may have written: bounded size and depth, no entities, no network."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

import opentimelineio as otio
import platformdirs
from lxml import etree

from panscan.errors import InputError
from panscan.files import whole_file
from panscan.timeline.otio_json import parse_otio

MAX_BYTES = 100 * 1024 * 1024  # of a timeline file: a feature film with every effect needs less
_MAX_NAMED = 8  # timelines in one message
_MAX_WHY_CHARACTERS = 300  # of an XML or OTIO error, which may quote the whole file
# Media in a bundle is compressed already: a member that unpacks to this many times its size is an attack.
_MAX_RATIO = 1000
_COPY_BYTES = 1 << 20  # per step: large enough for the disk's speed


def unreadable(path: Path, why: str, fix: str = "Export the timeline again from the editor.") -> InputError:
    """The error for a timeline file that cannot be used."""
    first = why.strip().splitlines()[0] if why.strip() else "It is damaged"
    return InputError(
        f"{path} cannot be read as a timeline", why=f"{first[:_MAX_WHY_CHARACTERS].rstrip('.')}.", fix=fix
    )


def read_bytes(path: Path) -> bytes:
    """The content of a timeline file.

    Raises
    ------
    InputError
        It is missing, empty, over 100 MB, or cannot be read.
    """
    if not path.is_file():
        raise InputError(f"{path} does not exist", why="There is no timeline file at this path.", fix="Check the path.")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise unreadable(path, f"It has {size // 2**20} MB, more than the {MAX_BYTES // 2**20} MB that a timeline may")
    if size == 0:
        raise unreadable(path, "It is empty")
    try:
        return path.read_bytes()
    except OSError as error:
        raise unreadable(path, str(error.strerror or error), "Check the permissions of the file.") from error


def read_xml(path: Path) -> etree._Element:
    """The root element of an XML file, read without DTD, entities or network.

    Raises
    ------
    InputError
        The file is no XML, is nested too deeply, or declares entities.
    """
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    data = read_bytes(path)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise unreadable(path, f"It is no complete XML document ({error})") from error
    dtd: Any = root.getroottree().docinfo.internalDTD
    if (dtd is not None and any(True for _ in dtd.iterentities())) or next(root.iter(etree.Entity), None) is not None:
        raise unreadable(path, "It declares XML entities, which no editor writes and which could pull in other files")
    return root


def read_json_timeline(path: Path, data: bytes | None = None) -> Any:
    """The object in an .otio file.

    Raises
    ------
    InputError
        The file is no OTIO document, is nested too deeply, or would end the process.
    """
    try:
        return parse_otio(read_bytes(path) if data is None else data)
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise unreadable(path, str(error)) from error


def one_timeline(found: Any, path: Path) -> Any:
    """The only timeline in what an OTIO adapter returned.

    Raises
    ------
    InputError
        There is none, or there are several.
    """
    if isinstance(found, otio.schema.Timeline):
        return found
    inside = [t for t in found if isinstance(t, otio.schema.Timeline)] if _is_collection(found) else []
    if len(inside) == 1:
        return inside[0]
    if not inside:
        raise unreadable(path, f"It holds a {type(found).__name__}, not a timeline", "Export the timeline itself.")
    names = ", ".join(repr(t.name) for t in inside[:_MAX_NAMED])
    raise InputError(
        f"{path} holds {len(inside)} timelines",
        why=f"Only one can be reframed at a time; found {names}.",
        fix="Export the one you mean by itself.",
    )


def _is_collection(found: Any) -> bool:
    return isinstance(found, otio.schema.SerializableCollection)


def read_bundle(path: Path) -> tuple[Any, Path]:
    """The timeline of an .otioz or .otiod bundle, and the folder from which its media paths start.

    An .otioz is unpacked once into the cache folder, so that its media can be rendered later.

    Raises
    ------
    InputError
        The bundle is damaged, reaches outside itself, or does not fit on the disk.
    """
    if path.is_dir():
        return one_timeline(read_json_timeline(path / "content.otio"), path), path
    if not path.is_file():
        raise InputError(f"{path} does not exist", why="There is no bundle at this path.", fix="Check the path.")
    try:
        with zipfile.ZipFile(path) as bundle:
            _check_members(path, bundle)
            content = bundle.read("content.otio")
            timeline = one_timeline(read_json_timeline(path, content), path)
            return timeline, _unpacked(bundle, content)
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError, EOFError) as error:
        raise unreadable(path, f"It is no complete .otioz bundle ({error})") from error
    except OSError as error:
        raise unreadable(path, f"It cannot be unpacked ({error.strerror or error})", "Free some disk space.") from error


def _check_members(path: Path, bundle: zipfile.ZipFile) -> None:
    total = 0
    for member in bundle.infolist():
        place = PurePosixPath(member.filename.replace("\\", "/"))
        if place.is_absolute() or ".." in place.parts or ":" in member.filename:
            raise unreadable(path, f"Its member {member.filename!r} would be written outside the bundle")
        if member.file_size > _MAX_RATIO * max(member.compress_size, 1):
            raise unreadable(path, f"Its member {member.filename!r} unpacks to {member.file_size} bytes")
        total += member.file_size
    if bundle.getinfo("content.otio").file_size > MAX_BYTES:
        raise unreadable(path, f"Its timeline has more than {MAX_BYTES // 2**20} MB")
    if total > shutil.disk_usage(cache_folder()).free:
        raise unreadable(path, f"Its media needs {total // 2**20} MB of disk space", "Free some disk space.")


def _unpacked(bundle: zipfile.ZipFile, content: bytes) -> Path:
    """The folder with the bundle's members. Its name is a hash of their content: the same bundle is unpacked once."""
    members = [m for m in bundle.infolist() if not m.is_dir()]
    listing = repr([(m.filename, m.file_size, m.CRC) for m in members]).encode()
    folder = cache_folder() / "bundles" / hashlib.blake2b(listing + content, digest_size=12).hexdigest()
    with _removed_after_an_error() as unpacked:
        for member in members:
            target = folder / member.filename
            if target.is_file() and target.stat().st_size == member.file_size:
                continue
            unpacked.append(target)
            with bundle.open(member) as source, whole_file(target) as file:
                shutil.copyfileobj(source, file, _COPY_BYTES)
    return folder


@contextmanager
def _removed_after_an_error() -> Iterator[list[Path]]:
    """A list of files, to be filled; after an error they are removed, with the folders that they leave empty."""
    paths: list[Path] = []
    try:
        yield paths
    except BaseException:
        for path in paths:
            path.unlink(missing_ok=True)
            with suppress(OSError):
                os.removedirs(path.parent)
        raise


def cache_folder() -> Path:
    """The folder for what is made once and may be made again; PANSCAN_CACHE_DIR names another."""
    chosen = os.environ.get("PANSCAN_CACHE_DIR")
    folder = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("panscan", appauthor=False))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
