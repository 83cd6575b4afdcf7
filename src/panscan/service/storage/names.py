"""What results are called where they go: as in the job's folder, or as the client calls its movies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath

from panscan.model.geometry import Ratio
from panscan.service.spec_parts import MOVIE, DestinationSpec

Called = Callable[[str], str]


def naming(destination: DestinationSpec, files: Mapping[str, Path]) -> tuple[str, Called]:
    """The address of the folder that a destination means, and what each file is called there."""
    if destination.names:
        return destination.url, _by_shape(destination.names, files)
    folder, _, own = destination.url.rpartition("/")
    movies = [PurePosixPath(name) for name in files if name.lower().endswith(MOVIE)]
    if not own.lower().endswith(MOVIE) or len(movies) != 1:
        return destination.url, lambda name: name
    stem, new = movies[0].stem, own[: -len(MOVIE)]

    def called(name: str) -> str:
        path = PurePosixPath(name)
        return str(path.with_name(new + path.name.removeprefix(stem))) if path.name.startswith(stem) else name

    return folder, called


def _by_shape(names: Mapping[str, str], files: Mapping[str, Path]) -> Called:
    """All files of a shape begin as its timeline does, which is always there."""
    stems = {
        file.removesuffix(".otio"): own[: -len(MOVIE)]
        for ratio, own in names.items()
        for file in files
        if file.endswith(f".{Ratio.parse(ratio).slug}.otio")
    }

    def called(name: str) -> str:
        stem = next((stem for stem in stems if name.startswith(f"{stem}.")), None)
        return name if stem is None else stems[stem] + name.removeprefix(stem)

    return called
