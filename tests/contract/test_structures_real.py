"""Cuts that editors wrote, which the project may not ship: in, and out in every format. Their media are made up."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import documents
import numbered as make
from panscan import registry
from panscan.deliver import Artifact, deliver
from panscan.errors import InputError, PanscanError
from panscan.ingest.cuts import addresses, library, read, relink
from panscan.ingest.cuts.read import read_editor_cut
from panscan.timeline.editorial import EditorCut
from structures import reading

FILES = (
    "25fps.edl", "dissolve_test_4.edl", "effects.otio", "fcpx_project.fcpxml", "multitrack.otio", "nested_example.otio",
    "premiere_example.xml", "speed_effects_small.edl", "timecode_rates.otio", "transition_test.otio",
)  # fmt: skip
EXPORTERS = sorted(registry.entries("exporters"))
SUFFIXES = {"fcpxml": ".fcpxml", "xmeml": ".xml", "edl": ".edl"}
HOURS_FRAMES = 30 * 3600 * 5


@pytest.fixture(scope="module")
def real(shared_media: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[EditorCut, Any]]:
    """One of the files, read and framed. Whatever media it names is there, and long enough."""
    folder = shared_media.parent / "timelines"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(relink.MediaFinder, "locate", _anything(tmp_path_factory.mktemp("media")))
        for module in (library, read):
            patch.setattr(module, "probe", _long_movie)

        @cache
        def made(name: str) -> tuple[EditorCut, Any]:
            if not (folder / name).is_file():
                pytest.skip(f"{name} is not here")
            cut = read_editor_cut(folder / name)
            return cut, reading.framed(cut).timeline

        yield made


def _anything(folder: Path) -> Callable[..., tuple[Path | None, int]]:
    def locate(self: Any, url: str | None, names: list[str]) -> tuple[Path | None, int]:
        wanted = addresses.base_name(url) if url else next(iter(names), "")
        return (folder / (Path(wanted).name or "x"), 1) if wanted else (None, 0)

    return locate


@cache
def _long_movie(path: Path, **how: Any) -> Any:
    return documents.media(str(path), size=make.SIZE, rate=Fraction(25), frame_count=HOURS_FRAMES)


def _starts(clip: Any) -> bool:
    available = clip.media_reference.available_range
    return available is not None and available.start_time.value != 0


@pytest.mark.parametrize("name", FILES)
def test_it_is_read(name: str, real: Callable[[str], tuple[EditorCut, Any]]) -> None:
    cut, timeline = real(name)
    assert cut.clips and all(used.first <= used.visible_first < used.visible_end <= used.end for used in cut.clips)
    assert reading.by_panscan(timeline)[1]


@pytest.mark.parametrize("exporter", EXPORTERS)
@pytest.mark.parametrize("name", FILES)
def test_it_is_delivered(
    name: str, exporter: str, real: Callable[[str], tuple[EditorCut, Any]], tmp_path: Path
) -> None:
    cut, timeline = real(name)
    try:
        artifact = deliver(timeline, exporter, folder=Path("/"), strict=True)
    except PanscanError as error:
        assert isinstance(error, InputError) and error.what and error.why and error.fix
        assert "retimed" in error.what, str(error)
        pytest.skip("the format has no word for the speeds in it, and says so: there is nothing to compare")
    assert isinstance(artifact, Artifact) and all(artifact.files.values())
    assert all(loss.what and loss.why.endswith(".") for loss in artifact.losses)
    if exporter in reading.READABLE:
        how = {"rate": cut.rate} if exporter == "edl" else {}
        if exporter == "edl" and any(_starts(clip) for clip in timeline.find_clips()):
            pytest.skip("an edit list starts at its media's timecode, and the media made up here have none")
        again = reading.read_back(artifact.main, SUFFIXES.get(exporter, ".otio"), tmp_path, **how)
        shown, names = reading.by_panscan(reading.framed(again).timeline)
        expected, expected_names = reading.by_panscan(timeline)
        if exporter in ("edl", "xmeml"):  # they put the cuts of some transitions elsewhere, for the same mix
            mixed = reading.mixed_frames(timeline) | reading.mixed_frames(reading.framed(again).timeline)
            shown = reading.steady(again.timeline, shown, mixed)
            expected = reading.steady(timeline, expected, mixed)
        assert reading.since_start(again.timeline, shown) == reading.since_start(timeline, expected)
        assert names == expected_names
