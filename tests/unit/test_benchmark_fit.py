"""The fit of importance finds what a truth prefers, and judges it on clips that it did not see."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from fitting import clips as judged
from fitting.search import NAMES, PLAIN, Slopes, agreed_mean, scaled, slopes_around
from judge.truths import Truth, TruthSample
from panscan.direct.importance import DEFAULT_PARAMETERS, ImportanceParameters
from scenes import LOOKS, faces, objects, perception, scene, still, thing

NONE = np.zeros((0, 4))
FACE_LEFT_PX, DOG_LEFT_PX = 200.0, 1200.0  # further apart than a window


def truth(must: Sequence[float], *turns: tuple[int, int, np.ndarray]) -> Truth:
    box = np.array([must], np.float64)
    samples = tuple(TruthSample(frame, box, NONE, NONE, NONE) for frame in range(10, 100, 20))
    return Truth("made.mp4", samples, np.zeros(0), turns, (), 100)


def face_or_dog(face_px: float, dog_px: float, *, wants_dog: bool) -> judged.JudgedClip:
    """A face on the left and a dog on the right, one of which has to be shown."""
    seen = perception(
        faces=faces(still(FACE_LEFT_PX, face_px), LOOKS), objects=objects(thing("dog", DOG_LEFT_PX, 300, dog_px, 600))
    )
    dog = (DOG_LEFT_PX, 300, DOG_LEFT_PX + dog_px, 900)
    face = (FACE_LEFT_PX, 300, FACE_LEFT_PX + face_px, 300 + face_px)
    return judged.judged_clip(f"{face_px} {dog_px}", [scene(seen)], truth(dog if wants_dog else face))


def choices(*, wants_dog: bool) -> list[judged.JudgedClip]:
    """Clips in some of which the face weighs more, in some the dog."""
    return [face_or_dog(face, dog, wants_dog=wants_dog) for face in (20, 30, 45, 60, 80) for dog in (300, 400, 520)]


def worth(clips: Sequence[judged.JudgedClip], parameters: ImportanceParameters) -> np.ndarray:
    return np.array([judged.figures_of(clip, parameters).worth for clip in clips])


@pytest.mark.parametrize(("wants_dog", "sign"), [(True, 1), (False, -1)])
def test_a_planted_preference_is_found_and_holds_on_clips_left_out(wants_dog: bool, sign: int) -> None:
    clips = choices(wants_dog=wants_dog)
    before = worth(clips, PLAIN)
    assert 10 < before.mean() < 90, "both are shown here and there, else there is nothing to find"
    slopes = slopes_around(PLAIN, lambda p: worth(clips, p), draws=160, spread=0.4)
    fitted = slopes.fitted(2.0)
    assert sign * (fitted.object - PLAIN.object) > 0.1 * PLAIN.object
    after = [judged.figures_of(clip, slopes.fitted(2.0, n)).worth for n, clip in enumerate(clips)]
    assert np.mean(after) > before.mean() + 10


def test_a_fit_without_a_clip_does_not_know_it() -> None:
    points = np.random.default_rng(2).normal(1.0, 0.5, (len(NAMES), 6))
    other = points.copy()
    other[:, 4] = 1e3
    assert Slopes(DEFAULT_PARAMETERS, 0.4, points).fitted(1.0, 4) == Slopes(DEFAULT_PARAMETERS, 0.4, other).fitted(
        1.0, 4
    )
    assert Slopes(DEFAULT_PARAMETERS, 0.4, points).fitted(1.0) != Slopes(DEFAULT_PARAMETERS, 0.4, other).fitted(1.0)


def test_what_clips_disagree_on_is_not_followed() -> None:
    found = agreed_mean(np.array([[1.0, 1.1, 0.9, 1.0], [5.0, -5.0, 5.0, -4.0], [0.0, 0.0, 0.0, 0.0]]))
    assert found == pytest.approx([1.0, 0.0, 0.0], abs=0.01)


def test_limits_hold() -> None:
    assert scaled(DEFAULT_PARAMETERS, "beside_face", 100.0).beside_face == 1.0
    assert scaled(DEFAULT_PARAMETERS, "crowd", 0.01).crowd == 1.0
    assert scaled(DEFAULT_PARAMETERS, "cut", 2.0).cut == pytest.approx(2 * DEFAULT_PARAMETERS.cut)


def test_figures_of_a_face_that_is_held() -> None:
    seen = perception(faces=faces(still(1300, 200), LOOKS))
    speaks = (0, 100, np.array([1200.0, 200.0, 1600.0, 900.0]))
    clip = judged.judged_clip("one", [scene(seen)], truth((1300, 300, 1500, 500), speaks))
    figures = judged.figures_of(clip, DEFAULT_PARAMETERS)
    assert figures.shares_pct[[0, 2]].tolist() == [100, 100] and np.isnan(figures.shares_pct[1])
    assert figures.moves_s == 0 and figures.worth == pytest.approx(100)
    assert judged.most_pct(clip)[0] == 100


def test_what_no_window_holds_is_missed() -> None:
    seen = perception(faces=faces(still(1300, 200), LOOKS))
    clip = judged.judged_clip("wide", [scene(seen)], truth((200, 300, 1500, 500)))
    assert judged.figures_of(clip, DEFAULT_PARAMETERS).shares_pct[0] == 0 and judged.most_pct(clip)[0] == 0
