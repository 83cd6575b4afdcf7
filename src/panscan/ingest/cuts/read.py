"""Reading an editor's finished cut: find its media, make its rates exact, and find which media frames it uses."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio

from panscan.errors import InputError, UsageError
from panscan.ingest.cuts.aaf import read_aaf
from panscan.ingest.cuts.clip_media import link_by_plugin
from panscan.ingest.cuts.exact_times import make_rates_exact, timeline_rate
from panscan.ingest.cuts.files import one_timeline, read_bundle, read_json_timeline, read_xml, unreadable
from panscan.ingest.cuts.held_ends import hold_ends
from panscan.ingest.cuts.image_sequences import image_sequence_of
from panscan.ingest.cuts.library import MediaLibrary
from panscan.ingest.cuts.missing_ranges import fill_missing_ranges
from panscan.ingest.cuts.overlays import reveals_lower_tracks
from panscan.ingest.cuts.picture_counts import count_by_pictures, rate_of_all_pictures, retag
from panscan.ingest.cuts.point_to_media import point_others_to_media, point_to_media
from panscan.ingest.cuts.relink import MediaFinder
from panscan.ingest.cuts.sounds import link_sounds
from panscan.ingest.cuts.track_starts import lay_tracks_at_their_start
from panscan.ingest.cuts.unframed import notes_on_other_items, why_outside_media, why_unframed
from panscan.ingest.cuts.usage import LinkedClip, has_alpha, is_still, merged_ranges, used_clip, visible_spans
from panscan.ingest.edl.reader import EditList, named_media, parse_edl, read_edl
from panscan.ingest.fcpxml.reader import read_fcpxml
from panscan.ingest.media.probe import probe
from panscan.ingest.xmeml.reader import read_xmeml
from panscan.ingest.xmeml.time_remap import apply_time_remap
from panscan.model.media import Deinterlace, Media
from panscan.timeline.editorial import EditorCut, Note, UsedClip
from panscan.timeline.layout import clips_of, ranges_in_media_time, video_clips

TIMELINE_SUFFIXES = (".otio", ".otioz", ".otiod", ".fcpxml", ".fcpxmld", ".xml", ".edl", ".aaf")
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
    strict: bool = False,
) -> EditorCut:
    """Read an editor's cut, and find which frames of which media it uses.

    Parameters
    ----------
    path : Path
        .otio, .otioz, .otiod, .fcpxml, .fcpxmld, .xml (FCP7 XML or FCPXML), .edl or, with its extra, .aaf.
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
    strict : bool
        Refuse a cut in which something was repaired, guessed or left out because it is not as it should be.

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
        timeline, folder, own_rate, notes = _from_file(path)
        finder = MediaFinder(folder, relink, allowed)
    library = MediaLibrary(finder, deinterlace)
    try:
        notes += make_rates_exact(timeline)
        lay_tracks_at_their_start(timeline)
        notes += fill_missing_ranges(timeline, library.picture_of, library.sound_length_s)
        cut_rate = rate if edl is not None and rate is not None else own_rate or timeline_rate(timeline)
        cut = _with_used_frames(path, timeline, cut_rate, library, notes, skip_offline, all_tracks)
    except (ValueError, ArithmeticError, otio.exceptions.OTIOError) as error:
        if isinstance(error, InputError | UsageError):
            raise
        raise unreadable(path, str(error) or type(error).__name__) from error
    faults = [note for note in cut.unframed if note.is_fault]
    if strict and faults:
        raise _faulty(path, faults)
    return cut


def used_ranges(cut: EditorCut) -> dict[Path, list[tuple[int, int]]]:
    """Every used media once, with its used frames as merged ranges [first, end) of its grid."""
    return {Path(name): ranges for name, ranges in merged_ranges(cut.clips).items()}


