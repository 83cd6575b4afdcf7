"""Where shots change: to the frame for hard cuts, as ranges for dissolves and fades, and nowhere else."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

import media
from panscan import ingest, measure
from panscan.model.perception import ShotBoundaries
from panscan.model.plan import Shot
from panscan.model.shots import shots_of
from panscan.perceive.observe import observe

BLACK, WHITE, GREY = 16.0, 235.0, 128.0


def look(path):
    probed = ingest.probe(path)
    return observe(probed, measure.Decoder(probed), signals=["cuts"]).signals["cuts"]


def seen(tmp_path, scene, frames, **options):
    return look(media.write_clip(tmp_path / "clip.mp4", scene, pts=range(frames), tones={}, **options))


def shot(seed, frame, plane, x_px, y_px, *, speed_px=0.2):
    """A scene with slow motion; each seed another scene."""
    return media.texture(seed, plane, x_px - speed_px * frame, y_px)


def level(value, plane):
    """A flat picture."""
    return value if plane == 0 else GREY


def mixed(share, before, after):
    return (1 - share) * before + share * after


def hard(value):
    return value.frame.tolist()


def soft(value):
    return list(zip(value.soft_first.tolist(), value.soft_end.tolist(), strict=True))


# --- hard cuts


def test_a_hard_cut_is_exact(tmp_path):
    found = seen(tmp_path, lambda frame, *place: shot(1 + (frame >= 23), frame, *place), 50)
    assert hard(found) == [23] and soft(found) == []


@pytest.mark.parametrize("contrast", [0.1, 0.2])
def test_a_cut_in_the_dark_is_exact(contrast, tmp_path):
    def scene(frame, plane, x_px, y_px):
        dim = 20 + contrast * (shot(1 + (frame >= 23), frame, plane, x_px, y_px) - 126)
        return dim if plane == 0 else GREY + 0 * dim

    found = seen(tmp_path, scene, 50)
    assert hard(found) == [23] and soft(found) == []


@pytest.mark.parametrize("frames", [1, 2, 3, 4])
@pytest.mark.parametrize("light", ["brighter", "white"])
def test_a_flash_is_no_cut(frames, light, tmp_path):
    def scene(frame, plane, x_px, y_px):
        picture = shot(1, frame, plane, x_px, y_px)
        if not 20 <= frame < 20 + frames:
            return picture
        return picture + (80 if plane == 0 else 0) if light == "brighter" else level(WHITE, plane) + 0 * picture

    found = seen(tmp_path, scene, 50)
    assert hard(found) == [] and soft(found) == []


def test_a_flash_just_before_a_cut_does_not_hide_it(tmp_path):
    def scene(frame, plane, x_px, y_px):
        lit = plane == 0 and frame in (18, 19)
        return shot(1 + (frame >= 24), frame, plane, x_px, y_px) + (80 if lit else 0)

    assert hard(seen(tmp_path, scene, 50)) == [24]


def test_a_few_foreign_pictures_make_no_shot(tmp_path):
    found = seen(tmp_path, lambda frame, *place: shot(1 + (20 <= frame < 25), frame, *place), 50)
    assert hard(found) == [] and soft(found) == []


def test_a_short_shot_is_merged(tmp_path):
    found = seen(tmp_path, lambda frame, *place: shot(1 + (frame >= 20) + (frame >= 26), frame, *place), 50)
    assert hard(found) == [20]


@pytest.mark.parametrize("cut", [4, 46])
def test_no_shot_is_shorter_than_the_shortest_at_the_ends_either(cut, tmp_path):
    assert hard(seen(tmp_path, lambda frame, *place: shot(1 + (frame >= cut), frame, *place), 50)) == []


def test_a_whip_pan_is_no_cut(tmp_path):
    def scene(frame, plane, x_px, y_px):
        # Eight frames at 80 px each, blurred over the exposure; still before and after.
        place = 80.0 * np.clip(frame - 20 + np.linspace(0, 0.5, 9), 0, 8)
        return np.mean([media.texture(1, plane, x_px + left, y_px) for left in place], axis=0)

    found = seen(tmp_path, scene, 50)
    assert hard(found) == [] and soft(found) == []


@pytest.mark.parametrize("frames", [1, 6, 15])
def test_more_light_is_no_cut(frames, tmp_path):
    def scene(frame, plane, x_px, y_px):
        more = 60 * np.clip((frame - 20) / frames, 0, 1)
        return shot(1, frame, plane, x_px, y_px) + (more if plane == 0 else 0)

    found = seen(tmp_path, scene, 60)
    assert hard(found) == [] and soft(found) == []


@pytest.mark.parametrize("growth", [1.01, 1.03])
def test_a_zoom_is_no_transition(growth, tmp_path):
    def scene(frame, plane, x_px, y_px):
        return media.texture(1, plane, (x_px - 160) / growth**frame, (y_px - 90) / growth**frame)

    found = seen(tmp_path, scene, 60)
    assert hard(found) == [] and soft(found) == []


@pytest.mark.parametrize("held", [1, 2])
def test_hands_close_to_the_lens_are_no_cut(held, tmp_path):
    """They cover the middle, move by a fifth of the width at once, and a slow camera shows each picture twice."""

    def scene(frame, plane, x_px, y_px):
        still = shot(1, frame, plane, x_px, y_px)
        if frame < 15:
            return still
        step = (frame - 15) // held
        across, down = 160 + 90 * np.sin(2.1 * step), 90 + 40 * np.cos(3.3 * step)
        hand = np.hypot(x_px - across, y_px[:, None] - down) < 65
        return np.where(hand, media.texture(2, plane, x_px - across, y_px - down), still)

    found = seen(tmp_path, scene, 60)
    assert hard(found) == [] and soft(found) == []


def test_a_card_that_comes_and_goes_at_once_is_no_cut(tmp_path):
    def scene(frame, plane, x_px, y_px):
        card = (abs(x_px - 160) < 110) & (abs(y_px[:, None] - 90) < 55) & (20 <= frame < 40)
        return np.where(card, media.texture(2, plane, x_px, y_px), shot(1, frame, plane, x_px, y_px))

    found = seen(tmp_path, scene, 60)
    assert hard(found) == [] and soft(found) == []


def test_lost_pictures_are_no_cut(tmp_path):
    """The film stands still for half a second, then jumps to where a walking camera is by then."""

    def scene(frame, plane, x_px, y_px):
        return shot(1, 20 if 20 <= frame < 32 else frame, plane, x_px, y_px, speed_px=1.5)

    assert hard(seen(tmp_path, scene, 60)) == []


def test_a_cut_between_bars_is_exact(tmp_path):
    """Bars stay the same across a cut, and do not count as what remains."""

    def scene(frame, plane, x_px, y_px):
        bars = abs(y_px[:, None] - 90) > 60
        return np.where(bars, BLACK if plane == 0 else GREY, shot(1 + (frame >= 23), frame, plane, x_px, y_px))

    found = seen(tmp_path, scene, 50)
    assert hard(found) == [23] and soft(found) == []


def test_a_cut_with_one_mixed_picture_is_seen(tmp_path):
    """What a change of rate leaves: one picture that shows both shots."""

    def scene(frame, *place):
        return mixed(0.5 * ((frame >= 23) + (frame >= 24)), shot(1, frame, *place), shot(2, frame, *place))

    found = seen(tmp_path, scene, 50)
    assert hard(found) in ([23], [24]) and soft(found) == []


def test_a_cut_between_two_whips_is_exact(tmp_path):
    """Before and after it the camera moves so fast that no change stands out; the colours tell."""

    def scene(frame, plane, x_px, y_px):
        speed = 60 * 0.7 ** abs(frame - 22.5)
        place = frame * 3 + speed * np.linspace(0, 0.5, 7)
        picture = np.mean([media.texture(1 + (frame >= 23), plane, x_px + left, y_px) for left in place], axis=0)
        return picture + (40 if frame >= 23 else -40)

    assert hard(seen(tmp_path, scene, 50)) == [23]


# --- soft transitions


@pytest.mark.parametrize("frames", [8, 16])
@pytest.mark.parametrize("turn_deg", [0, 90, 180, 270, 30])
def test_a_wipe_is_a_range(frames, turn_deg, tmp_path):
    turn = np.radians(turn_deg)

    def scene(frame, plane, x_px, y_px):
        place = (x_px / 320 - 0.5) * np.cos(turn) + (y_px[:, None] / 180 - 0.5) * np.sin(turn)
        reach = (abs(np.cos(turn)) + abs(np.sin(turn))) / 2
        edge = reach * (2 * np.clip((frame - 29) / (frames + 1), 0, 1) - 1)
        return np.where(place < edge, shot(2, frame, plane, x_px, y_px), shot(1, frame, plane, x_px, y_px))

    found = seen(tmp_path, scene, 60 + frames)
    assert hard(found) == []
    [(first, end)] = soft(found)
    assert abs((first + end) / 2 - (30 + frames / 2)) <= 3


@pytest.mark.parametrize("other", [True, False])
def test_shots_that_change_under_a_flash(other, tmp_path):
    """It swells and dies away and is never quite white; after a photographer's flash the old scene is there again."""

    def scene(frame, plane, x_px, y_px):
        white = max(0.0, 0.82 - abs(frame - 34) / 7)
        after = shot(2 if other else 1, frame, plane, x_px, y_px)
        picture = mixed(np.clip((frame - 31) / 5, 0, 1), shot(1, frame, plane, x_px, y_px), after)
        return mixed(white, picture, level(250.0, plane))

    found = seen(tmp_path, scene, 70)
    middles = [*hard(found), *((first + end) / 2 for first, end in soft(found))]
    assert len(middles) == other and all(abs(middle - 34) <= 4 for middle in middles)


