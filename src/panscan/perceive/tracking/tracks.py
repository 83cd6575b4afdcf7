"""Identities: persons, movers and objects inside one shot, and the same persons over several shots."""

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
from panscan.perceive.tracking.animal_heads import name_animals
from panscan.perceive.tracking.association import associate
from panscan.perceive.tracking.body_and_face import SURE_OBJECT_SCORE
from panscan.perceive.tracking.hand_tracks import HAND_GAP_S, HAND_REACH, track_hands
from panscan.perceive.tracking.person_tracks import (
    BODY_GAP_S,
    BODY_REACH,
    FACE_GAP_S,
    FACE_REACH,
    TrackRows,
    track_persons,
)
from panscan.perceive.tracking.reidentification import reidentify

KIND_PERSON, KIND_MOVER, KIND_OBJECT = 0, 1, 2  # `Tracks.kind`

_MOVER_GAP_S = 0.8  # six samples of the flow: a mover that stops for longer starts a new track
_MOVER_REACH = 0.8  # box sizes between samples: movers are sampled often, and their boxes jump
_OBJECT_GAP_S = 1.6  # three samples may miss an object
_OBJECT_REACH = 1.8  # box sizes between samples: a dog runs two lengths
_OBJECT_MARGIN = 0.03  # picture widths added around each object, so that a small ball may move further than its size
_RELABEL_COST = 1.0  # box sizes: a box with a new label must be nearly at the same place
_SAME_OBJECT_IOU = 0.6  # of two boxes in one sample, from which they are one object with two labels
_MIN_SURE_SAMPLES = 2  # samples with a high score that an object needs: false detections rarely come twice


class TracksSignal(DerivedSignal):
    """Persons, movers and objects, each with one identity inside its shot."""

    name: ClassVar[str] = "tracks"
    version: ClassVar[int] = 10
    produces: ClassVar[type] = perception.Tracks
    depends_on: ClassVar[tuple[str, ...]] = ("cuts", "faces", "pose", "objects", "hands", "flow", "appearance")
    options = (
        *(FACE_GAP_S, BODY_GAP_S, _MOVER_GAP_S, _OBJECT_GAP_S, HAND_GAP_S),
        *(FACE_REACH, BODY_REACH, _MOVER_REACH, _OBJECT_REACH, HAND_REACH, _OBJECT_MARGIN),
    )

    def __init__(self, media: Media, rate_factor: float = 1.0) -> None:
        self._media = media

    def derive(self, others: Mapping[str, Any]) -> perception.Tracks:
        """Link detections, shot by shot: persons, then movers, then objects, each in order of appearance."""
        video = self._media.video
        rate, size_px = float(video.rate), (float(video.display_size.width), float(video.display_size.height))
        found: list[tuple[int, int, TrackRows]] = []
        for number, shot in enumerate(shots_of(others.get("cuts"), self._media.frame_count)):
            faces, objects = others.get("faces"), others.get("objects")
            persons = track_persons(faces, others.get("pose"), objects, shot, rate, size_px)
            kinds = [
                (KIND_PERSON, name_animals(persons, objects)),
                (KIND_MOVER, track_movers(others.get("flow"), shot, rate)),
                (KIND_OBJECT, track_objects(objects, shot, rate, size_px[0])),
                (KIND_OBJECT, track_hands(others.get("hands"), faces, shot, rate)),
            ]
            for kind, tracks in kinds:
                for rows in sorted(tracks, key=lambda t: (int(t.frame[0]), -len(t.frame))):
                    found.append((number, kind, rows))
        return _value(found, others.get("appearance"))


def track_movers(flow: Flow | None, shot: Shot, rate: float) -> list[TrackRows]:
    """What moves against the background in one shot."""
    if flow is None:
        return []
    # A pair of pictures across the cut compares two scenes: it measures no motion.
    true_pairs = flow.looked[flow.since >= shot.first]
    rows = np.flatnonzero(np.isin(flow.frame, true_pairs) & (flow.frame < shot.end))
    tracks = associate(flow.frame[rows], flow.box_px[rows], _MOVER_GAP_S * rate, _MOVER_REACH)
    own = [rows[track] for track in tracks]
    return [TrackRows.not_a_person(flow.frame[r], flow.box_px[r], flow.weight[r]) for r in own]


def track_objects(objects: Objects | None, shot: Shot, rate: float, width_px: float) -> list[TrackRows]:
    """Objects of one shot that are not persons.

    A detector may label one object differently from sample to sample: a track goes on under another label where the box
    stays, and has the label with the largest sum of scores.
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
        twin = next((r for r, share in zip(same, overlap, strict=True) if share > _SAME_OBJECT_IOU), None)
        if twin is None:
            kept.append(int(row))
        else:
            called[twin] += called[row]
    rows = np.array(kept, np.int64)
    frame, box, score = objects.frame[rows], objects.box_px[rows], objects.score[rows]
    found = []
    wide = box + _OBJECT_MARGIN * width_px * np.array([-1.0, -1.0, 2.0, 2.0])
    for track in associate(
        frame, wide, _OBJECT_GAP_S * rate, _OBJECT_REACH, labels=called[rows] > 0, relabel_cost=_RELABEL_COST
    ):
        if np.count_nonzero(score[track] >= SURE_OBJECT_SCORE) >= _MIN_SURE_SAMPLES:
            label = str(objects.names[int(np.argmax(called[rows[track]].sum(axis=0)))])
            found.append(TrackRows.not_a_person(frame[track], box[track], score[track], label))
    return found


def _value(found: list[tuple[int, int, TrackRows]], appearance: perception.Appearance | None) -> perception.Tracks:
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
        person=reidentify(track, frame, box, kinds, shots, appearance),
        basis=basis,
        body_px=body,
        label=np.array([rows.label for rows in tracks], np.str_),
    )
