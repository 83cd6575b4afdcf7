"""Sound of an editor's cut in: files, clocks, channels, levels and fades; what is not heard is told."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

import numbered as make
from panscan.ingest.cuts.read import read_editor_cut
from panscan.timeline.editorial import EditorCut
from panscan.timeline.sound import Fade, SoundClip, read_sounds


def wav(path: Path, seconds: int = 10, channels: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(48000)
        file.writeframes(bytes(seconds * 48000 * channels * 2))
    return path


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("footage")
    make.movie(folder / "a.mov", 0, timecode="01:00:00:00")
    make.movie(folder / "talk.mov", 1, tones={"eng": 440.0})
    wav(folder / "music.wav")
    wav(folder / "mono.wav", channels=1)
    return folder


def heard(cut: EditorCut) -> tuple[SoundClip, ...]:
    return read_sounds(cut.timeline, folder=Path())


def notes(cut: EditorCut) -> list[str]:
    return [str(note) for note in cut.unframed]


def xmeml(folder: Path, *sounds: str) -> EditorCut:
    """A cut of one picture of 50 frames, and sound tracks of the given items."""
    rate = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"
    url = (folder / "a.mov").as_uri()
    video = (
        f"<clipitem id='v'><name>a</name><duration>60</duration>{rate}<start>0</start><end>50</end><in>0</in>"
        f"<out>50</out><file id='a'><name>a.mov</name><pathurl>{url}</pathurl>{rate}<duration>60</duration><media>"
        "<video/></media></file></clipitem>"
    )
    tracks = "".join(f"<track>{sound}</track>" for sound in sounds)
    path = folder / "cut.xml"
    path.write_text(
        f"<?xml version='1.0'?><!DOCTYPE xmeml><xmeml version='4'><sequence id='s'><name>Cut</name>"
        f"<duration>50</duration>{rate}<media><video><track>{video}</track></video><audio>{tracks}</audio></media>"
        "</sequence></xmeml>"
    )
    return read_editor_cut(path)


def xmeml_sound(name: str = "music", *, start: int = 0, end: int = 50, first: int = 25, inside: str = "") -> str:
    rate = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"
    return (
        f"<clipitem><name>{name}</name><duration>250</duration>{rate}<start>{start}</start><end>{end}</end>"
        f"<in>{first}</in><out>{first + end - start}</out><file id='{name}'><name>{name}.wav</name>"
        f"<pathurl>file://localhost/gone/{name}.wav</pathurl>{rate}<duration>250</duration><media><audio/></media>"
        f"</file>{inside}</clipitem>"
    )


def level(value: str, keys: str = "", kind: str = "audiolevels", name: str = "level") -> str:
    return (
        f"<filter><effect><name>{kind}</name><effectid>{kind}</effectid><effecttype>audiolevels</effecttype>"
        f"<mediatype>audio</mediatype><parameter><parameterid>{name}</parameterid><name>x</name><value>{value}</value>"
        f"{keys}</parameter></effect></filter>"
    )


def test_music_beside_the_cut_is_found_with_its_clock_and_streams(footage: Path) -> None:
    cut = xmeml(footage, xmeml_sound(start=10))
    (music,) = heard(cut)
    assert (music.path, music.streams) == (footage / "music.wav", ((2, 48000),))
    assert (music.start_s, music.end_s, music.media_s) == (Fraction(10, 25), 2, 1)
    assert notes(cut) == []


def test_sound_that_is_not_there_is_told_and_no_error(footage: Path) -> None:
    cut = xmeml(footage, xmeml_sound("lost"), xmeml_sound("music", inside=level("1", kind="reverb")))
    assert any("'lost'" in note and "silent" in note for note in notes(cut))
    assert any("'reverb'" in note and "'music'" in note for note in notes(cut))


def test_fcp7_levels_pan_and_channels(footage: Path) -> None:
    keys = "".join(f"<keyframe><when>{w}</when><value>{v}</value></keyframe>" for w, v in ((25, 1), (50, 0.5), (60, 0)))
    source = "<sourcetrack><mediatype>audio</mediatype><trackindex>{}</trackindex></sourcetrack>"
    quiet, left, right = heard(
        xmeml(
            footage,
            xmeml_sound(inside=level("1", keys) + level("-0.5", kind="audiopan", name="pan")),
            xmeml_sound(first=50, inside=source.format(1)),
            xmeml_sound(first=75, inside=source.format(2)),
        )
    )
    assert [(float(at), round(db, 2)) for at, db in quiet.gain] == [(0, 0.0), (1, -6.02), (1.4, -120.0)]
    assert quiet.pan == -0.5
    assert (left.channels, right.channels) == ((0,), (1,))
    (both,) = heard(xmeml(footage, *(xmeml_sound(inside=source.format(n)) for n in (1, 2))))
    assert both.is_plain, "both channels of a stream are the stream"


def fcpxml(folder: Path, path: Path, spine: str, resources: str = "") -> EditorCut:
    path.write_text(
        '<fcpxml version="1.10"><resources><format id="f" frameDuration="1/25s" width="1920" height="1080"/>'
        '<asset id="a" name="a" hasVideo="1" format="f" start="3600s" duration="60/25s"><media-rep '
        f'src="{(folder / "a.mov").as_uri()}"/></asset><asset id="m" name="music" hasAudio="1" audioChannels="2" '
        f'start="0s" duration="10s"><media-rep src="{(folder / "music.wav").as_uri()}"/></asset>'
        f'<asset id="t" name="talk" hasVideo="1" hasAudio="1" format="f" start="0s" duration="60/25s"><media-rep '
        f'src="{(folder / "talk.mov").as_uri()}"/></asset>{resources}</resources>'
        f'<library><event><project name="p"><sequence format="f"><spine>{spine}</spine></sequence></project></event>'
        "</library></fcpxml>"
    )
    return read_editor_cut(path)


def test_final_cuts_levels_fades_and_channels(footage: Path, tmp_path: Path) -> None:
    inside = (
        '<adjust-volume amount="-6dB"><param name="amount"><fadeIn type="easeIn" duration="1/2s"/>'
        '<fadeOut type="easeIn" duration="1/4s"/><keyframeAnimation><keyframe time="1s" value="0dB"/>'
        '<keyframe time="3s" value="-12dB"/></keyframeAnimation></param></adjust-volume>'
        '<adjust-panner mode="1" amount="50"/>'
    )
    cut = fcpxml(
        footage,
        tmp_path / "cut.fcpxml",
        '<asset-clip ref="a" offset="0s" start="3600s" duration="2s">'
        f'<asset-clip ref="m" lane="-1" offset="3600s" start="1s" duration="2s">{inside}</asset-clip>'
        '<asset-clip ref="m" lane="-2" offset="3600s" start="4s" duration="1s" audioRole="fx"><audio-channel-source '
        'srcCh="2"/><filter-audio ref="e" name="Hall"/></asset-clip></asset-clip>',
    )
    music, effect = sorted(heard(cut), key=lambda sound: sound.media_s)
    assert music.gain == ((0, 0.0), (2, -12.0))
    rises, falls = (Fade(Fraction(1, part), "equal-power") for part in (2, 4))
    assert (music.pan, music.fade_in, music.fade_out) == (0.5, rises, falls)
    assert (effect.channels, effect.media_s) == ((1,), 4)
    assert any("'Hall'" in note for note in notes(cut))


def test_final_cuts_transition_fades_the_sound_too(footage: Path, tmp_path: Path) -> None:
    spine = (
        '<asset-clip ref="t" offset="0s" start="0s" duration="1s"/><transition name="Dissolve" offset="20/25s" '
        'duration="10/25s">{}</transition><asset-clip ref="t" offset="1s" start="1s" duration="1s"/>'
    )
    before, after = heard(
        fcpxml(footage, tmp_path / "a.fcpxml", spine.format('<filter-audio ref="e" name="Audio Crossfade"/>'))
    )
    assert (before.end_s, after.start_s, after.media_s) == (Fraction(30, 25), Fraction(20, 25), Fraction(20, 25))
    assert before.fade_out == after.fade_in == Fade(Fraction(10, 25), "equal-power")
    before, after = heard(fcpxml(footage, tmp_path / "b.fcpxml", spine.format("")))
    assert (before.end_s, after.start_s, after.is_plain) == (1, 1, True)


def test_a_multicam_clip_may_be_heard_from_other_angles_than_it_is_seen(footage: Path, tmp_path: Path) -> None:
    angle = '<mc-angle name="{0}" angleID="{0}"><asset-clip ref="{1}" offset="0s" duration="2s"/></mc-angle>'
    angles = "".join(angle.format(*pair) for pair in (("one", "t"), ("two", "m"), ("three", "a")))
    media = f'<media id="mc" name="talk"><multicam format="f" tcStart="0s">{angles}</multicam></media>'
    source = '<mc-source angleID="{}" srcEnable="{}"/>'

    def sounds(*sources: tuple[str, str]) -> list[str]:
        inside = "".join(source.format(*pair) for pair in sources)
        clip = f'<mc-clip ref="mc" offset="0s" duration="2s">{inside}</mc-clip>'
        return [sound.path.stem for sound in heard(fcpxml(footage, tmp_path / "cut.fcpxml", clip, media))]

    assert sounds(("one", "all")) == ["talk"]
    assert sounds(("one", "video"), ("two", "audio")) == ["music"]
    assert sorted(sounds(("one", "all"), ("two", "audio"))) == ["music", "talk"]
    assert sounds(("three", "video")) == []


def test_a_clip_brings_all_channels_that_a_camera_wrote_into_streams_of_their_own(
    footage: Path, tmp_path: Path
) -> None:
    path = footage / "four.mov"
    if not path.exists():
        with av.open(str(path), "w") as container:
            streams = [container.add_stream("pcm_s16le", rate=48000, layout="mono") for _ in range(4)]
            for stream in streams:
                frame = av.AudioFrame.from_ndarray(np.zeros((1, 48000), np.int16), format="s16", layout="mono")
                frame.sample_rate, frame.pts = 48000, 0
                container.mux(stream.encode(frame))
    four = f'<asset id="4" name="4" hasAudio="1" audioSources="4"><media-rep src="{path.as_uri()}"/></asset>'
    under = '<asset-clip ref="t" offset="0s" duration="1s"><asset-clip ref="4" lane="-1" offset="0s" duration="1s">{}'
    for inside, wanted in (("", [0, 1, 2, 3]), ('<audio-channel-source srcCh="2, 4"/>', [1, 3])):
        spine = under.format(inside) + "</asset-clip></asset-clip>"
        found = heard(fcpxml(footage, tmp_path / "cut.fcpxml", spine, four))
        assert [sound.stream for sound in found if sound.path == path] == wanted


def test_the_level_of_a_compound_clip_is_that_of_all_sounds_in_it(footage: Path, tmp_path: Path) -> None:
    inside = '<asset-clip ref="t" offset="0s" duration="2s"><adjust-volume amount="-3dB"/></asset-clip>'
    media = f'<media id="c" name="c"><sequence format="f"><spine>{inside}</spine></sequence></media>'
    clip = '<ref-clip ref="c" offset="0s" duration="2s"><adjust-volume amount="-6dB"/></ref-clip>'
    (sound,) = heard(fcpxml(footage, tmp_path / "cut.fcpxml", clip, media))
    assert sound.gain == ((0, -9.0),)


def resolve_sound(path: Path, first: float, channels: list[int]) -> Any:
    made = make.clip(path, first, 50)
    named = [{"Source Track ID": 0, "Source Channel ID": channel} for channel in channels]
    made.metadata["Resolve_OTIO"] = {"Channels": named}
    return made


def test_resolves_channels_and_solo(footage: Path, tmp_path: Path) -> None:
    tracks = [
        make.track(resolve_sound(footage / "music.wav", 0, [1]), name="A1", kind="Audio"),
        make.track(resolve_sound(footage / "music.wav", 50, [0, 1]), name="A2", kind="Audio"),
    ]
    made = make.timeline(make.track(make.clip(footage / "a.mov", 90000, 50)), *tracks)
    one, both = heard(read_editor_cut(make.written(made, tmp_path / "cut.otio")))
    assert (one.channels, both.channels) == ((1,), ())
    made.tracks[2].metadata["Resolve_OTIO"] = {"SoloOn": True}
    cut = read_editor_cut(make.written(made, tmp_path / "cut.otio"))
    assert [sound.track_name for sound in heard(cut)] == ["A2"]
    assert any("'A1'" in note and "solo" in note for note in notes(cut))


def test_the_clock_of_a_sound_is_that_on_which_it_lies_inside_its_media(footage: Path, tmp_path: Path) -> None:
    def sound(first: float, start: float | None) -> Any:
        made = make.clip(footage / "a.mov", first, 25)
        available = None if start is None else make.time_range(start, 60)
        made.media_reference.available_range = available
        return made

    for number, (first, start, wanted) in enumerate(
        [(90010, None, 10), (90010, 0, 10), (10, None, 10), (90010, 90000, 10), (510, 500, 10)]
    ):
        picture = make.track(make.clip(footage / "a.mov", 90000, 50))
        made = make.timeline(picture, make.track(sound(first, start), kind="Audio"))
        (found,) = heard(read_editor_cut(make.written(made, tmp_path / f"{number}.otio")))
        assert found.media_s == Fraction(wanted, 25), (first, start)


def test_a_mute_track_is_silent(footage: Path, tmp_path: Path) -> None:
    track = make.track(make.clip(footage / "music.wav", 0, 50), kind="Audio")
    track.enabled = False
    made = make.timeline(make.track(make.clip(footage / "a.mov", 90000, 50)), track)
    assert heard(read_editor_cut(make.written(made, tmp_path / "cut.otio"))) == ()


def test_a_sound_clip_of_a_media_without_sound_is_told(footage: Path, tmp_path: Path) -> None:
    tracks = [make.track(make.clip(footage / "a.mov", 90000, 50), kind=kind) for kind in ("Video", "Audio")]
    cut = read_editor_cut(make.written(make.timeline(*tracks), tmp_path / "cut.otio"))
    assert notes(cut) == ["sound 'a': It is silent: its media has no sound."]


def test_sounds_of_an_edit_list_are_found_by_name(footage: Path) -> None:
    """Camera sound with a level, and music that starts under it and runs on: each file once."""
    path = footage / "cut.edl"
    path.write_text(
        "TITLE: t\n"
        "001  AX       B     C        00:00:00:10 00:00:01:10 00:00:00:00 00:00:01:00\n"
        "* FROM CLIP NAME: talk.mov\n* AUDIO LEVEL AT 00:00:00:00 IS -6.00 DB  (REEL AX A1)\n"
        "002  AX       NONE  C        00:00:02:00 00:00:03:00 00:00:00:20 00:00:01:20\n"
        "* FROM CLIP NAME: music.wav\nAUD  3    4\n"
    )
    cut = read_editor_cut(path)
    talk, music = heard(cut)
    assert (talk.path.name, talk.media_s, talk.start_s, talk.end_s) == ("talk.mov", Fraction(10, 25), 0, 1)
    assert [db for _, db in talk.gain] == [-6.0]
    assert (music.path.name, music.media_s, music.start_s, music.end_s) == (
        "music.wav", 2, Fraction(20, 25), Fraction(45, 25),
    )  # fmt: skip
    assert music.track_name == "A3" and not notes(cut)


@pytest.mark.parametrize(
    "metadata",
    [
        {"fcpxml": {"elements": ["<adjust-volume amount="]}},
        {"fcpxml": "text"},
        {"fcp_xml": 5},
        {"Resolve_OTIO": {"Channels": 5}},
    ],
)
def test_damaged_words_of_an_editor_are_told_and_the_sound_is_heard_as_it_is(
    footage: Path, tmp_path: Path, metadata: dict[str, Any]
) -> None:
    sound = make.clip(footage / "music.wav", 0, 50)
    sound.metadata.update(metadata)
    tracks = [make.track(make.clip(footage / "a.mov", 90000, 50)), make.track(sound, kind="Audio")]
    cut = read_editor_cut(make.written(make.timeline(*tracks), tmp_path / "cut.otio"))
    assert [one.is_plain for one in heard(cut)] == [True]
    assert notes(cut) == ["sound 'music': What the file says of level and channels is damaged: left out."]
