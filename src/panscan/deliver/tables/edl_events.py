"""The events of a CMX3600 edit list: one per clip, with its transition at its start.

A transition begins where its event begins. It has two lines: what it leaves, without a length, and what it leads to,
with the length of the transition. Black is a reel of its own. Sound that is cut elsewhere than its picture has an event
of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import partial
from pathlib import Path

from panscan.deliver.sequence import ClipItem, ClipSequence, Layer, subclip
from panscan.deliver.tables.edl_sounds import SoundEvent
from panscan.model.time import frames_to_timecode, is_drop_frame, round_half_up
from panscan.timeline.cut import FramedClip
from panscan.timeline.dissolves import Dissolve

BLACK_REEL = "BL"
_CHANNELS = {0: ("V", ""), 1: ("B", "A"), 2: ("AA/V", "AA")}  # by sound channels: with the picture, and without


Lines = Callable[[int], Iterator[str]]  # of an event, by its number


class EventWriter:
    """Writes the events of a sequence in record order."""

    def __init__(
        self,
        clip_sequence: ClipSequence,
        sounds: Sequence[SoundEvent],
        reels: Mapping[Path, str],
        is_drop: bool,
    ) -> None:
        """`sounds`: those that no picture brings."""
        self._clip_sequence, self._sounds, self._reels, self._is_drop = clip_sequence, sounds, reels, is_drop
        self._into = {d.incoming: d for d in clip_sequence.dissolves if d.incoming is not None}
        self._out = {d.outgoing: d for d in clip_sequence.dissolves if d.outgoing is not None}

    def lines(self) -> Iterator[str]:
        """All lines of all events; a picture comes before the sounds that start with it."""
        rate = self._clip_sequence.rate
        events = [*self._pictures(), *self._own_sounds()]
        events += [(event.item.record_frames(rate)[0], partial(self._sound, event)) for event in self._sounds]
        events.sort(key=lambda event: event[0])
        # Readers begin a cut with its first event.
        events = [*self._black(0, events[0][0] if events else 0), *events, *self._black_end()]
        for number, (_, lines) in enumerate(events, start=1):
            yield from lines(number)
            yield ""

    def _pictures(self) -> Iterator[tuple[int, Lines]]:
        """The record frame and the lines of each event with a picture."""
        for index, clip_item in enumerate(self._clip_sequence.clip_items):
            if not clip_item.enabled:
                continue
            into, out = self._into.get(index), self._out.get(index)
            part = self._part(clip_item, into, out)
            yield part.clip.record_frame, partial(self._picture, clip_item, part, into)
            if out is not None and self._shown(out.incoming) is None:
                yield out.first, partial(self._fade_out, clip_item, out)

    def _own_sounds(self) -> Iterator[tuple[int, Lines]]:
        """The record frame and the lines of each clip's own sound that is not cut where its picture is."""
        for index, clip_item in enumerate(self._clip_sequence.clip_items):
            part = self._part(clip_item, self._into.get(index), self._out.get(index))
            if clip_item.enabled and _is_apart(clip_item, part):
                yield clip_item.clip.record_frame, partial(self._own_sound, clip_item)

    def _black_end(self) -> Iterator[tuple[int, Lines]]:
        """The event of the black after the last picture, if there is any."""
        ends = [item.clip.record_end for item in self._clip_sequence.clip_items if item.enabled]
        ends += [fade.end for fade in self._out.values() if self._shown(fade.incoming) is None]
        yield from self._black(max(ends, default=0), self._clip_sequence.frame_count)

    def _black(self, first: int, end: int) -> Iterator[tuple[int, Lines]]:
        """The event of black on record frames [first, end), if there are any."""
        if first < end:
            times = self._black_times(first, end)
            yield first, lambda number: iter([self._line(number, BLACK_REEL, "V", "C", times)])

    def _part(self, clip_item: ClipItem, into: Dissolve | None, out: Dissolve | None) -> ClipItem:
        """What the event of a clip shows: from the start of the transition into it to that of the one out of it."""
        count = clip_item.clip.frame_count
        first = max(-into.in_frames, -clip_item.clip.record_frame) if into is not None else 0
        return subclip(clip_item, first, count - out.in_frames if out is not None else count)

    def _picture(self, clip_item: ClipItem, part: ClipItem, into: Dissolve | None, number: int) -> Iterator[str]:
        channels = _CHANNELS[min(_channel_count(clip_item), 2)]
        code = "V" if _is_apart(clip_item, part) else channels[0]
        left = self._shown(into.outgoing) if into is not None else None
        if into is None:
            yield self._line(number, self._reel(part), code, "C", self._times(part))
        else:
            yield self._left_line(number, left, code, into)
            edit = f"D    {into.end - part.clip.record_frame:03d}"
            yield self._line(number, self._reel(part), code, edit, self._times(part))
        yield from (line for one in (left, part) if one is not None for line in self._motion_lines(one, into))
        yield from _names(part, left, is_transition=into is not None)
        yield from _comments(part)

    def _own_sound(self, clip_item: ClipItem, number: int) -> Iterator[str]:
        channels = _CHANNELS[min(_channel_count(clip_item), 2)]
        yield self._line(number, self._reel(clip_item), channels[1], "C", self._times(clip_item))
        yield from self._motion_lines(clip_item, None)
        yield from _names(clip_item, None, is_transition=False)
        yield f"* PANSCAN: sound=own{_exact_speed(clip_item.clip)}"

    def _sound(self, event: SoundEvent, number: int) -> Iterator[str]:
        item, rate = event.item, self._clip_sequence.rate
        sound, clip = item.sound, item.media.clip
        reel = self._reels[item.media.path]
        is_drop = is_drop_frame(clip.facts.timecode, rate) if clip is not None else self._is_drop
        first, end = item.record_frames(rate)
        count = max(round_half_up((end - first) * abs(sound.speed)), 1)
        played = round_half_up(item.source_s * rate)
        media_first = played if sound.speed > 0 else played + 1 - count
        times = [frames_to_timecode(frame, rate, drop=is_drop) for frame in (media_first, media_first + count)]
        yield self._line(number, reel, event.channels, "C", " ".join([*times, *self._record_times(first, end)]))
        if sound.speed != 1:
            yield f"M2   {reel:<8}   {motion(sound.speed * rate):<12}         {times[0].replace(';', ':')}"
        if event.auxiliary:
            yield "AUD  " + "    ".join(str(track) for track in event.auxiliary)
        yield f"* FROM CLIP NAME: {one_line(sound.name)}"
        yield f"* SOURCE FILE: {one_line(str(item.media.path.absolute()))}"

    def _fade_out(self, clip_item: ClipItem, out: Dissolve, number: int) -> Iterator[str]:
        yield self._left_line(number, clip_item, "V", out)
        times = self._black_times(out.first, out.end)
        yield self._line(number, BLACK_REEL, "V", f"D    {out.frame_count:03d}", times)

    def _shown(self, index: int | None) -> ClipItem | None:
        """A clip item that is switched on; otherwise its place is black."""
        clip_item = self._clip_sequence.clip_items[index] if index is not None else None
        return clip_item if clip_item is not None and clip_item.enabled else None

    def _reel(self, clip_item: ClipItem) -> str:
        return self._reels[clip_item.clip.path]

    def _line(self, number: int, reel: str, channels: str, edit: str, times: str) -> str:
        return f"{number:03d}  {reel:<8} {channels:<5} {edit:<8} {times}"

    def _left_line(self, number: int, clip_item: ClipItem | None, channels: str, dissolve: Dissolve) -> str:
        """The line of what a transition leaves, without a length; None: black."""
        at = max(dissolve.first, 0)
        if clip_item is None:
            return self._line(number, BLACK_REEL, channels, "C", self._black_times(at, at, source_end=0))
        offset = at - clip_item.clip.record_frame
        return self._line(number, self._reel(clip_item), channels, "C", self._times(subclip(clip_item, offset, offset)))

    def _times(self, clip_item: ClipItem) -> str:
        clip, rate = clip_item.clip, self._clip_sequence.rate
        source = [
            frames_to_timecode(n, rate, drop=is_drop_frame(clip.facts.timecode, rate)) for n in _event_range(clip)
        ]
        return " ".join([*source, *self._record_times(clip.record_frame, clip.record_end)])

    def _black_times(self, first: int, end: int, source_end: int | None = None) -> str:
        rate, length = self._clip_sequence.rate, end - first if source_end is None else source_end
        source = [frames_to_timecode(frame, rate, drop=self._is_drop) for frame in (0, length)]
        return " ".join([*source, *self._record_times(first, end)])

    def _record_times(self, first: int, end: int) -> list[str]:
        rate, start = self._clip_sequence.rate, self._clip_sequence.start_frame
        return [frames_to_timecode(start + frame, rate, drop=self._is_drop) for frame in (first, end)]

    def _motion_lines(self, clip_item: ClipItem, into: Dissolve | None) -> Iterator[str]:
        """The line of a retimed clip's speed, from where the transition `into` begins on, or from its start."""
        clip = clip_item.clip
        if not clip.is_retimed:
            return
        offset = max(into.first, 0) - clip.record_frame if into is not None else 0
        begin = self._times(subclip(clip_item, offset, clip.frame_count) if offset > 0 else clip_item).split()[0]
        # OTIO's reader takes colons only here.
        speed = motion(clip.speed * clip.framing.rate)
        yield f"M2   {self._reel(clip_item):<8}   {speed:<12}         {begin.replace(';', ':')}"


