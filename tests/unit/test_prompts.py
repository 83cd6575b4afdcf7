"""A person's words -> classes that weights know, and traits that panscan knows without weights."""

from __future__ import annotations

import re

import pytest

from panscan.errors import CapabilityError
from panscan.perceive.signals.objects.onnx import COCO_NAMES
from panscan.request import presets
from panscan.request.prompts import ResolvedPrompt, resolve_prompt, split_words
from panscan.request.vocabulary import CLASSES, GROUPS, TRAITS

ANIMALS = ("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe")
VOC = ("aeroplane", "bicycle", "bird", "diningtable", "motorbike", "person", "pottedplant", "sofa", "tvmonitor")


def classes(*words, known=COCO_NAMES):
    return resolve_prompt(words, known, open_vocabulary=False).classes


def refused(words, known, **options) -> CapabilityError:
    with pytest.raises(CapabilityError) as error:
        resolve_prompt(words, known, open_vocabulary=False, **options)
    assert error.value.exit_code == 4
    return error.value


def test_the_vocabulary_covers_what_coco_weights_know():
    assert tuple(CLASSES) == COCO_NAMES
    assert all(name in CLASSES for names in GROUPS.values() for name in names.split(","))


def test_no_word_means_two_things():
    words = [
        word
        for table in (TRAITS, CLASSES)
        for name, others in table.items()
        for word in (name, *re.split("[,|]", others))
        if word
    ]
    words += list(GROUPS)
    assert len(words) == len(set(words)), sorted(w for w in set(words) if words.count(w) > 1)
    assert all(word == word.strip().lower() for word in words)


@pytest.mark.parametrize("name", COCO_NAMES)
def test_every_class_is_found_by_its_name_and_by_its_other_words(name):
    assert classes(name) == classes(name.upper()) == classes(f"  {name.replace(' ', '-')} ") == (name,)
    for word in filter(None, re.split("[,|]", CLASSES[name])):
        assert classes(word) == (name,), word


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("dogs", "dog"), ("buses", "bus"), ("knives", "knife"), ("couches", "couch"), ("sandwiches", "sandwich"),
        ("mice", "mouse"), ("men", "person"), ("women", "person"), ("children", "person"), ("babies", "person"),
        ("cell phones", "cell phone"), ("wine glasses", "wine glass"), ("glasses", "wine glass"), ("ski", "skis"),
        ("skis", "skis"), ("scissor", "scissors"), ("persons", "person"), ("geese", "bird"), ("lorries", "truck"),
        ("balls", "sports ball"), ("sheep", "sheep"), ("teddy bears", "teddy bear"), ("bears", "bear"),
    ],
)  # fmt: skip
def test_plurals(word, name):
    assert classes(word) == (name,)


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("animals", ANIMALS),
        ("screen", ("tv", "laptop")),
        ("monitors", ("tv", "laptop")),
        ("vehicle", ("bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat")),
        ("food", tuple(COCO_NAMES[COCO_NAMES.index("banana") : COCO_NAMES.index("cake") + 1])),
    ],
)
def test_a_word_for_a_group_means_all_of_it(word, names):
    assert set(classes(word)) == set(names)


def test_other_weights_know_other_names_for_the_same():
    assert classes("plane", "couch", "table", "motorcycle", "plant", "tv", known=VOC) == (
        "aeroplane", "sofa", "diningtable", "motorbike", "pottedplant", "tvmonitor",
    )  # fmt: skip
    assert set(classes("vehicle", known=VOC)) == {"aeroplane", "bicycle", "motorbike"}
    assert classes("animals", known=("Dog", "tree")) == ("Dog",)
    assert classes("man", known=("man", "person")) == ("man",), "the very word goes before its kin"
    assert classes("glass", "glasses", known=("glass", "glasses")) == ("glass", "glasses")
    assert classes("ball", known=("ball", "sports ball")) == ("ball",)


