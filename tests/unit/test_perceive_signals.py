"""Each signal measures what it says: cuts, border, flow, faces, interest, loudness."""

from __future__ import annotations

import json
from fractions import Fraction

import numpy as np
import pytest

import media
from panscan import ingest, measure
from panscan.model.perception import Faces, Flow, Loudness, Saliency, ShotBoundaries
from panscan.perceive.observe import observe
from panscan.perceive.signal import SampleSchedule


def look(path, signal):
    probed = ingest.probe(path)
    return observe(probed, measure.Decoder(probed), signals=[signal]).signals[signal]


def shares(a, b):
    """Intersection over union of two boxes (left, top, width, height)."""
    size = np.minimum(a[:2] + a[2:], b[:2] + b[2:]) - np.maximum(a[:2], b[:2])
    common = float(np.prod(np.maximum(size, 0)))
    return common / float(np.prod(a[2:]) + np.prod(b[2:]) - common)


# --- cuts


@pytest.mark.parametrize(
    ("scenes", "rate"),
    [
        ((20, 15, 25), media.NTSC_RATE),
        ((12, 30, 11, 14), Fraction(25)),
        ((40, 41), Fraction(60)),
        ((70,), Fraction(25)),
    ],
)
def test_cuts_are_exact_to_the_frame(scenes, rate, tmp_path):
    found = look(media.cuts(tmp_path / "cuts.mp4", scene_frames=scenes, rate=rate), "cuts")
    assert found.frame.tolist() == np.cumsum(scenes)[:-1].tolist()


def test_cuts_of_a_variable_rate_are_grid_frames(tmp_path):
    def scene(frame, plane, x_px, y_px):
        return media.texture(200 + (frame >= 17), plane, x_px, y_px) + (40 if plane == 0 and frame < 17 else 0)

    stamps = media.vfr_pts(30).tolist()
    path = media.write_clip(tmp_path / "vfr.mp4", scene, pts=stamps, time_base=Fraction(1, 30000), rate=media.NTSC_RATE)
    assert look(path, "cuts").frame.tolist() == [ingest.probe(path).video.grid_frames()[17]]


@pytest.mark.parametrize("name", ["moving_block", "position_coded", "pillarbox", "one_frame", "vfr"])
def test_motion_is_no_cut(name, movie):
    assert look(movie(name), "cuts").frame.size == 0


def test_a_fast_pan_is_no_cut(tmp_path):
    path = media.position_coded(tmp_path / "pan.mp4", size=media.SMALL, shift_per_frame=12, lossless=False)
    assert look(path, "cuts").frame.size == 0


@pytest.mark.parametrize("lit", [(20,), (20, 21), (20, 21, 22)])
def test_a_flash_is_no_cut(lit, tmp_path):
    def scene(frame, plane, x_px, y_px):
        return media.texture(3, plane, x_px - 0.5 * frame, y_px) + (80 if frame in lit and plane == 0 else 0)

    assert look(media.write_clip(tmp_path / "flash.mp4", scene, pts=range(45), tones={}), "cuts").frame.size == 0


def test_the_cuts_of_the_talk(talk, talk_seen):
    probed, seen = talk_seen
    truth = json.loads(talk.with_suffix(".truth.json").read_text())
    assert seen.need(ShotBoundaries).frame.tolist() == [round(t * float(probed.video.rate)) for t in truth["cuts_s"]]


# --- flow


def sliding(path, speed_px, *, pan_px=0.0, frames=40):
    """A block of 64 x 64 px that slides right on a background that slides too, px per frame."""

    def scene(frame, plane, x_px, y_px):
        left = 40 + speed_px * frame
        inside = ((y_px >= 60) & (y_px < 124))[:, None] & (x_px >= left) & (x_px < left + 64)
        back = media.texture(6, plane, x_px - pan_px * frame, y_px)
        return np.where(inside, media.texture(7, plane, x_px - left, y_px - 60), back)

    return media.write_clip(path, scene, pts=range(frames), tones={})


