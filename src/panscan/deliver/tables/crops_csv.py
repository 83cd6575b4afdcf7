"""The crop of every cell on every frame as a table (CSV), with what is needed to make a timeline of it again.

The lines before the table start with "#": the timeline, and one line for each media, as JSON. Columns of the table are
named in `COLUMNS`: record and media frames count at the timeline's rate, record frames from the timeline's first frame,
media frames from the media's timecode; crops are in px of the source with 4 decimals, cells in px of the canvas. It is
read back by `panscan.ingest.crops`.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from panscan.deliver.sequence import ClipItem, ClipSequence
from panscan.timeline.facts import still_words

SUFFIX = ".crops.csv"
VERSION = 1  # of the table; raised when a reader of this one would misread it
_DECIMALS = 4  # of source px: what is read back differs by less than a rounded camera does
COLUMNS = (
    "media",
    "record_frame",
    "media_frame",
    "cell",
    "left_px",
    "top_px",
    "width_px",
    "height_px",
    "cell_left_px",
    "cell_top_px",
    "cell_width_px",
    "cell_height_px",
)


def crop_table(clip_sequence: ClipSequence, clip_items: Sequence[ClipItem], reels: Mapping[Path, str]) -> str:
    """The table of some clip items: one row per frame and cell (numbered from 1), in record order.

    Parameters
    ----------
    clip_sequence : ClipSequence
        The timeline.
    clip_items : sequence of ClipItem
        Those of it that are shown.
    reels : mapping of media path to reel
        Each media's name in the edit list.
    """
    text = io.StringIO()
    head = {
        "version": VERSION,
        "name": clip_sequence.name,
        "canvas_px": [clip_sequence.canvas.width, clip_sequence.canvas.height],
        "rate": [clip_sequence.rate.numerator, clip_sequence.rate.denominator],
        "start_frame": clip_sequence.start_frame,
    }
    text.write(f"# panscan crops {_json(head)}\n")
    for line in dict.fromkeys(_media_line(clip_item, reels) for clip_item in clip_items):
        text.write(line)
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for clip_item in clip_items:
        clip = clip_item.clip
        path = str(clip.path.absolute())
        frames = np.arange(clip.first, clip.end)
        # Adding zero makes 0 of -0.
        crops = [cell.crops(frames, clip.framing.source).round(_DECIMALS) + 0.0 for cell in clip.framing.cells]
        shown = clip.media_frames() if clip.is_retimed else frames.tolist()
        for index, frame in enumerate(shown):
            for number, cell in enumerate(clip.framing.cells):
                sides = [f"{side:.{_DECIMALS}f}" for side in crops[number][index].tolist()]
                place = (cell.left_px, cell.top_px, cell.size.width, cell.size.height)
                rows.writerow([path, clip.record_frame + index, frame, number + 1, *sides, *place])
    return text.getvalue()


def _media_line(clip_item: ClipItem, reels: Mapping[Path, str]) -> str:
    clip, facts = clip_item.clip, clip_item.clip.facts
    media = {
        "path": str(clip.path.absolute()),
        "reel": reels[clip.path],
        "available": [clip.available_first, clip.available_count],
        "size_px": [facts.size.width, facts.size.height],
        "rate": [facts.rate.numerator, facts.rate.denominator],
        "vfr": facts.is_vfr,
        "audio": [{"channels": channels, "rate_hz": rate_hz} for channels, rate_hz in facts.audio],
        "timecode": facts.timecode,
    } | ({"still": still_words(facts.still)} if facts.still is not None else {})
    return f"# media {_json(media)}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
