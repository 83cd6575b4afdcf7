"""Attaching framings to an editor's cut: one per clip, on the clock of the clip; the cut itself is not changed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

from panscan.errors import DocumentError
from panscan.model.corners import FLAT
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.model.time import EARLY_FRAMES, round_half_up
from panscan.timeline.bounds import set_image_bounds
from panscan.timeline.editorial import EditorCut, Note, UsedClip
from panscan.timeline.effect import NAMESPACE, attach_framing
from panscan.timeline.facts import facts_payload
from panscan.timeline.layout import clips_of, speed_of
from panscan.timeline.otio_time import exact_seconds
from panscan.timeline.otio_types import Timeline

FramedShots = Sequence[tuple[Shot, Framing]]


@dataclass(frozen=True, slots=True, eq=False)
class ReframedCut:
    """A cut with its framings.

    Attributes
    ----------
    timeline : otio.schema.Timeline
        A copy of the cut's timeline, with a framing on each framed clip.
    notes : tuple of Note
        What a person should know about the framings.
    """

    timeline: Timeline
    notes: tuple[Note, ...]


def attach_framings(
    cut: EditorCut,
    framings: Mapping[int, FramedShots],
    recipe: Mapping[str, Any],
    *,
    single_framings: Mapping[int, FramedShots] | None = None,
) -> ReframedCut:
    """A copy of the cut's timeline with a framing on each clip that has one.

    Several shots inside one clip become one framing whose cameras jump where the shots meet. A clip has one layout: if
    its shots have several, the one that is visible longest stays, and the other shots get their single layout.

    Parameters
    ----------
    cut : EditorCut
    framings : mapping
        Number of a clip in `cut.clips` -> the shots of its media that overlap its frames, in order, with their
        framings. Frames of shots and cameras count on the media's grid from its first picture. Clips that are
        missing here stay without a camera.
    recipe : mapping
        Everything needed to repeat the run; kept in the timeline's metadata["panscan"].
    single_framings : mapping, optional
        The same shots in the single layout, for clips whose shots have several layouts. Without it their first
        camera is widened to the canvas.

    Raises
    ------
    DocumentError
        A clip of the cut is not in its timeline, or the framings of a clip disagree about canvas or source.
    """
    timeline = cut.timeline.deepcopy()
    clips = clips_of(timeline)
    notes: list[Note] = []
    for number, used in enumerate(cut.clips):
        if used.number >= len(clips):
            raise DocumentError(
                f"clip {used.clip.name!r} is not in its timeline",
                why="The timeline was changed after it was read.",
                fix="Read the timeline again.",
            )
        clip, media = clips[used.number], cut.media[used.media_path]
        single = (single_framings or {}).get(number, ())
        framing, note = clip_framing(cut, used, framings.get(number, ()), single)
        notes += [note] if note else []
        if framing is None:
            continue
        attach_framing(clip, framing)
        set_image_bounds(clip.media_reference, media.video.display_size)
        clip.media_reference.metadata[NAMESPACE] = facts_payload(media)
    _note_media_of_others(cut, clips)
    timeline.metadata[NAMESPACE] = dict(recipe)
    return ReframedCut(timeline, tuple(notes))


def clip_framing(
    cut: EditorCut, used: UsedClip, shots: FramedShots, single_shots: FramedShots
) -> tuple[Framing | None, Note | None]:
    """The framing of one clip on its clock, from those of its media's shots; None where none of these is in it.

    Arguments as for `attach_framings`. The note tells what a person should know of it.
    """
    found = _overlapping(shots, used)
    if not found:
        return None, Note(f"clip {used.clip.name!r}", "It has no camera: none of its shots was framed.")
    framing, note = _one_framing(used, found, dict(_overlapping(single_shots, used)))
    media = cut.media[used.media_path]
    return _on_clock(framing, used.clip, media.video.rate, cut.rate, used.is_still), note


def _note_media_of_others(cut: EditorCut, clips: Sequence[Any]) -> None:
    """Store facts about the media of picture clips without a camera: exporters need them to write those clips too.

    Clips that an exporter refuses get none: those that are retimed, or use more than their media has.
    """
    framed = {used.number for used in cut.clips}
    known = {Path(path).as_uri(): media for path, media in cut.media.items()}
    for number, clip in enumerate(clips):
        reference = clip.media_reference
        media = known.get(getattr(reference, "target_url", ""))
        if number in framed or media is None or getattr(clip.parent(), "kind", "") != "Video":
            continue
        if speed_of(clip) == (Fraction(1), False) and _contains(reference.available_range, clip.trimmed_range()):
            reference.metadata[NAMESPACE] = facts_payload(media)


def _contains(available: Any, used: Any) -> bool:
    if available is None:
        return False
    (first, end), (start, stop) = (
        (exact_seconds(span.start_time), exact_seconds(span.start_time) + exact_seconds(span.duration))
        for span in (available, used)
    )
    return first <= start and stop <= end


def camera_at_rate(camera: Camera, media_rate: Fraction, rate: Fraction) -> Camera:
    """A camera that is keyed on a media's grid, keyed on a grid of another rate that starts with the same picture.

    Keys on two neighbouring frames are a jump. It is put on the first frame that shows the later picture, however many
    frames of the new rate lie between the two.
    """
    if media_rate == rate:
        return camera
    ratio = rate / media_rate

    def first_showing(frame: int) -> int:
        return math.ceil(frame * ratio - EARLY_FRAMES)

    keys: dict[int, Camera] = {}
    starts = [0, *(n + 1 for n, (a, b) in enumerate(pairwise(camera.frame)) if b == a + 1), len(camera.frame)]
    for begin, end in pairwise(starts):
        part = slice(begin, end)
        columns = (camera.frame, camera.scale, camera.x_px, camera.y_px, camera.corners)
        run = Camera(*(column[part] for column in columns))  # type: ignore[arg-type]
        low = first_showing(run.frame[0])
        ends_in_jump = end < len(camera.frame)
        high = first_showing(run.frame[-1] + 1) - 1 if ends_in_jump else max(low, round(run.frame[-1] * ratio))
        if high < low:  # no frame of the new rate shows any of these pictures
            continue
        wanted = {min(max(round(frame * ratio), low), high) for frame in run.frame} | {low, high}
        for frame in sorted(wanted if len(run.frame) > 1 or ends_in_jump else {low}):
            keys[frame] = run.resampled([float(frame / ratio)], (frame,))
    return _joined(list(keys.values()))


def _overlapping(shots: FramedShots, used: UsedClip) -> list[tuple[Shot, Framing]]:
    return [(shot, framing) for shot, framing in shots if shot.first < used.end and shot.end > used.first]


def _one_framing(
    used: UsedClip, found: list[tuple[Shot, Framing]], single_framings: Mapping[Shot, Framing]
) -> tuple[Framing, Note | None]:
    """The framings of a clip's shots joined into one, on the media's grid."""
    if len({(f.canvas, f.source) for _, f in found}) > 1:
        raise DocumentError(
            f"the shots of clip {used.clip.name!r} disagree about canvas or source",
            why="One clip has one picture and is shown on one canvas.",
            fix="Frame all shots of a media for the same canvas.",
        )
    visible: dict[tuple[Any, ...], int] = {}
    for shot, framing in found:
        visible[_layout(framing)] = visible.get(_layout(framing), 0) + _visible_frames(shot, used)
    chosen = max(visible, key=lambda layout: visible[layout])  # the first of equals
    kept = [(s, f) for s, f in found if _layout(f) == chosen]
    main = max(kept, key=lambda pair: _visible_frames(pair[0], used))[1]
    others = [(s, f) for s, f in found if _layout(f) != chosen]
    note = None
    if others:
        note = Note(
            f"clip {used.clip.name!r}",
            f"Its shots wanted different layouts; {main.layout!r} is seen longest, "
            f"{len(others)} other shot{'s are' if len(others) > 1 else ' is'} shown in the single layout.",
        )
        if not _cells_cover(main):  # a picture for the whole canvas cannot be shown through these cells
            whole = {shot: single_framings.get(shot) or _widened(f) for shot, f in found}
            main = _whole_canvas(whole[next(s for s, f in kept if f is main)])
            found = [(shot, _whole_canvas(framed)) for shot, framed in whole.items()]
        else:
            single = {shot: _whole_canvas(single_framings.get(shot) or _widened(f)) for shot, f in others}
            found = [(s, _in_cells_of(single[s], main) if s in single else f) for s, f in found]
    cells = tuple(
        replace(
            cell,
            subject=_common_value(f.cells[n].subject for _, f in found),
            camera=_join_cameras(used, found, n),
            rests=tuple(
                rest for _, f in found for rest in f.cells[n].rests if rest.first < used.end and rest.end > used.first
            ),
        )
        for n, cell in enumerate(main.cells)
    )
    whys = list(dict.fromkeys(f.why for _, f in found if f.why))
    unmet = tuple(dict.fromkeys(text for _, f in found for text in f.unmet))
    joined = replace(main, cells=cells, why="; ".join(whys[:3]), metrics=_mean_metrics(used, found), unmet=unmet)
    return joined, note


def _join_cameras(used: UsedClip, found: list[tuple[Shot, Framing]], number: int) -> Camera:
    """One cell's cameras of all shots, one after the other; they jump where the shots meet."""
    parts: list[Camera] = []
    for position, (shot, framing) in enumerate(found):
        first, last = max(shot.first, used.first), min(shot.end, used.end) - 1
        camera = framing.cells[number].camera
        frames = {frame for frame in camera.frame if first <= frame <= last}
        if position > 0 or camera.frame[0] < first:
            frames.add(first)
        if position < len(found) - 1 or camera.frame[-1] > last:
            frames.add(last)
        at = sorted(frames)
        parts.append(camera.resampled(at, at))
    return _joined(parts)


