"""Timelines of several tracks and nests: what a delivery in one row leaves out is listed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from lxml import etree

import documents as make
from panscan import registry
from panscan.deliver import deliver
from panscan.timeline.flatten import flatten_timeline, lost_in_flattening

HARD_CUT = "It becomes a hard cut: when the tracks are laid into one row, not all of it is seen."


def frames(count: int) -> Any:
    return otio.opentime.RationalTime(count, 25)


def cut() -> Any:
    """Two clips of 50 frames with a dissolve of 6 between them, on one track."""
    framing = make.framing(((0, 2.0, 0.0, 0.0),))
    return make.dissolve(make.timeline((0, 50, framing), (60, 110, framing)), 1, (3, 3))


def with_upper_track(timeline: Any, *children: Any) -> Any:
    """A second video track above the first: `children`."""
    upper = otio.schema.Track(name="V2", kind=otio.schema.TrackKind.Video)
    upper.extend(children)
    timeline.tracks.insert(1, upper)
    return timeline


def gap(count: int) -> Any:
    return otio.schema.Gap(duration=frames(count))


def framed_clip(count: int) -> Any:
    clip = make.track(make.timeline((200, 200 + count, make.framing(((200, 2.0, 0.0, 0.0),)))))[0]
    return clip.clone()


def nested(timeline: Any) -> Any:
    """The picture of a timeline inside a stack of a new one."""
    nest = otio.schema.Stack(name="scene")
    nest.append(make.track(timeline).clone())
    outer = otio.schema.Timeline("outer")
    outer.tracks.append(otio.schema.Track(name="V1", kind=otio.schema.TrackKind.Video))
    outer.tracks[0].append(nest)
    return outer


@pytest.mark.parametrize("name", sorted(set(registry.entries("exporters")) - {"otio"}))
def test_every_delivery_lists_the_transitions_that_a_row_of_tracks_loses(name) -> None:
    timeline = with_upper_track(cut(), gap(30), framed_clip(18))  # ends inside the dissolve
    losses = {loss.what: loss.why for loss in deliver(timeline, name, folder=Path("/")).losses}
    assert losses["the transition 'mix'"] == HARD_CUT


def test_the_document_itself_loses_nothing() -> None:
    timeline = with_upper_track(cut(), gap(10), framed_clip(20))
    assert deliver(timeline, "otio", folder=Path("/")).losses == ()


def test_a_transition_inside_a_nest_stays() -> None:
    assert lost_in_flattening(nested(cut())) == []


def test_a_transition_below_another_picture_is_not_missed() -> None:
    hidden = with_upper_track(cut(), framed_clip(100))
    assert flatten_timeline(hidden) is not hidden
    ((what, why),) = lost_in_flattening(hidden)
    assert what.startswith("what is hidden or disabled: ") and "one row" in why


def test_clips_that_nobody_sees_are_named_up_to_three() -> None:
    timeline = with_upper_track(cut(), framed_clip(100))
    for number in range(5):
        timeline.tracks[0].append(framed_clip(3))
        timeline.tracks[0][-1].name = f"take {number}"
        timeline.tracks[0][-1].enabled = False
    ((what, _),) = lost_in_flattening(timeline)
    assert what.endswith("and 3 more") and "'take 0'" in what


def test_a_flat_timeline_leaves_its_transitions_to_the_format() -> None:
    timeline = cut()
    assert lost_in_flattening(timeline) == []
    losses = deliver(timeline, "fcpxml", folder=Path("/")).losses
    assert "the transition 'mix'" not in [loss.what for loss in losses]


def test_a_clip_without_a_camera_above_others_is_listed() -> None:
    title = framed_clip(20)
    title.name = "title"
    title.effects.clear()
    timeline = with_upper_track(cut(), title, framed_clip(10))
    assert ("clip 'title' has no camera", "What lies below it is seen, or its place stays empty.") in (
        lost_in_flattening(timeline)
    )


def test_effects_of_nests_and_markers_of_what_is_not_seen_are_listed() -> None:
    timeline = nested(cut())
    nest = timeline.tracks[0][0]
    nest.effects.append(otio.schema.Effect("", "Blur"))
    nest.effects.append(otio.schema.LinearTimeWarp(time_scalar=1.0))
    nest.source_range = make_range(20, 60)
    nest.markers.append(otio.schema.Marker("look", make_range(10, 1)))
    nest.markers.append(otio.schema.Marker("see", make_range(30, 1)))
    timeline.tracks.markers.append(otio.schema.Marker("chapter"))
    assert [what for what, _ in lost_in_flattening(timeline)] == [
        "the effect 'Blur' of stack 'scene'",
        "1 marker(s) of nests",
    ]


def with_sound(timeline: Any) -> Any:
    """A nest of a timeline's picture and sound, in a picture track and, as some editors do, in a sound track."""
    nest = otio.schema.Stack(name="scene", source_range=otio.opentime.TimeRange(frames(10), frames(70)))
    nest.extend([track.clone() for track in timeline.tracks])
    outer = otio.schema.Timeline("outer")
    for kind in ("Video", "Audio"):
        outer.tracks.append(otio.schema.Track(name=kind, kind=kind))
        outer.tracks[-1].append(gap(5))
        outer.tracks[-1].append(nest.clone())
    return outer


def test_sound_inside_nests_is_laid_out_once_and_stays_with_its_picture() -> None:
    flat = flatten_timeline(with_sound(cut()))
    empty, sound = flat.audio_tracks()
    assert not empty.find_clips()
    clips = sound.find_clips()
    assert [sound.range_of_child(c).start_time.value for c in clips] == [5, 45]
    assert [(c.source_range.start_time.value, c.source_range.duration.value) for c in clips] == [(10, 40), (60, 30)]
    assert not [loss for loss in deliver(with_sound(cut()), "fcpxml", folder=Path("/")).losses if "sound" in loss.what]


def test_sounds_of_nests_that_overlap_get_tracks_of_their_own() -> None:
    outer = with_sound(cut())
    other = outer.tracks[0][1].clone()
    other.source_range = otio.opentime.TimeRange(frames(0), frames(60))
    with_upper_track(outer, gap(20), other)
    assert [len(track.find_clips()) for track in flatten_timeline(outer).audio_tracks()] == [0, 2, 2]


def test_a_nest_among_sounds_of_a_flat_timeline_is_opened() -> None:
    timeline = make.timeline((0, 30, make.framing(((0, 2.0, 0.0, 0.0),))))
    inner = make.track(timeline, "Audio").deepcopy()
    inner[0].name = "mix"
    make.track(timeline, "Audio").append(otio.schema.Stack(name="nest", children=[inner]))
    assert flatten_timeline(timeline) is timeline
    artifact = deliver(timeline, "xmeml", folder=Path("/"))
    assert not artifact.losses
    heard = [clip.findtext("name") for clip in etree.fromstring(artifact.main).iterfind(".//audio/track/clipitem")]
    assert heard == ["talk.mp4", "talk.mp4", "mix", "mix"]


def make_range(start: int, count: int) -> Any:
    return otio.opentime.TimeRange(frames(start), frames(count))