def test_the_moving_block_is_found(movie):
    found = look(movie("moving_block"), "flow")
    path = media.moving_block_path()
    since = dict(zip(found.looked.tolist(), found.since.tolist(), strict=True))
    assert len(found.looked) >= 7 and set(found.looked) == set(found.frame)
    overlap = []
    for frame, box, weight in zip(found.frame.tolist(), found.box_px, found.weight, strict=True):
        both = path[[since[frame], frame]]
        swept = np.concatenate([both[:, :2].min(axis=0), (both[:, :2] + both[:, 2:]).max(axis=0)])
        swept[2:] -= swept[:2]
        if weight > 0.5:
            overlap.append(shares(box, swept))
    assert min(overlap) > 0.25 and np.mean(overlap) > 0.5


@pytest.mark.parametrize("pan_px", [0.0, -1.0])
def test_energy_is_the_mean_speed_against_the_background(pan_px, tmp_path):
    found = look(sliding(tmp_path / "slide.mp4", 1.5, pan_px=pan_px), "flow")
    right = 64 * 64 / (320 * 180) * (1.5 - pan_px) * 25 / 320
    assert np.median(found.energy) == pytest.approx(right, rel=0.35)
    assert np.median(found.camera_px_s, axis=0) == pytest.approx([25 * pan_px, 0], abs=2.5)


def test_a_pan_is_the_camera_not_a_mover(tmp_path):
    path = media.position_coded(tmp_path / "pan.mp4", size=media.SMALL, shift_per_frame=2.0, lossless=False)
    found = look(path, "flow")
    assert np.median(found.camera_px_s, axis=0) == pytest.approx([50, 0], abs=10)


def test_nothing_moves_in_a_still(tmp_path):
    def still(frame, plane, x_px, y_px):
        return media.texture(3, plane, x_px, y_px)

    found = look(media.write_clip(tmp_path / "still.mp4", still, pts=range(30)), "flow")
    assert len(found.looked) >= 7 and found.frame.size == 0
    assert found.energy.max() < 1e-4


def contrast(profile, left_px, right_px, width_px=320):
    """How much higher profiles (n, c) are between two places than elsewhere, in the mean."""
    columns = (np.arange(profile.shape[1]) + 0.5) * width_px / profile.shape[1]
    inside = (columns > left_px) & (columns < right_px)
    return profile[:, inside].mean() / profile[:, ~inside].mean()


def disc_on_pan(path, *, pan_px=(-2.0, 0.0), zoom=0.0, frames=40):
    """A disc of 50 px that stays within 3 px of x 220 in the picture, while the ground pans and grows."""

    def scene(frame, plane, x_px, y_px):
        off = 3 * np.sin(0.5 * frame)
        inside = ((y_px[:, None] - 90) ** 2 + (x_px[None] - 220 - off) ** 2) < 25**2
        grown = 1 + zoom * frame
        x, y = (x_px - 160) / grown - pan_px[0] * frame, (y_px - 90) / grown - pan_px[1] * frame
        return np.where(inside, media.texture(7, plane, x_px - off, y_px), media.texture(6, plane, x + 160, y + 90))

    return media.write_clip(path, scene, pts=range(frames), tones={})


@pytest.mark.parametrize(("pan_px", "zoom"), [((-2.0, 0.0), 0.0), ((-3.0, 1.0), 0.0), ((0.0, 0.0), 0.01)])
def test_the_profile_points_at_what_stays_while_the_ground_streams_past(pan_px, zoom, tmp_path):
    found = look(disc_on_pan(tmp_path / "pan.mp4", pan_px=pan_px, zoom=zoom), "flow")
    assert found.profile.shape == (len(found.looked), 48) and found.profile.dtype == np.float32
    assert contrast(found.profile, 195, 245) > 2


def test_a_nearer_plane_that_passes_faster_does_not_hide_the_subject(tmp_path):
    def scene(frame, plane, x_px, y_px):
        left = 205 + 2 * np.sin(0.4 * frame)
        inside = ((y_px >= 60) & (y_px < 120))[:, None] & (x_px >= left) & (x_px < left + 40)
        far, near = (media.texture(seed, plane, x_px + speed * frame, y_px) for seed, speed in ((6, 1.0), (8, 2.5)))
        ground = np.where((y_px > 140)[:, None], near, far)
        return np.where(inside, media.texture(7, plane, x_px - left, y_px), ground)

    found = look(media.write_clip(tmp_path / "parallax.mp4", scene, pts=range(40), tones={}), "flow")
    assert contrast(found.profile, 205, 247) > 1.1


