"""Overrides: read from TOML and YAML alike, on the media's frames, and applied to the right part of the right shot."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panscan.errors import UsageError
from panscan.model.request import Override, PlacedKey, SubjectBox
from panscan.request.override_entries import CUT_PLACE_KEYS, SETTING_KEYS
from panscan.request.overrides import (
    find_overrides,
    load_overrides,
)

RATE = Fraction(25)
NTSC = Fraction(30000, 1001)
FRAMES = 2500  # 100 s
PAGE = (Path(__file__).parents[2] / "docs" / "overrides.md").read_text(encoding="utf-8")


@pytest.fixture
def read(tmp_path):
    def loaded(text, suffix=".toml", rate=RATE, frame_count=FRAMES, start_frames=0):
        path = tmp_path / f"talk.panscan{suffix}"
        path.write_text(text, encoding="utf-8")
        return load_overrides(path, rate, frame_count, start_frames)

    return loaded


@pytest.fixture
def refused(read):
    def said(text, *words, **options):
        with pytest.raises(UsageError) as error:
            read(text, **options)
        assert error.value.exit_code == 2 and error.value.why and error.value.fix
        for word in ("talk.panscan", *words):
            assert word in str(error.value)

    return said


# --- where the file is


@pytest.mark.parametrize("suffix", [".panscan.toml", ".panscan.yaml", ".panscan.yml"])
def test_the_file_beside_the_media_is_found(tmp_path, suffix):
    media = tmp_path / "my.talk.mp4"
    assert find_overrides(media) is None
    (tmp_path / "other.panscan.toml").write_text("")
    (tmp_path / f"my{suffix}").write_text("")
    assert find_overrides(media) is None
    (tmp_path / f"my.talk{suffix}").write_text("")
    assert find_overrides(media) == tmp_path / f"my.talk{suffix}"


def test_two_files_beside_the_media_are_one_too_many(tmp_path):
    for suffix in (".toml", ".yml"):
        (tmp_path / f"talk.panscan{suffix}").write_text("")
    with pytest.raises(UsageError, match=r"talk\.panscan\.toml and talk\.panscan\.yml"):
        find_overrides(tmp_path / "talk.mp4")


# --- what it says


def test_every_key_is_read(read):
    text = """
    [[shot]]
    shot = 2
    ratio = "9x16"
    subject = "person-2"
    layout = "split-2"
    hold = false
    zoom = 2
    method = "gravity"
    mode = "stable"
    [[shot]]
    from = 1
    center = [0, 1.0]
    """
    assert read(text) == (
        Override(2, None, None, "9:16", "person-2", "split-2", None, False, 2.0, "gravity", "stable"),
        Override(first=25, center=(0.0, 1.0)),
    )


@pytest.mark.parametrize("subject", ["left", "right", "largest", "speaker", "person-1", "mover-12", "object-3"])
def test_subjects(read, subject):
    assert read(f'[[shot]]\nshot = 1\nsubject = "{subject}"\n') == (Override(1, subject=subject),)


def test_fit_is_short_for_the_layout(read):
    assert read("[[shot]]\nshot = 1\nfit = true\n") == read('[[shot]]\nshot = 1\nlayout = "fit"\n')
    assert read('[[shot]]\nshot = 1\nlayout = "fit"\nfit = true\n')[0].layout == "fit"


@pytest.mark.parametrize(("text", "suffix"), [("", ".toml"), ("", ".yaml"), ("# nothing yet\n", ".yml")])
def test_an_empty_file_says_nothing(read, text, suffix):
    assert read(text, suffix) == ()


def test_yaml_says_the_same(read):
    toml = (
        '[[shot]]\nfrom = 90\nto = "01:35.5"\nratio = "9:16"\ncenter = [0.5, 0.25]\n[[shot]]\nshot = 3\nhold = true\n'
    )
    yaml = """
    shot:
      - from: 1:30        # YAML 1.1 would make 90 of it, and 556 of the ratio
        to: 1:35.5
        ratio: 9:16
        center: [0.5, 0.25]
      - {shot: 3, hold: true}
    """
    assert read(yaml, ".yaml") == read(toml)


# --- moments


@pytest.mark.parametrize(
    ("written", "frame"),
    [
        ("12.5", 313), ("12", 300), ("0.02", 1), ("0.019", 0), ('"12.5"', 313), ('"01:05"', 1625), ('"1:05.2"', 1630),
        ('"00:01:05.5"', 1638), ("00:01:05.5", 1638), ("00:01:05", 1625), ('"00:01:05:10"', 1635), ('"0:1:5:3"', 1628),
    ],
)  # fmt: skip
def test_moments(read, written, frame):
    assert read(f"[[shot]]\nfrom = {written}\nhold = true\n")[0].first == frame


def test_ntsc_moments_are_exact(read):
    (one,) = read('[[shot]]\nfrom = "10:00"\nto = 3600\nhold = true\n', rate=NTSC, frame_count=200_000)
    assert (one.first, one.end) == (17982, 107892)


@pytest.mark.parametrize(
    ("written", "start", "frame"),
    [
        ("01:00:00:00", 107892, 108),
        ("01:00:00;00", 107892, 0),
        ("01:00:10;00", 107892, 300),
        ("01:01:00;02", 107892, 1800),
    ],
)
def test_timecode_is_that_of_the_media(read, written, start, frame):
    (one,) = read(f'[[shot]]\nfrom = "{written}"\nhold = true\n', rate=NTSC, frame_count=9000, start_frames=start)
    assert one.first == frame


def test_timecode_may_run_past_midnight(read):
    start = 25 * (24 * 3600 - 10)
    (one,) = read('[[shot]]\nfrom = "23:59:55:00"\nto = "00:00:05:00"\nhold = true\n', start_frames=start)
    assert (one.first, one.end) == (125, 375)


def test_seconds_do_not_care_about_timecode(read):
    assert read('[[shot]]\nfrom = "00:10"\nhold = true\n', start_frames=90_000)[0].first == 250


def test_either_end_may_be_missing_and_the_end_is_the_end(read):
    text = "[[shot]]\nto = 100\nhold = true\n[[shot]]\nfrom = 99.96\nhold = true\n"
    assert [(o.first, o.end) for o in read(text)] == [(None, 2500), (2499, None)]


# --- mistakes


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("shot = 0\nhold = true", ("entry 1", "shot = 0", "a whole number from 1")),
        ("shot = 1.0\nhold = true", ("shot = 1.0", "whole number")),
        ("shot = true\nhold = true", ("shot = true", "whole number")),
        ("hold = true", ("entry 1", "does not say where")),
        ("shot = 1\nfrom = 0\nhold = true", ("`shot` goes without `from` and `to`",)),
        ("shot = 1", ("does not say what", "subject, layout, center")),
        ('shot = 1\nratio = "9:16"', ("does not say what",)),
        ('shot = 1\nsubjet = "left"', ("unknown key 'subjet'", "Did you mean 'subject'?")),
        ('shot = 1\nsubject = "Bob"', ('subject = "Bob"', "left, right, largest, speaker", "person-2")),
        ('shot = 1\nsubject = "person-0"', ("person-0",)),
        ("shot = 1\nsubject = 2", ("subject = 2",)),
        ('shot = 1\nsubject = "left"\ncenter = [0, 0]', ("`subject` and `center` exclude each other",)),
        ('shot = 1\nlayout = "split"', ('layout = "split"', "auto, pip, stack, fit, split-2")),
        ('shot = 1\nlayout = "pip"\nfit = true', ("fit = true", "`layout`")),
        ("shot = 1\nfit = false", ("fit = false", "true, or not there")),
        ("shot = 1\ncenter = [0.5]", ("center", "a pair [x, y]")),
        ("shot = 1\ncenter = [0.5, 1.1]", ("center", "each 0 to 1")),
        ('shot = 1\ncenter = ["a", 0]', ("center", "a pair")),
        ("shot = 1\ncenter = 0.5", ("center = 0.5", "a pair")),
        ('shot = 1\nhold = "yes"', ('hold = "yes"', "true or false")),
        ("shot = 1\nzoom = 2.5", ("zoom = 2.5", "from 1 to 2")),
        ("shot = 1\nzoom = inf", ("zoom = inf", "from 1 to 2")),
        ('shot = 1\nmethod = "none"', ("method", "adaptive")),
        ('shot = 1\nmode = "wild"', ("mode", "stable, balanced, responsive")),
        ('shot = 1\nhold = true\nratio = "tall"', ('ratio = "tall"', "a shape such as 9:16")),
        ("shot = 1\nhold = true\nratio = 916", ("ratio = 916",)),
        ("from = 101\nhold = true", ("from = 101", "outside the movie", "100.000 s")),
        ("to = 100.1\nhold = true", ("to = 100.1", "outside the movie")),
        ("from = 100\nhold = true", ("the range is empty",)),
        ("from = -1\nhold = true", ("from = -1", "outside the movie")),
        ("from = 5\nto = 5.01\nhold = true", ("the range is empty", "frame 125")),
        ("from = 6\nto = 5\nhold = true", ("the range is empty", "frame 150", "frame 125")),
        ("from = nan\nhold = true", ("from = nan", "MM:SS.s")),
        ("from = true\nhold = true", ("from = true", "seconds (12.5)")),
        (f"from = {10**400}\nhold = true", ("from", "outside the movie")),
        ('from = "soon"\nhold = true', ('from = "soon"', "HH:MM:SS:FF")),
        ('from = "1:60"\nhold = true', ("1:60 has 60 or more",)),
        ('from = "0:61:00"\nhold = true', ("60 or more",)),
        ('from = "00:75:00:00"\nhold = true', ("60 or more",)),
        ('from = "00:00:01:25"\nhold = true', ("has frame 25", "0 to 24")),
        ('from = "00:00:01;10"\nhold = true', ("drop frame, which is for 29.97 and 59.94",)),
        ("shot = 2\nhold = true\n[[shot]]\nshot = 1\nzoom = 9", ("entry 2", "zoom = 9")),
        ("shot = 1\nframe = 2\nhold = true", ("`shot` and `frame` exclude each other",)),
        ("frame = 2500\nhold = true", ("frame = 2500", "has 2500")),
        ("frame = [20, 20]\nhold = true", ("frame = [20, 20]", "rising")),
        ("frame = [0, 20, 30]\nhold = true", ("frame", "[first, first after]")),
        ("frame = []\nhold = true", ("frame", "[first, first after]")),
        ("frame = [0, 9]\nsetup = true\nhold = true", ("`setup` goes with one shot",)),
        ("shot = 1\ncell = 2\nlayout = 'pip'", ("does not say what the cell is for", "keys")),
        ("shot = 1\nnote = 'look here'", ("does not say what",)),
        ("shot = 1\nbackground = 'red'", ('background = "red"', "#rrggbb")),
        ("shot = 1\nsubject_at = { frame = 3 }", ("subject_at", "box")),
        ("shot = 1\nsubject_at = { box = [0, 0, 1, 1] }", ("subject_at", "does not say when")),
        ("shot = 1\nsubject_at = { frame = 3, box = [0, 0, 0, 1] }", ("subject_at", "over 0")),
        ("shot = 1\nkeys = []", ("keys", "a list of keys")),
        ("shot = 1\nkeys = [{ center = [0, 0] }]", ("key 1", "does not say when")),
        ("shot = 1\nkeys = [{ frame = 3, at = 1 }]", ("key 1", "and not both")),
        ("shot = 1\nkeys = [{ frame = 3, zoom = 0 }]", ("key 1", "zoom = 0", "from 0.01")),
        ("shot = 1\nkeys = [{ frame = 3 }, { at = 0.12 }]", ("keys", "in the order of time")),
    ],
)  # fmt: skip
def test_a_mistake_names_file_entry_key_and_what_is_allowed(refused, lines, words):
    refused(f"[[shot]]\n{lines}\n", *words)


def test_a_number_that_drop_frame_leaves_out(refused):
    refused('[[shot]]\nfrom = "00:01:00;01"\nhold = true\n', "drop frame leaves this number out", rate=NTSC)


@pytest.mark.parametrize(
    ("text", "suffix", "words"),
    [
        ("[shot]\nhold = true", ".toml", ("no list of entries", "[[shot]]")),
        ("shot = 3", ".toml", ("no list of entries",)),
        ("shots = []", ".toml", ("unknown key 'shots'", "Did you mean 'shot'?")),
        ("[[shot]", ".toml", ("is not TOML",)),
        ("- shot: 1", ".yaml", ("holds no keys", "a list")),
        ("shot: [a", ".yaml", ("is not YAML",)),
        ("shot:\n  - {shot: 1, hold: true, hold: false}", ".yml", ("'hold' is given twice",)),
        ("shot: !!python/object/apply:os.getcwd []", ".yaml", ("is not YAML", "python/object")),
        ("[" * 5000, ".yaml", ("is not YAML",)),
        ("x = " + "[" * 5000, ".toml", ("is not TOML",)),
        ("shot:\n  - 1: 2", ".yaml", ("unknown key '1'",)),
    ],
)
def test_a_file_of_another_form_is_refused(refused, text, suffix, words):
    refused(text, *words, suffix=suffix)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="cannot read"):
        load_overrides(tmp_path / "none.toml", RATE, FRAMES)


_VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.sampled_from([10**400, "1:2", "1:2:3:4", "00:01:00;00", "9:16", "0:0", "fit", "person-1", "auto", ""]),
        st.text(max_size=5),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(
    st.lists(st.dictionaries(st.sampled_from([*CUT_PLACE_KEYS, *SETTING_KEYS]), _VALUES, max_size=3), max_size=3),
    st.booleans(),
)
def test_whatever_is_written_is_understood_or_refused(tmp_path_factory, entries, of_cut):
    path = tmp_path_factory.mktemp("any") / "talk.panscan.yaml"
    path.write_text(json.dumps({"shot": entries}), encoding="utf-8")
    try:
        found = load_overrides(path, NTSC, FRAMES, of_cut=of_cut)
    except UsageError as error:
        assert "talk.panscan.yaml" in str(error) and error.why
    else:
        assert len(found) == len(entries)
        for override in found:
            first, end = override.frames or (override.first, override.end)
            assert 0 <= (first or 0) < (FRAMES if end is None else end) <= FRAMES


# --- the page


def example(words, kind="toml"):
    """The first example of the page that holds these words."""
    return next(text for text in re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL) if words in text)


def test_the_examples_of_the_page_work_and_say_the_same(read):
    start = 10 * 3600 * 25
    found = read(example('subject = "person-2"'), frame_count=10_000, start_frames=start)
    assert found == read(example("subject: person-2", "yaml"), ".yaml", frame_count=10_000, start_frames=start)
    assert found == (
        Override(3, subject="person-2"),
        Override(first=1813, end=2000, layout="split-2"),
        Override(first=3000, layout="fit"),
        Override(7, ratio="9:16", center=(0.72, 0.40), hold=True, zoom=1.3),
    )


def test_the_example_of_what_lasts_works(read):
    assert read(example("setup = true")) == (
        Override(
            frame=312,
            setup=True,
            subject_at=SubjectBox(312, (0.21, 0.18, 0.08, 0.14)),
            note="the host, not the guest",
        ),
        Override(
            frames=(480, 600),
            ratio="9:16",
            keys=(PlacedKey(480, (0.31, 0.5), inside=False), PlacedKey(530, (0.62, 0.5), 1.2, inside=False)),
        ),
        Override(frame=720, layout="split-2", cell=2, center=(0.8, 0.4), background="blur"),
    )


def test_the_example_for_a_cut_works(tmp_path):
    path = tmp_path / "cut.panscan.toml"
    path.write_text(example("# cut.panscan.toml"), encoding="utf-8")
    assert load_overrides(path, RATE, 10_000, 3600 * 25, of_cut=True) == (
        Override(3, hold=True),
        Override(clip="interview 2", subject="person-1"),
        Override(first=310, end=500, center=(0.3, 0.5)),
    )


def test_the_page_names_every_key():
    for key in (*CUT_PLACE_KEYS, *SETTING_KEYS):
        assert f"`{key}`" in PAGE
