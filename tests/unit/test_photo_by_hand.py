"""Shots of a photo that a person wants otherwise: who, where, how near, and without movement."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import photo_scenes as scenes
from panscan.errors import UsageError
from panscan.model.geometry import Ratio
from panscan.photos.by_hand import photo_overrides, with_overrides
from panscan.photos.planner import plan_shots
from panscan.photos.sequence import SequenceOptions, still_clips
from panscan.photos.words import why

SIZE = (1500, 1000)
LEFT, RIGHT = scenes.standing("person-1", 450, 250, 650), scenes.standing("person-2", 1050, 250, 650)
SEEN = scenes.perception(SIZE, [LEFT, RIGHT])
FOUND = plan_shots(SEEN, [LEFT], Ratio(4, 5))


def told(folder, text, name="talk.panscan.toml"):
    (folder / name).write_text(text)
    return photo_overrides(folder / "talk.jpg", None)


def otherwise(folder, text):
    return with_overrides(FOUND, SEEN, told(folder, text)).shots


def test_a_shot_goes_where_it_is_sent_and_the_others_stay(tmp_path):
    shots = otherwise(tmp_path, "[[shot]]\nshot = 2\ncenter = [0.7, 0.5]\nzoom = 1.25\n")
    assert shots[0] == FOUND.shots[0] and shots[2] == FOUND.shots[2]
    x0, y0, x1, y1 = shots[1].box_px
    assert ((x0 + x1) / 2, (y0 + y1) / 2) == pytest.approx((0.7 * SIZE[0], 0.5 * SIZE[1]), abs=1)
    before = FOUND.shots[1].box_px
    assert (before[2] - before[0]) / (x1 - x0) == pytest.approx(1.25, abs=0.01)
    assert why(shots[0], SEEN) == why(FOUND.shots[0], SEEN)


def test_of_a_shot_that_was_moved_only_its_size_is_said(tmp_path):
    """What it was planned to show may lie elsewhere."""
    (*_, close) = otherwise(tmp_path, "[[shot]]\nshot = 3\ncenter = [0, 0]\n")
    said = why(close, SEEN)
    assert said.startswith("Placed by hand; ") and "% of the photo" in said
    assert "person-1" not in said and "head" not in said
    (held, *_) = otherwise(tmp_path, "[[shot]]\nshot = 1\nhold = true\n")
    assert why(held, SEEN) == f"{why(FOUND.shots[0], SEEN)}, as said by hand"


def test_a_shot_never_leaves_the_photo(tmp_path):
    box = otherwise(tmp_path, "[[shot]]\nshot = 1\ncenter = [1, 0]\n")[0].box_px
    assert (box[1], box[2]) == (0, SIZE[0]) and box[0] >= 0


def test_a_shot_of_somebody_else_is_planned_anew(tmp_path):
    (*_, close) = otherwise(tmp_path, '[[shot]]\nshot = 3\nsubject = "right"\n')
    assert [person.name for person in close.brief.people] == ["person-2"]
    assert np.all(np.array(close.box_px)[:2] <= RIGHT.head_px[:2]) and close.shot == "close-up"


def test_a_held_shot_does_not_come_nearer(tmp_path):
    shots = with_overrides(FOUND, SEEN, told(tmp_path, "[[shot]]\nshot = 1\nhold = true\n"))
    clips = still_clips(Path("talk.jpg"), shots, SEEN, SequenceOptions(push=1.06))
    assert [clip.framing.effect for clip in clips] == ["STATIC", "BREATHE", "BREATHE"]


def test_an_entry_for_another_shape_changes_nothing(tmp_path):
    for number in (1, 4):  # other shapes may have more shots
        assert otherwise(tmp_path, f'[[shot]]\nshot = {number}\nratio = "9:16"\nzoom = 2\n') == FOUND.shots


def test_the_file_with_the_whole_name_goes_first(tmp_path):
    told(tmp_path, "[[shot]]\nshot = 1\nzoom = 2\n")
    assert told(tmp_path, "[[shot]]\nshot = 1\nzoom = 1.5\n", "talk.jpg.panscan.toml")[0].zoom == 1.5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("from = 0\nto = 1\nhold = true", "no time"),
        ('shot = 1\nlayout = "split-2"', "means nothing for a photo"),
        ("shot = 1\nfit = true", "means nothing for a photo"),
        ("shot = 1\nkeys = [{ frame = 3 }]", "means nothing for a photo"),
        ("shot = 4\nhold = true", "no shot 4\n.*The photo has 3 shots"),
        ('shot = 1\nsubject = "person-9"', "nobody"),
        ("shot = 1\nzoom = 9", "zoom"),
    ],
)
def test_mistakes_are_told(text, says, tmp_path):
    with pytest.raises(UsageError, match=says):
        otherwise(tmp_path, f"[[shot]]\n{text}\n")