def _event_range(clip: FramedClip) -> tuple[int, int]:
    """First and end media frame of an event, in playing order of the media; a freeze frame takes one."""
    count = max(round_half_up(clip.frame_count * abs(clip.speed)), 1) if clip.frame_count else 0
    first = clip.media_frame(0)
    return (first, first + count) if clip.speed >= 0 else (first + 1 - count, first + 1)


def motion(speed_hz: Fraction) -> str:
    """The speed in media frames per second, as M2 lines count it."""
    value = float(speed_hz)
    digits = f"{abs(value):05.1f}" if value * 10 == round(value * 10) else f"{abs(value):07.3f}"
    return f"-{digits}" if value < 0 else digits


def _is_apart(clip_item: ClipItem, part: ClipItem) -> bool:
    """Whether the sound of a clip is cut elsewhere than the part of it that its event shows."""
    clip = part.clip
    same = (clip.record_frame, clip.frame_count) == (clip_item.clip.record_frame, clip_item.clip.frame_count)
    return bool(_channel_count(clip_item)) and not same


def _channel_count(clip_item: ClipItem) -> int:
    return sum(channels for channels, _ in clip_item.clip.facts.audio) if clip_item.has_sound else 0


def _names(clip_item: ClipItem, left: ClipItem | None, *, is_transition: bool) -> Iterator[str]:
    """Names of the clips of an event, and where the media of the one that it shows lies."""
    if left is not None:
        yield f"* FROM CLIP NAME: {one_line(left.clip.name)}"
    key = "TO" if is_transition else "FROM"
    yield f"* {key} CLIP NAME: {one_line(clip_item.clip.name)}"
    yield f"* SOURCE FILE: {one_line(str(clip_item.clip.path.absolute()))}"


