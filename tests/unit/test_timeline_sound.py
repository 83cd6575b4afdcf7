"""What is heard of a timeline: places, parts of a media, levels and fades, read from its sound tracks."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

from panscan.errors import DocumentError
from panscan.timeline.sound import Fade, SoundClip, read_sounds

RATE = 25.0


def time_range(first: float, count: float) -> otio.opentime.TimeRange:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(first, RATE), otio.opentime.RationalTime(count, RATE))


def clip(
    name: str,
    first: float,
    count: float,
    *,
    streams: list[int] | None = None,
    start: float = 0,
    sound: dict[str, object] | None = None,
    **own: object,
) -> otio.schema.Clip:
    facts = {"audio": [{"channels": c, "rate_hz": 48000} for c in streams or [2]]}
    metadata = dict(own) | ({"sound": sound} if sound else {})
    return otio.schema.Clip(
        name=name,
        media_reference=otio.schema.ExternalReference(
            target_url=f"{name}.mov", available_range=time_range(start, 250), metadata={"panscan": facts}
        ),
        source_range=time_range(first, count),
        metadata={"panscan": metadata} if metadata else {},
    )


def gap(count: float) -> otio.schema.Gap:
    return otio.schema.Gap(source_range=time_range(0, count))


def timeline(*tracks: list[object]) -> otio.schema.Timeline:
    made = otio.schema.Timeline()
    for number, children in enumerate(tracks, 1):
        track = otio.schema.Track(name=f"A{number}", kind=otio.schema.TrackKind.Audio)
        track.extend(children)
        made.tracks.append(track)
    return made


def heard(*tracks: list[object]) -> tuple[SoundClip, ...]:
    return read_sounds(timeline(*tracks), folder=Path("/footage"))


def test_each_sound_has_its_place_in_the_record_and_in_its_media() -> None:
    camera, music = heard([gap(50), clip("talk", 90025, 100, start=90000)], [clip("music", 0, 250)])
    assert (camera.path, camera.track_name, camera.track) == (Path("/footage/talk.mov"), "A1", 0)
    assert (camera.start_s, camera.end_s, camera.media_s) == (2, 6, 1)
    assert (music.track, music.start_s, music.end_s, music.media_s) == (1, 0, 10, 0)
    assert camera.is_plain and music.streams == ((2, 48000),)


def test_what_is_switched_off_or_frozen_is_silent() -> None:
    off, frozen = clip("a", 0, 50), clip("b", 0, 50)
    off.enabled = False
    frozen.effects.append(otio.schema.FreezeFrame())
    assert [sound.name for sound in heard([off, frozen, clip("c", 0, 50)])] == ["c"]
    made = timeline([clip("a", 0, 50)], [clip("b", 0, 50)])
    made.tracks[0].enabled = False
    assert [sound.name for sound in read_sounds(made, folder=Path())] == ["b"]


def test_copies_of_one_sound_are_its_streams_or_sound_once() -> None:
    assert len(heard([clip("a", 0, 50)], [clip("a", 0, 50)])) == 1
    both = heard([clip("a", 0, 50, streams=[1, 1])], [clip("a", 0, 50, streams=[1, 1])])
    assert [(sound.track, sound.stream) for sound in both] == [(0, 0), (1, 1)]
    late = heard([clip("a", 0, 50)], [gap(1), clip("a", 0, 50)])
    assert [sound.start_s for sound in late] == [0, Fraction(1, 25)]


def test_copies_that_sound_otherwise_are_all_heard() -> None:
    sides = [[clip("a", 0, 50, streams=[1], sound={"pan": pan})] for pan in (-1, 1)]
    assert [sound.pan for sound in heard(*sides)] == [-1.0, 1.0]


def test_channels_that_make_up_a_stream_are_the_stream() -> None:
    left, right = ({"channels": [n]} for n in (0, 1))
    (whole,) = heard([clip("a", 0, 50, sound=left)], [clip("a", 0, 50, sound=right)])
    assert whole.is_plain
    (one,) = heard([clip("a", 0, 50, sound=right)])
    assert one.channels == (1,) and not one.is_plain


def test_streams_of_our_own_timeline_of_a_movie_are_never_mixed() -> None:
    streams = [2, 2]
    rows = [[clip("a", 0, 50, streams=streams, link=1), clip("a", 80, 50, streams=streams, link=2)] for _ in range(2)]
    assert [(s.output, s.stream, s.start_s) for s in heard(*rows)] == [(0, 0, 0), (0, 0, 2), (1, 1, 0), (1, 1, 2)]
    made = timeline(*rows)
    made.tracks[0].enabled = False
    assert {(s.output, s.stream) for s in read_sounds(made, folder=Path())} == {(1, 1)}


def test_a_cross_fade_shows_the_handles_of_both_sounds() -> None:
    def transition(name: str) -> otio.schema.Transition:
        half = otio.opentime.RationalTime(10, RATE)
        return otio.schema.Transition(name=name, transition_type="SMPTE_Dissolve", in_offset=half, out_offset=half)

    before, after = heard([clip("a", 0, 50), transition("Constant Power"), clip("b", 100, 50)])
    assert (before.end_s, after.start_s, after.media_s) == (Fraction(60, 25), Fraction(40, 25), Fraction(90, 25))
    assert before.fade_out == after.fade_in == Fade(Fraction(20, 25), "equal-power")
    assert before.fade_in == after.fade_out == Fade()
    (alone,) = heard([gap(20), transition("Constant Power"), clip("b", 100, 50)])
    assert alone.fade_in == Fade(Fraction(20, 25), "linear")


def test_levels_are_keyed_on_the_clock_of_the_media() -> None:
    said = {"gain_db": [[4, 1, -6.0], [5, 1, 0.0]], "pan": -2, "fade_out": [1, 2]}
    (sound,) = heard([gap(25), clip("a", 75, 100, sound=said)])
    assert sound.gain == ((1, -6.0), (2, 0.0))
    assert (sound.pan, sound.fade_out) == (-1.0, Fade(Fraction(1, 2)))
    fast = clip("a", 75, 50, sound=said)
    fast.effects.append(otio.schema.LinearTimeWarp(time_scalar=2.0))
    assert heard([fast])[0].gain == ((Fraction(1, 2), -6.0), (1, 0.0))


def test_sound_on_another_machine_keeps_its_address() -> None:
    far = clip("a", 0, 50)
    far.media_reference.target_url = "file://server/music%20bed.wav"
    (sound,) = heard([far])
    assert sound.path == Path("//server/music bed.wav")


@pytest.mark.parametrize("facts", [{"audio": 5}, {"audio": [{"channels": "two"}]}, "text"])
def test_damaged_facts_of_a_media_are_refused(facts: object) -> None:
    damaged = clip("a", 0, 50)
    damaged.media_reference.metadata["panscan"] = facts
    with pytest.raises(DocumentError, match="damaged"):
        heard([damaged])


def test_metadata_that_is_no_object_is_refused_by_name() -> None:
    damaged = clip("a", 0, 50)
    damaged.metadata["panscan"] = "link"
    with pytest.raises(DocumentError, match="clip 'a'"):
        heard([damaged])


@pytest.mark.parametrize(
    "said",
    [
        {"streams": "x"},
        {"streams": [-1]},
        {"stream": -1},
        {"gain_db": "loud"},
        {"gain_db": float("inf")},
        {"fade_in": [1, 0]},
    ],
)
def test_damaged_metadata_is_refused_by_name(said: dict[str, object]) -> None:
    with pytest.raises(DocumentError, match="clip 'a'"):
        heard([clip("a", 0, 50, sound=said)])
