"""What of a timeline's framing is worth a look, by its figures and keys."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

import documents as make
from panscan.model.framing import shows_person
from panscan.timeline.framing_notes import enlargement, framing_notes, words_on_framing


def clip(*keys, subject=None, first=0, frame_count=100, **metrics):
    framing = make.framing(keys or ((0, 1.0, 0.0, 0.0),), metrics=metrics)
    cells = tuple(SimpleNamespace(camera=cell.camera, subject=subject) for cell in framing.cells)
    shown = SimpleNamespace(
        cells=cells, metrics=metrics, cuts_captions=framing.cuts_captions, confidence=framing.confidence
    )
    return SimpleNamespace(framing=shown, first=first, frame_count=frame_count)


def found(*clips):
    return {note.name: note for note in framing_notes(clips)}


def test_a_good_framing_needs_no_note():
    notes = framing_notes([clip(confidence=0.9, containment=0.95, captions_cut=0.05), clip()])
    assert notes == () and words_on_framing(notes) == ["framing: nothing stands out, by what the timeline says"]


@pytest.mark.parametrize(
    ("first", "count", "most"),
    [(0, 101, 3.0), (0, 51, 2.0), (60, 41, 3.0), (0, 1, 1.0), (100, 50, 3.0)],
    ids=["all", "to the middle", "from the middle", "one frame", "behind the last key"],
)
def test_enlargement_counts_what_is_shown_of_the_keys(first, count, most):
    assert enlargement(clip((0, 1.0, 0.0, 0.0), (100, 3.0, 0.0, 0.0), first=first, frame_count=count)) == most


def test_two_steps_of_enlargement():
    scales = (1.0, 1.5, 1.6, 2.0, 2.4, 2.6)
    told = found(*(clip((0, scale, 0.0, 0.0)) for scale in scales))
    assert told["enlarged"].shots == (3, 4) and told["enlarged"].figures == (1.6, 2.0)
    assert told["enlarged_twice"].shots == (5, 6)
    assert "shots 5-6 (2 of 6): 2.4 to 2.6 times" in told["enlarged_twice"].what


def test_heads_and_other_subjects_that_are_cut():
    told = found(
        clip(subject="person-1", containment=0.6),
        clip(subject="object-2", containment=0.7),
        clip(subject="person-1+person-2", containment=0.95),
    )
    assert told["heads"].shots == (1,) and "for up to 40% of the time" in told["heads"].what
    assert told["subjects"].shots == (2,) and set(told) == {"heads", "subjects"}


def test_doubts_and_captions():
    told = found(clip(confidence=0.2, clear=0.5, seen=0.2), clip(captions_cut=0.5), clip())
    assert told["doubt"].shots == (1,) and told["doubt"].figures == (0.2,)
    assert told["captions"].what == "captions are cut off in shot 2 (1 of 3)"
    head, *lines = words_on_framing(tuple(told.values()))
    assert "not part of the verdict" in head and len(lines) == 2
    assert told["captions"].to_json()["figures"] == [0.5]


@pytest.mark.parametrize(
    ("subject", "expected"),
    [("person-1", True), ("mover-1+person-2", True), ("object-1", False), ("", False), (None, False)],
)
def test_subjects_that_are_people(subject, expected):
    assert shows_person(subject) is expected