def _exact_speed(clip: FramedClip) -> str:
    """What a comment of ours says of a retimed clip, exactly."""
    return f" speed={clip.speed} from={clip.media_position(0)}" if clip.is_retimed else ""


def _comments(clip_item: ClipItem) -> Iterator[str]:
    clip = clip_item.clip
    framing = clip.framing
    for number, layer in enumerate(clip_item.layers, start=1):
        cell = layer.cell
        where = (
            f"CELL {number} ({cell.size} AT {cell.left_px},{cell.top_px} OF {framing.canvas})"
            if len(clip_item.layers) > 1
            else "CROP"
        )
        yield f"* {where}: {_crop_words(layer)} OF {framing.source}"
    if clip.is_retimed and not clip.speed:
        yield "* * FREEZE FRAME"
    retimed = _exact_speed(clip)
    yield f"* PANSCAN: layout={framing.layout} background={framing.background} effect={framing.effect}{retimed}"
    if framing.why:
        yield f"* REASON: {one_line(framing.why)}"


def _crop_words(layer: Layer) -> str:
    rects = [rect for _, rect in layer.crops]
    words = [f"{r.width:.2f} X {r.height:.2f} PX AT {r.left + 0.0:.2f},{r.top + 0.0:.2f}" for r in rects]
    return words[0] if len(words) == 1 else f"FROM {words[0]} TO {words[-1]}, {len(words)} KEYS,"


def one_line(text: str) -> str:
    """A text without line breaks."""
    return " ".join(text.split())
