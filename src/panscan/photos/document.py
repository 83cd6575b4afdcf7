"""The shots of a photo as JSON: what was seen, which crops, why, and what each rule says of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from panscan import __version__
from panscan.photos.composition import CRAFT, VOTED
from panscan.photos.photo import Photo
from panscan.photos.planner import PlannedShot, ShotSet
from panscan.photos.sight import FloatArray, PersonSeen, Sight
from panscan.photos.words import describe, said_of, why


def shots_document(photo: Photo, sight: Sight, sets: Sequence[ShotSet], words: dict[str, str]) -> dict[str, Any]:
    """All numbers and words about a photo's shots.

    Parameters
    ----------
    photo : Photo
    sight : Sight
    sets : sequence of ShotSet
        One per shape.
    words : dict
        What a user's own command says, by the name of a crop's file; may be empty.
    """
    return {
        "panscan": __version__,
        "photo": photo.path.name,
        "size_px": [photo.size.width, photo.size.height],
        "description": describe(sight),
        "seen": {
            "with": list(sight.looked_with),
            "people": [_person(p) for p in sight.people],
            "things": [{"name": t.name, "box_px": _box(t.box_px), "score": round(t.score, 3)} for t in sight.things],
        },
        "shots": [shot_entry(photo, shot, sight, words) for found in sets for shot in found.shots],
        "absent": [
            {"shot": shot, "ratio": str(found.ratio), "why": reason}
            for found in sets
            for shot, reason in found.absent.items()
        ],
        "weights": {**VOTED, **CRAFT},
        "notes": list(photo.notes),
    }


def shot_entry(photo: Photo, shot: PlannedShot, sight: Sight, words: dict[str, str]) -> dict[str, Any]:
    """One shot."""
    entry: dict[str, Any] = {
        "shot": shot.shot,
        "ratio": str(shot.ratio),
        "box_px": list(shot.box_px),
        "subject": shot.brief.subject,
        "shows": shot.brief.what,
        "why": why(shot, sight),
        "scores": {name: round(value, 3) for name, value in shot.scores.items()},
    }
    name = f"{shot.ratio.slug}.{shot.shot}"
    if name in words:
        entry["described"] = words[name]
    return entry


def _person(person: PersonSeen) -> dict[str, Any]:
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


def _box(box: FloatArray | None) -> list[float] | None:
    return None if box is None else [round(float(edge), 1) for edge in box]
