"""The shots of a photo in time: how long they stand, how they come nearer, and what the timeline says of a still."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import photo_scenes as scenes
from panscan.model.geometry import Ratio
from panscan.photos.planner import plan_shots
from panscan.photos.sequence import SequenceOptions, sequence_recipe, still_clips
from panscan.timeline.cut import read_cut
from panscan.timeline.stills import Music

SIZE = (1500, 1000)
PHOTO = Path("/photos/wedding.jpg")
PERSON = scenes.standing("person-1", 620, 200, 700)


def planned_and_clips(people=(PERSON,), ratio="4:5", **options):
    seen = scenes.perception(SIZE, people)
    found = plan_shots(seen, people[:1], Ratio.parse(ratio))
    return found.shots, still_clips(PHOTO, found, seen, SequenceOptions(**options))


def crops(clip):
    """Left, top, right, bottom (n, 4) in px of the photo at each frame of a clip."""
    found = clip.framing.cells[0].crops(np.arange(clip.frame_count), clip.framing.source)
    return np.column_stack([found[:, :2], found[:, :2] + found[:, 2:]])


def test_each_shot_stands_for_the_time_asked_and_shows_its_crop():
    shots, clips = planned_and_clips(rate=Fraction(24000, 1001), seconds=3)
    assert [clip.frame_count for clip in clips] == [72, 72, 72]
    for shot, clip in zip(shots, clips, strict=True):
        assert clip.framing.effect == "STATIC"
        assert np.ptp(crops(clip), axis=0) == pytest.approx(0)
        assert crops(clip)[0] == pytest.approx(np.array(shot.box_px), abs=1)


def test_a_push_comes_nearer_to_the_head_softly_with_few_keys():
    _, clips = planned_and_clips(push=1.06)
    head = (PERSON.head_px[:2] + PERSON.head_px[2:]) / 2
    for clip in clips:
        shown = crops(clip)
        widths = shown[:, 2] - shown[:, 0]
        assert widths[0] / widths[-1] == pytest.approx(1.06, abs=2e-3)
        steps = -np.diff(np.log(widths))
        assert (steps > -1e-9).all()
        assert steps[:5].mean() < 0.5 * steps[40:50].mean() > steps[-5:].mean()
        places = (head - shown[:, :2]) / (shown[:, 2:] - shown[:, :2])  # of the head in the crop
        assert np.ptp(places, axis=0).max() < 0.003
        assert len(clip.framing.cells[0].camera.frame) <= 8


@pytest.mark.parametrize("neighbour", [430, 500, 760, 820, 900])
def test_no_push_cuts_a_head_that_was_whole(neighbour):
    people = [PERSON, scenes.standing("person-2", neighbour, 230, 660)]
    _, clips = planned_and_clips(people, push=1.5)
    whole = 0
    for clip in clips:
        shown = crops(clip)
        for head in (person.head_px for person in people):
            room = np.concatenate([head[:2] - shown[:, :2], shown[:, 2:] - head[2:]], axis=1)
            if room[0].min() >= 0:
                whole += 1
                assert room.min() > -1.0  # px of the photo: keys stray by one of the canvas
    assert whole >= 3


def test_a_timeline_says_that_its_media_are_stills():
    cut = read_cut(scenes.shots_in_time(PHOTO, SIZE, seconds=2), folder=Path("/"))
    assert [clip.facts.is_still for clip in cut.clips] == [True] * 3
    assert [clip.record_frame for clip in cut.clips] == [0, 60, 120]
    assert not cut.is_whole and cut.frame_count == 180
    single = scenes.shots_in_time(PHOTO, SIZE, seconds=2)
    del single.tracks[0][1:]
    assert not read_cut(single, folder=Path("/")).is_whole, "a photo has no clock to keep"


def test_a_still_may_be_made_longer_by_hand():
    timeline = scenes.shots_in_time(PHOTO, SIZE, seconds=1)
    clip = timeline.tracks[0][0]
    longer = type(clip.source_range.duration)(120, 30)
    clip.source_range = type(clip.source_range)(clip.source_range.start_time, longer)
    assert not any(clip.shows_missing_frames for clip in read_cut(timeline, folder=Path("/")).clips)


@pytest.mark.parametrize(("music_s", "heard_s"), [(60, 6), (4, 4)])
def test_music_is_cut_to_the_shots(music_s, heard_s):
    music = Music(Path("/music/song.wav"), ((2, 48000),), Fraction(music_s))
    cut = read_cut(scenes.shots_in_time(PHOTO, SIZE, seconds=2, music=music), folder=Path("/"))
    (sound,) = cut.sounds
    assert (sound.start_s, sound.end_s, sound.streams) == (0, heard_s, ((2, 48000),))
    assert cut.frame_count == 180


def test_a_recipe_tells_what_the_shots_show(tmp_path):
    """Other weights see another head: a timeline of before is no longer the one that is asked for."""
    photo = tmp_path / "wedding.jpg"
    photo.write_bytes(b"a photo")

    def recipe(*people, **options):
        chosen = SequenceOptions(**options)
        return sequence_recipe(planned_and_clips(people, **options)[1], {photo: ()}, Ratio(4, 5), "", chosen, None)

    moved = scenes.standing("person-1", 700, 220, 700)
    assert recipe(PERSON) == recipe(PERSON)
    assert recipe(PERSON) != recipe(moved) != recipe(moved, push=1.06)
