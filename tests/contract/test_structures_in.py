"""Every structure of a cut in every format that an editor may write: read, it shows what the editor shows."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from lxml import etree

import numbered as make
from panscan.deliver import deliver
from panscan.ingest.cuts.read import read_editor_cut
from panscan.timeline.editorial import EditorCut
from structures import as_edl, as_fcpxml, as_xmeml, footage, reading
from structures.cuts import CUTS, Picture, Structure, run

BUNDLES = [("otio", name) for name in CUTS] + [("otioz", n) for n in CUTS] + [("otiod", n) for n in CUTS]
TEXTS = [(f"fcpxml {v}", n) for v in as_fcpxml.VERSIONS for n in CUTS if n not in as_fcpxml.ABSENT]
TEXTS += [("xmeml", name) for name in CUTS if name not in as_xmeml.ABSENT]
TEXTS += [("edl", name) for name in CUTS if name not in as_edl.ABSENT]
CASES = BUNDLES + TEXTS
# An edit list has no word for what its record does not show: the cut lies where the transition begins.
CUT_AT_THE_START: list[Picture] = run("a", 5, 17) + run("b", 7, 23)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> footage.Footage:
    return footage.shoot(tmp_path_factory.mktemp("footage"))


@pytest.fixture
def read(media: footage.Footage, tmp_path: Path) -> Callable[[str, str], tuple[Structure, EditorCut]]:
    def made(form: str, name: str) -> tuple[Structure, EditorCut]:
        structure = CUTS[name](media)
        path = written(form, name, structure, media, tmp_path)
        return structure, read_editor_cut(path, **structure.how)

    return made


def written(form: str, name: str, structure: Structure, media: footage.Footage, folder: Path) -> Path:
    kind, _, version = form.partition(" ")
    path = folder / f"cut.{'xml' if kind == 'xmeml' else kind}"
    if kind in ("otio", "otioz", "otiod"):
        _bundle(structure.timeline, path, media)
    elif kind == "fcpxml":
        path.write_text(as_fcpxml.text(media, name, version), encoding="utf-8")
    else:
        path.write_text((as_xmeml if kind == "xmeml" else as_edl).text(media, name), encoding="utf-8")
    return path


def _bundle(timeline: Any, path: Path, media: footage.Footage) -> None:
    """A timeline as .otio, or in a bundle with its media; packed here, because OTIO's packer wants all media there."""
    if path.suffix == ".otio":
        make.written(timeline, path)
        return
    inside = timeline.deepcopy()
    here = {}
    for clip in inside.find_clips():
        url = getattr(clip.media_reference, "target_url", "")
        if url and Path(url).is_file():
            here[f"media/{Path(url).name}"] = Path(url).read_bytes()
            clip.media_reference.target_url = f"media/{Path(url).name}"
    here["content.otio"] = inside.to_json_string().encode()
    if path.suffix == ".otioz":
        with zipfile.ZipFile(path, "w") as bundle:
            for member, content in here.items():
                bundle.writestr(member, content)
        return
    for member, content in here.items():
        (path / member).parent.mkdir(parents=True, exist_ok=True)
        (path / member).write_bytes(content)


def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 280
    assert all(set(absent) < set(CUTS) for absent in (as_fcpxml.ABSENT, as_xmeml.ABSENT, as_edl.ABSENT))
    assert {name for _, name in TEXTS} >= set(CUTS) - {"all_tracks"} - {n for n in CUTS if n.endswith("media_time")}


@pytest.mark.parametrize("version", ["1.9", "1.10", "1.11", "1.12", "1.13"])
def test_what_is_written_here_is_fcpxml(version: str, media: footage.Footage, dtd_folder: Path) -> None:
    dtd = etree.DTD(str(dtd_folder / f"FCPXMLv{version.replace('.', '_')}.dtd"))
    for name in CUTS:
        if name not in as_fcpxml.ABSENT:
            root = etree.fromstring(as_fcpxml.text(media, name, version).encode())
            assert dtd.validate(root), (name, dtd.error_log.filter_from_errors())


