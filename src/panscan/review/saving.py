"""Saving: the draft becomes entries of the overrides file, and the timelines of all shapes are made anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from panscan.request.override_edits import read_entries, replace_entries
from panscan.review.drafts import Correction, Draft, DraftStore, StaleDraftError, draft_of_file, entry_of, file_digest
from panscan.review.drafts import plain as plain_entry
from panscan.review.library import ReviewedMovie
from panscan.review.solving import Solver
from panscan.review.sources import ReviewWork
from panscan.timeline.cut import read_cut
from panscan.timeline.flatten import flatten_timeline
from panscan.timeline.unmet import unmet_of, words_on_unmet


class ChangedFileError(Exception):
    """The overrides file was changed by another program; `entries`: what it says now."""

    def __init__(self, entries: list[dict[str, Any]]) -> None:
        super().__init__("the overrides file was changed meanwhile")
        self.entries = entries


def save(
    movie: ReviewedMovie, solver: Solver, drafts: DraftStore, work: ReviewWork, etag: str, *, over: bool = False
) -> tuple[Draft, list[str]]:
    """Write the draft into the overrides file, whose comments stay, and make the timelines anew.

    Parameters
    ----------
    movie : ReviewedMovie
    solver : Solver
    drafts : DraftStore
    work : ReviewWork
    etag : str
        Of the draft that is meant.
    over : bool
        Write it also where the file was changed by another program meanwhile.

    Returns
    -------
    Draft
        How it is now: all of it is in the file.
    list of str
        Shape by shape what was wanted and could not be done, notes on a cut, and timelines that were kept aside.

    Raises
    ------
    StaleDraftError
        There is another draft by now.
    ChangedFileError
        The file was changed.
    UsageError, InputError
        The file cannot be changed, or a timeline cannot be written.
    """
    source = movie.source
    draft = drafts.load(source)
    if draft.etag != etag:
        raise StaleDraftError(draft)
    overrides = solver.overrides([entry_of(one) for one in draft.corrections])
    corrections: Sequence[Correction] = draft.corrections
    if draft.base != file_digest(source):
        if not over:
            raise ChangedFileError([plain_entry(one) for one in read_entries(source.overrides_file)])
        corrections = _numbered_anew(corrections, read_entries(source.overrides_file))
    if corrections or source.overrides_file.exists():
        wanted = [(one.get("entry"), entry_of(one)) for one in corrections]
        media = movie.footage.movie if movie.footage else None
        replace_entries(source.overrides_file, wanted, media.digest if media else "")
    saved = draft_of_file(source)
    drafts.replace(source, saved)
    told = []
    for request in source.requests:
        made = solver.timeline(request, overrides)
        timeline = made.timeline
        path = source.timeline_path(request)
        note = work.write_timeline(timeline, path)
        told += [*([note] if note else []), *(f"{request.ratio}: {one}" for one in made.notes)]
        clips = read_cut(flatten_timeline(timeline), folder=path.parent).clips
        told += [f"{request.ratio}: {words_on_unmet(one, len(clips))}" for one in unmet_of(clips)]
    return saved, told


def _numbered_anew(corrections: Sequence[Correction], entries: Sequence[dict[str, Any]]) -> list[Correction]:
    """Corrections with the numbers of equal entries in a file that was changed; the others are new there."""
    free = {number: plain_entry(entry) for number, entry in enumerate(entries, 1)}
    found = []
    for one in corrections:
        number = next((number for number, entry in free.items() if entry == entry_of(one)), None)
        free.pop(number or 0, None)
        found.append(entry_of(one) | {"entry": number})
    return found
