"""Corrections that are not saved yet, kept on disk after every change: neither a crash nor a closed tab loses any."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from panscan.errors import UsageError
from panscan.files import write_bytes
from panscan.request.override_edits import read_entries
from panscan.review.sources import ReviewSource

_DIGEST_BYTES = 8  # two drafts of one movie never have the same by chance
MAX_CORRECTIONS = 20_000  # several for each shot of a long film

Correction = dict[str, Any]  # an entry of an overrides file, and in `entry` its number there, from 1, or None


@dataclass(frozen=True, slots=True)
class Draft:
    """The corrections of a movie as the page has them.

    Attributes
    ----------
    corrections : list of dict
        In the order in which they apply.
    base : str
        Digest of the overrides file that they began with.
    base_entries : list of dict
        What that file said.
    """

    corrections: list[Correction] = field(default_factory=list)
    base: str = ""
    base_entries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        """Whether it says anything else than the file that it began with."""
        return [entry_of(one) for one in self.corrections] != self.base_entries

    @property
    def etag(self) -> str:
        """Names exactly this draft."""
        return _digest(json.dumps([self.base, self.corrections], sort_keys=True, default=str))


class StaleDraftError(Exception):
    """Somebody else changed the draft, or the file, meanwhile; `draft`: how it is now."""

    def __init__(self, draft: Draft) -> None:
        super().__init__("the draft was changed meanwhile")
        self.draft = draft


class DraftStore:
    """The drafts of all movies, one file for each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()

    def load(self, source: ReviewSource) -> Draft:
        """The draft of a movie: the one that was kept, else what the overrides file says."""
        with self._lock:
            kept = self._kept(source)
            if kept is None:
                return draft_of_file(source)
            # Where another program changed the file, or saving was cut short after the file: is anything unsaved?
            is_in_file = not kept.is_changed or is_saved(kept, source)
            return draft_of_file(source) if is_in_file and kept.base != file_digest(source) else kept

    def change(self, source: ReviewSource, corrections: list[Correction], etag: str) -> Draft:
        """Keep a draft in place of the one that is named by its etag.

        Raises
        ------
        StaleDraftError
            There is another one by now.
        """
        with self._lock:
            now = self.load(source)
            if now.etag != etag:
                raise StaleDraftError(now)
            draft = replace(now, corrections=corrections)
            self._keep(source, draft)
            return draft

    def replace(self, source: ReviewSource, draft: Draft) -> None:
        """Keep a draft, whatever there is."""
        with self._lock:
            self._keep(source, draft)

    def _file(self, source: ReviewSource) -> Path:
        return self._folder / f"{source.id}.json"

    def _keep(self, source: ReviewSource, draft: Draft) -> None:
        told = {"movie": str(source.movie)} | asdict(draft)
        write_bytes(json.dumps(told, indent=1, default=str).encode(), self._file(source), private=True)

    def _kept(self, source: ReviewSource) -> Draft | None:
        try:
            told = json.loads(self._file(source).read_text(encoding="utf-8"))
            return Draft(checked(told["corrections"]), str(told["base"]), list(told["base_entries"]))
        except (OSError, ValueError, KeyError, TypeError, UsageError):
            return None


def draft_of_file(source: ReviewSource) -> Draft:
    """The entries of the overrides file as corrections."""
    digest = file_digest(source)
    entries = [plain(entry) for entry in read_entries(source.overrides_file)]
    return Draft([entry | {"entry": n} for n, entry in enumerate(entries, 1)], digest, entries)


def file_digest(source: ReviewSource) -> str:
    """Digest of the overrides file; that of nothing where there is none."""
    try:
        return _digest(source.overrides_file.read_bytes())
    except OSError:
        return _digest(b"")


def is_saved(draft: Draft, source: ReviewSource) -> bool:
    """Whether a draft says what the overrides file says."""
    return [entry_of(one) for one in draft.corrections] == [plain(one) for one in read_entries(source.overrides_file)]


def entry_of(correction: Correction) -> dict[str, Any]:
    """A correction as an entry of the file."""
    return {key: value for key, value in correction.items() if key != "entry"}


def plain(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry as JSON has it: moments that TOML reads as a time of day become text."""
    read: dict[str, Any] = json.loads(json.dumps(entry, default=str))
    return read


def checked(corrections: Any) -> list[Correction]:
    """A list of corrections as the page sends it.

    Raises
    ------
    UsageError
        It is none.
    """
    is_list = isinstance(corrections, list) and len(corrections) <= MAX_CORRECTIONS
    is_understood = is_list and all(isinstance(one, dict) and _is_number(one.get("entry")) for one in corrections)
    if not is_understood or not _can_be_written(corrections):
        raise UsageError(
            "the corrections are not understood",
            why=f"They are a list of entries, {MAX_CORRECTIONS} at most, each with `entry`, a number or null.",
            fix="Load the page anew.",
        )
    found: list[Correction] = corrections
    return found


def _can_be_written(corrections: list[Correction]) -> bool:
    """Whether numbers are finite and all text is Unicode: JSON lets others through."""
    try:
        return bool(json.dumps(corrections, ensure_ascii=False, allow_nan=False).encode())
    except ValueError:
        return False


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 1)


def _digest(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    return blake2b(data, digest_size=_DIGEST_BYTES).hexdigest()
