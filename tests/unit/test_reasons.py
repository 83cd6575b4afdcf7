"""Why a shot is framed as it is, in words."""

import re
from dataclasses import replace

import pytest

from panscan.direct.adaptive import adaptive
from panscan.direct.reasons import list_names, words_on_left_out, words_on_turns
from scenes import LOOKS, faces, flow, objects, perception, scene, still, thing


def why(*face_rows, **signals):
    rows = sorted(row for rows in face_rows for row in rows)
    return adaptive(scene(perception(faces=faces(rows, LOOKS), **signals))).why


def test_one_face():
    assert why(still(800, 200)) == "shows person-1, the only face"


def test_one_who_walks_is_followed():
    assert why(still(200, 200, speed=12)) == "follows person-1, the only face"


def test_the_larger_of_two_that_do_not_fit():
    assert re.fullmatch(r"shows person-\d, the largest; person-\d left out", why(still(300, 120), still(1300, 260)))


def test_all_who_fit():
    assert re.fullmatch(r"shows person-\d and person-\d, all who are there", why(still(800, 160), still(1050, 150)))


def test_an_animal_is_told_by_its_name():
    dog = objects(thing("dog", 700, 400, 400, 300))
    assert why(objects=dog) == "shows the dog"


@pytest.mark.parametrize(("count", "words"), [(1, "the dog"), (2, "object-1 (dog)")])
def test_the_only_thing_of_its_kind_needs_no_number(count, words):
    dogs = objects(sorted(row for n in range(count) for row in thing("dog", 300 + 900 * n, 400, 400, 300)))
    there = scene(perception(faces=faces(still(800, 100), LOOKS), objects=dogs)).subjects
    first = next(subject for subject in there if subject.name == "object-1")
    assert list_names([first], there) == words


def test_what_moves_where_nothing_is_recognised():
    rows = [(frame, 1200, 400, 200, 200, 0.9) for frame in LOOKS]
    assert why(flow=flow(rows, LOOKS)).endswith("what moves most: nobody and nothing is recognised")


@pytest.mark.parametrize("unit", ["widths/s", "windows", "cuts/min", "0."])
def test_no_figures(unit):
    assert unit not in why(still(300, 120), still(1300, 260))


def some(*names):
    """Subjects with these names, of persons."""
    found = scene(perception(faces=faces(still(800, 200), LOOKS))).subjects[0]
    return [replace(found, name=name) for name in names]


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("a", "a"),
        ("ab", "a and b"),
        ("abc", "a, b and c"),
        ("aab", "a and b"),
        ("abcd", "a, b and 2 more"),
    ],
)
def test_names(names, words):
    assert list_names(some(*names)) == words


@pytest.mark.parametrize(
    ("names", "words"), [("", ""), ("a", "a left out"), ("abc", "a, b and c left out"), ("abcde", "5 people left out")]
)
def test_who_is_left_out(names, words):
    assert words_on_left_out(some(*names)) == words


@pytest.mark.parametrize(
    ("turns", "words"),
    [("aa", "a speaks"), ("abab", "a and b speak in turn"), ("abcd", "a, b and 2 more speak in turn")],
)
def test_who_speaks(turns, words):
    assert words_on_turns(turns) == words
