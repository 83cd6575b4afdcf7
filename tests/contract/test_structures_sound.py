"""Every structure of a cut's sound, framed and delivered in every format: what is heard is the same, or told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import numbered as make
from panscan import registry
from panscan.deliver import Artifact, deliver
from panscan.deliver.sequence import reader
from panscan.ingest.cuts.read import read_editor_cut
from panscan.timeline.flatten import flatten_timeline
from panscan.timeline.sound import SoundClip, read_sounds
from structures import listening, reading
from structures.sounds import CUTS, FILES, FPS, Heard, Sounding, shoot, without

Delivered = Callable[[str, str], tuple[Sounding, Artifact]]
# Sounds beyond the four tracks of an edit list.
TOO_MANY = {"many_tracks": "2 sounds of tracks FX 2, FX 3", "levels": "the sound 'fx' of track FX"}
# What panscan takes a delivery for, where it cannot know.
READ_OTHERWISE = {
    ("edl", "one_channel"): "a copy of a sound in one track of an edit list is all of it",
    ("edl", "nested_cross_fade"): "a copy of a sound in one track of an edit list is all of it",
    ("xmeml", "cross_fade_with_equal_power"): "stereo and mono lie in two tracks, and a fade at one side is straight",
}
SUFFIXES = {"fcpxml": ".fcpxml", "xmeml": ".xml", "edl": ".edl"}
PAIRS = [(name, exporter) for name in CUTS for exporter in listening.READERS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sounds")


@pytest.fixture(scope="module")
def cuts(folder: Path) -> Callable[[str], tuple[Sounding, Any]]:
    media = shoot(folder)

    @cache
    def made(name: str) -> tuple[Sounding, Any]:
        sounding = CUTS[name](media)
        cut = read_editor_cut(make.written(sounding.timeline, folder / f"{name}.otio"))
        return sounding, reading.framed(cut).timeline

    return made


@pytest.fixture(scope="module")
def delivered(cuts: Callable[[str], tuple[Sounding, Any]]) -> Delivered:
    @cache
    def made(name: str, exporter: str) -> tuple[Sounding, Artifact]:
        sounding, timeline = cuts(name)
        return sounding, deliver(timeline, exporter, folder=Path("/"))

    return made


def able(exporter: str) -> frozenset[str]:
    found: frozenset[str] | None = registry.load("exporters", exporter).capabilities.sound_tracks
    return found or frozenset()


def by_panscan(timeline: Any) -> list[Heard]:
    """What panscan reads in a timeline."""
    found = []
    for sound in read_sounds(timeline, folder=Path("/")):
        fades = (sound.fade_in, sound.fade_out)
        keys = [(float(time_s * FPS), level) for time_s, level in sound.gain] or [(0.0, 0.0)]
        first, end = float(sound.start_s * FPS), float(sound.end_s * FPS)

        def factor(frame: float, keys: Any = keys, first: float = first, end: float = end, fades: Any = fades) -> float:
            found = listening._db(listening._straight(keys, frame - first))
            for fade, into in zip(fades, (frame - first, end - frame), strict=True):
                if fade.length_s:
                    part = listening._part(into / float(fade.length_s * FPS))
                    found *= listening._power(part) if fade.shape == "equal-power" else part
            return found

        channels = sound.channels or tuple(range(FILES[sound.path.stem][0]))
        times = (sound.start_s * FPS, sound.end_s * FPS, sound.media_s * FPS)
        found.append(Heard(sound.path.stem, *times, channels, sound.speed, sound.pan, factor))
    return found


@pytest.mark.parametrize("name", CUTS)
def test_the_reader_hears_what_the_editor_plays(name: str, cuts: Callable[[str], tuple[Sounding, Any]]) -> None:
    sounding, timeline = cuts(name)
    assert not listening.differences(by_panscan(timeline), sounding.heard)


@pytest.mark.parametrize("name", CUTS)
def test_laid_into_one_row_it_sounds_the_same(name: str, cuts: Callable[[str], tuple[Sounding, Any]]) -> None:
    sounding, timeline = cuts(name)
    assert not listening.differences(by_panscan(flatten_timeline(timeline)), sounding.heard)


# What these cuts need that these formats do not have; the rest is heard alike.
NOT_SAID = {
    ("fades", "otio-resolve"), ("fades", "otio-premiere"), ("cross", "otio-premiere"), ("cross", "edl"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "exporter"), PAIRS)
def test_the_delivery_sounds_the_same(name: str, exporter: str, delivered: Delivered) -> None:
    sounding, artifact = delivered(name, exporter)
    features = able(exporter)
    said = " ".join(loss.what for loss in artifact.losses if "sound" in loss.what)
    found = listening.READERS[exporter](artifact.main)
    lost = frozenset(n for n in sounding.needs if (n, exporter) in NOT_SAID or n not in {*features, "cross"})
    wanted = without(sounding, lost)
    if exporter == "edl" and name in TOO_MANY:
        assert TOO_MANY[name] in said
        wanted = wanted[: 4 if name == "many_tracks" else 3]
    else:
        assert bool(said) == bool(lost), said
    assert not listening.differences(found, wanted)


@pytest.mark.parametrize("name", CUTS)
@pytest.mark.parametrize("exporter", ["fcpxml", "xmeml", "otio-resolve", "otio-premiere", "edl"])
def test_panscan_hears_it_in_its_own_delivery(
    name: str, exporter: str, delivered: Delivered, folder: Path, tmp_path: Path
) -> None:
    """What a program would play, panscan reads as well."""
    _, artifact = delivered(name, exporter)
    if (exporter, name) in READ_OTHERWISE:
        pytest.skip(READ_OTHERWISE[exporter, name])
    how = {"relink": folder} if exporter == "edl" else {}
    again = reading.read_back(artifact.main, SUFFIXES.get(exporter, ".otio"), tmp_path, **how)
    assert not listening.differences(by_panscan(again.timeline), listening.READERS[exporter](artifact.main))


@pytest.mark.parametrize("name", CUTS)
def test_apples_dtd_accepts_it(name: str, delivered: Delivered, dtd_folder: Path) -> None:
    _, artifact = delivered(name, "fcpxml")
    for version in ("1_9", "1_13"):
        root = etree.fromstring(artifact.main)
        root.set("version", version.replace("_", "."))
        dtd = etree.DTD(str(dtd_folder / f"FCPXMLv{version}.dtd"))
        assert dtd.validate(root), dtd.error_log


@pytest.mark.parametrize("name", CUTS)
def test_kdenlive_plays_what_melt_plays(name: str, delivered: Delivered) -> None:
    _, artifact = delivered(name, "mlt")
    plain = listening.by_mlt(artifact.main)
    assert not listening.differences(listening.by_mlt(artifact.files[".kdenlive"]), plain)


def _spoilt(what: str, sound: SoundClip) -> SoundClip:
    """The sound with a fault that nobody may overlook."""
    frame_s = Fraction(1, FPS)
    if what == "a frame late":
        return replace(sound, start_s=sound.start_s + frame_s, end_s=sound.end_s + frame_s)
    if what == "from another frame of its media":
        return replace(sound, media_s=sound.media_s + frame_s)
    if what == "a frame too short":
        return replace(sound, end_s=sound.end_s - frame_s)
    if what == "6 dB too loud":
        return replace(sound, gain=((Fraction(0), 6.0),))
    return replace(sound, path=sound.path.with_name("fx.wav"), streams=((1, 48000),))


FAULTS = ("a frame late", "from another frame of its media", "a frame too short", "6 dB too loud", "another file")


@pytest.mark.parametrize("exporter", listening.READERS)
@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_of_an_exporter_is_found(
    what: str, exporter: str, cuts: Callable[[str], tuple[Sounding, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    if what == "6 dB too loud" and "level" not in able(exporter):
        pytest.skip("the format has no levels")
    sounding, timeline = cuts("music")
    whole = reader.sound_tracks
    spoil = lambda sounds, *others: whole([_spoilt(what, sound) for sound in sounds], *others)  # noqa: E731
    media = reader.sound_media
    monkeypatch.setattr(reader, "sound_tracks", spoil)
    monkeypatch.setattr(
        reader, "sound_media", lambda t, f, c, sounds: media(t, f, c, [*sounds, *(_spoilt(what, s) for s in sounds)])
    )
    artifact = deliver(timeline, exporter, folder=Path("/"))
    assert listening.differences(listening.READERS[exporter](artifact.main), sounding.heard)
