"""An editor's cut under review: its clips are the shots, and all frames are those of its record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from panscan import pipeline
from panscan.errors import InputError
from panscan.model.framing import Framing
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.model.request import Override, Request
from panscan.pipeline import CutAnalysis, MovieAnalysis
from panscan.request.override_files import CutOverrides
from panscan.request.timecode_input import FrameGrid
from panscan.review import seen
from panscan.review.footage import Shots
from panscan.timeline.conform import FramedShots
from panscan.timeline.cut import FramedClip, clip_in_record_frames, read_cut
from panscan.timeline.effect import rounded
from panscan.timeline.files import timeline_text
from panscan.timeline.flatten import flatten_timeline
from panscan.timeline.record import RecordLayout


class CutFootage:
    """A cut (a `Footage`) with the decisions made by hand for its media, and the people named there.

    Raises
    ------
    InputError
        Its media have pictures of several sizes: a crop on the page has one.
    """

    def __init__(self, analysis: CutAnalysis, decided: CutOverrides, request: Request) -> None:
        self._analysis, self._decided = analysis, decided
        self._record = RecordLayout.of(analysis.cut)
        sizes = {media.video.display_size for media in analysis.cut.media.values()}
        if len(sizes) != 1:
            raise InputError(
                "this cut cannot be reviewed yet",
                why=f"Its media have {len(sizes)} sizes of picture, and the page shows one.",
                fix="Use `panscan reframe` and the editor, or give its movies one by one.",
            )
        (self._size,) = sizes
        self._clips = self._framed_clips(request)

    @property
    def grid(self) -> FrameGrid:
        """Those of the record."""
        record = self._record
        return FrameGrid(self._analysis.cut.rate, record.frame_count, record.start_frame, "cut")

    @property
    def size(self) -> Size:
        """That of all of its media."""
        return self._size

    @property
    def key(self) -> str:
        """By the cut and the content of its media."""
        cut = self._analysis.cut
        told = [timeline_text(cut.timeline), *(cut.media[path].key for path in sorted(cut.media))]
        return blake2b("\n".join(told).encode(), digest_size=16).hexdigest()

    @property
    def movie(self) -> None:
        """It is none."""
        return None

    @property
    def names(self) -> tuple[str, ...]:
        """Those of all of its media."""
        return tuple(dict.fromkeys(person.name for _, people in self._decided.people for person in people))

    def with_preset(self, request: Request) -> Request:
        """As it is: each media may be other material."""
        return request

    def framed(self, request: Request) -> FramedShots:
        """A row for each clip that is seen."""
        return [_on_record(clip, clip.framing) for clip in self._framed_clips(request)]

    def framed_at(self, request: Request, frame: int) -> FramedShots:
        """The clip that is seen there."""
        clip = next((one for one in self._clips if frame < one.record_end), self._clips[-1])
        row = self._record.row_at(clip.record_frame)
        number = self._record.rows[(row or 1) - 1][0]
        framing = pipeline.reframe_clip(self._analysis, self._request(request), number)
        return [_on_record(clip, rounded(framing) if framing is not None else clip.framing)]

    def timeline(self, request: Request, shots: FramedShots) -> Any:
        """The editor's own timeline with a framing on each clip."""
        return pipeline.reframe_cut(self._analysis, self._request(request)).timeline

    def shots(self, request: Request) -> Shots:
        """The clips that are seen."""
        return tuple(Shot(clip.record_frame, clip.record_end) for clip in self._clips)

    def setups(self, request: Request, shots: Shots) -> tuple[int, ...]:
        """Each clip is one of its own."""
        return tuple(range(len(shots)))

    def spans(self, override: Override, shots: Shots, setups: Sequence[int]) -> list[tuple[int, int]]:
        """By clips, their names and frames of the record."""
        if override.frames is not None or override.first is not None or override.end is not None:
            first, end = override.frames or (override.first, override.end)
            return [(first or 0, self._record.frame_count if end is None else end)]
        meant = [
            shot
            for number, (shot, clip) in enumerate(zip(shots, self._clips, strict=True), 1)
            if number == override.shot
            or (override.clip is not None and clip.name.strip() == override.clip)
            or (override.frame is not None and shot.first <= override.frame < shot.end)
        ]
        return [(shot.first, shot.end) for shot in meant]

    def subjects(self, request: Request, first: int, last: int) -> list[dict[str, Any]]:
        """Those of the media that is seen, by its names."""
        found = []
        for clip, analysis, record in self._shown():
            inside = {media: at for media, at in record.items() if first <= at <= last}
            if inside:
                rows = seen.subjects_json(analysis, self._of(clip, request), min(inside), max(inside))
                found += [_moved(row, inside, f"{clip.record_frame}:{row['id']}") for row in rows]
        return [row for row in found if row["frames"]]

    def people(self, request: Request) -> list[dict[str, Any]]:
        """Those of all media, each at a frame at which the cut shows them; people of two media may share a name."""
        found: dict[tuple[Path, str], dict[str, Any]] = {}
        for clip, analysis, record in self._shown():
            for row in seen.people_json(analysis, self._of(clip, request), np.array(list(record))):
                found.setdefault((clip.path, row["name"]), row | {"frame": record[row["frame"]]})
        return list(found.values())

    def speakers(self, request: Request) -> list[dict[str, Any]]:
        """Those of the media while they are seen."""
        found = []
        for clip, analysis, record in self._shown():
            for row in seen.speakers_json(analysis, self._of(clip, request)):
                at = [record[f] for f in range(row["first_frame"], row["last_frame"] + 1) if f in record]
                if at and clip.speed > 0:
                    found.append({"name": row["name"], "first_frame": min(at), "last_frame": max(at)})
        return sorted(found, key=lambda row: row["first_frame"])

    def _request(self, request: Request) -> Request:
        return replace(request, media_overrides=self._decided.of_media, media_people=self._decided.people)

    def _of(self, clip: FramedClip, request: Request) -> Request:
        """The request for the media of a clip."""
        return replace(request, people=dict(self._decided.people).get(str(clip.path), ()))

    def _framed_clips(self, request: Request) -> Sequence[FramedClip]:
        reframed = pipeline.reframe_cut(self._analysis, self._request(request))
        return read_cut(flatten_timeline(reframed.timeline), folder=Path("/")).clips

    def _shown(self) -> Iterator[tuple[FramedClip, MovieAnalysis, dict[int, int]]]:
        """Each clip with what was measured, and the record frame of each frame, from 0, of its media that it shows."""
        for clip in self._clips:
            path = str(clip.path)
            if path not in self._analysis.perceptions:
                continue
            analysis = MovieAnalysis(self._analysis.cut.media[path], self._analysis.perceptions[path])
            record: dict[int, int] = {}
            for offset, frame in enumerate(clip.media_frames()):
                record.setdefault(frame - clip.available_first, clip.record_frame + offset)
            yield clip, analysis, record


def _on_record(clip: FramedClip, framing: Framing) -> tuple[Shot, Framing]:
    """A clip's frames of the record, and its cameras keyed there."""
    keyed = clip_in_record_frames(replace(clip, framing=replace(framing, digest=""))).framing
    return Shot(clip.record_frame, clip.record_end), keyed.shifted(clip.record_frame - clip.first)


def _moved(row: dict[str, Any], record: dict[int, int], name: str) -> dict[str, Any]:
    """A subject on frames of the record."""
    kept = [n for n, frame in enumerate(row["frames"]) if frame in record]
    order = np.argsort([record[row["frames"][n]] for n in kept], kind="stable")
    places = [kept[n] for n in order]
    frames = [record[row["frames"][n]] for n in places]
    return row | {"id": name, "frames": frames, "boxes_px": [row["boxes_px"][n] for n in places]}
