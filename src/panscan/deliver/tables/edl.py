"""CMX3600 edit list: one event per clip. The cameras are in comments, and in a table beside it.

The format knows no picture: no size, no position. Editors cut by it, people read the comments, and panscan reads both
files back (`panscan.ingest.crops`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

from panscan.deliver.artifact import Artifact, Capabilities, Loss, distinct_losses
from panscan.deliver.sequence import ClipItem, ClipSequence, Layer, read_sequence
from panscan.deliver.tables import crops_csv
from panscan.deliver.tables.edl_sounds import SoundEvent, sound_events
from panscan.model.time import BOUNDARY_TOLERANCE_FRAMES, frames_to_timecode, is_drop_frame, round_half_up
from panscan.timeline.cut import FramedClip

_REEL_LETTERS = 8  # the most that CMX3600 readers take
# Rates in frames per second that timecode counts.
_TIMECODE_RATES = frozenset(
    [*(Fraction(n) for n in (24, 25, 30, 48, 50, 60)), *(Fraction(n * 1000, 1001) for n in (24, 30, 48, 60))]
)
_BLACK = "BL"  # the reel of black
# Names that CMX3600 gives a meaning of its own: auxiliary source, black, bars.
_RESERVED_REELS = frozenset({"AX", _BLACK, "BLACK", "BARS"})
_MAX_EVENTS = 999  # event numbers have three digits


@dataclass(frozen=True, slots=True)
class EdlOptions:
    """The edit list has no options."""


class EdlExporter:
    """CMX3600 edit list with a table of all crops."""

    name: ClassVar[str] = "edl"
    title: ClassVar[str] = "CMX3600 edit list, with a table of crops"
    suffix: ClassVar[str] = ".edl"
    opens_in: ClassVar[tuple[str, ...]] = ("any editor (cuts only)", "panscan")
    how_to_import: ClassVar[str] = (
        "Import the .edl as a timeline for its cuts; the .crops.csv beside it lists the crop of every frame."
    )
    # The table holds every cell, key and background of the document, so none of these is lost with the delivery.
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True,
        backgrounds=frozenset({"black", "colour", "blur"}),
        sound_tracks=frozenset({"channels", "speed"}),
        disabled=False,
        black_end=True,
        retimes=True,
        start_timecode=True,
    )
    options: ClassVar[type[EdlOptions]] = EdlOptions

    def export(self, timeline: Any, *, folder: Path, options: EdlOptions) -> Artifact:
        """The edit list, and `.crops.csv`."""
        clip_sequence = read_sequence(timeline, folder=folder, capabilities=self.capabilities)
        shown = tuple(clip_item for clip_item in clip_sequence.clip_items if clip_item.enabled)
        sounds, lost = sound_events(clip_sequence)
        losses = [*clip_sequence.losses, *lost, *_losses(clip_sequence, len(shown) + len(sounds))]
        reels = reel_names([*(p.clip.path for p in shown), *(sound.item.media.path for sound in sounds)])
        lines = [f"TITLE: {_one_line(clip_sequence.name or 'panscan')}"]
        is_drop = bool(shown) and is_drop_frame(shown[0].clip.facts.timecode, clip_sequence.rate)
        lines += [f"FCM: {'DROP FRAME' if is_drop else 'NON-DROP FRAME'}", ""]
        events = _in_record_order(shown, sounds, clip_sequence.rate)
        for number, one in enumerate(events, start=1):
            if isinstance(one, SoundEvent):
                lines += [*_sound_event(number, one, clip_sequence, reels, is_drop), ""]
            else:
                reel = reels[one.clip.path]
                lines += [*_event(number, one, clip_sequence, reel, is_drop), *_comments(one), ""]
        lines += _black_end(len(events) + 1, clip_sequence, shown, is_drop)
        table = crops_csv.crop_table(clip_sequence, shown, reels)
        return Artifact(
            {self.suffix: "\n".join(lines).encode("utf-8"), crops_csv.SUFFIX: table.encode("utf-8")},
            distinct_losses(losses),
        )


def reel_names(paths: list[Path]) -> dict[Path, str]:
    """A reel of at most 8 capital letters and digits for each media, every one different.

    Two files of the same first letters get numbers: INTERVIE, INTERV_2.
    """
    reels: dict[Path, str] = {}
    for path in dict.fromkeys(paths):
        stem = re.sub(r"[^A-Z0-9]+", "_", path.stem.upper()).strip("_")[:_REEL_LETTERS] or "REEL"
        reel, count = stem, 1
        while reel in reels.values() or reel in _RESERVED_REELS:
            count += 1
            reel = f"{stem[: _REEL_LETTERS - 1 - len(str(count))]}_{count}"
        reels[path] = reel
    return reels


def _losses(clip_sequence: ClipSequence, event_count: int) -> Iterator[Loss]:
    yield Loss(
        "the picture of every cell",
        "An edit list has no size and no position: editors show the whole source. The crops are in the comments and "
        "in the .crops.csv.",
    )
    for clip_item in clip_sequence.clip_items:
        if not clip_item.enabled:
            yield Loss(f"the disabled clip {clip_item.clip.name!r}", "Its place stays empty.")
        elif clip_item.has_sound and sum(channels for channels, _ in clip_item.clip.facts.audio) > 2:
            yield Loss(
                f"the sound of clip {clip_item.clip.name!r} beyond two channels", "An event names channels 1 and 2."
            )
        if clip_item.clip.is_retimed and not _is_exact(clip_item.clip):
            yield Loss(
                f"the exact speed or first frame of clip {clip_item.clip.name!r}",
                "An event counts whole frames and a thousandth of a frame per second; the comments say it exactly.",
            )
    if clip_sequence.rate not in _TIMECODE_RATES:
        yield Loss(
            f"the rate of {float(clip_sequence.rate):.6g} fps",
            "There is no timecode of this rate; editors will read another time into the list.",
        )
    if event_count > _MAX_EVENTS:
        yield Loss(f"events of three digits for {event_count} clips", "Some editors stop reading after event 999.")


def _event(number: int, clip_item: ClipItem, clip_sequence: ClipSequence, reel: str, is_drop: bool) -> Iterator[str]:
    """The lines of an event: one, and for a retimed clip another one with its speed."""
    clip, rate = clip_item.clip, clip_sequence.rate
    media_is_drop = is_drop_frame(clip.facts.timecode, rate)
    record = clip_sequence.start_frame + clip.record_frame
    first, end = _event_range(clip)
    times = [
        frames_to_timecode(first, rate, drop=media_is_drop),
        frames_to_timecode(end, rate, drop=media_is_drop),  # exclusive, as the record's
        frames_to_timecode(record, rate, drop=is_drop),
        frames_to_timecode(record + clip.frame_count, rate, drop=is_drop),
    ]
    yield f"{number:03d}  {reel:<8} {_channels(clip_item):<5} C        {' '.join(times)}"
    if clip.is_retimed:
        # OTIO's reader takes colons only here.
        yield f"M2   {reel:<8}   {_motion(clip.speed * clip.framing.rate):<12}         {times[0].replace(';', ':')}"


def _in_record_order(
    shown: Iterable[ClipItem], sounds: Iterable[SoundEvent], rate: Fraction
) -> list[ClipItem | SoundEvent]:
    """All events; a picture comes before the sounds that start with it."""
    events: list[ClipItem | SoundEvent] = [*shown, *sounds]
    return sorted(
        events, key=lambda e: e.item.record_frames(rate)[0] if isinstance(e, SoundEvent) else e.clip.record_frame
    )


def _sound_event(
    number: int, event: SoundEvent, clip_sequence: ClipSequence, reels: Mapping[Path, str], is_drop: bool
) -> Iterator[str]:
    """The lines of a sound's event."""
    item, rate = event.item, clip_sequence.rate
    sound, clip = item.sound, item.media.clip
    reel = reels[item.media.path]
    media_is_drop = is_drop_frame(clip.facts.timecode, rate) if clip is not None else is_drop
    first, end = item.record_frames(rate)
    count = max(round_half_up((end - first) * abs(sound.speed)), 1)
    played = round_half_up(item.source_s * rate)
    media_first = played if sound.speed > 0 else played + 1 - count
    times = [frames_to_timecode(frame, rate, drop=media_is_drop) for frame in (media_first, media_first + count)]
    times += [frames_to_timecode(clip_sequence.start_frame + frame, rate, drop=is_drop) for frame in (first, end)]
    yield f"{number:03d}  {reel:<8} {event.channels:<5} C        {' '.join(times)}"
    if sound.speed != 1:
        yield f"M2   {reel:<8}   {_motion(sound.speed * rate):<12}         {times[0].replace(';', ':')}"
    if event.auxiliary:
        yield "AUD  " + "    ".join(str(track) for track in event.auxiliary)
    yield f"* FROM CLIP NAME: {_one_line(sound.name)}"
    yield f"* SOURCE FILE: {_one_line(str(item.media.path.absolute()))}"