def _from_file(path: Path) -> tuple[Any, Path, Fraction | None, list[Note]]:
    """The timeline, the folder in which its relative media paths start, its rate if the format says it, and notes."""
    suffix = path.suffix.lower()
    folder = path.absolute().parent
    if suffix in (".otioz", ".otiod"):
        timeline, folder = read_bundle(path)
        return timeline, folder.absolute(), None, []
    if suffix == ".aaf":
        return read_aaf(path), folder, None, []
    if suffix == ".otio":
        timeline = one_timeline(read_json_timeline(path), path)
        for clip in clips_of(timeline):
            apply_time_remap(clip)
        return timeline, folder, None, []
    if suffix in (".fcpxml", ".fcpxmld") or (suffix == ".xml" and read_xml(path).tag == "fcpxml"):
        timeline, rate, notes = read_fcpxml(path)
        link_by_plugin(timeline)
        return timeline, path.absolute() if path.is_dir() else folder, rate, notes
    if suffix == ".xml":
        timeline, notes = read_xmeml(path)
        return timeline, folder, None, notes
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
    library: MediaLibrary,
    notes: list[Note],
    skip_offline: bool,
    all_tracks: bool,
) -> EditorCut:
    """The cut of a timeline whose rates are exact; clips without a camera, and why, are in its notes."""
    linked, others, offline = _linked(timeline, library)
    if offline and not skip_offline:
        raise _offline(path, [problem for _, problem in offline])
    media_rate = rate_of_all_pictures(linked, rate)
    if media_rate is not None:
        notes.append(retag(timeline, rate, media_rate))
        rate = media_rate
    if media_rate is not None or count_by_pictures(linked, in_media_time=ranges_in_media_time(timeline)):
        linked, others, offline = _linked(timeline, library)
    held = [hold_ends(item, rate, in_media_time=ranges_in_media_time(timeline)) for item in linked]
    if any(held):
        notes += [note for note in held if note is not None]
        linked, others, offline = _linked(timeline, library)
    notes = [*notes, *notes_on_other_items(timeline.tracks), *others]
    notes += [Note(f"clip {clip.name!r}", problem, is_fault=True) for clip, problem in offline]
    visible, notes_on_hidden = visible_spans(linked, all_tracks)
    notes += notes_on_hidden + library.notes
    clips: list[UsedClip] = []
    used_media: dict[str, Media] = {}
    for linked_clip, visible_span, span_with_handles in visible:
        used = used_clip(linked_clip, visible_span, span_with_handles, rate)
        if used is None:
            notes.append(Note(f"clip {linked_clip.placed.clip.name!r}", why_outside_media(linked_clip), is_fault=True))
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


def _linked(timeline: Any, library: MediaLibrary) -> tuple[list[LinkedClip], list[Note], list[tuple[Any, str]]]:
    """The clips with their media, lowest first; notes on clips that get no camera; clips whose media is not found."""
    linked: list[LinkedClip] = []
    notes: list[Note] = []
    offline: list[tuple[Any, str]] = []
    for item in video_clips(timeline):
        reason = why_unframed(item)
        if reason is not None:
            notes.append(Note(f"clip {item.clip.name!r}", reason))
            continue
        media, problem = library.media(item.clip)
        if media is None and image_sequence_of(item.clip) is not None:
            why = f"It is an image sequence that cannot be read: {problem.rstrip('.')}."
            notes.append(Note(f"clip {item.clip.name!r}", why, is_fault=True))
            continue
        if media is None:
            offline.append((item.clip, problem))
            continue
        if item.is_ramped:
            why = "Its speed changes on the way: it gets a camera, but only its editor knows what it shows when."
            notes.append(Note(f"clip {item.clip.name!r}", why, is_fault=True))
        linked.append(LinkedClip(item, media, not (has_alpha(media) or reveals_lower_tracks(item.clip))))
    return linked, notes, offline


def _faulty(path: Path, faults: list[Note]) -> InputError:
    more = f"; and {len(faults) - _MAX_NAMED} more" if len(faults) > _MAX_NAMED else ""
    return InputError(
        f"{len(faults)} thing{'s' if len(faults) > 1 else ''} in {path} would be repaired or left out",
        why="; ".join(str(note).rstrip(".") for note in faults[:_MAX_NAMED]) + more + ".",
        fix="Correct it in the editor, or leave out --strict: all else is read.",
    )


def _offline(path: Path, offline: list[str]) -> InputError:
    distinct = list(dict.fromkeys(offline))
    more = f"; and {len(distinct) - _MAX_NAMED} more" if len(distinct) > _MAX_NAMED else ""
    return InputError(
        f"{len(distinct)} media file{'s' if len(distinct) != 1 else ''} of {path} cannot be used",
        why="; ".join(distinct[:_MAX_NAMED]) + more + ".",
        fix="Give --relink FOLDER to look for them, or --skip-offline to leave these clips alone.",
    )


__all__ = ["TIMELINE_SUFFIXES", "read_editor_cut", "used_ranges"]
