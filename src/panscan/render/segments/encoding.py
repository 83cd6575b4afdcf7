"""Encoding one segment of a movie, in any process on any machine."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from panscan.files import write_text
from panscan.render.container import mux
from panscan.render.frame_jobs import OutputMovie, frame_jobs, plan_decoding
from panscan.render.segments.build import encoder_build
from panscan.render.segments.orders import SegmentOrder
from panscan.render.threads import run_threads
from panscan.timeline.cut import Cut
from panscan.timeline.files import read_timeline
from panscan.timeline.flatten import renderable_cut

_KNOWN_CUTS = 4  # to read the timeline of two hours takes as long as to encode a second; shapes of a job take turns


def encode_segment(order: SegmentOrder) -> None:
    """Encode one segment. Its file, and the note of its timestamps beside it, appear only when it is complete.

    Raises
    ------
    InputError, RenderError
        As `panscan.render.render`.
    """
    cut, settings = _cut_of(order), order.settings
    stamps: list[int] = []
    lengths: dict[int, int] = {}
    with ExitStack() as stack:
        plan = replace(plan_decoding([cut], stack, settings), corner_pins=(order.corner_pins,))
        container = stack.enter_context(mux.open_output(order.path, [plan.time_base.denominator], Fraction(order.end)))
        stream = mux.add_picture(container, cut.canvas, plan.picture_format, cut.rate, plan.time_base, settings)
        movie = OutputMovie(cut, _Recorder(container, stamps, lengths), stream)
        pictures = frame_jobs(plan, stack, settings, (order.first, order.end))
        run_threads([movie], pictures, plan.picture_format, plan.time_base, order.frame_count, settings, None)
    note = {
        "pts": stamps,
        "duration": [lengths[pts] for pts in stamps],
        "changed": plan.changed_counts(),
        "build": encoder_build(),
    }
    write_text(json.dumps(note), order.note)


def _cut_of(order: SegmentOrder) -> Cut:
    return _read_cut(order.timeline, order.timeline.stat().st_mtime_ns, order.media_folder)


@lru_cache(maxsize=_KNOWN_CUTS)
def _read_cut(timeline: Path, _changed_ns: int, media_folder: Path) -> Cut:
    return renderable_cut(read_timeline(timeline), folder=media_folder)


class _Recorder:
    """A container that notes the timestamps of its packets and writes them from zero on, where edit lists are exact."""

    def __init__(self, container: Any, stamps: list[int], lengths: dict[int, int]) -> None:
        self._container = container
        self._stamps = stamps
        self._lengths = lengths

    def mux(self, packet: Any) -> None:
        """Write one packet."""
        self._stamps.append(packet.pts)
        self._lengths[packet.pts] = packet.duration
        packet.pts, packet.dts = packet.pts - self._stamps[0], packet.dts - self._stamps[0]
        self._container.mux(packet)
