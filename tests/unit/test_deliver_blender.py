"""Blender: the script is run against a strict stand-in for bpy, and every frame of its scene is looked at."""

from __future__ import annotations

import ast
import sys
from fractions import Fraction

import numpy as np
import opentimelineio as otio
import pytest

import documents as make
from hosts import fake_bpy, shown, timelines
from panscan.deliver import deliver


def _deliver(timeline, **options):
    return deliver(timeline, "blender", folder=timelines.FOLDER, options=options)


def _run(timeline, monkeypatch, *, version: int = 5, **options):
    artifact = _deliver(timeline, **options)
    lengths = {str(clip.path): clip.available_count for clip in timelines.clips(timeline)}
    bpy, scenes = fake_bpy.make(version=version, lengths=lengths)
    monkeypatch.setitem(sys.modules, "bpy", bpy)
    exec(compile(ast.parse(artifact.text), "talk.blender.py", "exec"), {"__name__": "__main__"})
    (scene,) = scenes
    assert bpy.context.window.scene is scene
    return scene


@pytest.mark.parametrize("version", [3, 4, 5])
@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", timelines.CASES.values(), ids=timelines.CASES)
def test_every_frame_shows_the_cameras_crops(case, keys, version, monkeypatch) -> None:
    timeline = case()
    scene = _run(timeline, monkeypatch, version=version, keys=keys)
    end = 1
    for clip in timelines.clips(timeline):
        for number in range(clip.frame_count):
            source = clip.framing.source
            found = fake_bpy.play(scene, clip.record_frame + 1 + number, source)
            assert len(found) == len(clip.framing.cells)
            for (strip, picture, one), cell in zip(found, clip.framing.cells, strict=True):
                assert strip.filepath == str(clip.path)
                assert picture == timelines.picture_at(clip, clip.first + number)
                # The edge of a cell is that of whole source px; never less is shown than the cell holds.
                shown.check(one, cell, clip.first + number, source, edge_px=one.scale + 0.02)
                _holds(one, cell, source)
        end = clip.record_frame + clip.frame_count
    assert (scene.frame_start, scene.frame_end) == (1, end)


def _holds(one, cell, source) -> None:
    box = (cell.left_px, cell.top_px, cell.left_px + cell.size.width, cell.top_px + cell.size.height)
    picture = (one.left, one.top, one.left + one.scale * source.width, one.top + one.scale * source.height)
    least = [*np.maximum(box[:2], picture[:2]), *np.minimum(box[2:], picture[2:])]
    slack = 0.02
    assert one.cut[0] <= least[0] + slack and one.cut[1] <= least[1] + slack
    assert one.cut[2] >= least[2] - slack and one.cut[3] >= least[3] - slack


def test_the_scene_has_the_canvas_and_the_exact_rate(monkeypatch) -> None:
    render = _run(timelines.timecode(), monkeypatch).render
    assert (render.resolution_x, render.resolution_y, render.resolution_percentage) == (1080, 1920, 100)
    assert Fraction(render.fps) / Fraction(str(render.fps_base)) == Fraction(30000, 1001)
    film = _run(timelines.uhd(), monkeypatch).render
    assert film.fps / film.fps_base == pytest.approx(24000 / 1001, abs=1e-9)


def test_gaps_stay_empty_and_disabled_clips_are_muted(monkeypatch) -> None:
    timeline = timelines.several()
    make.track(timeline)[2].enabled = False
    scene = _run(timeline, monkeypatch)
    assert fake_bpy.play(scene, 55, make.HD) == []
    strips = [strip for strip in scene.sequence_editor.row if strip.kind == "MOVIE"]
    assert [strip.mute for strip in strips] == [False, True, False]
    assert {strip.channel for strip in strips} == {2}


def test_sound_lies_below_and_only_where_it_is_cut_with_the_picture(monkeypatch) -> None:
    scene = _run(timelines.several(), monkeypatch)
    sounds = [strip for strip in scene.sequence_editor.row if strip.kind == "SOUND"]
    assert [(s.channel, s.frame_final_start, s.frame_final_duration) for s in sounds] == [
        (1, 1, 50), (1, 63, 30), (1, 93, 60),
    ]  # fmt: skip
    silent = timelines.in_point()
    del silent.tracks[1]
    assert all(s.kind == "MOVIE" for s in _run(silent, monkeypatch).sequence_editor.row)


def test_odd_names_reach_the_script_unharmed(monkeypatch) -> None:
    path = '/media/it\'s "quoted" \\ """ 中.mp4'
    timeline = make.timeline((0, 5, make.framing(((0, 2.0, 0.0, 0.0),))), of=make.media("/media/x.mp4"))
    for clip in timeline.find_clips():
        clip.media_reference = otio.schema.ExternalReference(
            path, clip.media_reference.available_range, dict(clip.media_reference.metadata)
        )
    scene = _run(timeline, monkeypatch)
    assert scene.sequence_editor.row[0].filepath == path


def test_what_blender_cannot_say_is_told() -> None:
    told = [loss.what for loss in _deliver(timelines.split()).losses]
    assert any("exact edge of the cells" in what for what in told)
    two = make.timeline((0, 5, make.framing(((0, 2.0, 0.0, 0.0),))), of=make.media(audio=((2, 48000), (1, 48000))))
    assert any("first sound stream" in loss.what for loss in _deliver(two).losses)


def test_the_stand_in_refuses_what_blender_does_not_have() -> None:
    bpy, _ = fake_bpy.make(version=4, lengths={})
    scene = bpy.data.scenes.new("x")
    with pytest.raises(AttributeError):
        scene.render.frame_rate = 25
    with pytest.raises(TypeError):
        scene.frame_end = 2.5
    with pytest.raises(AttributeError):
        _ = bpy.context.workspace.sequencer_scene
