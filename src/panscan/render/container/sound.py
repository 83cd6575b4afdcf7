"""Sources of packets beside the picture: copied untouched, or sound that is encoded."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from panscan.decoding.index import read_index
from panscan.decoding.sound import Samples, SoundDamage
from panscan.render.container.packets import Packets
from panscan.render.container.sound_coding import RATE_HZ, packed_frame


class PacketSource(Protocol):
    """A source of packets for a stream beside the picture."""

    def until(self, time_s: Fraction | None) -> Iterator[Any]:
        """Packets to write before the picture at `time_s`; with None, all that are left."""

    def close(self) -> None:
        """Close its files."""


class CopiedPackets:
    """Sound and subtitle packets of one file, exactly as they are.

    Damaged sound is left out, and so are packets of damaged files whose time goes back: no container takes them.
    """

    def __init__(self, path: Path, targets: dict[int, Any], origin_s: Fraction, notes: list[str]) -> None:
        """Open a file.

        Parameters
        ----------
        path : Path
        targets : dict of int to av stream
            Index of a source stream -> output stream.
        origin_s : Fraction
            What becomes zero of the file's clock.
        notes : list of str
            Gets lines on damage, after the last packet.
        """
        self._targets = targets
        self._packets = Packets(path, targets, origin_s)
        self._latest: dict[int, int] = {}
        self._damage = {number: SoundDamage(read_index(path)) for number in targets}
        self._notes = notes

    def until(self, time_s: Fraction | None) -> Iterator[Any]:
        """Packets up to a time."""
        for packet in self._packets.until(time_s):
            number = packet.stream.index
            ticks = packet.dts if packet.dts is not None else packet.pts
            if not self._is_whole(packet) or ticks < self._latest.get(number, ticks):
                continue
            self._latest[number] = ticks
            packet.stream = self._targets[number]
            yield packet
        if time_s is None:
            self._notes += [line for damage in self._damage.values() for line in damage.notes()]

    def _is_whole(self, packet: Any) -> bool:
        """Whether a packet can be played. Uncompressed sound always can, and subtitles are not tried.

        All are decoded, which costs a thousandth of the movie's time: no container tells of damaged sound.
        """
        if packet.stream.type != "audio" or packet.stream.codec_context.name.startswith("pcm_"):
            return True
        return self._damage[packet.stream.index].decoded(packet) is not None

    def close(self) -> None:
        """Close the file."""
        self._packets.close()


class EncodedSound:
    """Blocks of sound one after another, encoded."""

    def __init__(self, blocks: Generator[Samples, None, None], target: Any, layout: str, first_sample: int = 0) -> None:
        """`target`: a stream of `sound_coding`; `first_sample`: where the first block starts on its clock."""
        self._target = target
        self._layout = layout
        self._at = first_sample
        self._blocks = blocks
        self._is_done = False

    def until(self, time_s: Fraction | None) -> Iterator[Any]:
        """Packets of all samples up to a time."""
        while not self._is_done and (time_s is None or Fraction(self._at, RATE_HZ) <= time_s):
            block = next(self._blocks, None)
            if block is None:
                self._is_done = True
                yield from self._target.encode(None)
                return
            frame = packed_frame(block, self._layout, self._at)
            self._at += len(block)
            yield from self._target.encode(frame)

    def close(self) -> None:
        """Close the files that are being read."""
        self._blocks.close()
