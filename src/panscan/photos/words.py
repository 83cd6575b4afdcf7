"""What is said of a photo and its shots: only what was measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from panscan.model.geometry import Size
from panscan.photos.briefs import CLOSE_UP, ESTABLISHING, MEDIUM, Brief, area_share, leading_people
from panscan.photos.composition import inside_share
from panscan.photos.perception import PhotoPerception, PhotoPerson
from panscan.photos.planner import PlannedShot

_NUMBERS = ("nobody", "one person", "two people", "three people", "four people", "five people", "six people")
_TURNED, _PROFILE = 0.35, 0.8  # yaw, from which a face looks aside, and is seen from the side
_SMILE = 0.07  # mouth widths that the corners of a mouth lie above its middle, from which it smiles (see `smile`)
_NEAR, _FAR = 0.4, 0.12  # head height as a share of the photo's
_TIGHT, _WIDE = 0.5, 0.15  # share of the photo that the people cover
_SOFT_PX = 540  # of a crop's shorter side: shown on a phone, each of its pixels becomes two or more
_HEAD_OUT, _HEAD_IN = 0.03, 0.97  # share of a head inside, between which it is cut
_SEEN = 0.5  # 0..1, visibility of a joint that counts
_TILTED_DEG = 1.0  # degrees, from which a tilted horizon is seen at a glance
_HEAD_MIDDLE = 0.25  # of a head's height, above and below its middle: eyes and ears
_SHOULDERS, _WRISTS = (11, 12), (15, 16)


def describe(perception: PhotoPerception) -> str:
    """A few sentences about a photo."""
    return " ".join([_who_is_seen(perception), *_horizon_words(perception)])


def _who_is_seen(perception: PhotoPerception) -> str:
    people = leading_people(perception)
    if not people:
        bodies = sum(p.head_px is None for p in perception.people)
        seen = [f"{_count(bodies).capitalize()} without a head in sight"] if bodies else []
        seen += [things] if (things := _things_words(perception)) else []
        return f"{', '.join(seen)}; nobody's face is seen." if seen else "No person and no known thing is seen."
    head = max(p.head_px[3] - p.head_px[1] for p in people if p.head_px is not None) / perception.size.height
    distance = "near" if head >= _NEAR else "far away" if head <= _FAR else "at some distance"
    covered = min(1.0, sum(area_share(p.body_px, perception) for p in people))
    setting = "a tight setting" if covered >= _TIGHT else "a wide setting" if covered <= _WIDE else "their surroundings"
    words = [f"{_count(len(people)).capitalize()}, {distance}, in {setting}"]
    words += [f"{p.name} {', '.join(said)}" for p in people if (said := said_of(p))]
    others = len(perception.people) - len(people)
    if others > 0:
        words.append(f"{others} more in the back")
    things = _things_words(perception)
    return f"{'; '.join(words)}.{f' Also seen: {things}.' if things else ''}"


def _horizon_words(perception: PhotoPerception) -> list[str]:
    """Faults that no crop can mend: a horizon that is tilted, or runs through a head."""
    if perception.horizon is None:
        return []
    said = []
    tilt = perception.horizon.tilt_deg
    if abs(tilt) >= _TILTED_DEG:
        lower = "right" if tilt > 0 else "left"
        said.append(f"The horizon is tilted by {abs(tilt):g} degrees, its {lower} end is lower.")
    on_line = heads_on_horizon(perception)
    return [*said, f"The horizon runs through the head of {', '.join(on_line)}."] if on_line else said


def heads_on_horizon(perception: PhotoPerception) -> list[str]:
    """Names of those through the middle of whose heads the horizon runs."""
    line = perception.horizon
    heads = [(p.name, p.head_px) for p in perception.people if p.head_px is not None]
    return [
        name
        for name, (left, top, right, bottom) in heads
        if line is not None
        and abs(float(line.height_at((left + right) / 2, perception.size)) - (top + bottom) / 2)
        <= _HEAD_MIDDLE * (bottom - top)
    ]


def said_of(person: PhotoPerson) -> list[str]:
    """Where somebody looks, whether they smile, what their hands do."""
    said = []
    if person.face_px is None:
        said.append("seen from behind or from the side")
    elif abs(person.yaw) >= _TURNED:
        side = "left" if person.yaw < 0 else "right"
        said.append(f"in profile towards the {side}" if abs(person.yaw) >= _PROFILE else f"looks to the {side}")
    else:
        said.append("looks towards the camera")
    if person.smile is not None and person.smile >= _SMILE:
        said.append("smiles")
    points, seen = person.joints_px, person.visibility
    if points is not None and seen is not None:
        raised = [
            w for w, s in zip(_WRISTS, _SHOULDERS, strict=True) if seen[w] >= _SEEN and points[w, 1] < points[s, 1]
        ]
        if raised:
            said.append("raises a hand" if len(raised) == 1 else "raises both hands")
    return said


def why(shot: PlannedShot, perception: PhotoPerception) -> str:
    """What a shot conveys and why it is framed so."""
    if shot.is_by_hand and not shot.scores:  # it was moved: what it was planned for may lie elsewhere
        said = [_share_words(shot, perception), soft_words(shot, perception.size)]
        return f"Placed by hand; {', '.join(filter(None, said))}"
    return f"{_conveys(shot, perception)}; {', '.join(_framed(shot, perception))}"


def _conveys(shot: PlannedShot, perception: PhotoPerception) -> str:
    brief = shot.brief
    who = _who(brief)
    if shot.shot == ESTABLISHING:
        return f"Where we are and who is there: {who} in the place" if brief.people else f"The whole scene: {who}"
    if shot.shot == MEDIUM:
        return {
            "group": f"What they do together: {who} with their hands",
            "heads": f"How {who} face each other and us",
            "upper body": f"What {who} does: posture and hands",
            "chest": f"{who[0].upper()}{who[1:]} comes nearer: face and shoulders",
        }.get(brief.what, f"The thing itself: {who}")
    return {
        "head": f"What {who} feels: the face",
        "heads": f"What is between {who}: their faces",
        "front": f"The expression: head of {who}",
    }.get(brief.what, f"What it is made of: a detail of {who}")


def _framed(shot: PlannedShot, perception: PhotoPerception) -> list[str]:
    """The facts of the framing, in words."""
    x0, y0, x1, y1 = shot.box_px
    said = [_share_words(shot, perception)]
    people = shot.brief.people
    if shot.shot == CLOSE_UP and people and people[0].face_px is not None:
        face = people[0].face_px
        said.append(f"the face fills {(face[3] - face[1]) / (y1 - y0):.0%} of the height")
    if people:
        said.append("the whole head with its hair" if shot.shot == CLOSE_UP else _heads_words(shot, perception))
    if len(people) == 1 and abs(people[0].yaw) >= _TURNED and people[0].head_px is not None:
        head = people[0].head_px
        middle = (head[0] + head[2]) / 2
        ahead = (x1 - middle) if people[0].yaw > 0 else (middle - x0)
        if ahead > (x1 - x0) / 2:
            said.append(f"room to the {'right' if people[0].yaw > 0 else 'left'}, where the look goes")
    if shot.brief.what in ("upper body", "chest") and shot.scores.get("joints", 0.0) == 0.0:
        said.append("cut between the joints")
    soft = soft_words(shot, perception.size)
    return said + ([soft] if soft else []) + (["as said by hand"] if shot.is_by_hand else [])


def _share_words(shot: PlannedShot, perception: PhotoPerception) -> str:
    """How much of the photo a crop shows."""
    x0, y0, x1, y1 = shot.box_px
    share = (x1 - x0) * (y1 - y0) / (perception.size.width * perception.size.height)
    return "all of the photo" if share > 0.995 else f"{share:.0%} of the photo"


def _heads_words(shot: PlannedShot, perception: PhotoPerception) -> str:
    """How many heads the crop cuts through, counted."""
    window = np.array([shot.box_px], np.float64)
    shares = [float(inside_share(window, head)[0]) for head in perception.heads]
    cut = sum(_HEAD_OUT < share < _HEAD_IN for share in shares)
    return "no head is cut" if not cut else f"{cut} small head{'s' if cut > 1 else ''} in the back cut"


def soft_words(shot: PlannedShot, size: Size) -> str:
    """A remark on how few pixels a crop has, or nothing."""
    x0, y0, x1, y1 = shot.box_px
    shorter = min(x1 - x0, y1 - y0)
    is_softer = shorter < min(size.width, size.height)
    return f"only {shorter} px across: soft when it is shown large" if shorter < _SOFT_PX and is_softer else ""


def _who(brief: Brief) -> str:
    if not brief.people:
        return {"scene": "where most is to be seen", "foreground": "the foreground"}.get(brief.subject, brief.subject)
    names = sorted((p.name for p in brief.people), key=_number)
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _number(name: str) -> int:
    return int(name.rpartition("-")[2])


def _count(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number} people"


def _things_words(perception: PhotoPerception) -> str:
    counts = Counter(t.label for t in perception.things)
    counts["text"] += len(perception.texts_px)
    return ", ".join(_plural(label, n) for label, n in counts.items() if n)


def _plural(label: str, count: int) -> str:
    return f"a {label}" if count == 1 else f"{count} x {label}"


def names_of(people: Sequence[PhotoPerson]) -> str:
    """Names from left to right, for messages."""
    return ", ".join(sorted((p.name for p in people), key=_number))