@pytest.mark.parametrize("pan_px", [(-2.0, 0.0), (-3.0, 1.0)])
def test_a_mover_is_the_thing_and_not_the_picture(pan_px, tmp_path):
    found = look(disc_on_pan(tmp_path / "pan.mp4", pan_px=pan_px), "flow")
    strongest = [np.flatnonzero(found.frame == frame)[0] for frame in found.looked]
    left, top, width, height = np.median(found.box_px[strongest], axis=0)
    assert abs(left + width / 2 - 220) < 20 and abs(top + height / 2 - 90) < 20
    assert 25 < width < 80 and 25 < height < 80


def test_a_logo_that_stands_still_to_the_px_is_not_what_moves(tmp_path):
    def scene(frame, plane, x_px, y_px):
        left = 60 + 1.0 * frame
        logo = ((y_px >= 20) & (y_px < 60))[:, None] & (x_px >= 240) & (x_px < 300)
        thing = ((y_px >= 80) & (y_px < 130))[:, None] & (x_px >= left) & (x_px < left + 50)
        ground = media.texture(6, plane, x_px + 2 * frame, y_px)
        picture = np.where(thing, media.texture(7, plane, x_px - left, y_px), ground)
        return np.where(logo, media.texture(9, plane, x_px * 2, y_px * 2), picture)

    found = look(media.write_clip(tmp_path / "logo.mp4", scene, pts=range(40), tones={}), "flow")
    assert contrast(found.profile, 242, 298) < 1 < contrast(found.profile, 70, 140)


