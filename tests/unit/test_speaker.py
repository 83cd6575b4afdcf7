"""Who speaks: the face whose mouth moves with the sound, from where it begins; nobody where no mouth does."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from panscan import ingest, pipeline
from panscan.direct.turns import find_turns
from panscan.model.perception import Lips, Loudness, ShotBoundaries, Speech, Tracks
from panscan.perceive.observe import observe
from panscan.perceive.speaking.lip_sync import (
    STEP_S,
    audio_correlation,
    lip_motion,
    moving_mean,
    rms_on_grid,
    window_steps,
)
from panscan.perceive.speaking.speaker import SpeakerSignal, estimate_speakers, match_to_tracks

SECONDS = 12.0
COUNT = round(SECONDS / STEP_S)
TIME_S = np.arange(COUNT) * STEP_S
ALWAYS = np.ones(COUNT, bool)


def smooth(curve, window_s):
    return moving_mean(curve, window_s)


def syllables(seed):
    """Loudness of a voice, 0..1: four to five syllables a second, words and phrases of uneven stress."""
    rng = np.random.default_rng(seed)
    stress = np.clip(1.4 * smooth(rng.gamma(0.25, 4.0, COUNT), 0.5) - 0.2, 0.05, 1.5)
    wobble = np.cumsum(rng.normal(0, 0.25, COUNT))
    return stress * (0.5 - 0.5 * np.cos(2 * np.pi * 4.5 * TIME_S + wobble))


def talking(voice, seed=0):
    """A mouth that opens with a voice, late by 80 ms, and trembles a little."""
    gap = 0.05 * np.roll(voice, 2) + np.random.default_rng(seed).normal(0, 0.001, COUNT)
    return lip_motion(TIME_S, gap, TIME_S)


def smiling(seed=1, level=0.06):
    return lip_motion(TIME_S, level + np.random.default_rng(seed).normal(0, 0.0008, COUNT), TIME_S)


def grimacing(hz=1.1, depth=0.05):
    return lip_motion(TIME_S, depth * (0.5 - 0.5 * np.cos(2 * np.pi * hz * TIME_S + np.sin(1.7 * TIME_S))), TIME_S)


def chewing():
    return grimacing(hz=1.6, depth=0.02)


VOICE = syllables(7)


def right_share(probability, elsewhere, truth, *, grace_s=0.6):
    """Share of the steps of `truth` (a column, -1 elsewhere, -2 not asked), `grace_s` after each change."""
    asked = truth != -2
    for turn in np.flatnonzero(np.diff(truth)) + 1:
        asked[turn : turn + round(grace_s / STEP_S)] = False
    best = np.where(probability.max(axis=1) > elsewhere, probability.argmax(axis=1), -1)
    return float(np.mean(best[asked] == truth[asked]))


def shown(probability, elsewhere):
    """Column of the person whose turn it is, at each step."""
    return np.concatenate([np.full(t.end - t.first, t.who) for t in find_turns(probability, elsewhere, STEP_S)])


OTHERS = {"smile": smiling(), "open mouth": smiling(level=0.14), "grimace": grimacing(), "chewing": chewing()}


@pytest.mark.parametrize("other", OTHERS)
def test_the_talker_wins_all_the_time(other):
    moved = np.stack([OTHERS[other], talking(VOICE)], axis=1)
    probability, elsewhere = estimate_speakers(moved, VOICE, np.ones_like(moved, bool), ALWAYS)
    assert right_share(probability, elsewhere, np.ones(COUNT, int)) >= 0.97
    assert probability[:, 1].mean() > 0.6 and elsewhere.mean() < 0.25
    assert np.all(shown(probability, elsewhere) == 1)


@pytest.mark.parametrize("other", OTHERS)
def test_taking_turns(other):
    first = TIME_S < 5.0
    moved = np.stack(
        [np.where(first, talking(VOICE), OTHERS[other]), np.where(first, OTHERS[other], talking(VOICE))], axis=1
    )
    probability, elsewhere = estimate_speakers(moved, VOICE, np.ones_like(moved, bool), ALWAYS)
    switch_s = TIME_S[np.flatnonzero(np.diff(shown(probability, elsewhere)))]
    assert len(switch_s) == 1 and switch_s[0] == pytest.approx(5.0, abs=0.6)


def test_a_turn_begins_where_the_speech_begins_after_a_pause():
    pause = (TIME_S >= 5.0) & (TIME_S < 6.0)
    first = TIME_S < 5.5
    said = np.where(pause, 0.0, VOICE)
    moved = np.stack([np.where(first, talking(said), smiling(2)), np.where(first, smiling(3), talking(said))], axis=1)
    probability, elsewhere = estimate_speakers(moved, said, np.ones_like(moved, bool), ~pause)
    assert np.all(probability[pause] == 0) and np.all(elsewhere[pause] == 0)
    truth = np.where(pause, -2, np.where(first, 0, 1))
    assert right_share(probability, elsewhere, truth, grace_s=0.0) >= 0.98
    assert TIME_S[np.flatnonzero(np.diff(shown(probability, elsewhere))) + 1] == pytest.approx(6.0, abs=0.05)


def test_a_short_yes_is_no_turn():
    moved = np.stack([talking(VOICE), smiling()], axis=1)
    yes = (TIME_S >= 6.0) & (TIME_S < 6.5)
    moved[yes] = moved[yes][:, ::-1]
    assert np.all(shown(*estimate_speakers(moved, VOICE, np.ones_like(moved, bool), ALWAYS)) == 0)


def test_two_at_once_do_not_flicker():
    moved = np.stack([talking(VOICE), talking(VOICE, seed=4)], axis=1)
    probability, elsewhere = estimate_speakers(moved, VOICE, np.ones_like(moved, bool), ALWAYS)
    assert np.count_nonzero(np.diff(shown(probability, elsewhere))) == 0
    assert np.all(probability.min(axis=1) > 0.35)


def test_a_voice_from_outside_belongs_to_nobody():
    moved = np.stack([smiling(), smiling(5, level=0.12)], axis=1)
    probability, elsewhere = estimate_speakers(moved, VOICE, np.ones_like(moved, bool), ALWAYS)
    assert right_share(probability, elsewhere, np.full(COUNT, -1)) == 1.0
    assert probability.max() <= 0.45


def test_silence_says_nothing():
    moved = np.stack([grimacing(), talking(VOICE)], axis=1)
    probability, elsewhere = estimate_speakers(moved, VOICE, np.ones_like(moved, bool), ~ALWAYS)
    assert not probability.any() and not elsewhere.any()


@pytest.mark.parametrize("lively", [False, True])
def test_dubbed_talkers_are_told_apart_by_the_fit(lively):
    foreign = syllables(21)
    moved = np.stack([talking(foreign), talking(VOICE)], axis=1) * (2 if lively else 1)
    probability, elsewhere = estimate_speakers(moved, VOICE, np.ones_like(moved, bool), ALWAYS)
    assert right_share(probability, elsewhere, np.ones(COUNT, int)) >= 0.9


def test_the_only_face_probably_speaks():
    unknown = np.full((COUNT, 1), np.nan)
    probability, elsewhere = estimate_speakers(unknown, VOICE, np.ones_like(unknown, bool), ALWAYS)
    assert np.all((probability > 0.6) & (probability < 0.9)) and np.all(elsewhere < 0.5)


def test_the_only_face_with_a_still_mouth_does_not():
    still = smiling()[:, None]
    probability, elsewhere = estimate_speakers(still, VOICE, np.ones_like(still, bool), ALWAYS)
    assert right_share(probability, elsewhere, np.full(COUNT, -1)) == 1.0


def test_a_hidden_mouth_speaks_when_the_others_do_not():
    moved = np.stack([np.full(COUNT, np.nan), smiling()], axis=1)
    probability, elsewhere = estimate_speakers(moved, VOICE, np.ones_like(moved, bool), ALWAYS)
    assert right_share(probability, elsewhere, np.zeros(COUNT, int)) == 1.0
    assert probability.max() < 0.6


def test_with_no_mouth_measured_nobody_is_named():
    moved = np.full((COUNT, 3), np.nan)
    probability, elsewhere = estimate_speakers(moved, VOICE, np.ones_like(moved, bool), ALWAYS)
    assert np.all(elsewhere > probability.max(axis=1)) and probability.max() < 0.3


def test_who_leaves_the_picture_gives_up_the_floor():
    moved = np.stack([talking(VOICE), smiling()], axis=1)
    seen = np.stack([TIME_S < 6.0, ALWAYS], axis=1)
    probability, _ = estimate_speakers(np.where(seen, moved, np.nan), VOICE, seen, ALWAYS)
    assert np.all(probability[~seen[:, 0], 0] == 0)


def test_no_face_at_all():
    probability, elsewhere = estimate_speakers(np.zeros((COUNT, 0)), VOICE, np.zeros((COUNT, 0), bool), ALWAYS)
    assert probability.shape == (COUNT, 0) and np.all(elsewhere == 1)


@pytest.mark.parametrize("seconds", [0.04, 0.12, 0.7, 1.5])
def test_short_shots(seconds):
    count = round(seconds / STEP_S)
    moved = np.stack([talking(VOICE)[:count], smiling()[:count]], axis=1)
    probability, elsewhere = estimate_speakers(moved, VOICE[:count], np.ones((count, 2), bool), ALWAYS[:count])
    assert probability.shape == (count, 2) and np.all(np.isfinite(probability)) and np.all(np.isfinite(elsewhere))
    if seconds > 1:
        assert right_share(probability, elsewhere, np.zeros(count, int)) == 1.0


# --- the parts


def test_motion_does_not_hang_on_the_rate_of_the_looks():
    for looks_hz in (8.0, 12.5, 15.0, 25.0):
        look_s = np.arange(0, 10, 1 / looks_hz)
        ramp = np.abs((look_s + 0.01) % 2 - 1) * 0.1
        assert np.nanmedian(lip_motion(look_s, ramp, TIME_S)) == pytest.approx(0.1 * STEP_S, rel=1e-6)


def test_motion_is_unknown_where_nobody_looked():
    look_s = np.array([1.0, 1.1, 1.2, 3.0, 3.1])
    known = TIME_S[np.isfinite(lip_motion(look_s, np.zeros(5), TIME_S))]
    assert known.min() > 1.0 and known.max() <= 3.1
    assert not np.any((known > 1.2) & (known < 3.0))
    assert np.isnan(lip_motion(np.array([1.0]), np.zeros(1), TIME_S)).all()


def test_fit_against_a_slow_reference():
    rng = np.random.default_rng(9)
    moved, loud = rng.gamma(1, 1, 200), rng.gamma(1, 1, 200)
    moved[50:60] = np.nan
    got, seconds = audio_correlation(moved, loud, 3.0)
    soft = moving_mean(moved, 0.2)
    soft[np.isnan(moved)] = np.nan
    for step in (0, 40, 55, 120, 199):
        best = -1.0
        window = np.arange(max(0, step - window_steps(3.0) // 2), min(200, step + window_steps(3.0) // 2 + 1))
        for lag in range(-5, 6):
            pairs = [(soft[k], loud[k + lag]) for k in window if 0 <= k + lag < 200 and np.isfinite(soft[k])]
            best = max(best, np.corrcoef(np.array(pairs).T)[0, 1])
        assert got[step] == pytest.approx(best, abs=1e-9)
    assert seconds[120] == pytest.approx(window_steps(3.0) * STEP_S)


def test_fit_of_a_constant_is_none():
    assert np.all(audio_correlation(np.full(100, 0.1), np.random.default_rng(1).random(100), 4.0)[0] == 0)
    assert np.all(audio_correlation(np.full(100, np.nan), np.ones(100), 4.0)[0] == 0)


def test_loudness_is_linear():
    level_db = np.full(100, -20.0)
    assert rms_on_grid(level_db, 0.02, np.array([0.5, 1.0])) == pytest.approx([0.1, 0.1])
    assert np.isnan(rms_on_grid(level_db, 0.02, np.array([3.0]))).all()
    assert np.isnan(rms_on_grid(np.zeros(0), 0.02, np.array([3.0]))).all()


@pytest.mark.parametrize("others", [[], ["smile"], ["smile", "grimace", "chewing"]])
def test_somebody_speaks_while_speech_is_heard(others):
    moved = np.stack([talking(VOICE), *(OTHERS[name] for name in others)], axis=1)
    seen = np.ones_like(moved, bool)
    seen[:80, -1] = False
    speech = TIME_S % 4.0 < 3.0
    probability, elsewhere = estimate_speakers(moved, VOICE, seen, speech)
    assert probability.sum(axis=1) + elsewhere == pytest.approx(speech.astype(float))
    assert not probability[~seen].any() and np.all(probability >= 0)


# --- the signal


def clip_values(shots=((0, 300),), boxes=((100, 100, 80, 80), (500, 100, 80, 80)), rate=25):
    """Two faces per shot that stand still, looked at every third frame; the first talks in each shot."""
    end = shots[-1][1]
    track, frame, box, kind, shot_of = [], [], [], [], []
    for number, (first, last) in enumerate(shots):
        for place in boxes:
            looks = np.arange(first + (3 if first else 0), last, 3)
            track += [len(kind)] * len(looks)
            frame += looks.tolist()
            box += [place] * len(looks)
            kind.append(0)
            shot_of.append(number)
    boxes_px = np.array(box, float)
    scores = np.ones(len(frame))
    owner, when, nobody = np.array(track), np.array(frame), np.full(len(kind), -1)
    seen, unknown, label = np.zeros(len(frame), np.int64), np.full(boxes_px.shape, np.nan), np.full(len(kind), "person")
    kinds, shot_numbers = np.array(kind), np.array(shot_of)
    tracks = Tracks(owner, when, boxes_px, boxes_px, scores, kinds, shot_numbers, nobody, seen, unknown, label)
    rng = np.random.default_rng(2)
    looked = np.arange(0, end, 2)
    gaps = np.stack([0.05 * np.interp(looked / rate, TIME_S + 0.08, VOICE), rng.normal(0.08, 0.001, len(looked))])
    lips = Lips(looked, np.repeat(looked, 2), np.tile(np.array(boxes, float), (len(looked), 1)), gaps.T.reshape(-1))
    level = Loudness(20 * np.log10(np.maximum(np.interp(np.arange(0, 12, 0.02) + 0.01, TIME_S, VOICE), 1e-5)))
    speech = Speech(np.ones(375), np.array([0.0]), np.array([12.0]))
    cuts = ShotBoundaries(np.array([first for first, _ in shots[1:]], np.int64))
    media = SimpleNamespace(video=SimpleNamespace(rate=rate), frame_count=end)
    return media, {"tracks": tracks, "lips": lips, "loudness": level, "speech": speech, "cuts": cuts}


def test_rows_and_steps():
    media, values = clip_values()
    found = SpeakerSignal(media).derive(values)
    assert found.looked.tolist() == np.round(0.1 * np.arange(120) * 25).tolist()
    assert len(found.offscreen) == len(found.looked)
    assert np.array_equal(found.frame, np.repeat(found.looked, 2)) and set(found.track) == {0, 1}
    looked, likely = found.probabilities(np.array([1, 0, 7]), 100, 200)
    assert looked.min() >= 100 and looked.max() < 200
    assert np.all(likely[:, 1] > 0.6) and np.all(likely[:, 0] < 0.3) and not likely[:, 2].any()


def test_each_shot_is_judged_for_itself():
    media, values = clip_values(shots=((0, 130), (130, 300)))
    found = SpeakerSignal(media).derive(values)
    for first, end, track in ((0, 130, 0), (130, 300, 2)):
        rows = (found.frame >= first) & (found.frame < end)
        assert set(found.track[rows]) == {track, track + 1}
        assert np.mean(found.probability[rows & (found.track == track)] > 0.5) > 0.95


def test_lips_belong_to_the_nearest_face_of_their_shot():
    _, values = clip_values(shots=((0, 130), (130, 300)))
    lips = values["lips"]
    owner = match_to_tracks(lips.frame, lips.box_px, values["tracks"], 25.0)
    frame = lips.frame
    assert set(owner[frame < 130]) == {0, 1}
    assert set(owner[frame >= 136]) == {2, 3}
    assert match_to_tracks(np.array([50]), np.array([[900.0, 500, 80, 80]]), values["tracks"], 25.0).tolist() == [-1]


def test_heads_without_faces_do_not_speak():
    media, values = clip_values()
    tracks = values["tracks"]
    late = (tracks.track == 1) & (tracks.frame >= 150)
    values["tracks"] = dataclasses.replace(tracks, basis=np.where(late | (tracks.track == 0), 1, 0))
    found = SpeakerSignal(media).derive(values)
    assert set(found.track) == {1} and 140 <= found.frame.max() < 156
    lips = values["lips"]
    owner = match_to_tracks(lips.frame, lips.box_px, values["tracks"], 25.0)
    assert set(owner) == {1, -1} and np.all(owner[lips.frame > 160] == -1)


def test_a_face_that_was_away_is_not_seen_meanwhile():
    media, values = clip_values()
    tracks = values["tracks"]
    away = (tracks.track == 1) & (tracks.frame > 60) & (tracks.frame < 180)
    values["tracks"] = dataclasses.replace(tracks, basis=np.where(away, 1, 0))
    found = SpeakerSignal(media).derive(values)
    frames = found.frame[found.track == 1]
    assert not np.any((frames > 70) & (frames < 170)) and frames.min() < 10 and frames.max() > 280


@pytest.mark.parametrize("absent", ["tracks", "speech", "lips", "loudness", "cuts"])
def test_what_was_not_measured_is_not_needed(absent):
    media, values = clip_values()
    found = SpeakerSignal(media).derive({name: value for name, value in values.items() if name != absent})
    assert np.all(np.isfinite(found.probability))
    assert (len(found.looked) == 0) == (absent in ("tracks", "speech"))


def test_a_long_podcast_is_quick():
    import time

    count = round(600 / STEP_S)
    rng = np.random.default_rng(4)
    moved = rng.gamma(1, 0.004, (count, 4))
    started = time.process_time()
    estimate_speakers(moved, rng.gamma(1, 0.1, count), np.ones_like(moved, bool), np.ones(count, bool))
    assert time.process_time() - started < 4


# --- drawn heads, real detectors


def drawn(talk, other, swap_s=5.0, seconds=10.0):
    from make_samples import RATE
    from talking_heads import Heads, taking_turns, voice

    media = ingest.probe(talk)
    source = Heads(taking_turns(voice(), other, swap_s), seconds)
    names = ["faces", "loudness", "speech", "lips", "tracks", "speaker"]
    seen = observe(media, source, signals=names).signals
    speaker, tracks = seen["speaker"], seen["tracks"]
    left = np.array([tracks.box_px[tracks.track == t][0, 0] < 640 for t in range(len(tracks.kind))])
    frames, probability = speaker.probabilities(np.arange(len(left)))
    who = np.concatenate([np.full(t.end - t.first, t.who) for t in find_turns(probability, speaker.offscreen, 0.1)])
    right = asked = 0
    for frame, track in zip(frames, who, strict=True):
        time_s = float(frame / RATE)
        inside = np.any((seen["speech"].segment_start_s <= time_s) & (time_s < seen["speech"].segment_end_s))
        if not inside or time_s >= seconds or time_s < 0.6 or swap_s <= time_s < swap_s + 0.6:
            continue
        asked += 1
        right += left[track] == (time_s < swap_s)
    assert asked > 60
    return right / asked


FACES = {
    "still": lambda time_s: 0.0,
    "mouth open": lambda time_s: 0.7,
    "grimace": lambda time_s: 0.5 - 0.5 * np.cos(2 * np.pi * 0.9 * time_s + 1.5 * np.sin(1.3 * time_s)),
}


@pytest.mark.parametrize("other", ["mouth open", "grimace"])
def test_the_drawn_talker_wins(other, talk):
    assert drawn(talk, FACES[other]) >= 0.95


def test_the_talk(talk, talk_seen):
    import json

    media, seen = talk_seen
    speaker, tracks = seen.signals["speaker"], seen.signals["tracks"]
    truth = json.loads(talk.with_suffix(".truth.json").read_text())
    right = asked = 0
    for entry in truth["speaker"]:
        (start_s, end_s), (left, _, right_px, _) = entry["t"], entry["box"]
        for frame in speaker.looked:
            if start_s + 0.6 <= frame / float(media.video.rate) < end_s:
                rows = np.flatnonzero(speaker.frame == frame)
                best = speaker.track[rows[np.argmax(speaker.probability[rows])]]
                own = np.flatnonzero(tracks.track == best)
                box = tracks.box_px[own[np.argmin(np.abs(tracks.frame[own] - frame))]]
                asked += 1
                right += left < box[0] + box[2] / 2 < right_px
    assert asked > 70 and right / asked >= 0.95
    assert pipeline  # the fixture runs the whole pipeline
