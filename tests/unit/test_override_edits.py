"""Entries are added to and removed from an overrides file; whatever else a person wrote there stays."""

from __future__ import annotations

import tomllib
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panscan.errors import UsageError
from panscan.request.override_edits import put_entries, read_entries, remove_entries
from panscan.request.overrides import load_overrides

WRITTEN = """# talk, second version

[[shot]]
shot = 1        # the host
hold = true

# the guest
[[shot]]
shot = 2
# she walks
zoom = 1.3

# to do: the end

"""
KEYS = {"frame": [20, 40], "ratio": "9:16", "keys": [{"frame": 20, "center": [0.25, 0.5], "zoom": 1.5}]}


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "talk.panscan.toml"
    path.write_text(WRITTEN, encoding="utf-8")
    return path


def comments(text):
    return [line.partition("#")[2].strip() for line in text.splitlines() if "#" in line]


def test_what_is_put_comes_last_and_the_rest_stays_as_it_was(file):
    put_entries(file, [KEYS])
    assert file.read_text().startswith(WRITTEN.rstrip("\n"))
    assert read_entries(file)[2:] == [KEYS]


def test_a_file_that_was_not_there_says_what_it_is(tmp_path):
    path = tmp_path / "new.panscan.toml"
    assert read_entries(path) == []
    put_entries(path, [KEYS, {"shot": 1, "note": 'say "cheese"\n# no comment', "hold": True}])
    assert path.read_text().startswith("# What was decided by hand") and len(read_entries(path)) == 2
    assert len(load_overrides(path, Fraction(25), 100)) == 2


def test_the_movie_is_told_at_the_head_of_a_new_file(tmp_path, file):
    new = tmp_path / "new.panscan.toml"
    put_entries(new, [KEYS], "0a1b")
    put_entries(new, [{"shot": 1, "hold": True}], "2c3d")
    assert tomllib.loads(new.read_text())["media"] == "0a1b", "the frames of its first entries are those of that movie"
    assert len(load_overrides(new, Fraction(25), 100)) == 2
    put_entries(file, [KEYS], "0a1b")
    assert "media" not in tomllib.loads(file.read_text()), "nobody knows which movie the others are about"


def test_the_same_place_and_cell_is_changed_and_wins_again(file):
    put_entries(file, [KEYS])
    put_entries(file, [{"shot": 2, "subject": "left"}, {**KEYS, "cell": 2}])
    put_entries(file, [{"shot": 2, "center": [0.5, 0.5]}])
    assert read_entries(file) == [
        {"shot": 1, "hold": True},
        KEYS,
        {**KEYS, "cell": 2},
        {"shot": 2, "zoom": 1.3, "center": [0.5, 0.5]},
    ]
    assert sorted(comments(file.read_text())) == sorted(comments(WRITTEN))
    assert "# she walks\nzoom = 1.3\n" in file.read_text()


def test_what_is_removed_takes_only_its_own_lines_along(file):
    assert remove_entries(file, [2]) == [{"shot": 2, "zoom": 1.3}]
    assert file.read_text() == WRITTEN.replace("[[shot]]\nshot = 2\n# she walks\nzoom = 1.3\n\n", "")
    remove_entries(file, [1])
    assert read_entries(file) == [] and comments(file.read_text()) == [
        "talk, second version",
        "the guest",
        "to do: the end",
    ]


def test_a_last_line_without_an_end_gets_one(tmp_path):
    path = tmp_path / "talk.panscan.toml"
    path.write_text("[[shot]]\nshot = 1\nhold = true")
    put_entries(path, [KEYS])
    assert path.read_text().startswith("[[shot]]\nshot = 1\nhold = true\n\n[[shot]]\n")


def test_numbers_count_before_anything_is_removed(file):
    put_entries(file, [KEYS])
    assert remove_entries(file, [1, 3, 1]) == [{"shot": 1, "hold": True}, KEYS]
    assert read_entries(file) == [{"shot": 2, "zoom": 1.3}]


@pytest.mark.parametrize(
    ("text", "name", "words"),
    [
        ("shot = [{ shot = 1, hold = true }]\n", "a.toml", "do not each begin with a line"),
        ('[[shot]]\nshot = 1\nnote = """\n[[shot]]\n"""\nhold = true\n', "a.toml", "do not each begin"),
        ("shot:\n  - {shot: 1, hold: true}\n", "a.yaml", "YAML would lose its comments"),
    ],
)
def test_what_would_be_damaged_is_refused(tmp_path, text, name, words):
    path = tmp_path / name
    path.write_text(text)
    for change in (lambda: put_entries(path, [KEYS]), lambda: remove_entries(path, [1])):
        with pytest.raises(UsageError, match="cannot be changed here") as error:
            change()
        assert words in error.value.why and error.value.fix
    assert path.read_text() == text


def test_an_entry_that_is_not_there(file):
    with pytest.raises(UsageError, match="no entry 3"):
        remove_entries(file, [1, 3])
    assert file.read_text() == WRITTEN


_LINES = st.sampled_from(["", "# a comment", "  # another"])
_TEXTS = st.lists(
    st.tuples(st.lists(_LINES, max_size=3), st.integers(1, 9), st.lists(_LINES, max_size=2)), max_size=4
).map(
    lambda rows: "".join(
        "\n".join([*before, "[[shot]]", f"shot = {number} # {number}", *inner, "hold = true", ""])
        for before, number, inner in rows
    )
)


@given(text=_TEXTS, data=st.data())
def test_of_any_file_only_what_was_asked_changes(tmp_path_factory, text, data):
    path = tmp_path_factory.mktemp("any") / "talk.panscan.toml"
    path.write_text(text)
    before = tomllib.loads(text).get("shot", [])
    put_entries(path, [KEYS])
    assert read_entries(path) == [*before, KEYS]
    gone = data.draw(st.sets(st.integers(1, len(before) + 1)))
    remove_entries(path, gone)
    assert read_entries(path) == [one for n, one in enumerate([*before, KEYS], 1) if n not in gone]


@pytest.mark.parametrize("text", ["shot = 3\n", "shot = [3]\n"])
def test_what_is_no_entry_is_told_and_not_passed_over(file, text):
    file.write_text(text)
    with pytest.raises(UsageError, match="no list of entries"):
        read_entries(file)
