"""Every structure of a cut, framed and delivered in every format: what comes out shows the same, or says why not."""

from __future__ import annotations

import ast
import csv
import io
import json
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

import numbered as make
from panscan import registry
from panscan.deliver import Artifact, deliver
from panscan.deliver.artifact import Capabilities
from panscan.errors import PanscanError
from panscan.ingest.crops import read_crops
from panscan.ingest.cuts.read import read_editor_cut
from panscan.timeline import cut as document
from panscan.timeline.editorial import EditorCut
from panscan.timeline.effect import framing_of
from structures import footage, reading
from structures.cuts import CUTS, RETIMED, Structure

EXPORTERS = sorted(registry.entries("exporters"))
PAIRS = [(cut, exporter) for cut in CUTS for exporter in EXPORTERS]
# Their pictures are played by models and programs of other tests.
PLAYED_ELSEWHERE = {
    "aftereffects": "unit/test_deliver_after_effects.py",
    "ffmpeg": "integration/test_ffmpeg_script.py",
    "fusion": "unit/test_deliver_fusion.py",
    "segments": "unit/test_deliver_segments.py",
}
SUFFIXES = {"fcpxml": ".fcpxml", "xmeml": ".xml", "edl": ".edl"}
# These list clips one by one; those that are switched off as well.
LISTS = ("premiere-plan", "resolve-plan", "nuke", "fdl")


def able(exporter: str) -> Capabilities:
    found: Capabilities = registry.load("exporters", exporter).capabilities
    return found


def is_comparable(name: str, exporter: str) -> bool:
    """Whether what the delivery shows can be read back, by panscan or by `reading.READERS`."""
    if exporter in PLAYED_ELSEWHERE or (name == "disabled" and exporter in LISTS):
        return False
    if exporter not in (*reading.READABLE, *reading.READERS):  # one of an installed package, which nobody reads here
        return False
    # How these programs count a retimed clip has models and tests of its own; a still is none of a file's pictures.
    counted = exporter in (*reading.READABLE, "crops-json") or CUTS[name] not in RETIMED
    return counted and (name, exporter) != ("stills", "crops-json")


COMPARED = [pair for pair in PAIRS if is_comparable(*pair)]


@dataclass(frozen=True)
class Framed:
    """A structure, the cut as it was read, and the same with its cameras."""

    structure: Structure
    cut: EditorCut
    timeline: Any


@pytest.fixture(scope="module")
def framed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Framed]:
    folder = tmp_path_factory.mktemp("structures")
    media = footage.shoot(folder)

    @cache
    def made(name: str) -> Framed:
        structure = CUTS[name](media)
        cut = read_editor_cut(make.written(structure.timeline, folder / f"{name}.otio"), **structure.how)
        return Framed(structure, cut, reading.framed(cut).timeline)

    return made


@pytest.fixture(scope="module")
def delivered(framed: Callable[[str], Framed]) -> Callable[[str, str], Artifact | PanscanError]:
    @cache
    def made(name: str, exporter: str) -> Artifact | PanscanError:
        try:
            return deliver(framed(name).timeline, exporter, folder=Path("/"))
        except PanscanError as error:
            return error

    return made


def test_there_are_enough_of_them() -> None:
    assert len(CUTS) >= 24 and len(EXPORTERS) >= 16 and len(PAIRS) >= 400
    assert len(COMPARED) >= 300


def test_every_delivery_is_read_by_somebody() -> None:
    """A new one gets a reader here, or models and tests of its own."""
    assert {*reading.READABLE, *reading.READERS, *PLAYED_ELSEWHERE} == set(registry.EXPORTERS)
    assert {exporter for _, exporter in COMPARED} == set(registry.EXPORTERS) - set(PLAYED_ELSEWHERE)
    tests = Path(__file__).parents[1]
    assert all((tests / path).is_file() for path in PLAYED_ELSEWHERE.values())


@pytest.mark.parametrize("name", CUTS)
def test_the_reader_sees_what_the_editor_shows(name: str, framed: Callable[[str], Framed]) -> None:
    made = framed(name)
    structure, cut = made.structure, made.cut
    assert reading.by_panscan(made.timeline) == (structure.pictures, structure.names)
    assert cut.rate == structure.rate
    said = [str(note) for note in cut.unframed]
    assert len(said) == len(structure.aside)
    for words in structure.aside:
        assert any(words in note for note in said), (words, said)


@pytest.mark.parametrize("name", CUTS)
def test_the_editors_cut_stays_as_it_was(name: str, framed: Callable[[str], Framed]) -> None:
    """All but cameras, what is known of the media, and where it lies on this machine."""
    made = framed(name)
    after, before = made.timeline.deepcopy(), made.structure.timeline.deepcopy()
    after.metadata.pop("panscan")
    for new, old in zip(after.find_clips(), before.find_clips(), strict=True):
        new.effects[:] = [e for e in new.effects if e.effect_name != "Reframe"]
        new.media_reference.metadata.pop("panscan", None)
        if isinstance(new.media_reference, otio.schema.ExternalReference):
            new.media_reference.available_image_bounds = None
            stated, found = (document.media_path(c.media_reference.target_url, Path("/")) for c in (old, new))
            assert stated.name == found.name
            new.media_reference.target_url = old.media_reference.target_url
            if old.media_reference.available_range is None or stated.suffix == ".png":
                new.media_reference.available_range = old.media_reference.available_range
    assert after.to_json_string() == before.to_json_string()


