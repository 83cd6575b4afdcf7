"""The media of one timeline: found once, probed once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

from panscan.errors import InputError
from panscan.ingest.cuts.addresses import base_name, is_web
from panscan.ingest.cuts.clip_media import names_of, url_of
from panscan.ingest.cuts.image_sequences import ImageSequence, image_sequence_of, join_pictures
from panscan.ingest.cuts.relink import MediaFinder
from panscan.ingest.media.probe import probe
from panscan.ingest.media.sound_files import probe_sound
from panscan.model.media import Deinterlace, Media
from panscan.timeline.editorial import Note


class MediaLibrary:
    """The media of one timeline, each probed once."""

    def __init__(self, finder: MediaFinder, deinterlace: Deinterlace) -> None:
        self.finder = finder
        self._deinterlace = deinterlace
        self._known: dict[Path, Media | str] = {}
        self.notes: list[Note] = []

    def picture_of(self, clip: Any) -> Media | None:
        """The media of a clip; None where it is not found."""
        return self.media(clip)[0]

    def sound_length_s(self, clip: Any) -> Fraction | None:
        """How long the file of a clip lasts; None where it is not found or is no media."""
        path, _ = self.finder.locate(url_of(clip), names_of(clip))
        try:
            return None if path is None else probe_sound(path).duration_s
        except InputError:
            return None

    def media(self, clip: Any) -> tuple[Media | None, str]:
        """The media of a clip; else None, and what is wrong with it."""
        url, sequence = url_of(clip), image_sequence_of(clip)
        if sequence is not None and self.finder.locate(url, [])[0] is None:  # a movie may be called [1-2].mov
            lost = f"its pictures are not found ({sequence.address(sequence.firsts[0])})"
            return self._joined(sequence, clip.name) or (None, lost)
        path, candidates = self.finder.locate(url, names_of(clip))
        if path is None:
            if url and is_web(url):
                return None, f"{url} is a web address; download the media"
            names = " or ".join(repr(name) for name in dict.fromkeys(names_of(clip)))
            return (
                None,
                f"{base_name(url)} is not found ({url})" if url else f"no media is named for {names or 'a clip'}",
            )
        if candidates > 1:
            note = Note(f"media {path.name!r}", f"{candidates} files have this name; {path} was taken.")
            self.notes += [] if note in self.notes else [note]
        return self._probed(path)

    def _joined(self, sequence: ImageSequence, name: str) -> tuple[Media | None, str] | None:
        """The movie of an image sequence, or what is wrong with it; None where its pictures are not found."""
        for first in sequence.firsts:
            path, _ = self.finder.locate(sequence.address(first), [])
            if path is None or not path.name.startswith(sequence.before):
                continue
            try:
                movie, done = join_pictures(sequence, path.parent)
            except InputError as error:
                return None, f"{error.what}: {error.why}"
            self.notes.append(Note(f"clip {name!r}", done))
            return self._probed(movie)
        return None

    def _probed(self, path: Path) -> tuple[Media | None, str]:
        if path not in self._known:
            try:
                self._known[path] = probe(path, deinterlace=self._deinterlace)
            except InputError as error:
                self._known[path] = f"{error.what}: {error.why}"
        known = self._known[path]
        return (None, known) if isinstance(known, str) else (known, "")
