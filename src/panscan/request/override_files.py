"""Which files of overrides go with a movie or a cut: the one that was named, or those that lie beside it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from panscan.errors import UsageError
from panscan.model.media import Media
from panscan.model.request import NamedPerson, Override
from panscan.request.config_files import read_config
from panscan.request.cut_overrides import clip_overrides
from panscan.request.overrides import SUFFIXES, find_overrides, load_overrides
from panscan.request.people import people_of_movie
from panscan.timeline.editorial import EditorCut
from panscan.timeline.record import RecordLayout


class CutOverrides(NamedTuple):
    """The decisions made by hand for a cut and, by path, for its media; notes: what a person should know of them.

    people: those whom somebody named, by path of the media.
    """

    of_cut: tuple[Override, ...]
    of_media: tuple[tuple[str, tuple[Override, ...]], ...]
    notes: tuple[str, ...]
    people: tuple[tuple[str, tuple[NamedPerson, ...]], ...] = ()


def movie_overrides(path: Path | None, media: Media) -> tuple[Override, ...]:
    """The overrides given, or those beside the media; none where there are none."""
    found = path or find_overrides(Path(media.path))
    if found is None:
        return ()
    return load_overrides(found, media.video.rate, media.frame_count, media.start_frame)


def movie_people(path: Path | None, media: Media) -> tuple[NamedPerson, ...]:
    """The people named in the overrides given, or in those beside the media."""
    found = path or find_overrides(Path(media.path))
    return () if found is None else people_of_movie(read_config(found), str(found), media)


def note_on_movie(path: Path | None, media: Media) -> str:
    """A note where the overrides of a movie were written for another version of it; else empty.

    A file tells by the digest in its `media`, if it has one.
    """
    file = path or find_overrides(Path(media.path))
    told = None if file is None else read_config(file).get("media")
    if file is None or told in (None, media.digest):
        return ""
    return (
        f"{file.name} was written for another version of this movie: frames in it may be others now. "
        f'Look at the shots that it names; if all is well, write media = "{media.digest}" there'
    )


def cut_overrides(path: Path | None, source: Path, cut: EditorCut) -> CutOverrides:
    """The overrides of a cut, those of its media, and what a person should know of them.

    The cut's own are those given, or those beside it.

    Raises
    ------
    UsageError
        A file has mistakes, several are beside the cut, or one names a shot or a clip that the cut does not have.
    """
    files = {name: found for name in sorted(cut.media) if (found := find_overrides(Path(name))) is not None}
    notes = []
    of_media = []
    for name, file in files.items():
        media = cut.media[name]
        entries = load_overrides(file, media.video.rate, media.frame_count, media.start_frame)
        timed = tuple(entry for entry in entries if entry.shot is None)
        if len(timed) < len(entries):
            notes.append(
                f"{file.name}: entries with `shot` count the shots of the whole movie and do not hold in a cut"
            )
        of_media += [(name, timed)] if timed else []
    people = {name: movie_people(file, cut.media[name]) for name, file in files.items()}
    named = tuple((name, found) for name, found in people.items() if found)
    own = path or _beside_cut(source, {file.resolve() for file in files.values()}, notes)
    if own is None:
        return CutOverrides((), tuple(of_media), tuple(notes), named)
    record = RecordLayout.of(cut)
    names = [person.name for _, found in named for person in found]
    for_cut = load_overrides(own, cut.rate, record.frame_count, record.start_frame, of_cut=True, names=names)
    clip_overrides(
        cut, for_cut, {}
    )  # what names a shot or a clip that is not there is said before anything is looked at
    return CutOverrides(for_cut, tuple(of_media), tuple(notes), named)


def movie_file(path: Path | None, media: Media) -> Path:
    """Where entries for a movie are written: the file that `movie_overrides` reads, or STEM.panscan.toml beside it."""
    movie = Path(media.path)
    return path or find_overrides(movie) or movie.with_name(movie.stem + SUFFIXES[0])


def cut_file(path: Path | None, source: Path, cut: EditorCut) -> Path:
    """The same for a cut; NAME.panscan.toml beside it where STEM.panscan.toml is, or would be, that of a media."""
    by_stem = source.with_name(source.stem + SUFFIXES[0])
    of_media = {movie_file(None, media).resolve() for media in cut.media.values()}
    found = path or _beside_cut(source, of_media, [])
    return found or (source.with_name(source.name + SUFFIXES[0]) if by_stem.resolve() in of_media else by_stem)


def _beside_cut(source: Path, of_media: set[Path], notes: list[str]) -> Path | None:
    """The overrides beside a cut: NAME.panscan.toml or STEM.panscan.toml, unless that is the one of its media."""
    by_name, by_stem = find_overrides(source, whole_name=True), find_overrides(source)
    if by_stem is not None and by_stem.resolve() in of_media:
        if by_name is None:
            notes.append(f"{by_stem.name} is that of the media; call one for the cut {source.name}{SUFFIXES[0]}")
        by_stem = None
    if by_name is not None and by_stem is not None:
        raise UsageError(
            f"{source.name} has 2 files of overrides",
            why=f"There are {by_name.name} and {by_stem.name}.",
            fix="Keep one of them, or name it with --override.",
        )
    return by_name or by_stem