@pytest.mark.parametrize(
    ("word", "trait"),
    [
        ("face", "face"), ("Faces", "face"), ("speaker", "speaker"), ("text", "text"), ("captions", "text"),
        ("lower thirds", "text"), ("logo", "logo"), ("watermarks", "logo"), ("crowd", "crowd"), ("crowds", "crowd"),
        ("passers-by", "crowd"), ("motion", "motion"), ("movement", "motion"), ("fists", "hand"),
        ("foreground", "foreground"), ("background", "background"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("known", [(), COCO_NAMES])
def test_traits_need_no_weights(word, trait, known):
    assert resolve_prompt([word], known, open_vocabulary=False) == ResolvedPrompt((), (trait,), {word: ()})


def test_a_crowd_is_not_every_person():
    assert classes("crowd", "audience") == ()


def test_a_person_is_a_trait_and_a_class():
    assert resolve_prompt(["people"], (), open_vocabulary=False) == ResolvedPrompt((), ("person",), {"people": ()})
    assert resolve_prompt(["people"], COCO_NAMES, open_vocabulary=False) == ResolvedPrompt(
        ("person",), ("person",), {"people": ("person",)}
    )
    assert resolve_prompt(["men"], ("car",), open_vocabulary=False).traits == ("person",)


def test_a_trait_that_the_weights_know_is_a_class_too():
    assert resolve_prompt(["logos"], ("logo", "car"), open_vocabulary=False) == ResolvedPrompt(
        ("logo",), ("logo",), {"logos": ("logo",)}
    )


def test_what_was_said_is_kept_with_what_it_means():
    found = resolve_prompt(["dog, ball", "puppy,logo", " dog"], COCO_NAMES, open_vocabulary=False)
    assert found.classes == ("dog", "sports ball") and found.traits == ("logo",) and found.unmet == ()
    assert found.phrases == {"dog": ("dog",), "ball": ("sports ball",), "puppy": ("dog",), "logo": ()}
    assert (
        resolve_prompt([], (), open_vocabulary=False)
        == resolve_prompt([" , "], (), open_vocabulary=True)
        == ResolvedPrompt()
    )


def test_phrases_are_divided_at_commas():
    assert split_words(["red   car, dog ,", "", "dog,Ball"]) == ("red car", "dog", "Ball")


def test_an_open_vocabulary_takes_any_phrase_as_it_is():
    found = resolve_prompt(["red car, Unicorn", "logo", "man"], ("whatever",), open_vocabulary=True)
    assert found.classes == ("red car", "Unicorn", "man")
    assert found.traits == ("logo", "person") and found.phrases["logo"] == ()


# --- what cannot be found


def test_unknown_words_are_answered_with_what_is_known():
    error = refused(["dog", "red car", "unicorn", "surfbord"], COCO_NAMES)
    assert error.what == "the weights cannot look for 'red car', 'unicorn', 'surfbord'"
    assert "80 fixed classes (person, bicycle, car" in error.why
    assert "nearest to 'red car': car" in error.why and "nearest to 'surfbord': surfboard" in error.why
    assert "nearest to 'unicorn': none" in error.why
    assert "other words" in error.fix and "PANSCAN_OBJECTS_MODEL" in error.fix and "PANSCAN_OBJECTS_PROMPT" in error.fix


def test_a_kind_is_not_another_kind():
    assert classes("ball", "people", known=("football", "tennis ball", "woman")) == ("football", "tennis ball", "woman")
    assert classes("eagle", "woman", known=("bird", "human")) == ("bird", "human")
    error = refused(["football"], ("dog", "tennis ball"))
    assert "'football'" in error.what and "nearest to 'football'" in error.why
    found = resolve_prompt(["woman"], ("man",), open_vocabulary=False)
    assert (found.classes, found.traits) == ((), ("person",))


def test_without_weights_the_way_to_some_is_shown():
    error = refused(["dog", "logo", "unicorn"], ())
    assert error.what == "cannot look for 'dog', 'unicorn'"
    assert "panscan models pull" in error.fix and "PANSCAN_OBJECTS_MODEL" in error.fix
    assert all(trait in error.fix for trait in ("person", *TRAITS))


def test_wishes_that_cannot_be_met_are_told_and_do_not_stop():
    smart = presets.load_preset("smart-edit")
    wanted = resolve_prompt(smart.prompt, (), open_vocabulary=False, strict=False)
    assert (wanted.classes, wanted.traits, wanted.unmet) == ((), ("person",), ("animal", "ball"))
    avoided = resolve_prompt(smart.avoid, (), open_vocabulary=False, strict=False)
    assert (avoided.traits, avoided.unmet) == (("logo", "crowd"), ("screen",))


@pytest.mark.parametrize("name", presets.preset_names())
def test_the_words_of_our_presets_are_known(name):
    preset = presets.load_preset(name)
    wanted, avoided = (resolve_prompt(w, COCO_NAMES, open_vocabulary=False) for w in (preset.prompt, preset.avoid))
    assert not set(wanted.classes) & set(avoided.classes) and not set(wanted.traits) & set(avoided.traits)
