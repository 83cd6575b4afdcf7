"""What a row of clips cannot take along is listed; what it would show wrongly is refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

import documents as make
from panscan.deliver import deliver
from panscan.deliver.artifact import Capabilities, Loss, distinct_losses
from panscan.deliver.sequence import Marker, read_sequence, trim_camera
from panscan.errors import DocumentError, InputError, UsageError
from panscan.model.framing import Camera
from panscan.timeline.cut import children_with_starts

STILL = ((0, 1.777778, 0.0, 0.0),)


def _two_shots():
    return make.timeline((0, 50, make.framing(STILL)), (50, 80, make.framing(STILL)))


def _whats(timeline) -> list[str]:
    return [loss.what for loss in read_sequence(timeline, folder=Path("/")).losses]


def _left_out(timeline, capabilities: Capabilities | None = None) -> Loss:
    """The loss of the only clip that is left out; the other one is there."""
    sequence = read_sequence(timeline, folder=Path("/"), capabilities=capabilities)
    (left_out,) = [loss for loss in sequence.losses if loss.is_left_out]
    assert len(sequence.clip_items) == 1 and left_out.why.endswith("Its place stays empty.")
    return left_out


def _time(frames: int, rate: float = 25):
    return otio.opentime.RationalTime(frames, rate)


def test_a_clean_cut_loses_nothing() -> None:
    assert _whats(_two_shots()) == []


def test_gaps_are_where_nothing_is() -> None:
    timeline = _two_shots()
    for track in timeline.tracks:
        track.insert(0, otio.schema.Gap(duration=_time(7)))
        track.insert(2, otio.schema.Gap(duration=_time(3)))
    spine = read_sequence(timeline, folder=Path("/"))
    row = [(record, count, piece is None) for record, count, piece in spine.with_gaps()]
    assert row == [(0, 7, True), (7, 50, False), (57, 3, True), (60, 30, False)]
    assert spine.frame_count == 90 and not spine.losses
    assert all(piece.has_sound for piece in spine.clip_items)


def test_a_transition_becomes_a_cut_and_is_listed() -> None:
    timeline = _two_shots()
    cross = otio.schema.Transition("mix", "SMPTE_Dissolve", in_offset=_time(5), out_offset=_time(5))
    make.track(timeline).insert(1, cross)
    assert _whats(timeline) == ["the transition 'mix'"]


def test_other_tracks_effects_markers_and_start_timecode_are_listed() -> None:
    timeline = _two_shots()
    below = make.track(timeline).clone()
    below.name = "B-roll"
    for clip in below:
        clip.effects.clear()
    timeline.tracks.insert(0, below)
    clip = make.track(timeline, number=1)[0]
    clip.effects.append(otio.schema.Effect(effect_name="Blur"))
    clip.markers.append(otio.schema.Marker("look"))
    timeline.global_start_time = _time(90000)
    assert _whats(timeline) == [
        "the start timecode of the timeline",
        "video track 'B-roll'",
        "the effect 'Blur' of clip 'talk.mp4'",
        "the markers of clip 'talk.mp4'",
    ]


def test_sound_without_its_picture_is_listed() -> None:
    timeline = _two_shots()
    music = otio.schema.Track("Music", kind="Audio")
    music.append(
        otio.schema.Clip(
            "song.wav",
            otio.schema.ExternalReference("file:///media/song.wav"),
            otio.opentime.TimeRange(_time(0), _time(80)),
        )
    )
    timeline.tracks.append(music)
    assert _whats(timeline) == ["the sound 'song.wav' of track Music"]


def test_sound_that_slipped_against_its_picture_is_listed() -> None:
    timeline = _two_shots()
    sound = make.track(timeline, "Audio")[1]
    sound.source_range = otio.opentime.TimeRange(sound.source_range.start_time + _time(4), sound.source_range.duration)
    spine = read_sequence(timeline, folder=Path("/"))
    assert [piece.has_sound for piece in spine.clip_items] == [True, False]
    assert [loss.what for loss in spine.losses] == ["the sound 'talk.mp4' of track A1"]


def test_a_choice_among_sound_streams_is_listed() -> None:
    timeline = make.timeline((0, 50, make.framing(STILL)), of=make.media(audio=((2, 48000), (1, 48000))))
    assert _whats(timeline) == []
    make.track(timeline, "Audio", 1).enabled = False
    assert _whats(timeline) == ["the choice of sound streams of clip 'talk.mp4'"]


def test_sound_of_unknown_media_is_listed() -> None:
    timeline = _two_shots()
    for clip in make.track(timeline):
        del clip.media_reference.metadata["panscan"]
    assert _whats(timeline) == ["the sound of clip 'talk.mp4'"]


def test_media_of_unknown_extent_are_left_out() -> None:
    timeline = _two_shots()
    make.track(timeline)[0].media_reference.available_range = None
    assert "does not say where its media starts" in _left_out(timeline).what


def test_a_timeline_of_which_nothing_is_left_is_refused() -> None:
    timeline = _two_shots()
    for clip in make.track(timeline):
        clip.media_reference.available_range = None
    with pytest.raises(InputError, match=r"does not say where its media starts[\s\S]*fix:"):
        read_sequence(timeline, folder=Path("/"))


def test_disabled_tracks_are_said_to_be_left_out() -> None:
    timeline = _two_shots()
    below = make.track(timeline).clone()
    below.enabled = False
    timeline.tracks.insert(0, below)
    assert _whats(timeline) == ["the disabled video track 'V1'"]


def test_nested_stacks_stay_empty_and_are_listed() -> None:
    timeline = _two_shots()
    nest = otio.schema.Stack(name="nest")
    nest.append(make.track(timeline)[0].clone())
    make.track(timeline).insert(0, nest)
    spine = read_sequence(timeline, folder=Path("/"))
    assert spine.clip_items[0].clip.record_frame == 50
    assert "the nested stack 'nest'" in [loss.what for loss in spine.losses]


def test_clips_without_known_media_stay_empty_and_are_listed() -> None:
    timeline = _two_shots()
    for track in timeline.tracks:
        track[0].effects.clear()
        track[0].media_reference = otio.schema.MissingReference()
    spine = read_sequence(timeline, folder=Path("/"))
    assert [piece.clip.record_frame for piece in spine.clip_items] == [50]
    assert spine.losses[0].what == "clip 'talk.mp4' has no camera"


@pytest.mark.parametrize("background", ["blur", "#204060"])
def test_a_background_matters_only_where_it_shows(background) -> None:
    letterbox = make.framing(((0, 0.5625, 0.0, 0.0),), background=background)
    filled = make.framing(STILL, background=background)
    assert _whats(make.timeline((0, 10, filled))) == []
    assert _whats(make.timeline((0, 10, letterbox))) == [f"the background {background!r} of clip 'talk.mp4'"]
    assert _whats(make.timeline((0, 10, replace(letterbox, background="black")))) == []


def test_cells_beyond_the_first_are_listed() -> None:
    assert _whats(make.timeline((0, 10, make.two_cells()))) == ["1 of 2 cells of clip 'talk.mp4' (layout split2)"]


@pytest.mark.parametrize(
    "warp", [otio.schema.LinearTimeWarp(time_scalar=2.0), otio.schema.FreezeFrame(), otio.schema.TimeEffect()]
)
def test_retimed_clips_are_refused_left_out_or_taken_along(warp) -> None:
    timeline = _two_shots()
    make.track(timeline)[0].effects.append(warp)
    assert "retimed" in _left_out(timeline).what
    left = read_sequence(timeline, folder=Path("/"), capabilities=Capabilities(retimed_clip_loss="It goes."))
    assert Loss("the retimed clip 'talk.mp4'", "It goes.") in left.losses
    assert [piece.clip.record_frame for piece in left.clip_items] == [
        read_sequence(_two_shots(), folder=Path("/")).clip_items[1].clip.record_frame
    ]
    able = Capabilities(retimes=True)
    if type(warp) is otio.schema.TimeEffect:
        assert "speed that changes on the way" in _left_out(timeline, able).what
    else:
        assert len(read_sequence(timeline, folder=Path("/"), capabilities=able).clip_items) == 2


def test_a_timeline_of_nothing_but_retimed_clips_cannot_be_left_out() -> None:
    timeline = _two_shots()
    for clip in make.track(timeline):
        clip.effects.append(otio.schema.LinearTimeWarp(time_scalar=2.0))
    with pytest.raises(InputError, match=r"nothing of timeline[\s\S]*why:[\s\S]*fix:"):
        read_sequence(timeline, folder=Path("/"), capabilities=Capabilities(retimed_clip_loss="It goes."))


def test_markers_and_handles_of_a_retimed_clip_are_counted_in_the_timelines_frames() -> None:
    pan = make.framing(((0, 2.0, 0.0, 0.0), (400, 2.0, 400.0, 0.0)))
    timeline = make.retime(make.timeline((0, 20, pan), (100, 140, pan)), 1, 2.0)
    for at in (100, 120):
        make.track(timeline)[1].markers.append(otio.schema.Marker("look", otio.opentime.TimeRange(_time(at), _time(4))))
    able = Capabilities(retimes=True, markers=True, transitions=True)
    before, after = read_sequence(make.dissolve(timeline, 1, (5, 5)), folder=Path("/"), capabilities=able).clip_items
    assert [(mark.frame - after.clip.first, mark.frame_count) for mark in after.markers] == [(0, 2), (10, 2)]
    assert (before.tail_frames, after.head_frames) == (5, 5)
    (first, head), *_, (last, tail) = after.keys
    assert (first - after.clip.first, head.x_px) == (-5, 90.0)
    assert (last - after.clip.first, tail.x_px) == (39, 178.0)
    late = make.retime(make.timeline((0, 20, pan), (8, 40, pan)), 1, 2.0)
    spine = read_sequence(make.dissolve(late, 1, (5, 5)), folder=Path("/"), capabilities=able)
    assert not spine.dissolves and "starts too late" in spine.losses[-1].why


def test_a_time_warp_that_changes_nothing_passes() -> None:
    timeline = _two_shots()
    make.track(timeline)[0].effects.append(otio.schema.LinearTimeWarp(time_scalar=1.0))
    assert _whats(timeline) == []


def test_frames_that_the_media_lacks_are_left_out() -> None:
    timeline = _two_shots()
    clip = make.track(timeline)[1]
    clip.source_range = otio.opentime.TimeRange(_time(1490), _time(30))
    left_out = _left_out(timeline)
    assert "frames that its media does not have" in left_out.what and "[1490, 1520) of [0, 1500)" in left_out.why


def test_web_media_are_left_out() -> None:
    timeline = _two_shots()
    make.track(timeline)[0].media_reference.target_url = "https://example.org/talk.mp4"
    assert "local media only" in _left_out(timeline).why


def test_a_camera_of_another_picture_is_refused() -> None:
    with pytest.raises(DocumentError, match="framed on another picture"):
        read_sequence(make.timeline((0, 10, make.framing(STILL, source=make.UHD))), folder=Path("/"))


def test_unknown_exporters_are_refused() -> None:
    with pytest.raises(UsageError, match="unknown exporter"):
        deliver(_two_shots(), "avid", folder=Path("/"))


MOVE = Camera((10, 20, 30), (1.0, 2.0, 2.0), (0.0, 10.0, 0.0), (0.0, 0.0, -5.0))


@pytest.mark.parametrize(
    ("first", "last", "frames", "x_px"),
    [
        (10, 30, (10, 20, 30), (0, 10, 0)),
        (0, 40, (10, 20, 30), (0, 10, 0)),
        (12, 40, (12, 20, 30), (2, 10, 0)),
        (15, 25, (15, 20, 25), (5, 10, 5)),
        (12, 18, (12, 18), (2, 8)),
        (31, 40, (31,), (0,)),
        (0, 9, (9,), (0,)),
        (14, 14, (14,), (4,)),
    ],
)
def test_keys_within_a_range(first, last, frames, x_px) -> None:
    cut = trim_camera(MOVE, first, last)
    assert cut.frame == frames
    assert cut.x_px == pytest.approx(x_px)
    inside = range(first, last + 1)
    assert cut.sample(inside) == pytest.approx(MOVE.sample(inside))


def test_losses_are_listed_once() -> None:
    assert distinct_losses([Loss("a", "b"), Loss("c", "d"), Loss("a", "b")]) == (Loss("a", "b"), Loss("c", "d"))


def _spine(timeline):
    able = Capabilities(layers=True, transitions=True, markers=True, start_timecode=True)
    return read_sequence(timeline, folder=Path("/"), capabilities=able)


def test_a_dissolve_gives_both_pieces_handles_and_keys_in_them() -> None:
    pan = make.framing(((0, 1.777778, 400.0, 0.0), (100, 1.777778, -400.0, 0.0)))
    spine = _spine(make.dissolve(make.timeline((10, 50, pan), (60, 90, pan)), 1, (4, 6)))
    assert not spine.losses
    assert [(d.incoming, d.edit_frame, d.frame_count) for d in spine.dissolves] == [(1, 40, 10)]
    assert [(p.head_frames, p.tail_frames) for p in spine.clip_items] == [(0, 6), (4, 0)]
    assert [[frame for frame, _ in p.keys] for p in spine.clip_items] == [[10, 55], [56, 89]]
    assert [(p.clip.record_frame, p.clip.frame_count) for p in spine.clip_items] == [(0, 40), (40, 30)]


def test_dissolves_that_overlap_are_hard_cuts_from_the_second_on() -> None:
    still = make.framing(STILL)
    timeline = make.timeline((10, 50, still), (60, 70, still), (80, 120, still))
    make.dissolve(make.dissolve(timeline, 2, (6, 3)), 1, (5, 5))
    spine = _spine(timeline)
    assert [d.edit_frame for d in spine.dissolves] == [40]
    assert ["before it ends" in loss.why for loss in spine.losses] == [True]


@pytest.mark.parametrize("place", [0, 2])
def test_a_fade_at_an_end_is_a_hard_cut(place) -> None:
    spine = _spine(make.dissolve(_two_shots(), place, (0, 5) if place == 0 else (5, 0)))
    assert not spine.dissolves and "fades from and to black" in spine.losses[0].why


def test_markers_count_media_or_record_frames() -> None:
    timeline = _two_shots()
    marker = otio.schema.Marker("look", otio.opentime.TimeRange(_time(60, 25), _time(0, 25)), "BLUE", comment="well")
    make.track(timeline)[1].markers.append(marker)
    seconds = otio.opentime.TimeRange(_time(2, 1), _time(1, 1))
    timeline.tracks.markers.append(otio.schema.Marker("beat", seconds))
    spine = _spine(timeline)
    assert spine.clip_items[1].markers == (Marker(60, 1, "look", "well", "BLUE"),)
    assert spine.markers == (Marker(50, 25, "beat", "", "RED"),)  # OTIO's own default
    assert not spine.losses


def test_record_times_are_exact_over_many_rates() -> None:
    row = otio.schema.Track(kind="Video")
    for _ in range(3000):
        row.append(otio.schema.Gap(duration=_time(1, 30000 / 1001)))
    row.append(otio.schema.Gap(duration=_time(1, 25)))
    starts = [start for _, start in children_with_starts(row)]
    assert starts[-1] == Fraction(3000 * 1001, 30000) and starts[1] == Fraction(1001, 30000)
