"""Where the clips of an OTIO timeline lie in the record, and which media times they show there.

OTIO itself ignores speed changes, does not clamp clips to the nested compositions that hold them, and adds times of
different rates as floats. Here everything is exact: seconds are fractions, and each clip has one straight line from
record time to media time. Objects are known by their schema name, so nothing of OTIO is imported.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from panscan.errors import InputError
from panscan.model.time import BOUNDARY_TOLERANCE_FRAMES, round_half_up
from panscan.timeline.otio_time import exact_rate, exact_seconds
from panscan.timeline.transitions import handles_s

MAX_DEPTH = 64  # nests inside nests: more than any edit has, less than Python's recursion allows
_MAX_SPEED_DENOMINATOR = 100_000  # of a speed: a finer fraction is a rounding error of the float
PREMIERE_METADATA_KEY = "PremierePro_OTIO"
COMPOSITION_SCHEMAS = ("Stack", "Track", "SerializableCollection")
_SCHEMAS_WITH_DURATION = ("Clip", "Gap", "Stack", "Track")


@dataclass(frozen=True, slots=True, eq=False)
class PlacedClip:
    """One clip of a track in the record.

    Record time t shows the time anchor_media_s + (t - anchor_record_s) * speed on the media's clock.

    Attributes
    ----------
    clip : otio.schema.Clip
    number : int
        Its position in `clips_of`.
    depth : int
        How many nests hold it; 0 for a clip directly in a track of the timeline.
    start_s, end_s : Fraction
        Record time in which it is visible, clamped to all nests that hold it.
    start_with_handle_s, end_with_handle_s : Fraction
        The same with the handles that transitions show.
    anchor_record_s, anchor_media_s : Fraction
        A record time, and the time on the media's clock that is shown then.
    speed : Fraction
        Media seconds per record second; 0 for a freeze frame, negative for backwards.
    is_ramped : bool
        The speed changes on the way, and `speed` does not say how.
    is_enabled : bool
        It and all that holds it are enabled.
    """

    clip: Any
    number: int
    depth: int
    start_s: Fraction
    end_s: Fraction
    start_with_handle_s: Fraction
    end_with_handle_s: Fraction
    anchor_record_s: Fraction
    anchor_media_s: Fraction
    speed: Fraction
    is_ramped: bool
    is_enabled: bool

    def media_at(self, record_s: Fraction) -> Fraction:
        """Time on the media's clock that is shown at a record time."""
        return self.anchor_media_s + (record_s - self.anchor_record_s) * self.speed


@dataclass(frozen=True, slots=True)
class _TimeMap:
    """How the own time of a composition maps to the record.

    Attributes
    ----------
    anchor_record_s, anchor_own_s : Fraction
        A record time, and the composition's own time that is shown then.
    speed : Fraction
        Own seconds per record second.
    visible : tuple of two Fraction
        Start and end of the record time in which it is visible.
    visible_with_handles : tuple of two Fraction
        The same with the handles that transitions show.
    is_enabled : bool
        It and all that holds it are enabled.
    is_ramped : bool
        Its speed, or that of a nest that holds it, changes on the way.
    depth : int
        How many nests hold its children.
    """

    anchor_record_s: Fraction
    anchor_own_s: Fraction
    speed: Fraction
    visible: tuple[Fraction, Fraction]
    visible_with_handles: tuple[Fraction, Fraction]
    is_enabled: bool
    is_ramped: bool
    depth: int

    def record_at(self, own_s: Fraction) -> Fraction:
        """Record time at which a time of the composition is shown."""
        return self.anchor_record_s + (own_s - self.anchor_own_s) / self.speed


def clips_of(timeline: Any) -> list[Any]:
    """All clips of a timeline, nested ones too, picture and sound, in the order of the file."""
    found: list[Any] = []
    _collect(timeline.tracks, found, 0)
    return found


def speed_of(item: Any) -> tuple[Fraction, bool]:
    """Media seconds per record second of a clip or composition, and whether its speed changes on the way.

    Raises
    ------
    ValueError
        A time scalar is not a finite number.
    """
    speed, is_ramped = Fraction(1), False
    for effect in item.effects:
        kind = effect.schema_name()
        if kind == "FreezeFrame":
            speed = Fraction(0)
        elif kind == "LinearTimeWarp":
            if not math.isfinite(effect.time_scalar):
                raise ValueError(f"a speed of {effect.time_scalar} is not a finite number")
            speed *= Fraction(effect.time_scalar).limit_denominator(_MAX_SPEED_DENOMINATOR)
        elif kind == "TimeEffect":
            is_ramped = True
    return speed, is_ramped


