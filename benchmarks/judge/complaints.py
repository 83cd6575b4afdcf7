"""What an editor complains of in a single picture: cut heads, half people, nothing to see, text cut through."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from judge.framings import Boxes
from judge.readings import readings
from judge.showing import Showing, is_held, visible_share

Flags = npt.NDArray[np.bool_]

LEAST_FACE, LEAST_THING = 0.75, 0.5  # scores: surely a face, a person, an animal
PERSON = 0
ALIVE_OR_BALL = (PERSON, *range(15, 25), 36)  # persons, COCO's animals, the sports ball
FACE_SHARE, PERSON_SHARE = 0.10, 0.25  # height over the crop's: smaller ones are background
BESIDE = 0.5  # height over the largest one's in the same crop: smaller ones are background, too
# A head is wider than the face's box, ears and hair included, by this share of its width on each side.
HEAD_SIDE = 0.15
SEEN, WHOLE = 0.15, 0.9  # share of a head's width or height in the crop: less is not noticed, more is not missed
HALF = (0.25, 0.75)  # the crop's edge runs through this part of a person's width: the trunk, not an arm
AT_EDGE = 0.01  # of the source's width: who is cut by the source is not cut by the crop
SHOWN = 0.25  # share of a subject that must be in a crop for it to show something
NEAR_S = 0.6  # a sample of the truth speaks for this time around it
LETTER = 0.5  # of a line's height, on both sides of an edge that cuts through it
LINE_CUT = (0.2, 0.8)  # an edge above or below cuts through letters in this part of a line's height
WANTED = 0.06  # of the source's height: a smaller subject is none that a crop must show


def share_of_looks(showing: Showing, complaint: Flags) -> float:
    """Percent of the looks that the timeline shows."""
    shown = np.array([showing.stretch_at(int(frame)) is not None for frame in showing.evidence.looked])
    return float(100 * complaint[shown].mean()) if shown.any() else 0.0


def spans_s(showing: Showing, complaint: Flags) -> list[tuple[float, float]]:
    """Times of the first and the last look of each stretch of looks with a complaint, seconds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], complaint, [False]]).astype(int))).reshape(-1, 2)
    looked = showing.evidence.looked / showing.rate
    return [(float(looked[start]), float(looked[end - 1])) for start, end in edges]


def cut_heads(showing: Showing) -> Flags:
    """Whether an edge of a crop runs through a head that matters, per look."""
    return _per_look(showing, _cuts_a_head)


def half_people(showing: Showing) -> Flags:
    """Whether an edge of a crop runs through the trunk of a person whose face is not shown, per look."""
    return _per_look(showing, _halves_a_person)


def empty_frames(showing: Showing) -> Flags:
    """Whether no crop shows a subject although the source has one, per look."""
    return np.array([_is_empty(showing, look) for look in range(len(showing.evidence.looked))], bool)


def cut_texts(showing: Showing) -> Flags:
    """Whether an edge of a crop runs through a line that is being read, and no crop holds it, per look."""
    found = np.zeros(len(showing.evidence.looked), bool)
    for reading in readings(showing):
        for look, box in zip(reading.looks, reading.boxes, strict=True):
            found[look] |= _cuts_text(box, showing.crops_at(int(showing.evidence.looked[look])))
    return found


def faces_in(showing: Showing, look: int) -> Boxes:
    """Sure faces of one look, boxes (n, 4)."""
    evidence = showing.evidence
    return np.asarray(evidence.faces[(evidence.face_look == look) & (evidence.faces[:, 4] >= LEAST_FACE), :4])


def persons_in(showing: Showing, look: int) -> Boxes:
    """Sure persons of one look, boxes (n, 4)."""
    return things_in(showing, look, (PERSON,))


def things_in(showing: Showing, look: int, classes: tuple[int, ...]) -> Boxes:
    """Sure things of some classes, boxes (n, 4)."""
    evidence = showing.evidence
    sure = (evidence.thing_look == look) & (evidence.things[:, 4] >= LEAST_THING)
    return np.asarray(evidence.things[sure & np.isin(evidence.things[:, 5], classes), :4])


def head_of(face: Boxes, source_px: tuple[int, int]) -> Boxes:
    """The head around a face, as far as the source has it."""
    grown = face + (face[2] - face[0]) * HEAD_SIDE * np.array([-1, 0, 1, 0])
    return np.asarray(np.clip(grown, 0, np.tile(source_px, 2)))


def heads_in(showing: Showing, look: int) -> Boxes:
    """Heads around the sure faces of one look that the source's sides do not cut, boxes (n, 4)."""
    whole = [f for f in faces_in(showing, look) if not _is_cut_by_source(showing, f)]
    return np.array([head_of(face, showing.source_px) for face in whole]).reshape(-1, 4)


