"""Reading an editor's finished cut: find its media, make its rates exact, and find which media frames it uses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.errors import InputError, UsageError
from panscan.ingest.cuts.exact_times import make_rates_exact, timeline_rate
from panscan.ingest.cuts.files import one_timeline, read_bundle, read_json_timeline, read_xml, unreadable
from panscan.ingest.cuts.overlays import reveals_lower_tracks
from panscan.ingest.cuts.point_to_media import point_others_to_media, point_to_media, url_of
from panscan.ingest.cuts.relink import MediaFinder, base_name, is_web
from panscan.ingest.cuts.sounds import link_sounds
from panscan.ingest.cuts.usage import LinkedClip, has_alpha, is_still, merged_ranges, used_clip, visible_spans
from panscan.ingest.edl.reader import EditList, media_names_of, named_media, parse_edl, read_edl
from panscan.ingest.fcpxml.reader import read_fcpxml
from panscan.ingest.media.probe import probe
from panscan.ingest.xmeml.reader import read_xmeml
from panscan.model.media import Deinterlace, Media
from panscan.timeline.editorial import EditorCut, Note, UsedClip
from panscan.timeline.layout import PlacedClip, video_clips

TIMELINE_SUFFIXES = (".otio", ".otioz", ".otiod", ".fcpxml", ".fcpxmld", ".xml", ".edl")
_MAX_NAMED = 20  # missing media in one message; more would hide the advice below them


def read_editor_cut(
    path: Path,
    *,
    relink: Path | None = None,
    skip_offline: bool = False,
    all_tracks: bool = False,
    rate: Fraction | None = None,
    allowed: Callable[[Path], bool] | None = None,
    deinterlace: Deinterlace = "auto",
) -> EditorCut:
    """Read an editor's cut, and find which frames of which media it uses.

    Parameters
    ----------
    path : Path
        .otio, .otioz, .otiod, .fcpxml, .fcpxmld, .xml (FCP7 XML or FCPXML) or .edl.
    relink : Path, optional
        Folder in which missing media is looked for by name, in its subfolders too. The folder of the timeline comes
        last.
    skip_offline : bool
        Give no camera to clips whose media is missing or unusable, instead of refusing the cut.
    all_tracks : bool
        Also frame clips that higher tracks hide, and overlays.
    rate : Fraction, optional
        Frames per second of an EDL, which does not say it itself; other formats do.
    allowed : callable, optional
        Which files may be opened as media; the others count as missing. All by default.
    deinterlace : "auto", "off" or "on"
        As in `panscan.ingest.probe`.

    Returns
    -------
    EditorCut

    Raises
    ------
    InputError
        The file is no timeline, media is missing (all of it is listed), or nothing in it can be framed.
    UsageError
        The suffix is unknown, or the rate cannot be that of the EDL.
    """
    path = Path(path)
    if relink is not None and not relink.is_dir():
        raise UsageError(f"{relink} is no folder", why="Media is looked for in a folder.", fix="Check --relink.")
    edl: EditList | None = read_edl(path) if path.suffix.lower() == ".edl" else None
    notes: list[Note] = []
    if edl is not None:
        finder = MediaFinder(path.absolute().parent, relink, allowed)
        timeline, rate, notes = _from_edl(edl, finder, rate)
    else:
        timeline, folder, own_rate = _from_file(path)
        finder = MediaFinder(folder, relink, allowed)
    try:
        make_rates_exact(timeline)
        cut_rate = rate if edl is not None and rate is not None else own_rate or timeline_rate(timeline)
        library = _MediaLibrary(finder, deinterlace)
        return _with_used_frames(path, timeline, cut_rate, library, notes, skip_offline, all_tracks)
    except (ValueError, ArithmeticError, otio.exceptions.OTIOError) as error:
        if isinstance(error, InputError | UsageError):
            raise
        raise unreadable(path, str(error) or type(error).__name__) from error


def used_ranges(cut: EditorCut) -> dict[Path, list[tuple[int, int]]]:
    """Every used media once, with its used frames as merged ranges [first, end) of its grid."""
    return {Path(name): ranges for name, ranges in merged_ranges(cut.clips).items()}


def _from_file(path: Path) -> tuple[Any, Path, Fraction | None]:
    """The timeline, the folder in which its relative media paths start, and its rate if the format says it."""
    suffix = path.suffix.lower()
    folder = path.absolute().parent
    if suffix in (".otioz", ".otiod"):
        timeline, folder = read_bundle(path)
        return timeline, folder.absolute(), None
    if suffix == ".otio":
        return one_timeline(read_json_timeline(path), path), folder, None
    if suffix in (".fcpxml", ".fcpxmld") or (suffix == ".xml" and read_xml(path).tag == "fcpxml"):
        timeline, rate = read_fcpxml(path)
        return timeline, folder, rate
    if suffix == ".xml":
        return read_xmeml(path), folder, None
    raise UsageError(
        f"{path} is not a timeline that can be read",
        why=f"Timelines are known by their suffix: {', '.join(TIMELINE_SUFFIXES)}.",
        fix="Export the cut from the editor in one of these formats.",
    )


def _from_edl(edl: EditList, finder: MediaFinder, rate: Fraction | None) -> tuple[Any, Fraction, list[Note]]:
    """The timeline of an EDL, its rate, and notes. The rate is the given one, else that of the first media found."""
    if rate is not None:
        timeline, notes = parse_edl(edl, rate)
        return timeline, rate, notes
    guess, notes = edl.counting.guess_rate(), []
    for url, names in named_media(edl):
        found, _ = finder.locate(url, names)
        if found is None:
            continue
        try:
            media = probe(found)
        except InputError:
            continue
        guess = guess if is_still(media) else edl.counting.guess_rate(media.video.rate)
        break
    else:
        why = f"It does not say its frame rate; {float(guess):g} was taken. Give --rate if that is wrong."
        notes = [Note("the EDL", why)]
    timeline, told = parse_edl(edl, guess)
    return timeline, guess, [*told, *notes]


def _with_used_frames(
    path: Path,
    timeline: Any,
    rate: Fraction,
    library: _MediaLibrary,
    notes: list[Note],
    skip_offline: bool,
    all_tracks: bool,
) -> EditorCut:
    """The cut of a timeline whose rates are exact; clips without a camera, and why, are in its notes."""
    placed = list(video_clips(timeline))
    notes = [*notes, *_notes_on_other_items(timeline.tracks)]
    linked: list[LinkedClip] = []
    offline: list[str] = []
    for item in placed:
        why_unframed = _why_unframed(item)
        if why_unframed is not None:
            notes.append(Note(f"clip {item.clip.name!r}", why_unframed))
            continue
        media, problem = library.media(item.clip)
        if media is None:
            offline.append(problem)
            if skip_offline:
                notes.append(Note(f"clip {item.clip.name!r}", problem))
            continue
        linked.append(LinkedClip(item, media, not (has_alpha(media) or reveals_lower_tracks(item.clip))))
    if offline and not skip_offline:
        raise _offline(path, offline)
    visible, notes_on_hidden = visible_spans(linked, all_tracks)
    notes += notes_on_hidden + library.notes
    clips: list[UsedClip] = []
    used_media: dict[str, Media] = {}
    for linked_clip, visible_span, span_with_handles in visible:
        used = used_clip(linked_clip, visible_span, span_with_handles, rate)
        if used is None:
            notes.append(Note(f"clip {linked_clip.placed.clip.name!r}", _why_outside_media(linked_clip)))
            continue
        clips.append(used)
        used_media[linked_clip.media.path] = linked_clip.media
        point_to_media(linked_clip, rate)
    point_others_to_media(timeline, {clip.number for clip in clips}, library.finder, used_media)
    notes += link_sounds(timeline, library.finder, used_media)
    if not clips:
        raise InputError(
            f"nothing in {path} can be framed",
            why="; ".join(str(note) for note in notes[:5]) or "No clip of its video tracks shows a media file.",
            fix="Give a cut that shows movies or stills which can be read here (--relink finds moved media).",
        )
    return EditorCut(timeline, rate, tuple(clips), used_media, tuple(dict.fromkeys(notes)))


class _MediaLibrary:
    """The media of one timeline, each probed once."""

    def __init__(self, finder: MediaFinder, deinterlace: Deinterlace) -> None:
        self.finder = finder
        self._deinterlace = deinterlace
        self._known: dict[Path, Media | str] = {}
        self.notes: list[Note] = []

    def media(self, clip: Any) -> tuple[Media | None, str]:
        """The media of a clip; else None, and what is wrong with it."""
        url = url_of(clip)
        path, candidates = self.finder.locate(url, media_names_of(clip))
        if path is None:
            if url and is_web(url):
                return None, f"{url} is a web address; download the media"
            names = " or ".join(repr(name) for name in dict.fromkeys(media_names_of(clip)))
            return (
                None,
                f"{base_name(url)} is not found ({url})" if url else f"no media is named for {names or 'a clip'}",
            )
        if candidates > 1:
            note = Note(f"media {path.name!r}", f"{candidates} files have this name; {path} was taken.")
            self.notes += [] if note in self.notes else [note]
        if path not in self._known:
            try:
                self._known[path] = probe(path, deinterlace=self._deinterlace)
            except InputError as error:
                self._known[path] = f"{error.what}: {error.why}"
        known = self._known[path]
        return (None, known) if isinstance(known, str) else (known, "")


def _why_outside_media(item: LinkedClip) -> str:
    start_s, media = item.placed.media_at(item.placed.start_s), item.media
    clock_s = media.start_frame / media.video.rate
    return (
        f"It begins at {float(start_s):.2f} s, outside its media, which has {float(clock_s):.2f} s to "
        f"{float(clock_s + media.duration_s):.2f} s; the timecode in the file may be lost."
    )


def _why_unframed(item: PlacedClip) -> str | None:
    """Why a clip gets no camera; None if it may get one."""
    clip = item.clip
    if not item.is_enabled:
        return "It is disabled."
    kind = clip.media_reference.schema_name()
    if kind == "GeneratorReference":
        return "It is a title or generator, made by the editor itself."
    if kind == "ImageSequenceReference":
        return "Image sequences cannot be read; make a movie of it."
    if kind == "MissingReference" and _is_compound(clip):
        return "It is a compound clip whose content is not in the file."
    if kind == "MissingReference" and re.match(r"adjustment (layer|clip)", clip.name, re.IGNORECASE):
        return "It is an adjustment layer, which has no picture of its own."
    if kind not in ("ExternalReference", "MissingReference"):
        return f"Its media is of an unknown kind ({kind})."
    return None


def _is_compound(clip: Any) -> bool:
    metadata = clip.metadata.get("fcpxml")
    return metadata is not None and str(metadata.get("element", "")) in ("ref-clip", "mc-clip")


def _notes_on_other_items(stack: Any) -> Iterator[Note]:
    """Notes on tracks that are disabled, and on objects of an unknown kind."""
    for track in stack:
        if track.schema_name() == "Track" and track.kind == "Video" and not track.enabled and len(track):
            yield Note(f"track {track.name!r}", "It is disabled.")
        if track.schema_name() != "Track":
            continue
        for child in track:
            if child.schema_name() not in ("Clip", "Gap", "Transition", "Stack", "Track"):
                yield Note(f"{child.schema_name()} {child.name!r}", "It is of an unknown kind.")


def _offline(path: Path, offline: list[str]) -> InputError:
    distinct = list(dict.fromkeys(offline))
    more = f"; and {len(distinct) - _MAX_NAMED} more" if len(distinct) > _MAX_NAMED else ""
    return InputError(
        f"{len(distinct)} media file{'s' if len(distinct) != 1 else ''} of {path} cannot be used",
        why="; ".join(distinct[:_MAX_NAMED]) + more + ".",
        fix="Give --relink FOLDER to look for them, or --skip-offline to leave these clips alone.",
    )


__all__ = ["TIMELINE_SUFFIXES", "read_editor_cut", "used_ranges"]