def ranges_in_media_time(timeline: Any) -> bool:
    """Whether the length of a retimed clip's source_range is media time, as Premiere writes it, not record time."""
    return PREMIERE_METADATA_KEY in timeline.metadata or PREMIERE_METADATA_KEY in timeline.tracks.metadata


def ends_s(timeline: Any) -> tuple[Fraction, Fraction]:
    """Record times at which the enabled picture tracks and the enabled sound tracks of a timeline end.

    Titles, gaps and disabled clips at the end of a track count: they take their time.

    Raises
    ------
    ValueError
        As `video_clips`.
    """
    stack, premiere = timeline.tracks, ranges_in_media_time(timeline)
    ends = {"Video": Fraction(0), "Audio": Fraction(0)}
    for child in stack:
        kind = child.kind if child.schema_name() == "Track" else "Video"
        if child.enabled and kind in ends:
            ends[kind] = max(ends[kind], _length(child, premiere))
    if stack.source_range is not None:
        start_s, length_s = exact_seconds(stack.source_range.start_time), exact_seconds(stack.source_range.duration)
        ends = {kind: min(max(end - start_s, Fraction(0)), length_s) for kind, end in ends.items()}
    return ends["Video"], ends["Audio"]


def video_clips(timeline: Any) -> Iterator[PlacedClip]:
    """The clips of the timeline's video tracks, lowest first; clips that are never visible are left out.

    Raises
    ------
    ValueError
        A time is missing, not finite or negative, or compositions are nested too deeply.
    """
    yield from _placed_clips(timeline, "Video")


def sound_clips(timeline: Any) -> Iterator[PlacedClip]:
    """The clips of the timeline's sound tracks and of those inside its nests, wherever the nests lie.

    A nest that lies in a picture and in a sound track brings its sound twice.

    Raises
    ------
    ValueError
        As `video_clips`.
    """
    yield from _placed_clips(timeline, "Audio")


def length_frames(timeline: Any, rate: Fraction) -> int:
    """How long a timeline lasts; sound that ends inside a frame begins no other picture.

    Raises
    ------
    InputError
        A time in the timeline cannot be understood.
    """
    try:
        pictures_s, sounds_s = ends_s(timeline)
    except ValueError as error:
        raise not_laid_out(timeline, error) from error
    return max(round_half_up(pictures_s * rate), math.floor(sounds_s * rate + BOUNDARY_TOLERANCE_FRAMES))


def not_laid_out(timeline: Any, error: ValueError) -> InputError:
    """What to tell of a timeline whose times cannot be understood."""
    return InputError(
        f"timeline {timeline.name!r} cannot be laid out", why=f"{error}.", fix="Export it again from the editor."
    )


def _placed_clips(timeline: Any, kind: str) -> Iterator[PlacedClip]:
    clips = clips_of(timeline)  # kept until the end: the id of an object that is gone may be given to another
    numbers = {id(clip): number for number, clip in enumerate(clips)}
    premiere = ranges_in_media_time(timeline)
    stack = timeline.tracks
    length = _composition_length(stack, premiere)
    start = exact_seconds(stack.source_range.start_time) if stack.source_range else Fraction(0)
    if stack.source_range:
        length = exact_seconds(stack.source_range.duration)
    everything = (Fraction(0), length)
    time_map = _TimeMap(Fraction(0), start, Fraction(1), everything, everything, True, False, -1)
    for placed in _child_clips(stack, time_map, premiere, 0, kind):
        yield replace(placed, number=numbers[id(placed.clip)])


