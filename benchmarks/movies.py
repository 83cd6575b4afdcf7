"""Test movies of a known size and length, from a real clip scaled and looped."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.resampler import AudioResampler

RATE = 30
MBIT_S = {360: 1, 720: 4, 1080: 8, 2160: 40}


def make(clip: Path, target: Path, height_px: int, minutes: float) -> Path:
    """Write a H.264 movie of 30 fps with sound: `clip` scaled to a height, encoded once, its packets repeated."""
    loop = target.with_suffix(".loop.mp4")
    _encode(clip, loop, height_px)
    _repeat(loop, target, minutes * 60)
    loop.unlink()
    return target


def _encode(clip: Path, target: Path, height_px: int) -> None:
    with av.open(clip) as source, av.open(target, "w") as sink:
        shown = source.streams.video[0]
        width_px = round(shown.width * height_px / shown.height / 2) * 2
        video: Any = sink.add_stream("libx264", rate=RATE, options={"preset": "fast", "threads": "2"})
        video.width, video.height, video.pix_fmt = width_px, height_px, "yuv420p"
        video.bit_rate = MBIT_S[height_px] * 1_000_000
        heard = source.streams.audio[0] if source.streams.audio else None
        sound: Any = sink.add_stream("aac", rate=48_000, layout="mono") if heard else None
        count = 0
        for picture in source.decode(shown):
            while count <= (picture.time or 0) * RATE:
                scaled = picture.reformat(width_px, height_px, "yuv420p", interpolation="BICUBIC")
                scaled.pts, scaled.time_base = count, Fraction(1, RATE)
                sink.mux(video.encode(scaled))
                count += 1
        sink.mux(video.encode())
        if sound is not None:
            source.seek(0)
            resampler = AudioResampler("fltp", "mono", 48_000)
            for samples in source.decode(heard):
                for part in resampler.resample(samples):
                    sink.mux(sound.encode(part))
            sink.mux(sound.encode())


def _repeat(loop: Path, target: Path, seconds: float) -> None:
    with av.open(loop) as source:
        length_s = source.streams.video[0].duration * source.streams.video[0].time_base
    with av.open(loop) as first, av.open(target, "w") as sink:
        copies = {stream.index: sink.add_stream_from_template(stream) for stream in first.streams}
        newest: dict[int, Fraction] = {}
        for turn in range(max(1, round(seconds / length_s))):
            for packet in _packets(loop, turn * length_s, length_s):
                index, at = packet.stream.index, packet.dts * packet.time_base
                if at <= newest.get(index, at - 1):
                    continue  # an encoder's lead-in of sound, before the start of its loop
                newest[index] = at
                packet.stream = copies[index]
                sink.mux(packet)


def _packets(loop: Path, start_s: Fraction, length_s: Fraction) -> Iterator[Any]:
    with av.open(loop) as source:
        for packet in source.demux():
            if packet.dts is None or packet.pts * packet.time_base >= length_s:
                continue  # sound may outlast the pictures
            shift = round(start_s / packet.time_base)
            packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
            yield packet