@pytest.mark.parametrize(("form", "name"), CASES)
def test_it_shows_what_the_editor_shows(
    form: str, name: str, read: Callable[[str, str], tuple[Structure, EditorCut]]
) -> None:
    """Pictures, record time, rate, names; and what gets no camera is said."""
    structure, cut = read(form, name)
    pictures, names = reading.by_panscan(reading.framed(cut).timeline)
    expected = CUT_AT_THE_START if form == "edl" and name in ("dissolve", "wipe") else structure.pictures
    assert reading.since_start(cut.timeline, pictures) == reading.since_start(structure.timeline, expected)
    assert names == structure.names
    assert cut.rate == structure.rate
    aside = [str(note) for note in cut.unframed]
    for words in _aside(form, name, structure):
        assert any(words in note for note in aside), (words, aside)
    if not structure.aside:
        assert not aside


def _aside(form: str, name: str, structure: Structure) -> list[str]:
    """What the reader says it leaves alone; tracks and generators have names of their own in each format."""
    if form.startswith("otio"):
        return list(structure.aside)
    if name == "titles":
        return {"edl": [], "xmeml": ["Bars", "Lower third"]}.get(form, ["Bars", "Lower third"])
    if name == "topmost":
        return ["'film'", "'tc'"]
    return [words for words in structure.aside if not words.startswith("track")]


@pytest.mark.parametrize("form", ["otio", "otioz", "fcpxml 1.8", "fcpxml 1.13", "xmeml", "edl"])
def test_transitions_show_their_handles(form: str, read: Callable[[str, str], tuple[Structure, EditorCut]]) -> None:
    _, cut = read(form, "dissolve")
    out, into = cut.clips
    assert (out.first, out.end, into.first, into.end) == (5, 29, 7, 30)


@pytest.mark.parametrize("form", ["otio", "fcpxml 1.10", "xmeml", "edl"])
def test_only_dissolves_are_taken_for_such(form: str, read: Callable[[str, str], tuple[Structure, EditorCut]]) -> None:
    kinds = {}
    for name in ("dissolve", "wipe"):
        track = read(form, name)[1].timeline.video_tracks()[0]
        (kinds[name],) = [c.transition_type for c in track if isinstance(c, otio.schema.Transition)]
    assert kinds["dissolve"] == "SMPTE_Dissolve" != kinds["wipe"]


@pytest.mark.parametrize("form", ["otio", "otioz", "fcpxml 1.6", "fcpxml 1.11", "xmeml", "edl"])
def test_markers_lie_where_they_were_set(form: str, read: Callable[[str, str], tuple[Structure, EditorCut]]) -> None:
    structure, cut = read(form, "markers")
    found = {(frame, name.lower()) for frame, name in reading.marks_of(cut.timeline)}
    assert found == set(structure.marks)


SOUNDS = [
    (form, name) for name in ("sound", "nested_sound") for form in ("otio", "otioz", "fcpxml 1.7", "xmeml", "edl")
]


@pytest.mark.parametrize(("form", "name"), [pair for pair in SOUNDS if pair in CASES])
def test_own_sound_stays_with_its_picture(
    form: str, name: str, read: Callable[[str, str], tuple[Structure, EditorCut]]
) -> None:
    """It is found again in a delivery, so it was known to belong to the picture."""
    structure, cut = read(form, name)
    attached = reading.framed(cut).timeline
    assert reading.heard("loud", attached) == set(structure.sounds)
    text = deliver(attached, "otio-premiere", folder=Path("/")).text
    assert reading.heard("loud", otio.adapters.read_from_string(text, "otio_json")) == set(structure.sounds)


@pytest.mark.parametrize("form", sorted({form for form, _ in CASES}))
def test_a_cut_of_any_format_goes_out_in_any_other(
    form: str, read: Callable[[str, str], tuple[Structure, EditorCut]], tmp_path: Path
) -> None:
    structure, cut = read(form, "gaps")
    for exporter, suffix in {"fcpxml": ".fcpxml", "xmeml": ".xml", "otio-resolve": ".otio"}.items():
        made = deliver(reading.framed(cut).timeline, exporter, folder=tmp_path)
        again = reading.read_back(made.main, suffix, tmp_path)
        pictures, names = reading.by_panscan(reading.framed(again).timeline)
        assert pictures[-14:] == structure.pictures[-14:]  # an edit list has no gap before its first event
        assert names == structure.names
