"""An editor's cut under review: its clips are the shots, and all frames are those of its record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
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
from panscan.timeline.conform import FramedShots, ReframedCut
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
        """The clip that is seen there; between two, the next one."""
        clip = next((one for one in self._clips if frame < one.record_end), self._clips[-1])
        place = next((one for one in self._places if one.clip is clip), None)
        framing = pipeline.reframe_clip(self._analysis, self._request(request), place.number) if place else None
        return [_on_record(clip, rounded(framing) if framing is not None else clip.framing)]

    def timeline(self, request: Request, shots: FramedShots) -> ReframedCut:
        """The editor's own timeline with a framing on each clip."""
        return pipeline.reframe_cut(self._analysis, self._request(request))

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
        for place in self._places:
            inside = {frame: at for frame, at in place.record.items() if first <= at <= last}
            if inside:
                own, analysis = self._of_media(place.path, request)
                rows = seen.subjects_json(analysis, own, min(inside), max(inside))
                found += [_moved(row, inside, f"{place.clip.record_frame}:{row['id']}") for row in rows]
        return [row for row in found if row["frames"]]

    def people(self, request: Request) -> list[dict[str, Any]]:
        """Those of all media, each at a frame at which the cut shows them; people of two media may share a name."""
        found = []
        for path in dict.fromkeys(place.path for place in self._places):
            own, analysis = self._of_media(path, request)
            record = {f: at for one in self._places if one.path == path for f, at in one.record.items()}
            rows = seen.people_json(analysis, own, np.array(list(record)))
            found += [row | {"frame": record[row["frame"]]} for row in rows]
        return found

    def speakers(self, request: Request) -> list[dict[str, Any]]:
        """Those of the media while they are seen; in clips that run backwards nobody speaks."""
        spoken = {
            path: seen.speakers_json(analysis, own)
            for path in {place.path for place in self._places}
            for own, analysis in [self._of_media(path, request)]
        }
        found = []
        for place in self._places:
            for row in spoken[place.path] if place.clip.speed > 0 else ():
                at = [place.record[f] for f in range(row["first_frame"], row["last_frame"] + 1) if f in place.record]
                if at:
                    found.append({"name": row["name"], "first_frame": min(at), "last_frame": max(at)})
        return found

    def _request(self, request: Request) -> Request:
        return replace(request, media_overrides=self._decided.of_media, media_people=self._decided.people)

    def _of_media(self, path: str, request: Request) -> tuple[Request, MovieAnalysis]:
        """The request for one of the media, and what was measured of it."""
        own = replace(request, people=dict(self._decided.people).get(path, ()))
        return own, MovieAnalysis(self._analysis.cut.media[path], self._analysis.perceptions[path])

    def _framed_clips(self, request: Request) -> Sequence[FramedClip]:
        reframed = pipeline.reframe_cut(self._analysis, self._request(request))
        return read_cut(flatten_timeline(reframed.timeline), folder=Path("/")).clips

    @cached_property
    def _places(self) -> list[_Place]:
        """The clips of media that were looked at, with what they show of it."""
        found = []
        for clip in self._clips:
            row = self._record.row_at(clip.record_frame)
            if row is None:
                continue
            number = self._record.rows[row - 1][0]
            path = self._analysis.cut.clips[number].media_path
            record: dict[int, int] = {}
            for at in range(clip.record_frame, clip.record_end):
                record.setdefault(self._record.media_frame(number, at), at)
            if path in self._analysis.perceptions:
                found.append(_Place(clip, number, path, record))
        return found


@dataclass(frozen=True, slots=True)
class _Place:
    """A clip in the record; number: in the cut's list; record: where each frame of its media is seen first."""

    clip: FramedClip
    number: int
    path: str
    record: dict[int, int]


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