@pytest.mark.parametrize(("name", "exporter"), PAIRS)
def test_a_readable_file(name: str, exporter: str, delivered: Callable[[str, str], Artifact | PanscanError]) -> None:
    made = delivered(name, exporter)
    assert isinstance(made, Artifact) and made.files
    for suffix, content in made.files.items():
        _check_text(suffix, content.decode("utf-8"))


def _check_text(suffix: str, text: str) -> None:
    """What any reader of the format would demand before anything else."""
    ending = suffix.rsplit(".", 1)[-1]
    if ending in ("otio", "json", "fdl"):
        json.loads(text, parse_constant=pytest.fail)
    elif ending in ("xml", "fcpxml", "mlt"):
        ET.fromstring(text)
    elif ending == "py":
        ast.parse(text)
    elif ending == "csv":
        rows = list(csv.reader(line for line in io.StringIO(text) if not line.startswith("#")))
        assert len({len(row) for row in rows}) == 1 and len(rows) > 1
    elif ending == "sh" and shutil.which("sh"):
        subprocess.run(["sh", "-n"], input=text.encode(), check=True)
    assert text.strip() and "\0" not in text and "nan" not in text.lower().split()


@pytest.mark.parametrize(("name", "exporter"), COMPARED)
def test_it_shows_the_same_pictures(
    name: str,
    exporter: str,
    framed: Callable[[str], Framed],
    delivered: Callable[[str, str], Artifact | PanscanError],
    tmp_path: Path,
) -> None:
    """Cuts, record times, ranges and names of the delivery are those of the cut."""
    artifact, structure = delivered(name, exporter), framed(name).structure
    assert isinstance(artifact, Artifact)
    if exporter in reading.READABLE:
        how = structure.how if exporter == "otio" else {}
        cut = reading.read_back(artifact.main, SUFFIXES.get(exporter, ".otio"), tmp_path, **how)
        assert cut.rate == structure.rate
        pictures, names = reading.by_panscan(reading.framed(cut).timeline)
        expected = (exporter == "edl" and structure.begun) or structure.pictures
        assert names == structure.names
        assert reading.since_start(cut.timeline, pictures) == reading.since_start(structure.timeline, expected)
    else:
        shown = reading.READERS[exporter](artifact)
        expected = structure.pictures if exporter in reading.WITHOUT_GAPS else structure.counted or structure.pictures
        if exporter in reading.WITHOUT_GAPS:
            expected = [picture for picture in expected if picture]
        if exporter == "crops-json":
            expected = [("", picture[1]) for picture in expected if picture]
        assert len(shown) == len(expected)
        assert [a for a in shown if a != reading.OTHER] == [
            b for a, b in zip(shown, expected, strict=True) if a != reading.OTHER
        ]


@pytest.mark.parametrize("name", CUTS)
def test_the_document_keeps_its_cameras(
    name: str, framed: Callable[[str], Framed], delivered: Callable[[str, str], Artifact | PanscanError]
) -> None:
    made, artifact = framed(name), delivered(name, "otio")
    assert isinstance(artifact, Artifact)
    again = otio.adapters.read_from_string(artifact.text, "otio_json")
    kept = [framing_of(c) for c in again.find_clips()]
    assert kept == [framing_of(c) for c in made.timeline.find_clips()] and any(kept)


@pytest.mark.parametrize(("name", "exporter"), [(n, e) for n, e in PAIRS if e in ("edl", "crops-json")])
def test_the_camera_comes_along(
    name: str,
    exporter: str,
    framed: Callable[[str], Framed],
    delivered: Callable[[str, str], Artifact | PanscanError],
    tmp_path: Path,
) -> None:
    made, artifact = framed(name), delivered(name, exporter)
    assert isinstance(artifact, Artifact)
    crops = reading.crops(made.timeline)
    if exporter == "crops-json":
        boxes = [box for row in json.loads(artifact.text) for one in row["crops"].values() for box in one]
        shown = [(box["x1"], box["x2"]) for box in boxes]
        wanted = [(max(left, 0), min(left + width, make.SIZE.width)) for _, (left, width) in sorted(crops.items())]
    else:
        for suffix, content in artifact.files.items():
            (tmp_path / f"cut{suffix}").write_bytes(content)
        taken_up = reading.crops(read_crops(tmp_path / "cut.edl", tmp_path / "cut.crops.csv"))
        assert taken_up.keys() == crops.keys()
        pictures = made.structure.pictures
        begun = made.structure.begun or pictures
        same = [frame for frame in sorted(crops) if begun[frame] == pictures[frame]]
        shown, wanted = [taken_up[frame] for frame in same], [crops[frame] for frame in same]
    assert len(shown) == len(wanted)
    assert (
        max(abs(a - b) for one, other in zip(shown, wanted, strict=True) for a, b in zip(one, other, strict=True))
        < 0.02
    )


