"""Decisions made by hand for an editor's cut and for its media: they hold where they were meant, and nowhere else."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

import numbered as make
from commandline import panscan
from panscan import pipeline
from panscan.errors import UsageError
from panscan.ingest.cuts.read import read_editor_cut
from panscan.model.request import Override, PlacedKey, SubjectBox
from panscan.request.cut_overrides import clip_overrides
from panscan.request.options import request_for
from panscan.request.override_files import cut_overrides
from panscan.timeline import cut as document
from panscan.timeline.editorial import EditorCut
from panscan.timeline.files import read_timeline, recipe_of
from panscan.timeline.flatten import flatten_timeline

TALL = request_for("9:16")
LEFT = {"center": (0.05, 0.5), "hold": True}
HOUR = 25 * 3600


def children(talk: Path) -> list[Any]:
    """Record frames: late 0-60, a gap, early 65-105, backwards 105-135, later in a nest 135-165, late again 165-225."""
    available = make.time_range(0, 400)
    back = make.clip(
        talk, 60, 30, available=available, name="backwards", effects=[otio.schema.LinearTimeWarp(time_scalar=-1.0)]
    )
    inner = make.track(make.clip(talk, 190, 50, available=available, name="later"))
    nest = otio.schema.Stack(name="nest", children=[inner], source_range=make.time_range(10, 30))
    return [
        make.clip(talk, 80, 60, available=available, name="late"),
        make.gap(5),
        make.clip(talk, 10, 40, available=available, name="early"),
        back,
        nest,
        make.clip(talk, 80, 60, available=available, name="late again"),
    ]


@pytest.fixture(scope="module")
def cut_file(talk: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    timeline = make.timeline(make.track(*children(talk)))
    timeline.global_start_time = otio.opentime.RationalTime(HOUR, 25)
    return make.written(timeline, tmp_path_factory.mktemp("by hand") / "cut.otio")


@pytest.fixture(scope="module")
def cut(cut_file: Path) -> EditorCut:
    return read_editor_cut(cut_file)


def shown(cut: EditorCut, seen: Any, *overrides: Override, **named: Any) -> tuple[dict[int, tuple[float, ...]], Any]:
    """The crop (left, top, width, height) that every record frame shows, and what was noted."""
    media, perception = seen
    asked = replace(TALL, overrides=overrides, **named)
    attached = pipeline.reframe_cut(pipeline.CutAnalysis(cut, {media.path: perception}), asked)
    found = {}
    for clip in document.read_cut(flatten_timeline(attached.timeline), folder=Path("/")).clips:
        (cell, *_), source = clip.framing.cells, clip.framing.source
        for n in range(clip.frame_count):
            crop = cell.crop_at(clip.media_frame(n), source)
            found[clip.record_frame + n] = (crop.left, crop.top, crop.width, crop.height)
    return found, attached.notes


@pytest.fixture(scope="module")
def plain(cut: EditorCut, talk_seen: Any) -> Mapping[int, tuple[float, ...]]:
    return shown(cut, talk_seen)[0]


@pytest.mark.parametrize(
    ("override", "frames"),
    [
        (Override(first=20, end=50, **LEFT), range(20, 50)),
        (Override(shot=1, **LEFT), range(60)),
        (Override(clip="late", **LEFT), range(60)),
        (Override(clip="early", **LEFT), range(65, 105)),
        (Override(shot=2, **LEFT), range(65, 105)),
        (Override(first=110, end=120, **LEFT), range(110, 120)),
        (Override(first=140, end=150, **LEFT), range(140, 150)),
        (Override(first=40, end=75, **LEFT), [*range(40, 60), *range(65, 75)]),
        (Override(shot=5, **LEFT), range(165, 225)),
    ],
)
def test_an_override_holds_where_it_was_meant_and_nowhere_else(
    override: Override, frames: Any, cut: EditorCut, talk_seen: Any, plain: Mapping[int, Any]
) -> None:
    """Also where the same media frames are shown a second time, backwards and inside a nest."""
    found, notes = shown(cut, talk_seen, override)
    assert not notes and found.keys() == plain.keys()
    for frame, crop in found.items():
        if frame in frames:
            assert crop[0] == pytest.approx(0, abs=0.01), f"record frame {frame} looks to the left"
    untouched = {clip for clip in ROWS if not any(frame in clip for frame in frames)}
    assert untouched
    for clip in untouched:
        assert [found[frame] for frame in clip] == [plain[frame] for frame in clip]
    outside = [f for clip in ROWS if clip not in untouched for f in clip if f not in frames]
    assert all(found[frame][0] > 1 for frame in outside), "the camera is elsewhere outside the range"


ROWS = (range(60), range(65, 105), range(105, 135), range(135, 165), range(165, 225))


def test_all_of_the_cut_and_a_later_word_for_one_clip(cut: EditorCut, talk_seen: Any) -> None:
    right = {"center": (0.95, 0.5), "hold": True}
    found, _ = shown(cut, talk_seen, Override(first=0, **LEFT), Override(clip="early", **right))
    width = talk_seen[0].video.display_size.width
    for frame, (left, _, crop_width, _) in found.items():
        assert left == pytest.approx(width - crop_width if frame in ROWS[1] else 0, abs=0.01)


def test_decisions_for_a_media_hold_wherever_it_is_shown(
    cut: EditorCut, talk_seen: Any, plain: Mapping[int, Any]
) -> None:
    rate = talk_seen[0].video.rate
    of_media = ((talk_seen[0].path, (Override(first=round(4 * rate), end=round(5 * rate), **LEFT),)),)
    found, _ = shown(cut, talk_seen, media_overrides=of_media)
    held = [*range(20, 45), *range(185, 210)]  # 4 s to 5 s of the media, the clips start at 3.2 s
    assert all(found[frame][0] == pytest.approx(0, abs=0.01) for frame in held)
    assert [found[frame] for frame in ROWS[3]] == [plain[frame] for frame in ROWS[3]], "another shot of the media"
    assert all(found[frame][0] > 1 for clip in ROWS[1:3] for frame in clip)
    found, _ = shown(cut, talk_seen, Override(clip="late", center=(0.95, 0.5)), media_overrides=of_media)
    assert all(found[frame][0] > 100 for frame in range(20, 40)), "the cut's own decision comes after"
    assert all(found[frame][0] == pytest.approx(0, abs=0.01) for frame in range(185, 205))


def test_frames_of_keys_and_boxes_count_on_the_record(cut: EditorCut) -> None:
    """Record frame 70 is 0.6 s of the media in the clip that begins there with 0.4 s, and 4 s in one that is later."""
    keys, box = (PlacedKey(70, (0.2, 0.5)), PlacedKey(90, (0.4, 0.5))), SubjectBox(70, (0.1, 0.1, 0.2, 0.2))
    found, notes = clip_overrides(cut, [Override(frames=(65, 105), keys=keys, subject_at=box)], {})
    rate = cut.media[cut.clips[0].media_path].video.rate
    ((early,), at) = next((own, n) for n, own in enumerate(found) if own)
    assert cut.clips[at].clip.name == "early" and not notes and sum(map(len, found)) == 1
    assert [key.frame for key in early.keys or ()] == [round(0.6 * rate), round(1.4 * rate)]
    assert early.subject_at == SubjectBox(round(0.6 * rate), box.box) and (early.first, early.end) == (None, None)
    assert clip_overrides(cut, [Override(frame=70, hold=True)], {}) == clip_overrides(cut, [Override(2, hold=True)], {})
    _, (note,) = clip_overrides(cut, [Override(frame=62, hold=True)], {})
    assert "No clip with a camera" in str(note)


def test_another_shape_is_not_meant(cut: EditorCut, talk_seen: Any, plain: Mapping[int, Any]) -> None:
    assert shown(cut, talk_seen, Override(shot=1, ratio="1:1", **LEFT))[0] == plain


def test_a_layout_by_hand(cut: EditorCut, talk_seen: Any) -> None:
    found, _ = shown(cut, talk_seen, Override(clip="early", layout="fit"))
    width = talk_seen[0].video.display_size.width
    assert all(found[frame][2] == pytest.approx(width, abs=0.5) for frame in ROWS[1])
    assert all(found[frame][2] < width for frame in ROWS[0])


def test_a_range_without_clips_is_noted(cut: EditorCut, talk_seen: Any, plain: Mapping[int, Any]) -> None:
    found, notes = shown(cut, talk_seen, Override(shot=1, hold=True), Override(first=60, end=65, **LEFT))
    assert [str(note) for note in notes] == ["overrides, entry 2: No clip with a camera lies in this range."]
    assert found.keys() == plain.keys()


def read(text: str, cut: EditorCut, folder: Path) -> Any:
    path = folder / "by hand.toml"
    path.write_text(text, encoding="utf-8")
    return cut_overrides(path, folder / "cut.otio", cut)[0]


def test_times_are_those_of_the_record(cut: EditorCut, tmp_path: Path) -> None:
    text = '[[shot]]\nfrom = "01:00:02:10"\nto = 4.4\nhold = true\n[[shot]]\nclip = "early"\nzoom = 1.5\n'
    assert read(text, cut, tmp_path) == (Override(first=60, end=110, hold=True), Override(clip="early", zoom=1.5))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("shot = 6\nhold = true", ("entry 1: there is no shot 6", "shows 5 clips", "table that reframe prints")),
        ('clip = "erly"\nhold = true', ("there is no clip 'erly'", "early, late, late again")),
        ("from = 10\nhold = true", ("from = 10", "outside the cut", "9.000 s", "moment of the cut")),
        ('from = "00:00:01:00"\nhold = true', ("outside the cut", "frame 90000")),
        ('clip = "early"\nshot = 1\nhold = true', ("`shot` and `clip` exclude each other",)),
        ('clip = "early"\nto = 1\nhold = true', ("`clip` goes without `from` and `to`",)),
        ("hold = true", ("does not say where", "`clip`", "whole cut")),
        ("clip = 3\nhold = true", ("clip = 3", "text")),
        ('clp = "early"\nhold = true', ("unknown key 'clp'", "Did you mean 'clip'?")),
    ],
)
def test_mistakes(lines: str, words: tuple[str, ...], cut: EditorCut, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        read(f"[[shot]]\n{lines}\n", cut, tmp_path)
    assert error.value.exit_code == 2 and error.value.why and error.value.fix
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_movie_has_no_clips_to_name(talk: Path, tmp_path: Path) -> None:
    (tmp_path / "o.toml").write_text('[[shot]]\nclip = "talk"\nhold = true\n')
    ran = panscan("reframe", talk, "-o", tmp_path, "--override", tmp_path / "o.toml", "--to", "otio")
    assert ran.code == 2 and "unknown key 'clip'" in ran.err


@pytest.fixture
def beside(talk: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the talk, and a cut of it, in one folder."""
    movie = tmp_path / "talk.mp4"
    shutil.copyfile(talk, movie)
    return movie, make.written(make.timeline(make.track(*children(movie))), tmp_path / "cut.otio")


