"""The whole flow, without the command line."""

from __future__ import annotations

from dataclasses import replace

import opentimelineio as otio
import pytest

from panscan import __version__, ingest, pipeline
from panscan.model.geometry import Rect, Size
from panscan.pipeline import MovieAnalysis
from panscan.request.options import request_for
from panscan.timeline import cut as document
from panscan.timeline.files import recipe_of

TALL, SQUARE = request_for("9:16"), request_for("1:1")


def text(timeline):
    return otio.adapters.write_to_string(timeline, "otio_json")


def test_a_request_has_the_canvas_of_its_ratio():
    assert TALL.canvas == Size(1080, 1920)
    assert request_for("9:16", canvas=Size(720, 1280)).canvas == Size(720, 1280)
    assert (TALL.preset.method, TALL.preset.mode) == ("adaptive", "balanced")


@pytest.mark.parametrize("asked", [TALL, SQUARE], ids=str)
def test_reframing_twice_gives_the_same_bytes(asked, talk_seen):
    assert text(pipeline.reframe(talk_seen, asked)) == text(pipeline.reframe(talk_seen, asked))


def test_cached_and_fresh_analysis_give_the_same_bytes(movie):
    timelines = []
    for use_cache in (False, True, True):
        analysis = pipeline.analyse(movie("cuts"), cache=use_cache)
        timelines.append(text(pipeline.reframe(analysis, TALL)))
    assert len(set(timelines)) == 1


def test_a_second_analysis_decodes_nothing(movie, monkeypatch):
    first = pipeline.analyse(movie("moving_block"))[1]

    def refuse(media):
        raise AssertionError("decoded again")

    monkeypatch.setattr(ingest, "PictureDecoder", refuse)
    monkeypatch.setattr(ingest, "mono_blocks", refuse)
    assert pipeline.analyse(movie("moving_block"))[1].digest == first.digest


def test_a_timeline_covers_the_media_with_its_cuts(talk_seen):
    media = talk_seen.media
    timeline = pipeline.reframe(talk_seen, TALL)
    cut = document.read_cut(timeline, folder=ingest.probe(media.path).path)
    assert cut.is_whole and cut.frame_count == media.frame_count
    assert [clip.first - media.start_frame for clip in cut.clips] == [0, 186, 273, 351]
    assert (cut.canvas, cut.rate) == (Size(1080, 1920), media.video.rate)
    assert timeline.name == "talk 9:16"
    assert all(clip.facts.size == media.video.display_size for clip in cut.clips)
    assert all(clip.framing.why and clip.framing.metrics["containment"] > 0.5 for clip in cut.clips)


def test_every_crop_lies_in_the_picture(talk_seen):
    media = talk_seen.media
    picture = Rect(0, 0, media.video.display_size.width, media.video.display_size.height)
    for request in (TALL, SQUARE, *map(request_for, ("4:5", "16:9", "21:9"))):
        cut = document.read_cut(pipeline.reframe(talk_seen, request), folder=None)
        for clip in cut.clips:
            for frame in (clip.first, clip.first + clip.frame_count // 2, clip.end - 1):
                assert picture.contains(clip.framing.cells[0].crop_at(frame, clip.framing.source), 0.01)


def test_the_recipe_tells_runs_apart(talk_seen):
    media, perception = talk_seen
    recipe = pipeline.recipe(talk_seen, TALL)
    assert recipe == recipe_of(pipeline.reframe(talk_seen, TALL))
    assert (recipe["version"], recipe["ratio"], recipe["canvas_px"]) == (__version__, "9:16", [1080, 1920])
    others = [
        pipeline.recipe(talk_seen, SQUARE),
        pipeline.recipe(talk_seen, replace(TALL, mode="stable")),
        pipeline.recipe(talk_seen, replace(TALL, method="other")),
        pipeline.recipe(talk_seen, replace(TALL, canvas=Size(720, 1280))),
        pipeline.recipe(MovieAnalysis(replace(media, digest="other"), perception), TALL),
        pipeline.recipe(MovieAnalysis(media, replace(perception, digest="other")), TALL),
    ]
    assert all(other != recipe for other in others)