SAYS = {
    "start_timecode": "the start timecode", "transitions": "the transition", "disabled": "the disabled clip",
    "sound": "the sound of clip", "sound_tracks": "the sound 'music' of track A2", "markers": "the markers of",
}  # fmt: skip


@pytest.mark.parametrize(("name", "exporter"), PAIRS)
def test_what_is_lost_is_what_the_format_cannot_say(
    name: str,
    exporter: str,
    framed: Callable[[str], Framed],
    delivered: Callable[[str, str], Artifact | PanscanError],
) -> None:
    artifact, structure, can = delivered(name, exporter), framed(name).structure, able(exporter)
    assert isinstance(artifact, Artifact)
    said = [loss.what for loss in artifact.losses]
    assert all(loss.what and loss.why.endswith(".") for loss in artifact.losses)
    for capability, words in SAYS.items():
        lost = any(words in what for what in said)
        if name != "wipe" or capability != "transitions":  # no format of ours has wipes
            able_to = getattr(can, capability) not in (False, None)
            assert lost == (capability in structure.needs and not able_to), (capability, said)
    assert exporter != "otio" or not said
    for words in structure.lost if exporter != "otio" else ():
        assert any(words in what for what in said), (words, said)
    retimed = [what for what in said if "retimed" in what]
    assert bool(retimed) == ("retimes" in structure.needs and not can.retimes)
    moving = [what for what in said if "the movement of the camera" in what]
    assert bool(moving) == (not can.moving)


@pytest.mark.parametrize("exporter", ["otio", "otio-resolve", "fcpxml", "xmeml"])
def test_dissolves_keep_their_place(
    exporter: str, delivered: Callable[[str, str], Artifact | PanscanError], tmp_path: Path
) -> None:
    artifact = delivered("dissolve", exporter)
    assert isinstance(artifact, Artifact)
    timeline = reading.read_back(artifact.main, SUFFIXES.get(exporter, ".otio"), tmp_path).timeline
    assert reading.dissolves_of(timeline) == [(20, 3, 4)]


@pytest.mark.parametrize("exporter", ["otio", "otio-resolve", "otio-premiere", "fcpxml", "xmeml"])
def test_markers_keep_their_place(
    exporter: str,
    framed: Callable[[str], Framed],
    delivered: Callable[[str, str], Artifact | PanscanError],
    tmp_path: Path,
) -> None:
    artifact = delivered("markers", exporter)
    assert isinstance(artifact, Artifact)
    timeline = reading.read_back(artifact.main, SUFFIXES.get(exporter, ".otio"), tmp_path).timeline
    assert reading.marks_of(timeline) == framed("markers").structure.marks


@pytest.mark.parametrize("name", ["sound", "nested_sound"])
@pytest.mark.parametrize("exporter", ["otio", "otio-resolve", "otio-premiere", "fcpxml", "xmeml", "edl"])
def test_a_clips_own_sound_stays_with_it(
    name: str,
    exporter: str,
    framed: Callable[[str], Framed],
    delivered: Callable[[str, str], Artifact | PanscanError],
    tmp_path: Path,
) -> None:
    artifact = delivered(name, exporter)
    assert isinstance(artifact, Artifact)
    timeline = reading.read_back(artifact.main, SUFFIXES.get(exporter, ".otio"), tmp_path).timeline
    assert reading.heard("loud", timeline) == set(framed(name).structure.sounds)


ADAPTERS = {"otio": "otio_json", "otio-resolve": "otio_json", "xmeml": "fcp_xml", "edl": "cmx_3600"}
SIMPLE = (
    "plain", "start_timecode", "ntsc", "drop_frame", "gaps", "topmost", "nested", "nested_twice", "dissolve", "wipe",
    "stills", "titles", "offline_skipped", "offline_relinked", "sound", "nested_sound", "markers", "metadata",
)  # fmt: skip


# In a document tracks, titles and what is offline are as the editor left them: no row of clips.
AS_LEFT = ("topmost", "nested", "nested_twice", "titles", "offline_skipped", "nested_sound")
BY_OTHERS = [(n, e) for n in SIMPLE for e in ADAPTERS if e != "otio" or n not in AS_LEFT]


@pytest.mark.parametrize(("name", "exporter"), BY_OTHERS)
def test_other_readers_see_the_same_cut(
    name: str, exporter: str, framed: Callable[[str], Framed], delivered: Callable[[str, str], Artifact | PanscanError]
) -> None:
    """OTIO's own adapters, with nothing of ours between."""
    artifact, structure = delivered(name, exporter), framed(name).structure
    assert isinstance(artifact, Artifact)
    how = {"rate": float(structure.rate)} if exporter == "edl" else {}
    pictures, names = reading.by_adapter(artifact.text, ADAPTERS[exporter], structure.rate, **how)
    if exporter == "edl":  # the adapter begins where the first event does
        expected = structure.begun or structure.pictures
        lead = next(n for n, picture in enumerate(expected) if picture)
        assert pictures[-len(expected) + lead :] == expected[lead:]
    else:
        assert pictures == structure.pictures
    assert names == list(structure.names)