def test_files_beside_the_cut_and_its_media(beside: tuple[Path, Path]) -> None:
    movie, path = beside
    cut = read_editor_cut(path)
    assert cut_overrides(None, path, cut) == ((), (), (), ())
    path.with_name("talk.panscan.toml").write_text(
        "[[shot]]\nfrom = 4\nto = 5\nhold = true\n[[shot]]\nshot = 2\nzoom = 2\n"
    )
    path.with_name("cut.panscan.yaml").write_text("shot:\n  - {from: 1, to: 2, zoom: 1.5}\n")
    own, of_media, notes, _ = cut_overrides(None, path, cut)
    assert own == (Override(first=25, end=50, zoom=1.5),)
    assert of_media == ((str(movie.resolve()), (Override(first=120, end=150, hold=True),)),), "at the rate of the media"
    assert len(notes) == 1 and "count the shots of the whole movie" in notes[0]
    given = path.with_name("given.toml")
    given.write_text("[[shot]]\nshot = 1\nhold = true\n")
    assert cut_overrides(given, path, cut)[:2] == ((Override(1, hold=True),), of_media)


def test_people_are_named_in_the_files_of_media(beside: tuple[Path, Path]) -> None:
    movie, path = beside
    cut = read_editor_cut(path)
    path.with_name("cut.panscan.toml").write_text('[[shot]]\nshot = 1\nsubject = "Anna"\n')
    with pytest.raises(UsageError, match="subject"):
        cut_overrides(None, path, cut)
    person = '[[people]]\nname = "Anna"\nsubject_at = { frame = 3, box = [0.1, 0.1, 0.2, 0.2] }\n'
    path.with_name("talk.panscan.toml").write_text(person)
    found = cut_overrides(None, path, cut)
    assert [(name, [one.name for one in people]) for name, people in found.people] == [(str(movie.resolve()), ["Anna"])]
    assert found.of_cut[0].subject == "Anna"


