"""Identities: persons, movers and objects inside one shot, and persons of several shots made one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from panscan.arrays.boxes import iou
from panscan.model import perception
from panscan.model.media import Media
from panscan.model.perception import Flow, Objects
from panscan.model.plan import Shot
from panscan.model.shots import shots_of
from panscan.perceive.signal import DerivedSignal
from panscan.perceive.tracking.association import associate
from panscan.perceive.tracking.person_tracks import (
    BODY_GAP_S,
    BODY_REACH,
    FACE_GAP_S,
    FACE_REACH,
    TrackRows,
    track_persons,
)
from panscan.perceive.tracking.reidentification import reidentify

KIND_PERSON, KIND_MOVER, KIND_OBJECT = 0, 1, 2

_MOVER_GAP_S = 0.8
_MOVER_REACH = 0.8
_OBJECT_GAP_S = 1.6  # three looks may miss it
_OBJECT_REACH = 1.8  # a dog runs two lengths between two looks
_OBJECT_MARGIN = 0.03  # picture widths around each thing, so that a small ball may travel further than its size
_RELABEL = 1.0  # box sizes: what is called by a new name must be nearly in the same place
_SAME_THING = 0.6  # overlap of two boxes of one look from which they are one thing with two names
_SURE_OBJECT, _SEVERAL = 0.35, 2  # score, and looks of that score, that an object needs


class TracksSignal(DerivedSignal):
    """Persons, movers and objects, each with one identity inside its shot."""

    name: ClassVar[str] = "tracks"
    version: ClassVar[int] = 7
    produces: ClassVar[type] = perception.Tracks
    depends_on: ClassVar[tuple[str, ...]] = ("cuts", "faces", "pose", "objects", "flow", "appearance")
    options = (
        *(FACE_GAP_S, BODY_GAP_S, _MOVER_GAP_S, _OBJECT_GAP_S),
        *(FACE_REACH, BODY_REACH, _MOVER_REACH, _OBJECT_REACH, _OBJECT_MARGIN),
    )

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._media = media

    def derive(self, others: Mapping[str, Any]) -> perception.Tracks:
        """Link what was seen, shot by shot: persons, then movers, then objects, each in order of appearance."""
        video = self._media.video
        rate, size_px = float(video.rate), (float(video.display_size.width), float(video.display_size.height))
        found: list[tuple[int, int, TrackRows]] = []
        for number, shot in enumerate(shots_of(others.get("cuts"), self._media.frame_count)):
            objects = others.get("objects")
            people_seen = track_persons(others.get("faces"), others.get("pose"), objects, shot, rate, size_px)
            kinds = [
                (KIND_PERSON, people_seen),
                (KIND_MOVER, track_movers(others.get("flow"), shot, rate)),
                (KIND_OBJECT, track_objects(objects, shot, rate, size_px[0])),
            ]
            for kind, tracks in kinds:
                for rows in sorted(tracks, key=lambda t: (int(t.frame[0]), -len(t.frame))):
                    found.append((number, kind, rows))
        return _value(found, others.get("appearance"))


def track_movers(flow: Flow | None, shot: Shot, rate: float) -> list[TrackRows]:
    """What moves against the background in one shot."""
    if flow is None:
        return []
    # A pair of looks across the cut compares two scenes: it says nothing.
    true_pairs = flow.looked[flow.since >= shot.first]
    rows = np.flatnonzero(np.isin(flow.frame, true_pairs) & (flow.frame < shot.end))
    tracks = associate(flow.frame[rows], flow.box_px[rows], _MOVER_GAP_S * rate, _MOVER_REACH)
    own = [rows[track] for track in tracks]
    return [TrackRows.not_a_person(flow.frame[r], flow.box_px[r], flow.weight[r]) for r in own]


def track_objects(objects: Objects | None, shot: Shot, rate: float, width_px: float) -> list[TrackRows]:
    """Objects of one shot that are no persons.

    A detector calls the same thing a dog now and a cat then: tracks go on under another name where the box stays, and
    are called what they were called with the most score in sum.
    """
    if objects is None or not len(objects.frame):
        return []
    person = np.isin(np.arange(len(objects.frame)), objects.rows_of_class("person"))
    inside = np.flatnonzero((objects.frame >= shot.first) & (objects.frame < shot.end) & ~person)
    called = np.zeros((len(objects.frame), len(objects.names)))
    called[inside, objects.class_id[inside]] = objects.score[inside]
    kept: list[int] = []
    for row in inside[np.lexsort((inside, -objects.score[inside], objects.frame[inside]))]:
        same = np.array([r for r in kept if objects.frame[r] == objects.frame[row]], np.int64)
        overlap = iou(objects.box_px[same], objects.box_px[row])
        twin = next((r for r, share in zip(same, overlap, strict=True) if share > _SAME_THING), None)
        if twin is None:
            kept.append(int(row))
        else:
            called[twin] += called[row]
    rows = np.array(kept, np.int64)
    frame, box, score = objects.frame[rows], objects.box_px[rows], objects.score[rows]
    found = []
    wide = box + _OBJECT_MARGIN * width_px * np.array([-1.0, -1.0, 2.0, 2.0])
    for track in associate(
        frame, wide, _OBJECT_GAP_S * rate, _OBJECT_REACH, labels=called[rows] > 0, relabel_cost=_RELABEL
    ):
        if np.count_nonzero(score[track] >= _SURE_OBJECT) >= _SEVERAL:
            label = str(objects.names[int(np.argmax(called[rows[track]].sum(axis=0)))])
            found.append(TrackRows.not_a_person(frame[track], box[track], score[track], label))
    return found


def _value(found: list[tuple[int, int, TrackRows]], look: perception.Appearance | None) -> perception.Tracks:
    tracks = [rows for _, _, rows in found]
    nothing = TrackRows.not_a_person(np.zeros(0, np.int64), np.zeros((0, 4)), np.zeros(0))
    frame, box, keep, score, basis, body = (
        np.concatenate([getattr(rows, name) for rows in (nothing, *tracks)])
        for name in ("frame", "box", "keep", "score", "basis", "body")
    )
    track = np.repeat(np.arange(len(tracks)), [len(rows.frame) for rows in tracks]).astype(np.int64)
    kinds = np.array([kind for _, kind, _ in found], np.int64)
    shots = np.array([shot for shot, _, _ in found], np.int64)
    return perception.Tracks(
        track=track,
        frame=frame,
        box_px=box,
        keep_px=keep,
        score=score,
        kind=kinds,
        shot=shots,
        person=reidentify(track, frame, box, kinds, shots, look),
        basis=basis,
        body_px=body,
        label=np.array([rows.label for rows in tracks], np.str_),
    )