def _black_end(number: int, clip_sequence: ClipSequence, shown: Sequence[ClipItem], is_drop: bool) -> Iterator[str]:
    """The event of the black after the last clip, if there is any."""
    begin = shown[-1].clip.record_frame + shown[-1].clip.frame_count if shown else 0
    if begin >= clip_sequence.frame_count:
        return
    rate, start = clip_sequence.rate, clip_sequence.start_frame
    ends = (0, clip_sequence.frame_count - begin), (start + begin, start + clip_sequence.frame_count)
    times = [frames_to_timecode(frame, rate, drop=is_drop) for frame in (*ends[0], *ends[1])]
    yield f"{number:03d}  {_BLACK:<8} {'V':<5} C        {' '.join(times)}"
    yield ""


def _event_range(clip: FramedClip) -> tuple[int, int]:
    """First and end media frame of an event, in playing order of the media; a freeze frame takes one."""
    count = max(round_half_up(clip.frame_count * abs(clip.speed)), 1)
    first = clip.media_frame(0)
    return (first, first + count) if clip.speed >= 0 else (first + 1 - count, first + 1)


def _motion(speed_hz: Fraction) -> str:
    """The speed in media frames per second, as M2 lines count it."""
    value = float(speed_hz)
    digits = f"{abs(value):05.1f}" if value * 10 == round(value * 10) else f"{abs(value):07.3f}"
    return f"-{digits}" if value < 0 else digits


