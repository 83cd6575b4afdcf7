"""An editor's cut by the command line: framed, delivered, rendered, and taken up again from a list of crops."""

from __future__ import annotations

import json
from pathlib import Path

import opentimelineio as otio
import pytest

from commandline import panscan
from panscan.timeline import cut as document
from panscan.timeline.files import read_timeline

SMALL = ("--canvas", "270x480")


def span(first, count, rate=25):
    return otio.opentime.TimeRange(otio.opentime.RationalTime(first, rate), otio.opentime.RationalTime(count, rate))


@pytest.fixture(scope="module")
def cut(talk, tmp_path_factory):
    """Two pieces of the same talk with a gap between them, and a title."""
    path = talk
    folder = tmp_path_factory.mktemp("cut")
    timeline = otio.schema.Timeline("the cut")
    track = otio.schema.Track("V1", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(track)
    for name, first, count in (("late", 80, 60), ("early", 10, 40)):
        reference = otio.schema.ExternalReference(Path(path).as_uri(), span(0, 200))
        track.append(otio.schema.Clip(name, reference, span(first, count), metadata={"studio": {"take": name}}))
        track.append(otio.schema.Gap(source_range=span(0, 5)))
    track.append(otio.schema.Clip("title", otio.schema.GeneratorReference("Title"), span(0, 25)))
    track[0].markers.append(otio.schema.Marker("look here", span(90, 1)))
    written = folder / "cut.otio"
    otio.adapters.write_to_file(timeline, str(written))
    return written


@pytest.fixture(scope="module")
def framed(cut, tmp_path_factory):
    folder = tmp_path_factory.mktemp("framed")
    ran = panscan("reframe", cut, *SMALL, "-o", folder, "--to", "fcpxml", "--to", "edl", "--render", "--json")
    assert ran.code == 0, ran.err
    return folder, ran


def test_the_cut_stays_and_its_clips_get_cameras(framed, cut):
    folder, ran = framed
    assert [item["verdict"] for item in ran.data] == ["VERIFIED"]
    made = read_timeline(folder / "cut.9x16.otio")
    was = otio.adapters.read_from_file(str(cut))
    assert [type(c) for c in made.tracks[0]] == [type(c) for c in was.tracks[0]]
    for new, old in zip(made.find_clips(), was.find_clips(), strict=True):
        assert (new.name, new.source_range) == (old.name, old.source_range)
        assert new.metadata.get("studio") == old.metadata.get("studio")
        assert [m.name for m in new.markers] == [m.name for m in old.markers]
    clips = list(made.find_clips())
    assert [len(clip.effects) for clip in clips] == [1, 1, 0]
    assert "title" in ran.err and "no camera" in ran.err


def test_only_what_is_shown_is_looked_at(framed, cut, monkeypatch):
    """Another shape of the same cut decodes nothing; and what was decoded was not the whole talk."""
    from panscan import measure, pipeline
    from panscan.ingest.cuts.read import read_editor_cut

    read = read_editor_cut(cut)
    ((path, spans),) = pipeline.spans_to_analyse(read).items()
    assert 100 <= sum(end - first for first, end in spans) < read.media[path].frame_count

    def never(self):
        raise AssertionError("decoded again")

    monkeypatch.setattr(measure.Decoder, "pictures", never)
    assert panscan("reframe", cut, "-r", "1:1", "-o", framed[0], "--to", "otio").code == 0


def test_a_second_run_keeps_it(framed, cut):
    folder, _ = framed
    ran = panscan("reframe", cut, *SMALL, "-o", folder, "--json")
    assert ran.data[0]["kept"] is True


def test_the_editor_file_can_be_reframed_in_turn(framed, tmp_path):
    folder, _ = framed
    ran = panscan("reframe", folder / "cut.9x16.fcpxml", "-r", "4:5", "-o", tmp_path, "--to", "otio")
    assert ran.code == 0, ran.err
    made = document.read_cut(read_timeline(tmp_path / "cut.9x16.4x5.otio"), folder=tmp_path)
    assert [clip.frame_count for clip in made.clips] == [60, 40]
    assert (made.canvas.width, made.canvas.height) == (1080, 1350)


@pytest.mark.parametrize("name", ["cut.9x16.edl", "cut.9x16.crops.csv"])
def test_a_list_of_crops_is_enough_to_go_on(name, framed, tmp_path):
    folder, _ = framed
    ran = panscan("reframe", folder / name, "--from-crops", "-o", tmp_path, "--to", "mlt")
    assert ran.code == 0, ran.err
    assert (tmp_path / "cut.9x16.mlt").is_file()
    was = document.read_cut(read_timeline(folder / "cut.9x16.otio"), folder=folder)
    now = document.read_cut(read_timeline(tmp_path / "cut.9x16.otio"), folder=tmp_path)
    assert [(c.record_frame, c.first, c.frame_count) for c in now.clips] == [
        (c.record_frame, c.first, c.frame_count) for c in was.clips
    ]
    for one, other in zip(was.clips, now.clips, strict=True):
        middle = one.first + one.frame_count // 2
        a, b = (c.framing.cells[0].crop_at(middle, c.framing.source) for c in (one, other))
        assert (b.left, b.top, b.width, b.height) == pytest.approx((a.left, a.top, a.width, a.height), abs=0.02)


def test_missing_media_is_listed_and_can_be_left_or_found(cut, talk, tmp_path):
    text = json.loads(cut.read_text())
    text["tracks"]["children"][0]["children"][0]["media_references"]["DEFAULT_MEDIA"]["target_url"] = (
        "/nowhere/gone.mp4"
    )
    broken = tmp_path / "broken.otio"
    broken.write_text(json.dumps(text))
    ran = panscan("reframe", broken, "-o", tmp_path / "out", "--to", "otio")
    assert ran.code == 3 and "gone.mp4" in ran.err and "--relink" in ran.err
    assert not list((tmp_path / "out").glob("*.otio"))
    assert panscan("reframe", broken, "-o", tmp_path / "out", "--to", "otio", "--skip-offline").code == 0
    (tmp_path / "moved").mkdir()
    (tmp_path / "moved" / "gone.mp4").symlink_to(Path(talk).resolve())
    assert panscan("reframe", broken, "-o", tmp_path / "out", "--to", "otio", "--relink", tmp_path / "moved").code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(("--rate", "fast"), "frame rate"), (("--override", "x.toml"), "x.toml"), (("--rate", "0"), "frame rate")],
)
def test_options_that_do_not_go_with_a_cut(arguments, told, cut, tmp_path):
    ran = panscan("reframe", cut, "-o", tmp_path, *arguments)
    assert ran.code == 2 and told in ran.err


def test_options_of_a_cut_do_not_go_with_a_movie(talk, tmp_path):
    ran = panscan("reframe", talk, "-o", tmp_path, "--skip-offline")
    assert ran.code == 2 and "no timeline" in ran.err


def test_a_delivery_that_refuses_the_cut_stops_no_other(cut, tmp_path):
    timeline = otio.adapters.read_from_file(str(cut))
    for clip in timeline.find_clips():
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=0.5))
    fast = tmp_path / "fast.otio"
    otio.adapters.write_to_file(timeline, str(fast))
    ran = panscan("reframe", fast, "--to", "blender", "--to", "fcpxml", "--json")
    assert ran.code == 3 and "not delivered as blender" in ran.err and "fix:" in ran.err
    (made,) = ran.data
    assert list(made["refused"]) == ["blender"] and "nothing" in made["refused"]["blender"]
    assert [Path(p).suffix for p in made["deliveries"]] == [".fcpxml"]
    assert not list(tmp_path.glob("*.py"))
