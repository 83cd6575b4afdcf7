"""Shots of a photo as a person wants them otherwise: another subject, place or size, no movement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from panscan.errors import UsageError
from panscan.model.plan import Shot
from panscan.model.request import Override
from panscan.photos.people import chosen_people
from panscan.photos.perception import PhotoPerception
from panscan.photos.planner import PlannedShot, ShotSet, plan_shots
from panscan.request.overrides import find_overrides, load_overrides, of_shape, shot_overrides

# Settings of movies, which have layouts, time and bars.
_MEANINGLESS = ("layout", "method", "mode", "cell", "keys", "subject_at", "setup", "background")
_CLOCK_HZ, _CLOCK_FRAMES = 30, 90  # of a clock that entries with times are read on, before they are refused


def photo_overrides(path: Path, given: Path | None) -> tuple[Override, ...]:
    """The overrides given, or those beside a photo: NAME.panscan.toml, else STEM.panscan.toml; none without.

    Raises
    ------
    UsageError
        The file has mistakes, or says what means nothing for a photo.
    """
    file = given or find_overrides(path, whole_name=True) or find_overrides(path)
    if file is None:
        return ()
    overrides = load_overrides(file, Fraction(_CLOCK_HZ), _CLOCK_FRAMES)
    for number, override in enumerate(overrides, 1):
        if override.shot is None:
            raise UsageError(
                f"{file}, entry {number}: a photo has no time", why="`from` and `to` are times.", fix="Give `shot`."
            )
        for name in _MEANINGLESS:
            if getattr(override, name) is not None:
                raise UsageError(
                    f"{file}, entry {number}: `{name}` means nothing for a photo",
                    why="A crop of a photo has no layout, method, mode, keys or bars.",
                    fix="Give subject, center, zoom or hold.",
                )
    return overrides


def with_overrides(found: ShotSet, perception: PhotoPerception, overrides: Sequence[Override]) -> ShotSet:
    """The shots with what a person says of them; their numbers are those in which they are printed, from 1.

    Raises
    ------
    UsageError
        There is no such shot or subject.
    """
    if not found.shots or not overrides:
        return found
    meant = of_shape(overrides, found.ratio)
    for override in meant:
        if override.shot is not None and override.shot > len(found.shots):
            raise UsageError(
                f"overrides: there is no shot {override.shot}",
                why=f"The photo has {len(found.shots)} shots in {found.ratio}.",
                fix="Count them as they are printed, from 1; `ratio` says for which shape an entry is.",
            )
    rows = [Shot(n, n + 1) for n in range(len(found.shots))]
    said = [override for _, _, override in shot_overrides(rows, meant, found.ratio)]
    shots = [
        shot if override is None else _otherwise(shot, found, perception, override)
        for shot, override in zip(found.shots, said, strict=True)
    ]
    return replace(found, shots=tuple(shots))


def _otherwise(shot: PlannedShot, found: ShotSet, perception: PhotoPerception, override: Override) -> PlannedShot:
    if override.subject is not None:
        shot = _of_subject(shot, found, perception, override.subject)
    box = _moved(shot.box_px, perception, override.center, override.zoom or 1.0)
    scores = shot.scores if box == shot.box_px else {}  # those of another place would be wrong
    return replace(shot, box_px=box, scores=scores, is_by_hand=True, is_held=bool(override.hold))


def _of_subject(shot: PlannedShot, found: ShotSet, perception: PhotoPerception, subject: str) -> PlannedShot:
    """The same shot of somebody else."""
    people = chosen_people(perception, "" if subject == "largest" else subject)
    planned = plan_shots(perception, people, found.ratio)
    for other in planned.shots:
        if other.shot == shot.shot:
            return other
    raise UsageError(
        f"there is no {shot.shot} of {subject}",
        why=f"{planned.absent.get(shot.shot, 'The photo does not allow it')}.",
        fix="Choose another shot or subject, or give center and zoom.",
    )


def _moved(
    box_px: tuple[int, int, int, int],
    perception: PhotoPerception,
    center: tuple[float, float] | None,
    zoom: float,
) -> tuple[int, int, int, int]:
    """A crop so many times tighter, about its middle or a place of the photo, as far as the photo reaches."""
    x0, y0, x1, y1 = box_px
    size = perception.size
    wide, tall = max(1, round((x1 - x0) / zoom)), max(1, round((y1 - y0) / zoom))
    middle = ((x0 + x1) / 2, (y0 + y1) / 2) if center is None else (center[0] * size.width, center[1] * size.height)
    left = min(max(0, round(middle[0] - wide / 2)), size.width - wide)
    top = min(max(0, round(middle[1] - tall / 2)), size.height - tall)
    return left, top, left + wide, top + tall
