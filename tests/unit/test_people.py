"""People whom somebody named: found again by where they are, written without loss, and told by their names."""

from __future__ import annotations

from fractions import Fraction

import pytest

import documents as make
import scenes
from panscan import direct
from panscan.direct.people import seen_people
from panscan.errors import UsageError
from panscan.model.request import NamedPerson, Override, SubjectBox
from panscan.request.override_edits import put_entries, read_entries
from panscan.request.overrides import load_overrides
from panscan.request.people import people_of
from panscan.request.people_edits import put_people
from panscan.request.taste import taste_of
from panscan.request.timecode_input import FrameGrid
from scenes import LOOKS, faces, perception, speaker, still

MEDIA = make.media(frame_count=100)
LEFT, RIGHT = still(200, 200), still(1450, 200)
GRID = FrameGrid(Fraction(25), 100, 0, "movie")
ANNA = NamedPerson("Anna", SubjectBox(40, (1450 / 1920, 300 / 1080, 200 / 1920, 200 / 1080)))


def planned(*overrides, seen=None, people=(ANNA,), **choices):
    seen = seen or perception(faces=faces(sorted(LEFT + RIGHT), LOOKS))
    asked = scenes.request(make.VERTICAL, overrides=overrides, people=people, **choices)
    (shot,) = direct.plan(MEDIA, seen, asked, taste=taste_of(seen, asked)).shots
    return shot


@pytest.mark.parametrize("rows", [sorted(LEFT + RIGHT), sorted(still(200, 200, frames=LOOKS[1:]) + RIGHT)])
def test_a_name_stays_with_its_person(rows):
    """Whoever comes first is person-1: another analysis numbers otherwise."""
    shot = planned(Override(first=0, subject="Anna"), seen=perception(faces=faces(rows, LOOKS)))
    assert shot.why.startswith("Anna, chosen by hand") and shot.unmet == ()
    assert shot.cells[0].aim.target_px[:, 0] == pytest.approx(1550, abs=20)


def test_a_prompt_knows_names():
    left = [planned(**{word: ("anna",)}).cells[0].aim.target_px[0, 0] < 960 for word in ("prompt", "avoid")]
    assert left == [False, True]


def test_who_is_not_where_they_were_is_told():
    shot = planned(Override(first=0, subject="Anna"), seen=perception(faces=faces(LEFT, LOOKS)))
    assert shot.unmet == ("Anna is not there",)


def test_how_long_people_are_seen_and_speak():
    """Two at 25 frames per second, of whom the right one speaks for two seconds of four."""
    seen = perception(
        faces=faces(sorted(LEFT + still(1450, 200, frames=LOOKS[: len(LOOKS) // 2])), LOOKS),
        speaker=speaker([(0, 50, 1)], [0, 1]),
    )
    first, second = seen_people(MEDIA, seen, (ANNA,))
    assert [first.called, second.called] == ["", "Anna"] and first.screen_s == pytest.approx(4, abs=0.3)
    assert second.screen_s == pytest.approx(2, abs=0.3) and second.speaking_s == pytest.approx(2, abs=0.3)
    assert first.speaking_s == 0 and second.best.box == pytest.approx(ANNA.at.box, abs=0.05)


# --- the file

WRITTEN = """media = "abc"

# the host
[[people]]
name = "Ben"    # with an n
subject_at = { frame = 3, box = [0.1, 0.1, 0.2, 0.2] }

[[shot]]
shot = 2
subject = "Ben"  # here too
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "talk.panscan.toml"
    path.write_text(WRITTEN, encoding="utf-8")
    return path


def people_in(path):
    from panscan.request.config_files import read_config

    return people_of(read_config(path), str(path), GRID)


def test_names_are_written_and_all_else_stays(file):
    put_people(file, {"Ben": NamedPerson("Benn", people_in(file)[0].at), "person-2": ANNA}, "abc")
    assert [person.name for person in people_in(file)] == ["Benn", "Anna"]
    text = file.read_text(encoding="utf-8")
    assert all(kept in text for kept in ("# the host", "# with an n", "# here too")) and read_entries(file)
    assert people_in(file)[1].at.box == pytest.approx(ANNA.at.box, abs=1e-4)


def test_entries_and_people_share_a_file(tmp_path):
    path = tmp_path / "new.panscan.toml"
    put_people(path, {"person-1": ANNA}, "abc")
    put_entries(path, [{"frame": 3, "subject": "Anna"}], "abc")
    put_people(path, {"person-2": NamedPerson("Ben", ANNA.at)}, "abc")
    put_entries(path, [{"frame": 3, "hold": True}, {"frame": 9, "hold": True}], "abc")
    assert [person.name for person in people_in(path)] == ["Anna", "Ben"]
    assert [override.frame for override in load_overrides(path, Fraction(25), 100)] == [3, 9]


def test_entries_go_into_a_file_of_people_alone(tmp_path):
    path = tmp_path / "talk.panscan.toml"
    path.write_text('[[people]]\nname = "Anna"\nsubject_at = { frame = 3, box = [0.1, 0.1, 0.2, 0.2] }\n')
    put_entries(path, [{"frame": 3, "hold": True}], "abc")
    assert people_in(path)[0].name == "Anna" and len(read_entries(path)) == 1 and 'media = "abc"' in path.read_text()


@pytest.mark.parametrize("name", ["person-2", "left", "Anna+Ben", "a, b", " ", "x" * 41])
def test_a_name_is_no_other_word(file, name):
    with pytest.raises(UsageError, match="cannot be somebody's name"):
        put_people(file, {"person-2": NamedPerson(name, ANNA.at)}, "abc")


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ('name = "Anna"', "does not say who"),
        ("subject_at = { frame = 3, box = [0, 0, 1, 1] }", "does not say who"),
        ('name = "ben"\nsubject_at = { frame = 3, box = [0, 0, 1, 1] }', "said once"),
        ('nam = "Anna"', "nam"),
    ],
)
def test_mistakes_are_told(file, written, word):
    file.write_text(f"{WRITTEN}\n[[people]]\n{written}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="person 2") as refused:
        people_in(file)
    assert word in str(refused.value)


def test_a_name_that_nobody_has_is_told(file):
    file.write_text(WRITTEN.replace('subject = "Ben"', 'subject = "ben"'), encoding="utf-8")
    with pytest.raises(UsageError, match="subject") as refused:
        load_overrides(file, Fraction(25), 100)
    assert "Did you mean 'Ben'?" in refused.value.fix