def _joined(parts: list[Camera]) -> Camera:
    """One camera with the keys of all parts; one key if it never moves."""
    frame, scale, x_px, y_px = (
        tuple(chain.from_iterable(getattr(part, name) for part in parts)) for name in ("frame", "scale", "x_px", "y_px")
    )
    is_tilted = any(part.corners for part in parts)
    corners = chain.from_iterable(part.corners or (FLAT,) * len(part.frame) for part in parts) if is_tilted else ()
    return Camera(frame, scale, x_px, y_px, tuple(corners)).collapsed()


def _on_clock(framing: Framing, clip: Any, media_rate: Fraction, rate: Fraction, is_still: bool) -> Framing:
    """A framing that is keyed on the media's grid, keyed on the clock of the clip's source_range at the cut's rate."""
    start = clip.trimmed_range().start_time if is_still else clip.media_reference.available_range.start_time
    shift = round_half_up(exact_seconds(start) * rate)
    cells = tuple(
        replace(
            cell,
            camera=camera_at_rate(cell.camera, media_rate, rate),
            rests=tuple(rest.rescaled(rate / media_rate) for rest in cell.rests),
        )
        for cell in framing.cells
    )
    return replace(framing, rate=rate, cells=cells).shifted(shift)


def _layout(framing: Framing) -> tuple[Any, ...]:
    return tuple((cell.left_px, cell.top_px, cell.size) for cell in framing.cells)


