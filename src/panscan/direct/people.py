"""People whom somebody named, found again by where they are; and who is seen in a movie, and for how long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from panscan.direct.by_hand import subject_at
from panscan.model.geometry import Size
from panscan.model.media import Media
from panscan.model.perception import IntArray, Perception, ShotBoundaries, Speaker, Tracks
from panscan.model.plan import Shot, Subject
from panscan.model.request import NamedPerson, SubjectBox
from panscan.model.shots import shots_of

_PERSON = 0  # kind of a person in `Tracks`
_KEPT_S = 0.7  # seconds: who is not seen for less is still there
_SPEAKS = 0.5  # probability from which somebody speaks rather than not


@dataclass(frozen=True, slots=True)
class SeenPerson:
    """Somebody in a movie.

    Attributes
    ----------
    name : str
        Such as "person-2".
    called : str
        The name that somebody gave; empty where nobody did.
    screen_s : float
        How long they are seen.
    speaking_s : float
        How long they speak while they are seen.
    best : SubjectBox
        Where they are seen best: the face, or the head where no face is seen.
    """

    name: str
    called: str
    screen_s: float
    speaking_s: float
    best: SubjectBox


def names_of_people(
    people: Sequence[NamedPerson], shots: Sequence[Shot], tracks: Tracks | None, source: Size
) -> dict[str, str]:
    """What this analysis calls people -> the names that somebody gave them; those not found are left out."""
    found: dict[str, str] = {}
    for person in people:
        subject = subject_at(person.at, shots, tracks, source)
        if subject is not None and subject.kind == "person":
            found.setdefault(subject.name, person.name)
    return found


def with_names(subjects: Iterable[Subject], names: Mapping[str, str]) -> list[Subject]:
    """Subjects with the names that somebody gave them."""
    return [replace(s, called=names[s.name]) if s.name in names else s for s in subjects]


def seen_people(media: Media, perception: Perception, people: Sequence[NamedPerson] = ()) -> list[SeenPerson]:
    """Who is in a movie, those first who are seen longest; `people`: names that were given."""
    tracks, speaker = perception.get(Tracks), perception.get(Speaker)
    if tracks is None:
        return []
    size, rate = media.video.display_size, float(media.video.rate)
    shots = shots_of(perception.get(ShotBoundaries), media.frame_count)
    names = names_of_people(people, shots, tracks, size)
    is_person = (tracks.kind == _PERSON) & (tracks.person >= 0) & np.isin(tracks.label, ("", "person"))
    found = []
    for number in np.unique(tracks.person[is_person]).tolist():
        own = np.flatnonzero(is_person & (tracks.person == number))
        name = f"person-{number + 1}"
        screen_s = sum(_seen_s(tracks.frame[tracks.track == track], rate) for track in own)
        spoken_s = _spoken_s(speaker, own, rate)
        found.append(SeenPerson(name, names.get(name, ""), screen_s, spoken_s, _best(tracks, own, size)))
    return sorted(found, key=lambda one: -one.screen_s)


def _seen_s(frames: IntArray, rate: float) -> float:
    """How long somebody is seen at looks in these frames."""
    gaps = np.diff(np.unique(frames)) / rate
    return float(np.minimum(gaps, _KEPT_S).sum()) + 1 / rate


def _spoken_s(speaker: Speaker | None, tracks: IntArray, rate: float) -> float:
    if speaker is None or len(speaker.looked) < 2:
        return 0.0
    steps, likely = speaker.probabilities(tracks)
    step_s = float(np.median(np.diff(steps))) / rate
    return float((likely.max(axis=1, initial=0.0) >= _SPEAKS).sum()) * step_s


def _best(tracks: Tracks, own: IntArray, size: Size) -> SubjectBox:
    """The largest sure face; the largest sure head where no face is seen."""
    rows = np.flatnonzero(np.isin(tracks.track, own))
    faces = rows[tracks.basis[rows] == 0]
    rows = faces if len(faces) else rows
    best = rows[int(np.argmax(tracks.score[rows] * np.sqrt(tracks.box_px[rows, 2] * tracks.box_px[rows, 3])))]
    left, top, width, height = tracks.box_px[best].tolist()
    right, bottom = min(left + width, size.width), min(top + height, size.height)
    left, top = max(left, 0.0), max(top, 0.0)
    shares = (left / size.width, top / size.height, (right - left) / size.width, (bottom - top) / size.height)
    return SubjectBox(int(tracks.frame[best]), shares)
