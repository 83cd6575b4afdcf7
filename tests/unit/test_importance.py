"""How each feature moves a weight, and how presets and words shift it."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from panscan.direct.evidence import BODY, FACE, FRONT, HAND, HEAD, MOVER, OBJECT, TITLE, Evidence
from panscan.direct.importance import DEFAULT_PARAMETERS, ImportanceParameters, importance, lean, weigh
from panscan.model.request import Taste
from panscan.request import presets
from scenes import LOOKS, perception, preset, scene, shot_of, subject

EVERY = (FACE, HEAD, BODY, OBJECT, FRONT, HAND, TITLE, MOVER)
SUBJECTS = (FACE, HEAD, BODY, OBJECT, FRONT, HAND, TITLE)
PLAIN = {
    "size": 0.25,
    "score": 1.0,
    "presence": 1.0,
    "speech": 0.0,
    "motion": 0.0,
    "loud": 0.0,
    "aside": 0.0,
    "held": 0.0,
}


def evidence(*rows, width=100.0):
    """Evidence of one moment; a row is a part and the features that are not plain."""
    told = [{**PLAIN, **named} for _, named in rows]
    whole = {name: np.zeros(len(rows), np.int64) for name in ("moment", "subject")}
    box = np.array([[900.0, 300.0, named.pop("width", width), 100.0] for named in told]).reshape(-1, 4)
    columns = {name: np.array([named[name] for named in told]) for name in PLAIN}
    return Evidence(np.array([50]), **whole, part=np.array([part for part, _ in rows]), box_px=box, **columns)


def weight(part, *, style=None, beside=(), parameters=DEFAULT_PARAMETERS, **features):
    """The weight of one part alone, or beside others, in the eyes of a preset."""
    context = scene(perception(), **({"preset": style} if style else {}))
    return float(weigh(evidence((part, features), *beside), context, parameters)[0])


def ratio(part, style=None, **features):
    """What features make of a weight, as a factor on the plain one."""
    return weight(part, style=style, **features) / weight(part, style=style, motion=1.0 if part == MOVER else 0.0)


# --- parts


def test_a_face_that_fills_the_picture_straight_on_weighs_1():
    assert weight(FACE, size=1.0) == pytest.approx(1.0)


def test_parts_weigh_what_the_parameters_say():
    told = ImportanceParameters(head=0.5, body=0.25, object=0.2, front=0.5, mover=0.125, title=0.8, beside_face=0.0)
    one = {"size": 1.0, "motion": 0.0, "parameters": told}
    assert [weight(part, **one) for part in SUBJECTS] == pytest.approx([1.0, 0.5, 0.25, 0.2, 0.1, 0.2, 0.8])
    assert weight(MOVER, motion=1.0, width=0.0, parameters=told) == pytest.approx(0.125, rel=1e-5)


def test_faces_go_before_heads_and_these_before_bodies_and_movers_come_last():
    face, head, body, thing, *_ = (weight(part) for part in SUBJECTS)
    assert face > head > body > 0 and face > thing > weight(MOVER, motion=1.0) > 0


# --- features


@pytest.mark.parametrize("part", SUBJECTS)
def test_larger_and_longer_seen_weighs_more(part):
    assert ratio(part, size=0.5) == pytest.approx(2**DEFAULT_PARAMETERS.size)
    assert ratio(part, presence=0.25) == pytest.approx(0.25**DEFAULT_PARAMETERS.presence)
    assert 1 < 2**DEFAULT_PARAMETERS.size < 2, "twice the size is more, yet not twice as much"
    assert weight(part, size=0.0) == weight(part, size=0.02) > 0, "nothing is too small to count at all"


def test_a_movers_size_and_presence_do_not_count():
    assert ratio(MOVER, size=0.5, motion=1.0) == ratio(MOVER, presence=0.2, motion=1.0) == 1.0


@pytest.mark.parametrize("part", EVERY)
def test_score_and_place(part):
    motion = {"motion": 1.0} if part == MOVER else {}
    assert ratio(part, score=0.5, **motion) == pytest.approx(0.5)
    assert ratio(part, aside=0.5, **motion) == pytest.approx(1 - 0.5 * DEFAULT_PARAMETERS.aside)


@pytest.mark.parametrize("part", (FACE, HEAD))
def test_who_speaks_weighs_more(part):
    assert ratio(part, speech=0.8) == pytest.approx(1 + 0.8 * DEFAULT_PARAMETERS.speech)


@pytest.mark.parametrize("part", SUBJECTS)
def test_what_moves_weighs_more(part):
    assert ratio(part, motion=0.4) == pytest.approx(1 + 0.4 * DEFAULT_PARAMETERS.motion)


@pytest.mark.parametrize(("clear", "share"), [(0.0, 1.0), (0.5, 0.5), (1.0, 0.0)])
def test_hands_and_what_they_hold_count_as_far_as_no_face_is_clear(clear, share):
    face = [(FACE, {"size": 0.25, "score": clear})]
    held = weight(OBJECT, beside=face, held=1.0) / weight(OBJECT, beside=face)
    assert held == pytest.approx(1 + DEFAULT_PARAMETERS.held * share)
    assert weight(HAND, beside=face) == pytest.approx(share * weight(OBJECT, beside=face)), "and so does the hand"


def test_a_mover_weighs_what_it_moves():
    assert ratio(MOVER, motion=0.4) == pytest.approx(0.4) and weight(MOVER) == 0


@pytest.mark.parametrize("part", SUBJECTS)
def test_bodies_and_things_that_do_not_fit_in_the_window_weigh_less(part):
    window = scene(perception()).window[0]
    assert ratio(part, width=window) == 1.0
    less = 1.0 if part in (FACE, HEAD) else 0.5**DEFAULT_PARAMETERS.wide
    assert ratio(part, width=2 * window) == pytest.approx(less), "a head so near fills the window"


def test_a_mover_as_wide_as_the_picture_is_the_picture():
    assert weight(MOVER, motion=1.0, width=1920.0) == 0 < weight(MOVER, motion=1.0, width=1000.0)


# --- beside a face


@pytest.mark.parametrize(
    ("part", "lowered"), [(HEAD, False), (BODY, False), (OBJECT, True), (FRONT, True), (TITLE, True), (MOVER, True)]
)
def test_a_clear_face_takes_weight_from_what_is_no_person(part, lowered):
    beside = weight(part, motion=1.0, beside=[(FACE, {})]) / weight(part, motion=1.0)
    assert beside == pytest.approx(1 - DEFAULT_PARAMETERS.beside_face if lowered else 1.0)


@pytest.mark.parametrize("unclear", [{"size": 0.125}, {"presence": 0.5}, {"score": 0.5}])
def test_a_face_half_as_clear_takes_half(unclear):
    beside = weight(OBJECT, beside=[(FACE, unclear)]) / weight(OBJECT)
    assert beside == pytest.approx(1 - DEFAULT_PARAMETERS.beside_face / 2)


# --- presets


def leaning(style, signal):
    return lean(scene(perception(), preset=style), signal)


@pytest.mark.parametrize("name", presets.preset_names())
def test_each_preset_shifts_parts_by_its_own_weights(name):
    style = presets.load_preset(name)
    signals = {FACE: "face", HEAD: "pose", BODY: "pose", OBJECT: "objects", FRONT: "objects", HAND: "objects"}
    for part, signal in signals.items():
        shift = leaning(style, signal)
        assert weight(part, style=style) == pytest.approx(shift * weight(part))
    assert ratio(FACE, style=style, speech=1.0) == pytest.approx(
        1 + DEFAULT_PARAMETERS.speech * leaning(style, "speech")
    )
    moving = leaning(style, "flow")
    assert weight(MOVER, style=style, motion=1.0) == pytest.approx(moving * weight(MOVER, motion=1.0))
    assert ratio(FACE, style=style, motion=1.0) == pytest.approx(1 + DEFAULT_PARAMETERS.motion * moving)


def test_a_preset_leans_and_does_not_decide_alone():
    """Eight times the usual weight counts twice."""
    assert leaning(preset(weights={"objects": 0.8}), "objects") == pytest.approx(2.0)
    assert leaning(preset(), "objects") == 1.0 and leaning(preset(weights={"objects": 0.0}), "objects") == 0.0


def lead(name, *parts):
    """Which of some parts a preset makes most of."""
    style = presets.load_preset(name)
    return max(parts, key=lambda row: weight(row[0], style=style, **row[1]))[0]


def test_presets_keep_their_meaning():
    face, dog = (FACE, {"size": 0.2}), (OBJECT, {"size": 0.2, "motion": 0.3})
    turned, small_face = (HEAD, {"size": 0.5}), (FACE, {"size": 0.1})
    assert [lead(name, face, dog) for name in ("default", "talking-head", "drama")] == [FACE] * 3
    assert [lead(name, face, dog) for name in ("action", "nature")] == [OBJECT] * 2
    assert (lead("default", turned, small_face), lead("cinematic", turned, small_face)) == (FACE, HEAD)
    shares = {name: ratio(FACE, presets.load_preset(name), speech=1.0) for name in ("default", "podcast", "nature")}
    assert shares["podcast"] > shares["default"] > shares["nature"] == 1.0


def test_loud_motion_counts_where_the_preset_listens():
    listening = preset(weights={"audio": 0.4})
    for part in (FACE, OBJECT, MOVER):
        by_default = [weight(part, motion=0.5, loud=loud) for loud in (0.0, 0.5, 1.0)]
        assert by_default == pytest.approx([by_default[0]] * 3)
        heard = [weight(part, style=listening, motion=0.5, loud=loud) for loud in (0.0, 0.5, 1.0)]
        assert heard[0] < heard[1] < heard[2]
        still = [weight(part, style=listening, loud=loud) for loud in (0.0, 1.0)]
        assert still[0] == still[1], "loud sound alone is nobody's"


# --- words


def test_what_is_asked_for_and_what_is_avoided():
    person, dog = subject("person", 300, 300, 150, 150), replace(subject("object", 1300, 400, 200, 150), track=1)

    def weights(**taste):
        preferences = Taste(**{name: frozenset(words) for name, words in taste.items()})
        return importance(shot_of(person, dog, preferences=preferences), (person, dog)).mean

    plain = weights()
    assert weights(liked={"dog"}) == pytest.approx(plain * [0.25, 2.0])
    assert weights(avoided={"person"}) == pytest.approx(plain * [0.1, 1.0])
    assert weights(liked={"person", "dog"}) == pytest.approx(plain * 2.0)
    assert weights(avoided={"crowd"}) == pytest.approx(plain), "a head of that size is no crowd"


# --- over time


def test_the_weight_over_time_is_that_of_what_a_crop_keeps():
    body = (800.0, 200.0, 300.0, 800.0)
    early = subject("person", 850, 220, 150, 150, body=body, frames=[f for f in LOOKS if f < 40])
    dog = replace(subject("object", 300, 500, 300, 150, speed=2), track=1)
    found = importance(shot_of(early, dog), (dog, early))
    assert found.value.shape == (2, 20) and np.all(found.value[0] > 0)
    there = found.value[1] > 0
    assert there[:10].all() and not there[12:].any()
    assert np.array_equal(np.isfinite(found.box_px[1, :, 0]), there)
    assert found.box_px[1, there] == pytest.approx(np.tile([850, 220, 150, 150], (there.sum(), 1)))
    assert np.all(found.box_px[0, :, 2] == 300), "the whole dog, not its head"
    assert found.mean == pytest.approx(found.value.mean(axis=1))


def test_of_nobody_there_is_no_weight():
    assert importance(shot_of(), ()).mean.shape == (0,)


def test_all_values_are_of_a_sensible_kind():
    for field in fields(DEFAULT_PARAMETERS):
        value = getattr(DEFAULT_PARAMETERS, field.name)
        assert value >= 0 and np.isfinite(value), field.name
    assert DEFAULT_PARAMETERS.aside <= 2 and DEFAULT_PARAMETERS.beside_face <= 1 <= DEFAULT_PARAMETERS.crowd
    assert (
        max(DEFAULT_PARAMETERS.head, DEFAULT_PARAMETERS.body, DEFAULT_PARAMETERS.object, DEFAULT_PARAMETERS.mover) <= 1
        and DEFAULT_PARAMETERS.front <= 1
    )
