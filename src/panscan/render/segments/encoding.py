"""Encoding segments of movies, in any process on any machine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from panscan.decoding.index import tell_index
from panscan.files import write_text
from panscan.render.container import mux
from panscan.render.frame_jobs import DecodePlan, OutputMovie, frame_jobs, plan_decoding, shares_decoding
from panscan.render.segments.build import encoder_build
from panscan.render.segments.index_file import load_index
from panscan.render.segments.orders import SegmentOrder, media_of
from panscan.render.threads import Progress, run_threads
from panscan.timeline.cut import Cut
from panscan.timeline.files import read_timeline
from panscan.timeline.flatten import renderable_cut

_KNOWN_CUTS = 8  # the shapes of a job take turns; to read a timeline of two hours costs as much as a second of movie


def encode_segment(order: SegmentOrder, progress: Progress | None = None) -> None:
    """Encode one segment. Its file, and the note of its timestamps beside it, appear only when it is complete.

    Raises
    ------
    InputError, RenderError
        As `panscan.render.render`.
    """
    encode_segments([order], progress)


def encode_segments(orders: Sequence[SegmentOrder], progress: Progress | None = None) -> None:
    """Encode the same frames of several movies that show the same pictures, from one decoding.

    Each segment is the same as if it was encoded alone, and errors are those of `encode_segment`.

    Parameters
    ----------
    orders : sequence of SegmentOrder
        With equal settings, and equal first and last frames; see `encodable_together`.
    progress : callable, optional
        Called with pictures done and in total.
    """
    first, cuts = orders[0], [_cut_of(order) for order in orders]
    with ExitStack() as stack:
        plan = plan_decoding(cuts, stack, first.settings)
        plan = replace(plan, corner_pins=tuple(order.corner_pins for order in orders))
        recorders = [_Recorder(stack, order, plan) for order in orders]
        movies = [
            OutputMovie(
                cut,
                recorder,
                mux.add_picture(
                    recorder.container, cut.canvas, plan.picture_format, cut.rate, plan.time_base, first.settings
                ),
            )
            for cut, recorder in zip(cuts, recorders, strict=True)
        ]
        pictures = frame_jobs(plan, stack, first.settings, (first.first, first.end))
        total = first.frame_count
        run_threads(movies, pictures, plan.picture_format, plan.time_base, total, first.settings, progress)
    counts = plan.changed_counts()
    changed = [counts[str(path)] for path in media_of(cuts[0])]
    for order, recorder in zip(orders, recorders, strict=True):
        note = {**recorder.times(), "changed": changed, "build": encoder_build()}
        write_text(json.dumps(note), order.note)


def encodable_together(orders: Sequence[SegmentOrder]) -> list[list[SegmentOrder]]:
    """Segments in groups for `encode_segments`: of the same frames and pictures, none twice of one movie."""
    groups: list[list[SegmentOrder]] = []
    for order in orders:
        group = next((group for group in groups if _fits(group, order)), None)
        if group is None:
            groups.append([order])
        else:
            group.append(order)
    return groups


def _fits(group: Sequence[SegmentOrder], order: SegmentOrder) -> bool:
    one = group[0]
    return (one.first, one.end, one.settings) == (order.first, order.end, order.settings) and shares_decoding(
        _cut_of(one), _cut_of(order)
    )


def _cut_of(order: SegmentOrder) -> Cut:
    return _read_cut(order.timeline, order.timeline.stat().st_mtime_ns, order.media_folder, order.index)


@lru_cache(maxsize=_KNOWN_CUTS)
def _read_cut(timeline: Path, _changed_ns: int, media_folder: Path, index: Path) -> Cut:
    cut = renderable_cut(read_timeline(timeline), folder=media_folder)
    if index.is_file():
        tell_index(cut.clips[0].path, load_index(index))
    return cut


class _Recorder:
    """A container that notes the timestamps of its packets and writes them from zero on, where edit lists are exact."""

    def __init__(self, stack: ExitStack, order: SegmentOrder, plan: DecodePlan) -> None:
        clocks_hz = [plan.time_base.denominator]
        self.container = stack.enter_context(mux.open_output(order.path, clocks_hz, Fraction(order.end)))
        self._stamps: list[int] = []
        self._lengths: dict[int, int] = {}

    def mux(self, packet: Any) -> None:
        """Write one packet."""
        self._stamps.append(packet.pts)
        self._lengths[packet.pts] = packet.duration
        packet.pts, packet.dts = packet.pts - self._stamps[0], packet.dts - self._stamps[0]
        self.container.mux(packet)

    def times(self) -> dict[str, list[int]]:
        """Timestamp and duration of each packet."""
        return {"pts": self._stamps, "duration": [self._lengths[pts] for pts in self._stamps]}