def _collect(item: Any, found: list[Any], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise ValueError(f"compositions are nested more than {MAX_DEPTH} deep")
    for child in item:
        if child.schema_name() == "Clip":
            found.append(child)
        elif child.schema_name() in COMPOSITION_SCHEMAS:
            _collect(child, found, depth + 1)


def _child_clips(item: Any, outer: _TimeMap, premiere: bool, depth: int, kind: str) -> Iterator[PlacedClip]:
    """The clips of one kind ("Video" or "Audio") inside a composition; a clip outside all tracks is a picture."""
    if depth > MAX_DEPTH:
        raise ValueError(f"compositions are nested more than {MAX_DEPTH} deep")
    if item.schema_name() == "Track":
        if item.kind == kind or kind == "Audio":  # sound may lie in the nests of picture tracks, too
            yield from _track_clips(item, outer, premiere, depth, kind)
        return
    for child in item:
        if child.schema_name() in ("Track", "Stack") or (child.schema_name() == "Clip" and kind == "Video"):
            length = _length(child, premiere)
            yield from _item_clips(child, outer, Fraction(0), length, (Fraction(0), Fraction(0)), premiere, depth, kind)


def _track_clips(track: Any, outer: _TimeMap, premiere: bool, depth: int, wanted: str) -> Iterator[PlacedClip]:
    children = list(track)
    cursor = Fraction(0)
    for n, child in enumerate(children):
        kind = child.schema_name()
        if kind not in _SCHEMAS_WITH_DURATION:
            continue
        length = _length(child, premiere)
        if kind != "Gap" and (kind != "Clip" or track.kind == wanted):
            yield from _item_clips(child, outer, cursor, length, handles_s(children, n), premiere, depth, wanted)
        cursor += length


def _item_clips(
    item: Any,
    outer: _TimeMap,
    start: Fraction,
    length: Fraction,
    handles: tuple[Fraction, Fraction],
    premiere: bool,
    depth: int,
    kind: str,
) -> Iterator[PlacedClip]:
    """The clips of an item at [start, start + length) of its parent's time."""
    if outer.speed == 0:  # a frozen composition shows one instant of what it holds
        if not start <= outer.anchor_own_s < start + length:
            return
        anchor_s, visible, with_handles = outer.anchor_record_s, outer.visible, outer.visible_with_handles
    else:
        anchor_s = outer.record_at(start)
        visible = _clamped((anchor_s, outer.record_at(start + length)), outer.visible)
        head, tail = outer.record_at(start - handles[0]), outer.record_at(start + length + handles[1])
        with_handles = _clamped((head, tail), outer.visible_with_handles)
    if visible[0] >= visible[1]:
        return
    own_speed, is_ramped = speed_of(item)
    is_ramped = is_ramped or outer.is_ramped
    own = own_start_s(item)
    if premiere and own_speed < 0:  # its range is media time; the last picture is shown first
        own += _own_length(item, premiere) - _frame_duration(item)
    speed = own_speed * outer.speed
    is_enabled = outer.is_enabled and bool(item.enabled)
    if outer.speed == 0:
        own, speed = own + (outer.anchor_own_s - start) * own_speed, Fraction(0)
    if item.schema_name() == "Clip":
        yield PlacedClip(item, -1, outer.depth, *visible, *with_handles, anchor_s, own, speed, is_ramped, is_enabled)
        return
    inner = _TimeMap(anchor_s, own, speed, visible, with_handles, is_enabled, is_ramped, outer.depth + 1)
    yield from _child_clips(item, inner, premiere, depth + 1, kind)


def _clamped(ends: tuple[Fraction, Fraction], limits: tuple[Fraction, Fraction]) -> tuple[Fraction, Fraction]:
    """The part between two ends, in either order, that lies between two limits."""
    return max(min(ends), limits[0]), min(max(ends), limits[1])


def _length(item: Any, premiere: bool) -> Fraction:
    """How long an item lasts in the time of its parent."""
    length = _own_length(item, premiere)
    if length < 0:
        raise ValueError(f"{item.schema_name()} {item.name!r} is {float(length)} s long")
    speed, _ = speed_of(item) if item.schema_name() != "Gap" else (Fraction(1), False)
    return length / abs(speed) if premiere and speed else length


def own_start_s(item: Any) -> Fraction:
    """Where the range begins that an item shows, on its own clock."""
    if item.source_range is not None:
        return exact_seconds(item.source_range.start_time)
    if item.schema_name() == "Clip":
        return exact_seconds(item.available_range().start_time)
    return Fraction(0)


def _own_length(item: Any, premiere: bool) -> Fraction:
    if item.source_range is not None:
        return exact_seconds(item.source_range.duration)
    kind = item.schema_name()
    if kind in ("Stack", "Track"):
        return _composition_length(item, premiere)
    try:
        return exact_seconds(item.available_range().duration)
    except Exception as error:  # OTIO raises its own types where neither clip nor media has a range
        raise ValueError(
            f"{kind} {item.name!r} says neither which part of its media it shows nor how long it is"
        ) from (error)


def _frame_duration(item: Any) -> Fraction:
    rate = item.source_range.duration.rate if item.source_range is not None else item.available_range().duration.rate
    return 1 / exact_rate(rate)


def _composition_length(item: Any, premiere: bool) -> Fraction:
    """Length of a composition without a range of its own: of its longest child, or of all in a row."""
    lengths = [_length(child, premiere) for child in item if child.schema_name() in _SCHEMAS_WITH_DURATION]
    if item.schema_name() == "Track":
        return sum(lengths, Fraction(0))
    return max(lengths, default=Fraction(0))
