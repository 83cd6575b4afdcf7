"""What is known about each subject at each moment of a shot: the features that its importance is weighed from."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from panscan.arrays.samples import distance_to_nearest, interpolate_rows, nearest_row, next_row
from panscan.direct.shot_context import ShotContext
from panscan.model.perception import HAND_LABEL, FloatArray, Flow, IntArray, Loudness
from panscan.model.plan import Subject

FACE, HEAD, BODY, OBJECT, FRONT, HAND, MOVER, TITLE = range(8)
PART_NAMES = ("face", "head", "body", "object", "front", "hand", "mover", "title")

MOMENT_S = 0.2  # seconds between moments: slower than a turn, faster than a walk through the picture
_KEPT_S = 0.7  # seconds: a subject not seen for less is still there
_QUICK_KEPT_S = 0.4  # seconds: a mover not seen for less still moves, a hand is still near
_LIVELY = 0.002  # picture widths per second, mean over the picture: a person strolling in a wide shot
_QUIET_DB, _LOUD_DB = -50.0, -20.0  # dBFS that count as 0 and as 1: a silent room, a voice near the microphone
_SHOULDERS = 2.5  # face heights: head and shoulders, comparable to the size of other things
_GOES = 0.05  # picture widths per second against the background, from which an animal or a vehicle goes somewhere
_GOING_S = 1.0  # seconds on each side over which that is measured: strides and bends are shorter
_FRONT = 0.45  # of its length: head and shoulders of an animal seen from the side, the front of a car
_FRONT_HEIGHT = 0.4  # of its height, at least: of one seen from the front all is front
# Furniture and what stands around is the setting, not what is looked at.
SETTING = frozenset(
    {
        "backpack",
        "bed",
        "bench",
        "chair",
        "clock",
        "couch",
        "dining table",
        "fire hydrant",
        "handbag",
        "microwave",
        "oven",
        "parking meter",
        "potted plant",
        "refrigerator",
        "sink",
        "stop sign",
        "suitcase",
        "tie",
        "toaster",
        "toilet",
        "traffic light",
        "tv",
        "vase",
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Parts of subjects seen at the moments of a shot, n in all, in order of moments.

    Attributes
    ----------
    frame : ndarray (k,), int64
        The moments.
    moment, subject, part : ndarray (n,), int64
        Index of the moment, of the subject, and what of it: FACE to TITLE.
    box_px : ndarray (n, 4)
        What a crop would have to keep, source px.
    size : ndarray (n,)
        0..1: height of head and shoulders or of a body, or the root of an object's area, as a share of the picture.
    score : ndarray (n,)
        0..1, how sure it is, times the share of it that the picture shows.
    presence : ndarray (n,)
        0..1, share of the moments at which the subject is seen.
    speech : ndarray (n,)
        0..1, probability that it speaks.
    motion : ndarray (n,)
        0..1, share of the picture's motion that is the subject's.
    loud : ndarray (n,)
        0..1, how loud the sound is.
    aside : ndarray (n,)
        0..0.5, distance from the picture's middle in its widths.
    held : ndarray (n,)
        0..1, share of the moments of a thing at which a hand is at it.
    """

    frame: IntArray
    moment: IntArray
    subject: IntArray
    part: IntArray
    box_px: FloatArray
    size: FloatArray
    score: FloatArray
    presence: FloatArray
    speech: FloatArray
    motion: FloatArray
    loud: FloatArray
    aside: FloatArray
    held: FloatArray