def _is_exact(clip: FramedClip) -> bool:
    """Whether the event and its M2 line show the same frames as the clip."""
    drift = abs(Fraction(_motion(clip.speed * clip.framing.rate)) / clip.framing.rate - clip.speed) * clip.frame_count
    return clip.media_position(0).denominator == 1 and drift < BOUNDARY_TOLERANCE_FRAMES / 2


def _channels(clip_item: ClipItem) -> str:
    count = sum(channels for channels, _ in clip_item.clip.facts.audio) if clip_item.has_sound else 0
    return ("V", "B", "AA/V")[min(count, 2)]


def _comments(clip_item: ClipItem) -> Iterator[str]:
    clip = clip_item.clip
    framing = clip.framing
    yield f"* FROM CLIP NAME: {_one_line(clip.name)}"
    yield f"* SOURCE FILE: {_one_line(str(clip.path.absolute()))}"
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
    retimed = f" speed={clip.speed} from={clip.media_position(0)}" if clip.is_retimed else ""
    yield f"* PANSCAN: layout={framing.layout} background={framing.background} effect={framing.effect}{retimed}"
    if framing.why:
        yield f"* REASON: {_one_line(framing.why)}"


def _crop_words(layer: Layer) -> str:
    rects = [rect for _, rect in layer.crops]
    words = [f"{r.width:.2f} X {r.height:.2f} PX AT {r.left + 0.0:.2f},{r.top + 0.0:.2f}" for r in rects]
    return words[0] if len(words) == 1 else f"FROM {words[0]} TO {words[-1]}, {len(words)} KEYS,"


def _one_line(text: str) -> str:
    return " ".join(text.split())
