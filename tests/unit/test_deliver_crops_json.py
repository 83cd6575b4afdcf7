"""Crops as JSON: every frame's rectangles, read back with a plain parser."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest

import documents as make
from hosts import timelines
from panscan.deliver import deliver
from panscan.errors import UsageError
from panscan.timeline.effect import NAMESPACE


def _deliver(timeline, **options):
    return deliver(timeline, "crops-json", folder=timelines.FOLDER, options=options)


def _spoken(timeline):
    timeline.metadata[NAMESPACE]["speaker"] = True
    return timeline


@pytest.mark.parametrize("case", timelines.CASES.values(), ids=timelines.CASES)
def test_every_frame_has_the_cameras_crops(case) -> None:
    timeline = case()
    rows = iter(json.loads(_deliver(timeline).main))
    for clip in timelines.clips(timeline):
        source, canvas = clip.framing.source, clip.framing.canvas
        shape = "1:1" if canvas.width == canvas.height else "9:16"
        for number in range(clip.frame_count):
            row = next(rows)
            picture = clip.first + number - clip.available_first
            assert row["frame_number"] == picture
            assert row["time_seconds"] == pytest.approx(float(picture / clip.framing.rate), abs=1e-6)
            assert (row["frame_width"], row["frame_height"]) == (source.width, source.height)
            assert list(row["crops"]) == [shape]
            for box, cell in zip(row["crops"][shape], clip.framing.cells, strict=True):
                left, top, width, height = cell.crops([clip.first + number], source)[0]
                expected = (left, top, left + width, top + height)
                found = [box[name] for name in ("x1", "y1", "x2", "y2")]
                bounds = (0, 0), (source.width, source.height)
                inside = np.clip(expected, bounds[0] * 2, bounds[1] * 2)
                assert np.abs(np.array(found) - inside).max() < 0.01
                assert box["apply_letterbox"] is bool(np.abs(np.array(expected) - inside).max() > 0.5)
    assert next(rows, None) is None


def test_speaker_timelines_have_their_own_name() -> None:
    assert list(json.loads(_deliver(_spoken(timelines.in_point())).main)[0]["crops"]) == ["9:16-active-speaker"]


def test_subjects_and_layouts_on_request() -> None:
    row = json.loads(_deliver(timelines.split(), include_subjects="true").main)[0]
    assert row["layout"] == "split-2"
    assert [box["subject"] for box in row["crops"]["9:16"]] == ["person-1", "person-2"]
    bare = json.loads(_deliver(timelines.split()).main)[0]
    assert "layout" not in bare and "subject" not in bare["crops"]["9:16"][0]


def test_layouts_without_speaker_are_never_made_up() -> None:
    asked = _deliver(_spoken(timelines.in_point()), include_non_active_layouts=True)
    assert any("without speaker" in loss.what for loss in asked.losses)
    assert list(json.loads(asked.main)[0]["crops"]) == ["9:16-active-speaker"]
    plain = _deliver(timelines.in_point(), include_non_active_layouts=True)
    assert not any("without speaker" in loss.what for loss in plain.losses)


def test_media_are_named_where_there_are_several() -> None:
    timeline = timelines.several()
    assert "file" not in json.loads(_deliver(timeline).main)[0]
    make.track(timeline)[2].media_reference.target_url = "file:///media/other.mp4"
    rows = json.loads(_deliver(timeline).main)
    assert {row["file"] for row in rows} == {"talk.mp4", "other.mp4"}


def test_disabled_clips_are_left_out() -> None:
    timeline = timelines.several()
    for child in make.track(timeline):
        if hasattr(child, "media_reference"):
            child.enabled = False
    artifact = _deliver(timeline)
    assert json.loads(artifact.main) == [] and any("disabled" in loss.what for loss in artifact.losses)


def test_switches_are_checked() -> None:
    with pytest.raises(UsageError):
        _deliver(timelines.in_point(), include_subjects="perhaps")


def test_two_hours_take_seconds() -> None:
    count = 2 * 3600 * 30
    keys = tuple((n, 1.777778 + 0.1 * (n // 300 % 2), 100.0 * (n // 300 % 5), 0.0) for n in range(0, count, 300))
    of = make.media(frame_count=count, rate=make.NTSC)
    timeline = make.timeline((0, count, make.framing(keys, rate=make.NTSC)), of=of)
    begin = time.process_time()
    text = _deliver(timeline).main
    assert time.process_time() - begin < 10
    assert text.count(b"frame_number") == count