def moments_of(context: ShotContext) -> IntArray:
    """The moments of a shot, about `MOMENT_S` apart: frames (k,), rising."""
    step = max(1, round(MOMENT_S * context.rate))
    return (
        np.arange(context.shot.first + step // 2, context.shot.end, step, dtype=np.int64)
        if (context.shot.frame_count > step // 2)
        else np.array([context.shot.first], np.int64)
    )


def gather_evidence(context: ShotContext) -> Evidence:
    """All parts of all subjects of a shot."""
    frames = moments_of(context)
    loud = _loudness(context, frames)
    columns: list[dict[str, npt.NDArray[np.float64]]] = []
    for n, subject in enumerate(context.subjects):
        if subject.label in SETTING - context.preferences.liked:
            continue
        for part, rows in _parts(subject, frames, context):
            count = len(rows["moment"])
            known = {"subject": np.full(count, float(n)), "part": np.full(count, float(part))}
            at = rows["moment"].astype(np.int64)
            middle = rows["box_px"][:, 0] + rows["box_px"][:, 2] / 2
            aside = np.abs(middle - context.bounds.center_x) / context.bounds.width
            columns.append({**rows, **known, "loud": loud[at], "aside": aside})
    names = [field.name for field in fields(Evidence)][1:]
    empty = {name: np.zeros((0, 4) if name == "box_px" else 0) for name in names}
    joined = {name: np.concatenate([c[name] for c in [empty, *columns]]) for name in names}
    order = np.argsort(joined["moment"], kind="stable")
    for name in ("moment", "subject", "part"):
        joined[name] = joined[name].astype(np.int64)
    return Evidence(frames, **{name: column[order] for name, column in joined.items()})


def _parts(
    subject: Subject, frames: IntArray, context: ShotContext
) -> list[tuple[int, dict[str, npt.NDArray[np.float64]]]]:
    """The parts of one subject that count, each with its features where it is seen."""
    kept_s = _QUICK_KEPT_S if subject.kind == "mover" or subject.label == HAND_LABEL else _KEPT_S
    seen = np.flatnonzero(distance_to_nearest(subject.frame, frames) <= kept_s * context.rate)
    if not seen.size:
        return []
    at = frames[seen]
    box = interpolate_rows(subject.frame, subject.box_px, at)
    whole = interpolate_rows(subject.frame, subject.keep_px, at)
    keep = _inside(whole, context)
    bodies = np.where(np.isfinite(subject.body_px), subject.body_px, subject.keep_px)
    body = _inside(interpolate_rows(subject.frame, bodies, at), context)
    row = nearest_row(subject.frame, at)
    common = {
        "score": np.interp(at, subject.frame, subject.score) * _visible(keep, whole),
        "presence": np.full(len(at), len(seen) / len(frames)),
        "speech": _speech(subject, at, context),
        "motion": _motion_share(subject, body, at, context),
        "held": np.zeros(len(at)),
    }

    def part(boxes: FloatArray, size: FloatArray, rows: npt.NDArray[np.bool_]) -> dict[str, npt.NDArray[np.float64]]:
        return {
            "moment": seen[rows].astype(np.float64),
            "box_px": boxes[rows],
            "size": np.clip(size[rows], 0.0, 1.0),
            **{name: column[rows] for name, column in common.items()},
        }

    everywhere = np.ones(len(at), np.bool_)
    if subject.kind == "mover":
        return [(MOVER, part(keep, box[:, 3] / context.bounds.height, everywhere))]
    if subject.kind == "person":
        faced = subject.basis[row] == 0
        size = _SHOULDERS * box[:, 3] / context.bounds.height
        # A body wider than tall lies, or is a hand or a back so near that no head is above it.
        upright = body[:, 3] >= body[:, 2]
        found = [(FACE, part(keep, size, faced)), (HEAD, part(keep, size, ~faced & upright))]
        if np.isfinite(subject.body_px).any():
            rest = part(body, body[:, 3] / context.bounds.height, everywhere)
            rest["speech"] = np.zeros(len(at))  # it is the head that speaks
            found.append((BODY, rest))
        return found
    area = np.sqrt(box[:, 2] * box[:, 3] / (context.bounds.width * context.bounds.height))
    if subject.label == HAND_LABEL or subject.kind == "title":
        return [(TITLE if subject.kind == "title" else HAND, part(keep, area, everywhere))]
    common["held"] = _held(keep, at, context)
    front, going = _front(subject, keep, at, context)
    ahead = part(front, area, everywhere)
    ahead["score"] = ahead["score"] * going
    return [(OBJECT, part(keep, area, everywhere)), (FRONT, ahead)]


def _inside(boxes: FloatArray, context: ShotContext) -> FloatArray:
    """The parts of boxes (n, 4) inside the picture: no window shows what is outside."""
    bounds = context.bounds
    low, high = (bounds.left, bounds.top), (bounds.right, bounds.bottom)
    first, end = (np.clip(corner, low, high) for corner in (boxes[:, :2], boxes[:, :2] + boxes[:, 2:]))
    return np.concatenate([first, end - first], axis=1)


def _visible(inside: FloatArray, whole: FloatArray) -> FloatArray:
    """Share (n,) of boxes that the picture shows: half a face at its edge is half as good to look at."""
    return np.asarray(inside[:, 2] * inside[:, 3] / np.maximum(whole[:, 2] * whole[:, 3], 1.0))


def _front(subject: Subject, boxes: FloatArray, at: IntArray, context: ShotContext) -> tuple[FloatArray, FloatArray]:
    """The end (n, 4) of a thing that goes ahead, and how clearly (n,), 0..1, it goes against the background."""
    if len(subject.frame) < 2:
        return boxes, np.zeros(len(at))
    reach = _GOING_S * context.rate
    early, late = (np.clip(at + side * reach, subject.frame[0], subject.frame[-1]) for side in (-1, 1))
    middle = subject.keep_px[:, 0] + subject.keep_px[:, 2] / 2
    way = np.interp(late, subject.frame, middle) - np.interp(early, subject.frame, middle)
    speed = way / np.maximum(late - early, 1) * context.rate
    flow = context.perception.get(Flow)
    if flow is not None and len(flow.looked):
        passed = np.concatenate([[0.0], np.cumsum(flow.camera_px_s[:, 0])])
        first, end = (np.searchsorted(flow.looked, edge, side="right") for edge in (early, late))
        count = end - first
        nearest = next_row(flow.looked, at)
        mean = np.where(count > 0, (passed[end] - passed[first]) / np.maximum(count, 1), flow.camera_px_s[nearest, 0])
        speed = speed - mean
    length = np.minimum(boxes[:, 2], np.maximum(_FRONT * boxes[:, 2], _FRONT_HEIGHT * boxes[:, 3]))
    front = boxes.copy()
    front[:, 0] = np.where(speed > 0, boxes[:, 0] + boxes[:, 2] - length, boxes[:, 0])
    front[:, 2] = length
    return front, np.clip(np.abs(speed) / (_GOES * context.bounds.width), 0.0, 1.0)


def _held(boxes: FloatArray, at: IntArray, context: ShotContext) -> FloatArray:
    """Share (n,), the same all along, of the moments at which a hand is at a thing: its box touches the thing's."""
    touched = np.zeros(len(at), np.bool_)
    for hand in (subject for subject in context.subjects if subject.label == HAND_LABEL):
        seen = distance_to_nearest(hand.frame, at) <= _QUICK_KEPT_S * context.rate
        box = interpolate_rows(hand.frame, hand.box_px, at)
        low = np.maximum(box[:, :2], boxes[:, :2])
        high = np.minimum(box[:, :2] + box[:, 2:], boxes[:, :2] + boxes[:, 2:])
        touched |= seen & (high > low).all(axis=1)
    return np.full(len(at), touched.mean())


def _speech(subject: Subject, frames: IntArray, context: ShotContext) -> FloatArray:
    """Probability (k,) that a subject speaks."""
    speaker = context.speaker
    if speaker is None or subject.kind != "person":
        return np.zeros(len(frames))
    steps, likely = speaker.probabilities(np.array([subject.track]), context.shot.first, context.shot.end)
    if not len(steps):
        return np.zeros(len(frames))
    return np.asarray(likely[next_row(steps, frames), 0])


def _motion_share(subject: Subject, body: FloatArray, frames: IntArray, context: ShotContext) -> FloatArray:
    """Share (k,) of the picture's motion that is the subject's: its own, or that of movers in its middle."""
    flow = context.perception.get(Flow)
    if flow is None or not len(flow.looked):
        return np.zeros(len(frames))
    sample = next_row(flow.looked, frames)
    alive = np.minimum(1.0, flow.energy[sample] / _LIVELY)
    if subject.kind == "mover":
        return np.asarray(alive)
    first = np.searchsorted(flow.frame, flow.looked[sample])
    end = np.searchsorted(flow.frame, flow.looked[sample], side="right")
    share = np.zeros(len(frames))
    middle = flow.box_px[:, :2] + flow.box_px[:, 2:] / 2
    for n, (left, top, width, height) in enumerate(body):
        x, y = middle[first[n] : end[n]].T
        inside = (x >= left) & (x <= left + width) & (y >= top) & (y <= top + max(height, width))
        share[n] = flow.weight[first[n] : end[n]][inside].sum()
    return np.asarray(np.minimum(1.0, share) * alive)


def _loudness(context: ShotContext, frames: IntArray) -> FloatArray:
    loudness = context.perception.get(Loudness)
    if loudness is None or not len(loudness.level_db):
        return np.zeros(len(frames))
    at = np.clip((frames / context.rate / loudness.step_s).astype(np.int64), 0, len(loudness.level_db) - 1)
    return np.clip((loudness.level_db[at] - _QUIET_DB) / (_LOUD_DB - _QUIET_DB), 0.0, 1.0)
