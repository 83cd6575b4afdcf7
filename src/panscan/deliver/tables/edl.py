"""CMX3600 edit list: its head, its reels and what it loses. The cameras are in comments, and in a table beside it.

The format knows no picture: no size, no position. Editors cut by it, people read the comments, and panscan reads both
files back (`panscan.ingest.crops`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, ClassVar

from panscan.deliver.artifact import Artifact, Capabilities, Loss, distinct_losses
from panscan.deliver.sequence import ClipSequence, read_sequence, subclip
from panscan.deliver.tables import crops_csv
from panscan.deliver.tables.edl_events import BLACK_REEL, EventWriter, motion, one_line
from panscan.deliver.tables.edl_sounds import sound_events
from panscan.model.time import BOUNDARY_TOLERANCE_FRAMES, is_drop_frame
from panscan.timeline.cut import FramedClip
from panscan.timeline.dissolves import HARD_CUT

_REEL_LETTERS = 8  # the most that CMX3600 readers take
# Rates in frames per second that timecode counts.
_TIMECODE_RATES = frozenset(
    [*(Fraction(n) for n in (24, 25, 30, 48, 50, 60)), *(Fraction(n * 1000, 1001) for n in (24, 30, 48, 60))]
)
# Names that CMX3600 gives a meaning of its own: auxiliary source, black, bars.
_RESERVED_REELS = frozenset({"AX", BLACK_REEL, "BLACK", "BARS"})
_MAX_EVENTS = 999  # event numbers have three digits


@dataclass(frozen=True, slots=True)
class EdlOptions:
    """The edit list has no options."""


class EdlExporter:
    """CMX3600 edit list with a table of all crops."""

    name: ClassVar[str] = "edl"
    title: ClassVar[str] = "CMX3600 edit list, with a table of crops"
    suffix: ClassVar[str] = ".edl"
    opens_in: ClassVar[tuple[str, ...]] = ("any editor (cuts and dissolves)", "panscan")
    how_to_import: ClassVar[str] = (
        "Import the .edl as a timeline for its cuts; the .crops.csv beside it lists the crop of every frame."
    )
    # The table holds every cell, key and background of the document, so none of these is lost with the delivery.
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True,
        backgrounds=frozenset({"black", "colour", "gradient", "blur"}),
        sound_tracks=frozenset({"channels", "speed"}),
        disabled=False,
        transitions=True,
        fades="any",
        black_end=True,
        retimes=True,
        start_timecode=True,
    )
    options: ClassVar[type[EdlOptions]] = EdlOptions

    def export(self, timeline: Any, *, folder: Path, options: EdlOptions) -> Artifact:
        """The edit list, and `.crops.csv`."""
        clip_sequence, empty = _without_empty_events(
            read_sequence(timeline, folder=folder, capabilities=self.capabilities)
        )
        shown = tuple(clip_item for clip_item in clip_sequence.clip_items if clip_item.enabled)
        sounds, lost = sound_events(clip_sequence)
        losses = [*clip_sequence.losses, *empty, *lost, *_losses(clip_sequence, len(shown) + len(sounds))]
        reels = reel_names([*(p.clip.path for p in shown), *(sound.item.media.path for sound in sounds)])
        lines = [f"TITLE: {one_line(clip_sequence.name or 'panscan')}"]
        is_drop = bool(shown) and is_drop_frame(shown[0].clip.facts.timecode, clip_sequence.rate)
        lines += [f"FCM: {'DROP FRAME' if is_drop else 'NON-DROP FRAME'}", ""]
        lines += EventWriter(clip_sequence, sounds, reels, is_drop).lines()
        handled = [subclip(p, -p.head_frames, p.clip.frame_count + p.tail_frames) for p in shown]
        table = crops_csv.crop_table(clip_sequence, handled, reels)
        return Artifact(
            {self.suffix: "\n".join(lines).encode("utf-8"), crops_csv.SUFFIX: table.encode("utf-8")},
            distinct_losses(losses),
        )


def _without_empty_events(clip_sequence: ClipSequence) -> tuple[ClipSequence, list[Loss]]:
    """The sequence without transitions that leave nothing of the event before them."""
    led_to = {dissolve.incoming for dissolve in clip_sequence.dissolves}
    kept, losses = [], []
    for dissolve in clip_sequence.dissolves:
        left = None if dissolve.outgoing is None else clip_sequence.clip_items[dissolve.outgoing].clip
        if left is None or dissolve.outgoing in led_to or dissolve.in_frames < left.frame_count:
            kept.append(dissolve)
        else:
            losses.append(
                Loss(f"the transition out of {left.name!r}", f"{HARD_CUT}: nothing of the clip is before it.")
            )
    return replace(clip_sequence, dissolves=tuple(kept)), losses


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


def _is_exact(clip: FramedClip) -> bool:
    """Whether the event and its M2 line show the same frames as the clip."""
    drift = abs(Fraction(motion(clip.speed * clip.framing.rate)) / clip.framing.rate - clip.speed) * clip.frame_count
    return clip.media_position(0).denominator == 1 and drift < BOUNDARY_TOLERANCE_FRAMES / 2
