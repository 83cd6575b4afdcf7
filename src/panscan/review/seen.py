"""What was seen and heard of a movie as the page gets it: subjects with their boxes, people, who speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from panscan.direct.director import planned_shots
from panscan.direct.people import names_of_people, with_names
from panscan.direct.shot_context import subjects_of
from panscan.model.perception import IntArray, Speaker, Tracks
from panscan.model.plan import Subject
from panscan.model.request import Request
from panscan.pipeline import MovieAnalysis

_BOXES_PER_S = 5  # enough to draw between: trackers smooth faces anyway
_PERSON = 0  # kind of a person in `Tracks`
_SPEAKS = 0.5  # probability over which this face speaks and no other does
_DECIMALS = 1  # of a px


def subjects_json(analysis: MovieAnalysis, request: Request, first: int, last: int) -> list[dict[str, Any]]:
    """Subjects in the frames `first` to `last`, each with some of its boxes there."""
    tracks, rate = analysis.perception.get(Tracks), float(analysis.media.video.rate)
    shots = planned_shots(*analysis, request)
    names = _names(analysis, request)
    found = []
    for number, shot in enumerate(shots):
        if shot.first <= last and first < shot.end:
            subjects = with_names(subjects_of(tracks, number), names)
            found += [_subject_json(one, max(first, shot.first), min(last, shot.end - 1), rate) for one in subjects]
    return [one for one in found if one["frames"]]


def _subject_json(subject: Subject, first: int, last: int, rate: float) -> dict[str, Any]:
    rows = _some(np.flatnonzero((subject.frame >= first) & (subject.frame <= last)), subject.frame, rate)
    return {
        "id": f"{subject.kind}:{subject.track}",
        "name": subject.known_as,
        "kind": subject.kind,
        "label": subject.label,
        "frames": subject.frame[rows].tolist(),
        "boxes_px": subject.box_px[rows].round(_DECIMALS).tolist(),
    }


def _some(rows: IntArray, frame: IntArray, rate: float) -> IntArray:
    """Rows of so many moments in a second, at most."""
    if len(rows) == 0:
        return rows
    step = np.floor(frame[rows] * (_BOXES_PER_S / rate))
    return rows[np.flatnonzero(np.diff(step, prepend=step[0] - 1))]


def people_json(analysis: MovieAnalysis, request: Request, frames: IntArray | None = None) -> list[dict[str, Any]]:
    """Everybody who is known again over the movie, those seen most first, each with a good look at the face.

    frames: those that are looked at; all without.
    """
    tracks = analysis.perception.get(Tracks)
    if tracks is None:
        return []
    is_meant = (tracks.kind[tracks.track] == _PERSON) & (True if frames is None else np.isin(tracks.frame, frames))
    person = np.where(is_meant, tracks.person[tracks.track], -1)
    names = _names(analysis, request)
    numbers, counts = np.unique(person[person >= 0], return_counts=True)
    people = []
    for number in numbers[np.argsort(-counts, kind="stable")].tolist():
        rows = np.flatnonzero((person == number) & (tracks.basis == 0))
        rows = rows if len(rows) else np.flatnonzero(person == number)
        best = rows[np.argmax(tracks.score[rows] * tracks.box_px[rows, 3])]
        people.append(
            {
                "id": int(number) + 1,
                "name": _name(tracks, int(tracks.track[best]), names),
                "frame": int(tracks.frame[best]),
                "box_px": tracks.box_px[best].round(_DECIMALS).tolist(),
                "frames_seen": int((person == number).sum()),
            }
        )
    return people


def speakers_json(analysis: MovieAnalysis, request: Request) -> list[dict[str, Any]]:
    """Who speaks from which frame to which, as far as it is clear; silence and voices from elsewhere are left out."""
    speaker, tracks = analysis.perception.get(Speaker), analysis.perception.get(Tracks)
    if speaker is None or tracks is None or len(speaker.looked) < 2:
        return []
    names = _names(analysis, request)
    step = int(np.median(np.diff(speaker.looked)))
    clear = np.flatnonzero(speaker.probability > _SPEAKS)  # one at a time: probabilities add up to 1
    found: list[dict[str, Any]] = []
    for row in clear[np.argsort(speaker.frame[clear], kind="stable")]:
        frame, name = int(speaker.frame[row]), _name(tracks, int(speaker.track[row]), names)
        if found and found[-1]["name"] == name and frame <= found[-1]["last_frame"] + 1 + step // 2:
            found[-1]["last_frame"] = frame + step - 1
        else:
            found.append({"name": name, "first_frame": frame, "last_frame": frame + step - 1})
    return found


def _names(analysis: MovieAnalysis, request: Request) -> dict[str, str]:
    """What people are called in this analysis -> the names that somebody gave them."""
    media, tracks = analysis.media, analysis.perception.get(Tracks)
    return names_of_people(request.people, planned_shots(*analysis, request), tracks, media.video.display_size)


def _name(tracks: Tracks, track: int, names: Mapping[str, str]) -> str:
    name = f"{tracks.label[track] or 'person'}-{tracks.person[track] + 1}"
    return names.get(name, name)
