"""From a cut without cameras to an editor's file in one go, by OTIO's own functions: `ratio` and the hook."""

from __future__ import annotations

from pathlib import Path

import opentimelineio as otio
import pytest

import numbered as make
from otio_panscan import framing
from panscan import pipeline
from panscan.deliver import deliver
from panscan.ingest.cuts.read import read_editor_cut
from panscan.request.options import request_for
from panscan.timeline.effect import framing_of

HOOK = {"panscan_ratio": "9:16"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A project as people keep it: the cut names its media relative to itself."""
    folder = tmp_path_factory.mktemp("project")
    make.movie(folder / "a.mp4", 0)
    make.movie(folder / "b.mp4", 1)
    return folder


def cut():
    clips = [make.clip("a.mp4", 10, 20), make.gap(5), make.clip("b.mp4", 30, 15), make.clip("a.mp4", 0, 8)]
    return make.timeline(make.track(*clips))


@pytest.fixture(scope="module")
def reframed(folder):
    return framing.reframed(cut(), ratio="9:16", folder=folder)


def ranges(timeline):
    return [clip.trimmed_range() for clip in timeline.find_clips()]


def test_every_clip_gets_a_camera_and_the_cut_stays(folder, reframed):
    given = cut()
    made = framing.reframed(given, ratio="9:16", folder=folder)
    assert given.is_equivalent_to(cut()), "the timeline given is left alone"
    assert ranges(made) == ranges(given)
    assert [str(framing_of(clip).canvas) for clip in made.find_clips()] == ["1080x1920"] * 3
    assert made.is_equivalent_to(reframed), "equal cuts are framed equally"
    assert framing.reframed(made, ratio="9:16", folder=folder) is made
    square = framing.reframed(made, ratio="1:1", folder=folder)
    assert [str(framing_of(clip).canvas) for clip in square.find_clips()] == ["1080x1080"] * 3
    assert all(len(clip.effects) == 1 for clip in square.find_clips())


def test_the_file_is_read_as_reframe_reads_it(folder, reframed):
    read = read_editor_cut(make.written(cut(), folder / "cut.otio"))
    analysed = pipeline.analyse_cut(read)
    assert pipeline.reframe_cut(analysed, request_for("9:16")).timeline.is_equivalent_to(reframed)


def test_an_adapter_frames_and_converts(folder, reframed, tmp_path):
    target = tmp_path / "cut.fcpxml"
    otio.adapters.write_to_file(cut(), str(target), "panscan_fcpxml", ratio="9:16", folder=str(folder))
    assert target.read_bytes() == deliver(reframed, "fcpxml", folder=folder).main


class Strings:
    """A module of an adapter that only writes strings: OTIO runs hooks for the file, then again for the string."""

    @staticmethod
    def adapter_hook_names():
        """With hooks of its own it gets the arguments of hooks, and OTIO passes them on to the second run."""
        return []

    @staticmethod
    def write_to_string(input_otio):
        """The timeline as text."""
        return otio.core.serialize_json_to_string(input_otio)


def test_the_hook_frames_once_for_adapters_that_write_twice(folder, reframed, tmp_path, monkeypatch):
    looked, asked = [], []
    real, run = pipeline.reframe_cut, otio.hooks.run
    monkeypatch.setattr(pipeline, "reframe_cut", lambda *a: looked.append(1) or real(*a))

    def counted(hook, timeline, extra_args=None):
        asked.extend([hook] if "panscan_ratio" in (extra_args or {}) else [])
        return run(hook, timeline, extra_args)

    monkeypatch.setattr(otio.hooks, "run", counted)
    adapter = otio.adapters.Adapter("strings", "none.py", [])
    adapter._module = Strings
    arguments = {**HOOK, "panscan_folder": str(folder)}
    target = tmp_path / "cut.txt"
    adapter.write_to_file(cut(), str(target), hook_function_argument_map=arguments)
    assert asked == ["pre_adapter_write", "pre_adapter_write", "post_adapter_write"]
    assert len(looked) == 1
    written = otio.core.deserialize_json_from_string(target.read_text())
    assert written.is_equivalent_to(reframed)
    assert counted("pre_adapter_write", written, arguments) is written and len(looked) == 1


def test_otio_written_with_the_hook_holds_the_cameras(folder, reframed, tmp_path):
    target = tmp_path / "cut.9x16.otio"
    arguments = {**HOOK, "panscan_folder": str(folder)}
    otio.adapters.write_to_file(cut(), str(target), hook_function_argument_map=arguments)
    assert otio.adapters.read_from_file(str(target)).is_equivalent_to(reframed)


@pytest.mark.parametrize(("name", "adapter", "file"), [
    ("fcpxml", "panscan_fcpxml", "cut.fcpxml"),
    ("xmeml", "panscan_xmeml", "cut.xml"),
    ("edl", "panscan_edl", "cut.edl"),
])  # fmt: skip
def test_what_is_delivered_is_read_again(folder, reframed, tmp_path, name, adapter, file):
    path = tmp_path / file
    path.write_bytes(deliver(reframed, name, folder=folder).main)
    read = otio.adapters.read_from_file(str(path), adapter, relink=str(folder))
    shown = [(Path(c.media_reference.target_url).name, c.trimmed_range()) for c in read.find_clips()]
    assert [name for name, _ in shown] == ["a.mp4", "b.mp4", "a.mp4"]
    assert [r.start_time.to_frames() for _, r in shown] == [10, 30, 0]
    assert [r.duration.to_frames() for _, r in shown] == [20, 15, 8]
