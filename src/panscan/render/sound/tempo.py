"""Sound at another speed, with its pitch kept: libavfilter's atempo."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import av.error
import numpy as np

from panscan.decoding.sound import Samples, packed_samples
from panscan.render.container.sound_coding import RATE_HZ, packed_frame

_SLOWEST = Fraction(1, 2)  # of one filter; slower sound goes through several


def at_speed(blocks: Iterator[Samples], layout: str, speed: Fraction) -> Iterator[Samples]:
    """Blocks of sound played `speed` times as fast. Their number of samples is only about right."""
    graph = av.filter.Graph()
    source: Any = graph.add_abuffer(sample_rate=RATE_HZ, format="flt", layout=layout, time_base=Fraction(1, RATE_HZ))
    last = source
    for factor in _factors(speed):
        tempo = graph.add("atempo", f"{float(factor):.9f}")
        last.link_to(tempo)
        last = tempo
    sink: Any = graph.add("abuffersink")
    last.link_to(sink)
    graph.configure()
    at = 0
    for block in blocks:
        source.push(packed_frame(block, layout, at))
        at += len(block)
        yield from _ready(sink)
    source.push(None)
    yield from _ready(sink)


def _factors(speed: Fraction) -> list[Fraction]:
    factors = []
    while speed < _SLOWEST:
        factors.append(_SLOWEST)
        speed /= _SLOWEST
    return [*factors, speed]


def _ready(sink: Any) -> Iterator[Samples]:
    while True:
        try:
            yield np.array(packed_samples(sink.pull()))
        except (av.error.BlockingIOError, av.error.EOFError):
            return
