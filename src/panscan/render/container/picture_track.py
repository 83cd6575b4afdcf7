"""Writing coded pictures so that the movie lasts as long as its last picture does."""

from __future__ import annotations

from typing import Any


class PictureTrack:
    """Writes the packets of a picture stream in the order of decoding, one behind.

    MP4 stores how long after a packet the next one is decoded, and takes the sum for the length of the stream. The last
    packet to be decoded need not be the last to be shown: where the times between pictures differ, the sum might end
    before the last picture even begins. So the last packet lasts until the sum is right.
    """

    def __init__(self, container: Any) -> None:
        self._container = container
        self._held: Any = None
        self._lead = self._end = 0  # in ticks: from decoding the first picture to showing it; when all have ended

    def write(self, packet: Any) -> None:
        """Write the packet before this one; its duration is how long it is shown."""
        if self._held is None:
            self._lead = packet.pts - packet.dts
        else:
            self._container.mux(self._held)
        self._held = packet
        self._end = max(self._end, packet.pts + packet.duration)

    def close(self) -> None:
        """Write the last packet."""
        packet = self._held
        if packet is not None:
            # Decoded earlier before it is shown than the first one, it would be shown beyond the end.
            packet.dts = max(packet.dts, packet.pts - self._lead)
            packet.duration = max(1, self._end - self._lead - packet.dts)
            self._container.mux(packet)
