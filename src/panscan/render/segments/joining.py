"""Joining encoded segments to one movie."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from panscan.decoding.containers import open_container
from panscan.errors import RenderError
from panscan.render.container import mux
from panscan.render.container.picture_track import PictureTrack
from panscan.render.frame_jobs import DecodePlan, OutputMovie
from panscan.render.segments.build import encoder_build
from panscan.render.segments.orders import SegmentedMovie, media_of
from panscan.render.threads import write_other_streams


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
        self._time_base = plan.time_base
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
        """The picture stream, with the parameters of the first segment.

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
        with open_container(self._paths[0]) as segment:
            stream = mux.add_coded_picture(container, segment.streams.video[0])
        stream.time_base = self._time_base
        return stream

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
                stream = segment.streams.video[0]
                packets = (packet for packet in segment.demux(stream) if packet.dts is not None)
                for packet, pts, length in zip(packets, note["pts"], note["duration"], strict=True):
                    packet.stream = movie.stream
                    packet.time_base = self._time_base
                    packet.pts = pts
                    packet.dts = before[done] if done < delay else stamps[done - delay]
                    packet.duration = length
                    done += 1
                    track.write(packet)
                    write_other_streams(movie, stamps[done - 1] * self._time_base)
        track.close()
        write_other_streams(movie, None)
        return done


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
