"""What kind of material a movie is, where a preset suits it better than the default."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from panscan.model.geometry import Size
from panscan.model.perception import Flow, Objects, Perception, ScreenContent, ScreenEventKind, ScreenEvents, Tracks

SPORTS_THINGS = frozenset(
    (
        *("baseball bat", "baseball glove", "frisbee", "kite", "skateboard"),
        *("skis", "snowboard", "sports ball", "surfboard", "tennis racket"),
    )
)

# Two of three signs tell sport; each alone is common elsewhere: a dog's toy, a pan over a party, people in a yard. On
# clips with truth the kinds lie well apart at these values.
_THING_SHARE = 0.12  # of the looks, that show a sports thing: talks on golf and dancers have up to 0.09 and 0.12
_THING_SCORE = 0.3  # 0..1, of one: fast small balls are never seen better
_SURE_SHARE = 1 / 3  # of the looks, that show one for sure: counts as two signs
_SURE_SCORE = 0.5  # 0..1
_GOES_ALONG = 0.04  # picture widths per second, mean of the camera: a match is followed, a stage is not
_FAR = 0.25  # of the picture's height, median of the bodies: players on a field
_PEOPLED = 0.5  # of the looks that show somebody
_DRAWN = 0.5  # confidence, and share of the looks, from which a movie is a screen recording rather than not

_TYPED = 1 / 3  # of the time, surely typed on: recordings of typing have 0.4 to 0.9, films 0.13 at the most
_SURE_TYPING = 0.9  # confidence


@dataclass(frozen=True, slots=True)
class Material:
    """A kind of material.

    Attributes
    ----------
    name : str
        Such as "sport".
    why : str
        What tells it, in words.
    preset : str
        The one that suits it.
    is_applied : bool
        Whether that preset is used where nobody chose one; else it is only told.
    """

    name: str
    why: str
    preset: str
    is_applied: bool = False


def recognise_material(perception: Perception, source: Size) -> Material | None:
    """Sport or a screen recording, where a movie is one."""
    drawn, events = _is_drawn(perception), perception.get(ScreenEvents)
    if events is not None and len(events.kind) and (drawn or _is_typed_on(perception, events)):
        seen = "letters and plain areas, typing or clicks" if drawn else "typing nearly all along"
        return Material("a screen recording", seen, "screen", is_applied=True)
    if drawn:
        return Material("a screen recording", "letters and plain areas nearly all along", "educational")
    signs = _signs_of_sport(perception, source)
    return Material("sport", ", ".join(signs), "action") if len(signs) > 1 else None


def _is_drawn(perception: Perception) -> bool:
    """Whether most looks show screen content."""
    screen = perception.get(ScreenContent)
    return screen is not None and bool(len(screen.looked)) and float(np.mean(screen.confidence >= _DRAWN)) >= _DRAWN


def _is_typed_on(perception: Perception, events: ScreenEvents) -> bool:
    """Whether somebody surely types for much of the time: before a photo for a background few looks are drawn."""
    screen = perception.get(ScreenContent)
    if screen is None or not len(screen.looked):
        return False
    typed = (events.kind == tuple(ScreenEventKind).index(ScreenEventKind.TYPING)) & (events.confidence >= _SURE_TYPING)
    return int((events.end_frame - events.first_frame)[typed].sum()) >= _TYPED * float(np.ptp(screen.looked) + 1)


def _signs_of_sport(perception: Perception, source: Size) -> list[str]:
    """What speaks for sport, in words."""
    signs = []
    if share_of_sports_things(perception, _THING_SCORE) >= _THING_SHARE:
        signs.append("a ball, a board or the like")
    if share_of_sports_things(perception, _SURE_SCORE) >= _SURE_SHARE:
        signs.append("in play all along")
    flow = perception.get(Flow)
    if flow is not None and len(flow.looked):
        speed = float(np.hypot(flow.camera_px_s[:, 0], flow.camera_px_s[:, 1]).mean()) / source.width
        signs += ["a camera that goes along"] * (speed >= _GOES_ALONG)
    return signs + ["people far away"] * _are_far(perception, source)


def share_of_sports_things(perception: Perception, least_score: float) -> float:
    """Share of the looks for objects that show something that sport is done with."""
    objects = perception.get(Objects)
    if objects is None or not len(objects.looked):
        return 0.0
    classes = np.flatnonzero([str(name) in SPORTS_THINGS for name in objects.names])
    rows = np.isin(objects.class_id, classes) & (objects.score >= least_score)
    return len(np.unique(objects.frame[rows])) / len(objects.looked)


def _are_far(perception: Perception, source: Size) -> bool:
    """Whether people are there half of the time or more, and small."""
    tracks, objects = perception.get(Tracks), perception.get(Objects)
    if tracks is None or objects is None or not len(objects.looked):
        return False
    people = tracks.kind[tracks.track] == 0
    height = tracks.body_px[people, 3] / source.height
    known = np.isfinite(height)
    frames = np.unique(tracks.frame[people][known])
    often = len(frames) >= _PEOPLED * len(objects.looked)
    return often and float(np.median(height[known])) <= _FAR