def test_a_cut_that_shares_its_name_with_its_media(beside: tuple[Path, Path]) -> None:
    _, other = beside
    path = shutil.copyfile(other, other.with_name("talk.otio"))
    cut = read_editor_cut(path)
    shared = path.with_name("talk.panscan.toml")
    shared.write_text("[[shot]]\nfrom = 4\nhold = true\n")
    own, of_media, notes, _ = cut_overrides(None, path, cut)
    assert own == () and of_media[0][1] == (Override(first=120, hold=True),)
    assert len(notes) == 1 and "talk.otio.panscan.toml" in notes[0]
    path.with_name("talk.otio.panscan.toml").write_text("[[shot]]\nfrom = 1\nzoom = 2\n")
    own, of_media, notes, _ = cut_overrides(None, path, cut)
    assert own == (Override(first=25, zoom=2.0),) and len(of_media) == 1 and not notes


def test_two_files_beside_the_cut_are_one_too_many(beside: tuple[Path, Path]) -> None:
    _, path = beside
    for name in ("cut.panscan.toml", "cut.otio.panscan.toml"):
        path.with_name(name).write_text("")
    with pytest.raises(UsageError, match=r"cut\.otio has 2 files of overrides"):
        cut_overrides(None, path, read_editor_cut(path))


def test_the_command_keeps_what_was_decided(beside: tuple[Path, Path], tmp_path: Path) -> None:
    _, path = beside
    made = tmp_path / "cut.9x16.otio"
    given = path.with_name("cut.panscan.toml")
    given.write_text('[[shot]]\nclip = "early"\ncenter = [0.05, 0.5]\nhold = true\n')

    def run() -> bool:
        ran = panscan("reframe", path, "--to", "otio", "--json")
        assert ran.code == 0, ran.err
        return bool(ran.data[0]["kept"])

    def lefts() -> list[float]:
        clips = document.read_cut(flatten_timeline(read_timeline(made)), folder=tmp_path).clips
        return [clip.framing.cells[0].crop_at(clip.first + 1, clip.framing.source).left for clip in clips]

    assert not run() and lefts()[1] == pytest.approx(0, abs=0.01) and lefts()[0] > 1
    assert recipe_of(read_timeline(made))["overrides"] == [{"center": [0.05, 0.5], "hold": True, "clip": "early"}]
    assert run(), "the same decisions: the timeline is kept"
    path.with_name("talk.panscan.toml").write_text("[[shot]]\nfrom = 0\nto = 1\nhold = true\n")
    assert not run(), "the media's own decisions count too"
    assert run()
    given.unlink()
    assert not run() and lefts()[1] > 1


def test_a_mistake_stops_the_run_before_anything_is_made(beside: tuple[Path, Path], tmp_path: Path) -> None:
    _, path = beside
    path.with_name("cut.panscan.toml").write_text("[[shot]]\nshot = 9\nhold = true\n")
    ran = panscan("reframe", path, "-o", tmp_path / "out", "--to", "otio")
    assert ran.code == 2 and "there is no shot 9" in ran.err and not list((tmp_path / "out").glob("*.otio"))
    crops = panscan("reframe", path.with_suffix(".edl"), "--from-crops", "--override", "x.toml")
    assert crops.code == 2 and "--from-crops" in crops.err
