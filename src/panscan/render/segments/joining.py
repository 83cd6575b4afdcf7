"""Joining encoded segments to one movie."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from av.bitstream import BitStreamFilterContext

from panscan.decoding.containers import open_container
from panscan.errors import RenderError
from panscan.render.container import mux
from panscan.render.container.picture_track import PictureTrack
from panscan.render.frame_jobs import DecodePlan, OutputMovie
from panscan.render.segments.build import encoder_build
from panscan.render.segments.orders import SegmentedMovie, media_of
from panscan.render.threads import write_other_streams

# MP4 parts the units of a packet by their lengths, encoders by start codes; a container takes packets as its encoder
# would write them. What filters would put before each key picture, the headers, stands in the container already.
_AS_ENCODED = {
    "h264": "h264_mp4toannexb,filter_units=remove_types=7-8",
    "hevc": "hevc_mp4toannexb,filter_units=remove_types=32-34",
}


class EncodedSegments:
    """All segments of a movie, encoded."""

    def __init__(self, movie: SegmentedMovie, plan: DecodePlan) -> None:
        """Read the notes of the segments.

        Raises
        ------
        RenderError
            Segments come from another build of the encoder.
        """
        self._paths = [order.path for order in movie.orders]
        self._notes = [json.loads(order.note.read_text(encoding="utf-8")) for order in movie.orders]
        self._plan, self._settings = plan, movie.orders[0].settings
        self._media = media_of(plan.cuts[0])
        self._check_builds(movie)

    def _check_builds(self, movie: SegmentedMovie) -> None:
        own = encoder_build()
        others = {number: note["build"] for number, note in enumerate(self._notes) if note["build"] != own}
        if others:
            raise _other_build(movie, others)

    @property
    def changed_counts(self) -> Counter[str]:
        """By path of a media: decoded pictures whose size or colours were others than the first's."""
        counts: Counter[str] = Counter()
        for note in self._notes:
            counts.update({str(path): count for path, count in zip(self._media, note["changed"], strict=True)})
        return counts

    def add_stream(self, container: Any) -> Any:
        """The picture stream, described by an encoder as that of the segments, which gets no picture.

        A stream that is described by the segments alone has no rate, and so MP4 and MOV no timecode.

        Raises
        ------
        RenderError
            The segments were not encoded alike.
        """
        headers = set()
        for path in self._paths:
            with open_container(path) as segment:
                headers.add(bytes(segment.streams.video[0].codec_context.extradata or b""))
        if len(headers) > 1:
            raise RenderError(
                "the segments of the movie do not fit together",
                why="The encoder described them differently.",
                fix="Render without --jobs.",
            )
        cut, plan = self._plan.cuts[0], self._plan
        return mux.add_picture(container, cut.canvas, plan.picture_format, cut.rate, plan.time_base, self._settings)

    def write(self, movie: OutputMovie) -> int:
        """Join the segments into the movie's picture stream, and write sound and subtitles.

        Returns the number of pictures.
        """
        stamps = sorted(pts for note in self._notes for pts in note["pts"])
        delay = max((_reorder_depth(note["pts"]) for note in self._notes), default=0)
        tick = max(1, stamps[1] - stamps[0]) if len(stamps) > 1 else 1
        # A packet's decoding time is the display time of `delay` pictures earlier: rising, and not after its own.
        before = [stamps[0] - tick * (delay - n) for n in range(delay)]
        done, track = 0, PictureTrack(movie.container)
        for path, note in zip(self._paths, self._notes, strict=True):
            with open_container(path) as segment:
                for packet, pts, length in zip(_packets(segment), note["pts"], note["duration"], strict=True):
                    packet.stream = movie.stream
                    packet.time_base = self._plan.time_base
                    packet.pts = pts
                    packet.dts = before[done] if done < delay else stamps[done - delay]
                    packet.duration = length
                    done += 1
                    track.write(packet)
                    write_other_streams(movie, stamps[done - 1] * self._plan.time_base)
        track.close()
        write_other_streams(movie, None)
        return done


def _packets(segment: Any) -> Iterator[Any]:
    """The packets of a segment as its encoder wrote them."""
    stream = segment.streams.video[0]
    name = _AS_ENCODED.get(stream.codec_context.codec.canonical_name)
    changed = BitStreamFilterContext(name, stream).filter if name else lambda packet: [packet]
    for packet in segment.demux(stream):
        if packet.dts is not None:
            yield from changed(packet)


def _reorder_depth(stamps: list[int]) -> int:
    """The largest number of pictures that are displayed before a picture decoded earlier than they are."""
    ranks = {pts: rank for rank, pts in enumerate(sorted(stamps))}
    return max((n - ranks[pts] for n, pts in enumerate(stamps)), default=0)


def _other_build(movie: SegmentedMovie, builds: Mapping[int, str]) -> RenderError:
    """`builds`: of the segments of another build, by number."""
    numbers = ", ".join(str(number) for number in builds)
    return RenderError(
        f"segments in {movie.folder} were encoded by another build of the encoder: {numbers}",
        why=f"They come from {' and '.join(dict.fromkeys(builds.values()))}; here is {encoder_build()}.",
        fix="Render with the same versions on machines of the same kind, or remove the folder and render again.",
    )
