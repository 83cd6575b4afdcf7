"""Voices from outside the picture, and faces that move without speaking: nobody is made a speaker who is none."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from test_lips import MEDIA, Seen, spoken
from test_speaker import (
    ALWAYS,
    COUNT,
    TIME_S,
    VOICE,
    chewing,
    lip_motion,
    right_share,
    shown,
    smiling,
    syllables,
    talking,
)

from make_samples import RATE, SHOTS, Shot, Stage, read_speech
from panscan import ingest
from panscan.perceive.observe import observe
from panscan.perceive.signals.lips import LipsSignal
from panscan.perceive.speaking.speaker import estimate_speakers
from talking_heads import HeadsPicture, room, voice

SAMPLED = TIME_S % 5.0 < 1.5  # how the only face is looked at


# --- curves


def alone(moved):
    """The verdict on the only face in the picture, whose mouth was looked at now and then."""
    looks = np.where(SAMPLED, moved, np.nan)[:, None]
    return estimate_speakers(looks, VOICE, np.ones_like(looks, bool), ALWAYS)


def laughing(bout_s=1.2, every_s=4.0):
    """Now and then a mouth that opens wide and shakes five times a second."""
    bout = (TIME_S % every_s) / bout_s
    shape = np.where(bout < 1, np.sin(np.pi * np.clip(bout, 0, 1)), 0.0)
    return lip_motion(TIME_S, 0.08 * shape * (0.7 + 0.3 * np.cos(2 * np.pi * 5 * TIME_S)), TIME_S)


@pytest.mark.parametrize("level", [0.0, 0.06, 0.14])
def test_a_voice_over_a_still_face_is_nobodys(level):
    probability, elsewhere = alone(smiling(level=level))
    assert elsewhere.min() >= 0.5 and probability.max() <= 0.45


@pytest.mark.parametrize("strength", [1.0, 0.4])
def test_the_only_face_speaks_even_softly(strength):
    probability, elsewhere = alone(strength * talking(VOICE))
    assert right_share(probability, elsewhere, np.zeros(COUNT, int)) == 1.0
    assert probability.min() >= 0.5 and elsewhere.max() <= 0.45


def test_a_voice_over_begins_and_ends_within_one_take():
    first = TIME_S < 6.0
    looks = np.where(first, talking(VOICE), smiling())
    _, elsewhere = alone(looks)
    # With a sample every five seconds the change is known that well and no better.
    assert np.all(elsewhere[TIME_S < 2] < 0.5) and np.all(elsewhere[TIME_S > 10.5] >= 0.5)
    assert np.count_nonzero(np.diff(elsewhere >= 0.5)) == 1


def test_between_samples_it_stays_as_it_was():
    for moved in (talking(VOICE), smiling()):
        probability, _ = alone(moved)
        assert not np.any(np.diff(probability[:, 0] >= 0.5))


@pytest.mark.parametrize("other", ["laughter", "chewing", "both"])
def test_laughter_and_chewing_do_not_take_the_floor(other):
    moves = {"laughter": laughing(), "chewing": chewing(), "both": laughing() + chewing()}[other]
    moved = np.stack([moves, talking(VOICE)], axis=1)
    probability, elsewhere = estimate_speakers(moved, VOICE, np.ones_like(moved, bool), ALWAYS)
    assert right_share(probability, elsewhere, np.ones(COUNT, int)) == 1.0


def test_many_short_yeses_are_no_turns():
    moved = np.stack([talking(VOICE), smiling()], axis=1)
    for start_s in (2.0, 4.4, 7.1, 9.5):
        yes = np.abs(TIME_S - start_s - 0.2) < 0.2
        moved[yes, 1] += talking(syllables(3))[yes]
    assert np.all(shown(*estimate_speakers(moved, VOICE, np.ones_like(moved, bool), ALWAYS)) == 0)


def test_who_speaks_on_while_another_falls_in_keeps_the_floor():
    other = syllables(33)
    overlap = (TIME_S >= 5.0) & (TIME_S < 6.5)
    moved = np.stack([talking(VOICE), np.where(overlap, talking(other), smiling())], axis=1)
    heard = np.where(overlap, VOICE + other, VOICE)
    assert np.all(shown(*estimate_speakers(moved, heard, np.ones_like(moved, bool), ALWAYS)) == 0)


# --- when the only face is looked at


def looks_at(boxes_at, speech, seconds, every=2):
    """The times at which lips are measured, of faces `boxes_at(time)`."""
    faces = Seen()
    signal = LipsSignal(MEDIA)
    signal.consult({"faces": faces, "speech": speech})
    blank = np.zeros((192, 192, 3), np.uint8)
    for frame in range(0, int(seconds * 30), every):
        faces.boxes = np.array(boxes_at(frame / 30), float).reshape(-1, 4)
        signal.see(SimpleNamespace(frame=frame, luma=lambda box, side: blank[..., 0]))
    return signal.finish().looked / 30


BOX = [400.0, 200.0, 150.0, 150.0]
ELSEWHERE = [800.0, 200.0, 150.0, 150.0]


def test_the_only_face_is_looked_at_for_less_than_a_third_of_the_time():
    looked_s = looks_at(lambda time_s: [BOX], spoken(1000), 20)
    assert len(looked_s) == pytest.approx(15 * 1.5 * 4, abs=8)
    assert np.all(looked_s % 5.0 < 1.5)


def test_it_is_looked_at_as_speech_begins_and_as_the_face_changes():
    late = SimpleNamespace(speaking=lambda t, within, above: t > 7.0)
    assert looks_at(lambda time_s: [BOX], late, 12)[0] == pytest.approx(7.05, abs=0.1)
    looked_s = looks_at(lambda time_s: [BOX if time_s < 3.0 else ELSEWHERE], spoken(1000), 6)
    assert np.count_nonzero((looked_s >= 3.0) & (looked_s < 4.5)) > 15
    trembling = looks_at(lambda time_s: [[BOX[0] + 20 * np.sin(9 * time_s), *BOX[1:]]], spoken(1000), 10)
    assert np.all(trembling % 5.0 < 1.5), "the same face is not looked at anew"


def test_a_second_face_is_looked_at_all_the_time():
    looked_s = looks_at(lambda time_s: [BOX, ELSEWHERE] if time_s > 2 else [BOX], spoken(1000), 4)
    assert np.count_nonzero(looked_s > 2) > 28


# --- a drawn head, real detectors


class Alone:
    """One head, as near as in a close-up, and the speech of the demo clip; `opening` per frame."""

    def __init__(self, opening, seconds):
        self.opening, self.frames = opening, int(seconds * RATE)
        self.stage = Stage(Shot(0, SHOTS[1].view, SHOTS[1].blur_px, ("hopper",)), 420, *room())

    def pictures(self):
        for frame in range(0, self.frames, 2):
            yield HeadsPicture(self.stage, frame, {"hopper": float(self.opening[frame])})

    def sound(self):
        samples = read_speech().reshape(-1, 3).mean(axis=1)[: int(self.frames / RATE * 16000)]
        yield from np.array_split(samples.astype(np.float32), 20)


@pytest.mark.parametrize(
    ("mouth", "speaks"),
    [("closed", False), ("held open", False), ("says what is heard", True)],
)
def test_the_only_head(mouth, speaks, talk):
    said = voice()
    opening = {"closed": 0 * said, "held open": 0 * said + 0.7, "says what is heard": said}[mouth]
    names = ["faces", "loudness", "speech", "lips", "tracks", "speaker"]
    seconds = 8.0
    seen = observe(ingest.probe(talk), Alone(opening, seconds), signals=names).signals
    speaker, speech = seen["speaker"], seen["speech"]
    time_s = speaker.looked / float(RATE)
    spoken_at = np.any(
        (speech.segment_start_s[:, None] <= time_s) & (time_s < speech.segment_end_s[:, None]), axis=0
    ) & (time_s < seconds)
    assert spoken_at.sum() > 50
    outside = speaker.offscreen[spoken_at] >= 0.5
    likely = speaker.probability[np.isin(speaker.frame, speaker.looked[spoken_at])]
    assert np.mean(outside) == pytest.approx(0.0 if speaks else 1.0, abs=0.05)
    assert np.mean(likely >= 0.5) == pytest.approx(1.0 if speaks else 0.0, abs=0.05)
    assert len(seen["lips"].looked) < 0.45 * 15 * seconds