def share_in(head: Boxes, crop: Boxes) -> float:
    """Share of a head in a crop, the lesser of width and height; of a head larger than the crop, of what would fit."""
    middle, room = (head[:2] + head[2:]) / 2, crop[2:] - crop[:2]
    half = np.minimum(head[2:] - head[:2], room * 0.98) / 2
    inside = np.minimum(middle + half, crop[2:]) - np.maximum(middle - half, crop[:2])
    return float(np.min(np.clip(inside / (2 * half), 0, 1)))


def _per_look(showing: Showing, is_bad: Callable[[Showing, int, Boxes], bool]) -> Flags:
    found = np.zeros(len(showing.evidence.looked), bool)
    for look, frame in enumerate(showing.evidence.looked):
        found[look] = any(is_bad(showing, look, crop) for crop in showing.crops_at(int(frame)))
    return found


def _large(boxes: Boxes, crop: Boxes, least_share: float) -> Boxes:
    """Those of the boxes seen in a crop that are no background."""
    seen = np.array([b for b in boxes if visible_share(b, crop) >= SEEN / 2]).reshape(-1, 4)
    tall = seen[:, 3] - seen[:, 1]
    tall_enough = (tall >= least_share * (crop[3] - crop[1])) & (tall >= BESIDE * max(tall, default=0.0))
    return np.asarray(seen[tall_enough])


def _is_cut_by_source(showing: Showing, box: Boxes) -> bool:
    edge = AT_EDGE * showing.source_px[0]
    return bool(box[0] <= edge or box[2] >= showing.source_px[0] - edge)


def _cuts_a_head(showing: Showing, look: int, crop: Boxes) -> bool:
    heads = _large(heads_in(showing, look), crop, FACE_SHARE)
    return any(SEEN <= share_in(head, crop) < WHOLE for head in heads)


def _halves_a_person(showing: Showing, look: int, crop: Boxes) -> bool:
    shown = [head for head in heads_in(showing, look) if share_in(head, crop) >= WHOLE]
    sample = showing.sample_near(int(showing.evidence.looked[look]), NEAR_S)
    # What the truth wants of somebody, as a skater's trunk without the leg, is as good as a face.
    shown += [box for box in sample.wanted if is_held(box, crop, 1.0)] if sample else []
    for person in _large(persons_in(showing, look), crop, PERSON_SHARE):
        is_upright = person[3] - person[1] >= person[2] - person[0]
        is_whole = is_upright and not _is_cut_by_source(showing, person)
        if is_whole and _runs_through(person, crop) and not any(visible_share(b, person) >= 0.5 for b in shown):
            return True
    return False


def _runs_through(person: Boxes, crop: Boxes) -> bool:
    """Whether just one side of a crop runs through the middle half of a person."""
    places = (crop[[0, 2]] - person[0]) / (person[2] - person[0])
    return int(np.sum((places > HALF[0]) & (places < HALF[1]))) == 1


def _is_empty(showing: Showing, look: int) -> bool:
    frame = int(showing.evidence.looked[look])
    crops = showing.crops_at(frame)
    alive = np.concatenate([faces_in(showing, look), things_in(showing, look, ALIVE_OR_BALL)])
    alive = alive[alive[:, 3] - alive[:, 1] >= WANTED * showing.source_px[1]]
    sample = showing.sample_near(frame, NEAR_S)
    wanted = np.concatenate([alive, sample.wanted]) if sample else alive
    return len(wanted) > 0 and len(crops) > 0 and not any(_shows(box, crop) for box in wanted for crop in crops)


def _shows(box: Boxes, crop: Boxes) -> bool:
    """Whether a crop shows a part of a subject that says what it is, or is filled by it."""
    share = visible_share(box, crop)
    return share >= SHOWN or share * np.prod(box[2:] - box[:2]) >= SHOWN * np.prod(crop[2:] - crop[:2])


def _cuts_text(line: Boxes, crops: Boxes) -> bool:
    if any(is_held(line, crop, 1.0) and np.all(line[2:] - line[:2] <= crop[2:] - crop[:2]) for crop in crops):
        return False
    return any(_edge_in_line(line, crop) for crop in crops)


def _edge_in_line(line: Boxes, crop: Boxes) -> bool:
    wide, tall = line[2:] - line[:2]
    if visible_share(line, crop) <= 0:
        return False
    sides = (crop[[0, 2]] - line[0]) / tall
    ends = (crop[[1, 3]] - line[1]) / tall
    through = (sides > LETTER) & (sides < wide / tall - LETTER)
    across = (ends > LINE_CUT[0]) & (ends < LINE_CUT[1])
    return bool(np.any(through) or np.any(across))
