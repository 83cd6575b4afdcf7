"""Long movies are worked on in parts: some here, some by other workers, with the same bytes whoever does them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from panscan.errors import InputError
from panscan.files import whole_file
from panscan.ingest.media.probe import content_digest
from panscan.model.media import Media
from panscan.render import encoder_build
from panscan.serve.guard import AllowedFolders
from panscan.service.work_order import SharedPart, WorkOrder, WorkReport


def share_out(
    order: WorkOrder,
    report: WorkReport,
    parts: Sequence[SharedPart],
    make: Callable[[SharedPart], Path],
    take: Callable[[SharedPart, Path], None],
) -> None:
    """Have parts done here and by other workers, until the products of all are here.

    Parameters
    ----------
    order : WorkOrder
    report : WorkReport
        Says which parts are to be done here.
    parts : sequence of SharedPart
    make : callable (part)
        Does a part on this machine, and gives the file that another machine needs of it. What is there already it
        does not do again.
    take : callable (part, file)
        Puts what another machine made to where `make` would have.
    """
    told = {"build": encoder_build()}  # what programs and processors of the same build make has the same bytes
    parts = [replace(part, what={**part.what, **told}) for part in parts]
    here = set()
    for part in report.share(parts):
        hand_in(order, part.name, make(part))
        here.add(part.name)
    for part in parts:
        if part.name in here:
            continue
        file = order.part / f"{part.name}.product"
        if fetch(order, part.name, file):
            take(part, file)
            file.unlink()
        else:
            make(part)


def refuse_other_build(part: SharedPart) -> None:
    """Raise an error where this machine would not do a part with the bytes that the job's own worker would make.

    Raises
    ------
    InputError
        It has other programs, or a processor that rounds otherwise.
    """
    if part.what["build"] != encoder_build():
        raise InputError(
            f"{part.name} cannot be done here",
            why=f"The job has {part.what['build']}; here is {encoder_build()}.",
            fix="Let all workers run the same installation on machines of the same kind.",
        )


def hand_in(order: WorkOrder, name: str, product: Path) -> None:
    """Give other workers a file of the job. It is not needed here any more."""
    if order.exchange is not None:
        order.exchange.put(product, f"{order.job_id}/{name}")
    product.unlink(missing_ok=True)


def fetch(order: WorkOrder, name: str, file: Path) -> bool:
    """Write to a file what another worker has handed in; False where there is nothing of this name."""
    return order.exchange is not None and order.exchange.get(f"{order.job_id}/{name}", file)


def offer_media(order: WorkOrder, media: Media) -> dict[str, str]:
    """Let other workers read the media of the job: where it lies, as `media_here` takes it."""
    path, kept = Path(media.path), ""
    if order.exchange is not None and not AllowedFolders(order.read_folders).contains(path):
        kept = f"{order.job_id}/source-{media.digest}{path.suffix}"
        if not order.exchange.has(kept):
            order.exchange.put(path, kept)
    return {"path": str(path), "digest": media.digest, "kept": kept}


def media_here(order: WorkOrder, offered: Mapping[str, str]) -> Path:
    """The media of a job on this machine: where it lies, or else brought here, once for all parts of the job.

    Raises
    ------
    InputError
        It is not to be had on this machine.
    """
    for path in _places(order, offered):
        with suppress(OSError):
            if content_digest(path) == offered["digest"]:
                return path
    raise InputError(
        f"{offered['path']} is not on this machine",
        why="Another worker has the job, and this one sees neither its media nor a copy of it.",
        fix="Give all workers the same --allow folders, and the same PANSCAN_EXCHANGE.",
    )


def _places(order: WorkOrder, offered: Mapping[str, str]) -> Iterator[Path]:
    path, kept = Path(offered["path"]), offered["kept"]
    if AllowedFolders(order.read_folders).contains(path):
        yield path
    if order.exchange is None or not kept:
        return
    if (place := order.exchange.place(kept)) is not None:
        yield place
        return
    copy = order.folder.with_name("help-source") / Path(kept).name
    if copy.is_file() or order.exchange.get(kept, copy):
        yield copy


def pack(files: Mapping[str, Path], product: Path) -> Path:
    """Several files as one, for `hand_in`; each by the name that it gets when it is unpacked."""
    with whole_file(product, private=True) as file, ZipFile(file, "w", ZIP_STORED) as archive:
        for name, path in files.items():
            archive.write(path, name)
    return product


def unpack(product: Path, folder: Path) -> list[Path]:
    """Write the files of a packed one to a folder, each whole or not at all; what cannot be read is left out."""
    with suppress(BadZipFile), ZipFile(product) as archive:
        return [_unpacked(archive, name, folder) for name in archive.namelist()]
    return []


def _unpacked(archive: Any, name: str, folder: Path) -> Path:
    target = folder / Path(name).name
    with whole_file(target, private=True) as file:
        file.write(archive.read(name))
    return target