def _visible_frames(shot: Shot, used: UsedClip) -> int:
    return max(0, min(shot.end, used.visible_end) - max(shot.first, used.visible_first))


def _cells_cover(framing: Framing) -> bool:
    """Whether the cells cover the whole canvas. Cells overlap only where one of them fills the canvas."""
    canvas = framing.canvas
    if any(cell.size == canvas for cell in framing.cells):
        return True
    return sum(cell.size.width * cell.size.height for cell in framing.cells) >= canvas.width * canvas.height


def _whole_canvas(framing: Framing) -> Framing:
    """A framing with one cell, with a cell that fills the canvas instead; the picture stays where it is."""
    return _in_cells_of(framing, replace(framing, cells=(Cell(0, 0, framing.canvas, framing.cells[0].camera),)))


def _in_cells_of(framing: Framing, other: Framing) -> Framing:
    """The picture of a framing's first cell, put into the cells of another framing.

    Each camera is moved so that the picture stays where it is on the canvas.
    """
    first = framing.cells[0]
    x, y = _centre(first.left_px, first.top_px, first.size)
    cells = []
    for cell in other.cells:
        other_x, other_y = _centre(cell.left_px, cell.top_px, cell.size)
        camera = first.camera
        moved = replace(
            camera,
            x_px=tuple(v + x - other_x for v in camera.x_px),
            y_px=tuple(v + y - other_y for v in camera.y_px),
        )
        cells.append(replace(cell, camera=moved, subject=first.subject))
    return replace(framing, cells=tuple(cells))


def _centre(left_px: int, top_px: int, size: Size) -> tuple[float, float]:
    return left_px + size.width / 2, top_px + size.height / 2


def _widened(framing: Framing) -> Framing:
    """The first cell's camera enlarged until its cell's picture covers the canvas."""
    cell, canvas = framing.cells[0], framing.canvas
    factor = max(canvas.width / cell.size.width, canvas.height / cell.size.height)
    camera = cell.camera
    larger = replace(
        camera,
        scale=tuple(v * factor for v in camera.scale),
        x_px=tuple(v * factor for v in camera.x_px),
        y_px=tuple(v * factor for v in camera.y_px),
    )
    return replace(framing, cells=(Cell(0, 0, canvas, larger, cell.subject),))


def _common_value(values: Iterable[str | None]) -> str | None:
    distinct = set(values)
    return distinct.pop() if len(distinct) == 1 else None


def _mean_metrics(used: UsedClip, found: list[tuple[Shot, Framing]]) -> dict[str, float]:
    """Each metric of the shots that have it, averaged by how long these are visible: not all shots have captions."""
    means = {}
    for name in sorted({name for _, framing in found for name in framing.metrics}):
        rows = [(max(1, _visible_frames(s, used)), f.metrics[name]) for s, f in found if name in f.metrics]
        means[name] = sum(weight * value for weight, value in rows) / sum(weight for weight, _ in rows)
    return means
