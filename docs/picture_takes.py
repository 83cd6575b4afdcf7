"""What panscan makes of a drawn scene: perception written down from the drawing, then its own director and operator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import av
import numpy as np
import numpy.typing as npt

import documents
import scenes
from drawn import Ball, Box, Dog, Person, Picture, Stage
from panscan import direct, operate
from panscan.model.framing import Framing
from panscan.model.geometry import Size
from panscan.model.perception import Perception, ShotBoundaries, Tracks
from panscan.model.plan import ShotPlan
from panscan.model.request import Preset
from panscan.model.style import Style
from panscan.render.picture.compose import Compositor
from panscan.request import presets

SOURCE = documents.HD
RATE = float(documents.PAL)


@dataclass(frozen=True, eq=False)
class Take:
    """One shot as panscan frames it, and the stage that was in front of the camera."""

    stage: Stage
    planned: ShotPlan
    framing: Framing

    def canvas(self, frame: int) -> Picture:
        """What panscan's renderer makes of a frame: red, green, blue."""
        picture = av.VideoFrame.from_ndarray(self.stage.draw(frame), format="bgr24").reformat(format="yuv420p")
        coded = Size(picture.width, picture.height)
        shot = self.planned.shot
        compositor = Compositor(self.framing, shot.first, shot.frame_count, pixel_format="yuv420p", coded=coded)
        return np.asarray(compositor.compose(picture, frame).to_ndarray(format="rgb24"), np.uint8)

    def crops(self, frames: npt.ArrayLike) -> list[npt.NDArray[np.float64]]:
        """Per cell, left, top, width and height (n, 4) of what is shown at frames (n,)."""
        return [cell.crops(frames, self.framing.source) for cell in self.framing.cells]

    @property
    def frames(self) -> npt.NDArray[np.int64]:
        """All frames of the shot."""
        return np.arange(self.planned.shot.first, self.planned.shot.end)


def seen(stage: Stage, *, energy: float = 0.004, cuts: Sequence[int] = (), **further: Any) -> Perception:
    """What a perfect look at the stage would find: faces, the dog as an object, the ball as what moves, who speaks."""
    looked = list(range(0, stage.frame_count, 4))
    people = [t for t in stage.things if isinstance(t, Person)]
    rows = [(f, *person.box(f)) for f in looked for person in people if _is_inside(person.box(f))]
    signals: dict[str, Any] = {"faces": scenes.faces(rows, looked)}
    balls = [(f, *t.box(f), 0.9) for f in looked for t in stage.things if isinstance(t, Ball)]
    signals["flow"] = scenes.flow(balls, looked, energy=energy)
    dogs = [(f, "dog", *t.box(f)) for f in looked for t in stage.things if isinstance(t, Dog) and _is_inside(t.box(f))]
    if dogs:
        signals["objects"] = scenes.objects(dogs, looked)
    if cuts:
        signals["cuts"] = ShotBoundaries(np.array(cuts, np.int64))
    signals |= further
    found: Perception = scenes.perception(frame_count=stage.frame_count, **signals)
    turns = [(first, end, _track(found, person)) for person in people for first, end in person.speaks]
    if turns:
        tracks = sorted(_track(found, person) for person in people)
        signals["speaker"] = scenes.speaker(sorted(turns), tracks, frame_count=stage.frame_count)
        found = scenes.perception(frame_count=stage.frame_count, **signals)
    return found


def _is_inside(box: Box) -> bool:
    """Whether the middle of a box lies in the picture: what is further out is not seen."""
    left, top, width, height = box
    return 0 <= left + width / 2 <= SOURCE.width and 0 <= top + height / 2 <= SOURCE.height


def _track(found: Perception, person: Person) -> int:
    tracks = found.need(Tracks)
    first = [int(np.flatnonzero(tracks.track == n)[0]) for n in range(len(tracks.kind))]
    away = [abs(tracks.box_px[row, 0] - person.box(float(tracks.frame[row]))[0]) for row in first]
    return int(np.argmin(np.where(tracks.kind == 0, away, np.inf)))


def shoot(
    stage: Stage,
    found: Perception,
    *,
    preset: str | Preset = "default",
    canvas: Size = documents.VERTICAL,
    mode: str | None = None,
    method: str | None = None,
    layouts: tuple[str, ...] | None = None,
    background: str | None = None,
    style: Style | None = None,
) -> list[Take]:
    """Every shot of the stage, directed and operated by panscan."""
    chosen = presets.load_preset(preset) if isinstance(preset, str) else preset
    if background:
        chosen = replace(chosen, background=background)
    media = documents.media(frame_count=stage.frame_count)
    wanted = scenes.request(canvas, chosen, method=method, layouts=layouts, style=style or Style())
    plan = direct.plan(media, found, wanted)
    return [
        Take(stage, one, operate.frame_shot(one, plan, SOURCE, documents.PAL, mode or chosen.mode))
        for one in plan.shots
    ]