def test_a_bird_in_a_sky_that_brightens_is_no_dissolve(tmp_path):
    def scene(frame, plane, x_px, y_px):
        if plane:
            return GREY + 0 * np.add.outer(y_px, x_px)
        sky = 60 + 1.5 * frame + y_px[:, None] / 6 + 0 * x_px
        wing = 12 + 10 * np.sin(frame / 3)
        bird = (abs(x_px - 160 - frame) < 25) & (abs(y_px[:, None] - 80 - wing * abs(x_px - 160 - frame) / 25) < 8)
        return np.where(bird, 220.0, sky)

    found = seen(tmp_path, scene, 75)
    assert hard(found) == [] and soft(found) == []


@pytest.mark.parametrize("frames", [3, 4, 6, 12, 30, 45])
@pytest.mark.parametrize("rate", [Fraction(25), media.NTSC_RATE])
def test_a_dissolve_is_a_range(frames, rate, tmp_path):
    def scene(frame, *place):
        share = float(np.clip((frame - 29) / (frames + 1), 0, 1))
        return mixed(share, shot(1, frame, *place), shot(2, frame, *place, speed_px=-0.2))

    found = seen(tmp_path, scene, 60 + frames, rate=rate)
    assert hard(found) == []
    [(first, end)] = soft(found)
    assert abs(first - 30) <= 3 and abs(end - (30 + frames)) <= 3
    assert shots_of(found, 60 + frames) == (Shot(0, (first + end) // 2), Shot((first + end) // 2, 60 + frames))


@pytest.mark.parametrize("flat", [BLACK, WHITE])
@pytest.mark.parametrize("held", [0, 8, 40])
def test_a_fade_out_and_in_is_one_range(flat, held, tmp_path):
    def scene(frame, plane, x_px, y_px):
        fade_out, fade_in = np.clip((frame - 29) / 13, 0, 1), np.clip((frame - 42 - held) / 13, 0, 1)
        if frame < 43 + held / 2:
            return mixed(fade_out, shot(1, frame, plane, x_px, y_px), level(flat, plane))
        return mixed(fade_in, level(flat, plane), shot(2, frame, plane, x_px, y_px))

    found = seen(tmp_path, scene, 86 + held)
    assert hard(found) == []
    [(first, end)] = soft(found)
    assert abs(first - 30) <= 3 and abs(end - (55 + held)) <= 3


def test_a_fade_out_before_a_hard_cut(tmp_path):
    def scene(frame, plane, x_px, y_px):
        if frame >= 45:
            return shot(2, frame, plane, x_px, y_px)
        return mixed(np.clip((frame - 29) / 13, 0, 1), shot(1, frame, plane, x_px, y_px), level(BLACK, plane))

    found = seen(tmp_path, scene, 80)
    # The cut is the boundary: the range adds none beside it.
    assert hard(found) == [45] and soft(found) == []


def test_out_of_black_at_the_start_and_into_it_at_the_end_are_no_boundaries(tmp_path):
    def scene(frame, plane, x_px, y_px):
        share = float(np.clip(min(frame - 4, 75 - frame) / 13, 0, 1))
        return mixed(share, level(BLACK, plane) + 0 * x_px, shot(1, frame, plane, x_px, y_px))

    found = seen(tmp_path, scene, 80)
    assert hard(found) == [] and soft(found) == []


def test_cuts_and_dissolves_far_into_a_long_movie(tmp_path):
    """What is found does not depend on where the blocks begin that transitions are looked for in."""

    def scene(frame, *place):
        number, inside = divmod(frame, 150)
        share = float(np.clip((inside - 134) / 16, 0, 1)) if number % 2 else 0.0
        return mixed(share, shot(number, frame, *place), shot(number + 1, frame, *place))

    found = seen(tmp_path, scene, 1050, size=(96, 54))
    assert hard(found) == [150, 450, 750]
    assert len(soft(found)) == 3
    assert max(abs(first - start) for (first, _), start in zip(soft(found), (285, 585, 885), strict=True)) <= 3


# --- films


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        ("stage_rap_multicut_audio", [20, 82, 211]),
        ("derived_interview_two_shot_cuts", [250, 325]),
        ("gesture_test_video", []),
        ("football_juggle", []),
        ("dog_and_woman_fetch", []),
        ("coffee_pour_no_face", []),
        ("chaplin_pillarbox", []),
        ("talking_head_512_a", []),
        ("talking_head_square_vfr", []),
        ("derived_screenrec_typing_html", []),
        ("one_by_one_person_10fps", []),
        ("portrait_480x908", []),
    ],
)
def test_the_cuts_of_films(name, frames, shared_media):
    found = look(shared_media / f"{name}.mp4")
    assert isinstance(found, ShotBoundaries)
    assert hard(found) == frames and soft(found) == []
