"""The shots of a photo as JSON: what was seen, which crops, why, and what each rule says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from panscan import __version__
from panscan.decoding.photo import Photo
from panscan.photos.composition import CRAFT, VOTED
from panscan.photos.perception import FloatArray, PhotoPerception, PhotoPerson
from panscan.photos.planner import PlannedShot, ShotSet
from panscan.photos.words import describe, heads_on_horizon, said_of, why


def shots_document(
    photo: Photo, perception: PhotoPerception, sets: Sequence[ShotSet], words: dict[str, str]
) -> dict[str, Any]:
    """All numbers and words about a photo's shots.

    Parameters
    ----------
    photo : Photo
    perception : PhotoPerception
    sets : sequence of ShotSet
        One per shape.
    words : dict
        What a user's own command says, by the name of a crop's file; may be empty.
    """
    return {
        "panscan": __version__,
        "photo": photo.path.name,
        "size_px": [photo.size.width, photo.size.height],
        "description": describe(perception),
        "seen": {
            "with": list(perception.looked_with),
            "people": [_person(p) for p in perception.people],
            "things": [
                {"name": t.name, "box_px": _box(t.box_px), "score": round(t.score, 3)} for t in perception.things
            ],
            "texts": [{"name": f"text-{n + 1}", "box_px": _box(box)} for n, box in enumerate(perception.texts_px)],
            "horizon": _horizon(perception),
        },
        "shots": [shot_entry(photo, shot, perception, words) for found in sets for shot in found.shots],
        "absent": [
            {"shot": shot, "ratio": str(found.ratio), "why": reason}
            for found in sets
            for shot, reason in found.absent.items()
        ],
        "weights": {**VOTED, **CRAFT},
        "notes": list(photo.notes),
    }


def shot_entry(photo: Photo, shot: PlannedShot, perception: PhotoPerception, words: dict[str, str]) -> dict[str, Any]:
    """One shot."""
    entry: dict[str, Any] = {
        "shot": shot.shot,
        "ratio": str(shot.ratio),
        "box_px": list(shot.box_px),
        "subject": shot.brief.subject,
        "shows": shot.brief.what,
        "why": why(shot, perception),
        "scores": {name: round(value, 3) for name, value in shot.scores.items()},
    }
    name = f"{shot.ratio.slug}.{shot.shot}"
    if name in words:
        entry["described"] = words[name]
    return entry


def _person(person: PhotoPerson) -> dict[str, Any]:
    return {
        "name": person.name,
        "body_px": _box(person.body_px),
        "head_px": _box(person.head_px),
        "face_px": _box(person.face_px),
        "yaw": round(person.yaw, 2),
        "sharpness": round(person.sharpness, 2),
        "score": round(person.score, 3),
        "said": said_of(person),
    }


def _horizon(perception: PhotoPerception) -> dict[str, Any] | None:
    line = perception.horizon
    if line is None:
        return None
    return {
        "y_px": round(line.y_px, 1),
        "tilt_deg": line.tilt_deg,
        "through_head_of": heads_on_horizon(perception),
    }


def _box(box: FloatArray | None) -> list[float] | None:
    return None if box is None else [round(float(edge), 1) for edge in box]
