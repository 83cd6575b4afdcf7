"""The sound streams of a file as they are stored: packets, times and what players are told of them.

Nothing here is shared with the renderer, so that a mistake there cannot hide itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.decoding.containers import open_container
from panscan.verify.measure.extras import Label, label_of
from panscan.verify.source_clock import SoundClock, sound_streams, whole_packets


@dataclass(frozen=True, slots=True, eq=False)
class TrackPackets:
    """One sound stream as it is stored in a file.

    Attributes
    ----------
    codec : str
    channels, rate_hz : int
    start_s, end_s : Fraction
        On the file's clock.
    digest : str
        Hash of all packets, in their order.
    size : ndarray, shape (packets,)
        Bytes of each packet.
    time_s : ndarray, shape (packets,)
        When each packet starts.
    label : Label
    """

    codec: str
    channels: int
    rate_hz: int
    start_s: Fraction
    end_s: Fraction
    digest: str
    size: npt.NDArray[np.int64]
    time_s: npt.NDArray[np.float64]
    label: Label

    def has_packets_of(self, other: TrackPackets) -> bool:
        """Whether all packets are those of another stream, in their order, and decoded as they are there."""
        kinds = [(track.codec, track.channels, track.rate_hz, track.digest) for track in (self, other)]
        return kinds[0] == kinds[1] and np.array_equal(self.size, other.size)


@dataclass(slots=True)
class _Packets:
    clock: SoundClock
    digest: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=16))
    start_s: list[Fraction] = field(default_factory=list)
    end_s: Fraction = Fraction(0)
    size: list[int] = field(default_factory=list)

    def add(self, packet: Any) -> None:
        start_s = self.clock.time_s((packet.pts if packet.pts is not None else packet.dts) * packet.time_base)
        self.digest.update(bytes(packet))
        self.start_s.append(start_s)
        self.end_s = max(self.end_s, start_s + (packet.duration or 0) * packet.time_base)
        self.size.append(packet.size)


def track_packets(path: Path, offsets_s: Sequence[Fraction] = (Fraction(0),)) -> list[TrackPackets]:
    """What a file stores of each of its sound streams, in their order.

    offsets_s: what was added to the times of its pictures where its clock jumps.
    """
    with open_container(path) as container:
        streams = sound_streams(container)
        if not streams:
            return []
        found = {stream.index: _Packets(SoundClock(container.format.name, offsets_s)) for stream in streams}
        for packet in whole_packets(container, streams):
            if packet.dts is not None and packet.size:
                found[packet.stream.index].add(packet)
        return [_track(stream, found[stream.index]) for stream in streams]


def _track(stream: Any, packets: _Packets) -> TrackPackets:
    return TrackPackets(
        stream.codec_context.name,
        stream.codec_context.channels or 0,
        stream.codec_context.sample_rate or 0,
        min(packets.start_s, default=Fraction(0)),
        packets.end_s,
        packets.digest.hexdigest(),
        np.array(packets.size, np.int64),
        np.array([float(start_s) for start_s in packets.start_s], np.float64),
        label_of(stream),
    )


def sound_labels(path: Path) -> list[Label]:
    """What a file calls each of its sound streams, in their order."""
    with open_container(path) as container:
        return [label_of(stream) for stream in sound_streams(container)]