def test_a_small_sharp_mover_outweighs_soft_water(tmp_path):
    def scene(frame, plane, x_px, y_px):
        left = 230 + 0.8 * frame
        inside = ((y_px >= 70) & (y_px < 106))[:, None] & (x_px >= left) & (x_px < left + 36)
        waves = media.texture(11 + frame // 3, plane, x_px / 3, y_px / 3)
        water = 128 + (waves - 128) * 0.1 if plane == 0 else waves
        return np.where(inside, media.texture(7, plane, x_px - left, y_px - 70), water)

    found = look(media.write_clip(tmp_path / "water.mp4", scene, pts=range(40), tones={}), "flow")
    assert contrast(found.profile, 230, 297) > 1.5


def test_pairs_follow_each_other(movie):
    found = look(movie("position_coded"), "flow")
    assert isinstance(found, Flow)
    assert found.since[0] == 0 and np.array_equal(found.since[1:], found.looked[:-1])
    assert np.all(found.weight <= 1)


# --- faces


def test_the_faces_of_the_talk_are_where_they_are(talk, talk_seen):
    probed, seen = talk_seen
    found = seen.need(Faces)
    truth = json.loads(talk.with_suffix(".truth.json").read_text())
    wanted = hit = 0
    for sample in truth["samples"]:
        frame = round(sample["t"] * float(probed.video.rate))
        near = found.looked[np.argmin(np.abs(found.looked - frame))]
        boxes = found.box_px[found.frame == near]
        for left, top, right, bottom in sample["must"] + sample["any_of"] + sample["nice"]:
            wanted += 1
            hit += any(shares(np.array([left, top, right - left, bottom - top], float), box) > 0.3 for box in boxes)
    assert wanted >= 60
    assert hit / wanted >= 0.8
    looks_s = len(found.looked) / float(probed.duration_s)
    assert looks_s == pytest.approx(7.5, abs=0.3)


def test_the_points_of_a_face_lie_in_it(talk_seen):
    found = talk_seen[1].need(Faces)
    eyes, mouth = found.points_px[:, :2].mean(axis=1), found.points_px[:, 3]
    left, top, width, height = found.box_px.T
    assert np.mean((eyes[:, 0] > left) & (eyes[:, 0] < left + width)) > 0.95
    assert np.mean((eyes[:, 1] > top) & (mouth[:, 1] < top + height) & (eyes[:, 1] < mouth[:, 1])) > 0.95


def test_a_face_in_focus_is_sharper_than_a_blurred_one(talk_seen):
    sharpness = talk_seen[1].need(Faces).sharpness
    assert np.median(sharpness) > 0.5


def test_heads_hold_their_faces(talk_seen):
    found = talk_seen[1].need(Faces)
    heads = found.heads_px(720)
    assert np.all(heads[:, 1] < found.box_px[:, 1])
    assert np.all(heads[:, 3] == pytest.approx(1.55 * found.box_px[:, 3]))
    assert np.all(heads[:, 2] > 0.79 * found.box_px[:, 2])


# --- interest


@pytest.mark.parametrize(("x", "y"), [(70, 60), (250, 130)])
def test_interest_lies_where_the_detail_is(x, y, tmp_path):
    def scene(frame, plane, x_px, y_px):
        near = np.exp(-((x_px - x) ** 2 + (y_px[:, None] - y) ** 2) / 2 / 15**2)
        return np.where(plane == 0, 90.0, 128.0) + near * 2.2 * (media.texture(5, plane, 3 * x_px, 3 * y_px) - 126)

    found = look(media.write_clip(tmp_path / "spot.mp4", scene, pts=range(50)), "saliency")
    assert isinstance(found, Saliency) and len(found.looked) == 4
    assert np.abs(found.point_px - [x, y]).max() < 30
    assert found.confidence.min() > 0.3


def test_an_even_picture_is_not_interesting(movie):
    assert look(movie("position_coded"), "saliency").confidence.max() < 0.15


def test_the_profile_of_interest_is_high_where_the_ground_at_the_border_is_not(tmp_path):
    def scene(frame, plane, x_px, y_px):
        inside = ((y_px >= 60) & (y_px < 130))[:, None] & (x_px >= 200) & (x_px < 250)
        ground = np.broadcast_to([90, 120, 110][plane] + 30 * (y_px[:, None] > 90) * (plane == 0), inside.shape)
        return np.where(inside, [180, 90, 170][plane], ground)

    found = look(media.write_clip(tmp_path / "thing.mp4", scene, pts=range(30)), "saliency")
    assert found.profile.shape == (len(found.looked), 48)
    assert contrast(found.profile, 200, 250) > 4


# --- loudness


def test_the_level_of_a_tone(movie):
    found = look(movie("position_coded"), "loudness")
    assert isinstance(found, Loudness) and found.step_s == 0.02
    assert np.median(found.level_db) == pytest.approx(20 * np.log10(0.3 / np.sqrt(2)), abs=0.3)
    assert len(found.level_db) == pytest.approx(48 / 25 / 0.02, abs=4)


def test_silence_has_a_floor():
    from panscan.perceive.signals.loudness import LoudnessSignal as Signal

    signal = Signal(None)
    signal.hear(np.zeros(700, np.float32))
    signal.hear(np.ones(100, np.float32))
    levels = signal.finish().level_db
    # 320, 320, then 60 zeros and 100 ones: an incomplete step counts with what it has.
    assert levels.tolist() == pytest.approx([-100, -100, 10 * np.log10(100 / 160)])


def test_how_the_blocks_are_cut_does_not_matter():
    from panscan.perceive.signals.loudness import LoudnessSignal as Signal

    sound = np.random.default_rng(1).uniform(-1, 1, 5000).astype(np.float32)
    levels = []
    for size in (5000, 320, 1, 777):
        signal = Signal(None)
        for start in range(0, len(sound), size):
            signal.hear(sound[start : start + size])
        levels.append(signal.finish().level_db)
    assert all(np.allclose(levels[0], other, atol=1e-9) for other in levels[1:])


# --- when to look


@pytest.mark.parametrize(
    ("rate", "per_s"), [(Fraction(25), 7.5), (media.NTSC_RATE, 7.5), (Fraction(60), 2), (Fraction(5), 7.5)]
)
def test_a_clock_keeps_its_rate(rate, per_s, movie):
    clock = SampleSchedule(max(Fraction(1), rate / Fraction(per_s).limit_denominator(1000)))
    looks = [frame for frame in range(int(60 * rate)) if clock.due(frame)]
    assert looks[0] == 0
    assert len(looks) / 60 == pytest.approx(min(per_s, float(rate)), rel=0.02)


def test_after_a_pause_a_clock_does_not_make_up_for_lost_looks():
    clock = SampleSchedule(Fraction(10))
    assert [frame for frame in (0, 9, 10, 100, 101, 104, 105, 114, 115, 125) if clock.due(frame)] == [
        *(0, 10, 100),
        *(105, 115, 125),
    ]
