"""What a method is given and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from panscan.model.geometry import Rect
from panscan.model.perception import Perception, ScreenEvents, Speaker, Tracks
from panscan.model.plan import Aim, Shot, Subject
from panscan.model.request import CameraSegment, Preset, SignalWeights, Taste
from panscan.model.style import Style

# The weights of the default preset, that others are compared with: faces first, then who speaks.
NEUTRAL_WEIGHTS = SignalWeights(face=0.30, speech=0.25, pose=0.15, flow=0.15, objects=0.10, audio=0.05)

_KINDS = {0: "person", 1: "mover", 2: "object"}  # kind of a track -> kind of the subject


@dataclass(frozen=True, slots=True, eq=False)
class ShotContext:
    """One shot as a method sees it; not called a scene, as a scene of a film is several shots.

    Attributes
    ----------
    shot : Shot
        Its frames.
    rate : float
        Grid frames per second.
    bounds : Rect
        The picture without black bars, source px.
    window : (float, float)
        Width and height of the widest crop, source px: the largest window of the canvas's shape inside `bounds`.
    subjects : tuple of Subject
        Persons, movers and objects linked inside this shot.
    perception : Perception
        All that was measured.
    source_width_px : int
        Width of the whole picture, bars and all, that profiles over columns span.
    preset : Preset
        Weights and limits.
    preferences : Taste
        What the user likes and avoids.
    with_speaker : bool
        Whether it matters who speaks.
    style : Style
        How the picture is staged.
    """

    shot: Shot
    rate: float
    bounds: Rect
    window: tuple[float, float]
    subjects: tuple[Subject, ...]
    perception: Perception
    source_width_px: int
    preset: Preset = field(default_factory=lambda: Preset(name="default", summary="", weights=NEUTRAL_WEIGHTS))
    preferences: Taste = field(default_factory=Taste)
    with_speaker: bool = True
    style: Style = field(default_factory=Style)

    @property
    def duration_s(self) -> float:
        """Length of the shot."""
        return self.shot.frame_count / self.rate

    @property
    def speaker(self) -> Speaker | None:
        """Who speaks, where that was measured and matters."""
        return self.perception.get(Speaker) if self.with_speaker else None

    def of_kind(self, *kinds: str) -> tuple[Subject, ...]:
        """Subjects of some kinds."""
        return tuple(s for s in self.subjects if s.kind in kinds)

    def relative_weight(self, signal: str) -> float:
        """How much more than usual the preset makes of a signal (1: as much)."""
        return float(getattr(self.preset.weights, signal)) / float(getattr(NEUTRAL_WEIGHTS, signal))


@dataclass(frozen=True, slots=True, eq=False)
class MethodResult:
    """A method's answer.

    Attributes
    ----------
    aim : Aim
        What the camera holds.
    why : str
        The reason, half a sentence for people.
    subjects : tuple of Subject
        Those in the aim, most important first.
    contested : tuple of Subject
        Subjects of about equal importance, where nothing tells which one to show.
    events : ScreenEvents, optional
        What happens on a screen, where cameras are planned by that and not solved from the aim.
    segments : tuple of CameraSegment
        What the camera does, where a person decided it; goes before events.
    """

    aim: Aim
    why: str
    subjects: tuple[Subject, ...] = ()
    contested: tuple[Subject, ...] = ()
    events: ScreenEvents | None = None
    segments: tuple[CameraSegment, ...] = ()

    @property
    def is_planned(self) -> bool:
        """Whether cameras are planned, and not solved from the aim."""
        return self.events is not None or bool(self.segments)


def subjects_of(tracks: Tracks | None, shot: int) -> tuple[Subject, ...]:
    """The subjects of the shot with this number: persons, then movers, then objects, each in order of appearance."""
    if tracks is None:
        return ()
    subjects: list[Subject] = []
    count: dict[int, int] = {}
    for track in np.flatnonzero(tracks.shot == shot):
        kind = int(tracks.kind[track])
        count[kind] = count.get(kind, 0) + 1
        name, label = _KINDS[kind], str(tracks.label[track])
        called = label if name == "person" and label else name
        rows = np.flatnonzero(tracks.track == track)
        subjects.append(
            Subject(
                name=f"{called}-{int(tracks.person[track]) + 1 if tracks.person[track] >= 0 else count[kind]}",
                kind=name,
                track=int(track),
                frame=tracks.frame[rows],
                box_px=tracks.box_px[rows],
                keep_px=tracks.keep_px[rows],
                score=tracks.score[rows],
                basis=tracks.basis[rows],
                body_px=tracks.body_px[rows],
                label=label,
            )
        )
    return tuple(subjects)
