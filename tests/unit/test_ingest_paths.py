"""Addresses of media as editors and hand-made exporters write them, and the file that is meant."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

import numbered as make
from panscan.ingest.cuts.addresses import base_name, base_names, is_web, machine_of, paths_of
from panscan.ingest.cuts.read import read_editor_cut
from panscan.ingest.cuts.relink import MediaFinder

FCPXML = (
    '<fcpxml version="1.11"><resources><format id="f" frameDuration="1/25s"/>'
    '<asset id="a" name="{0}" start="0s" duration="60/25s" hasVideo="1" format="f">{1}</asset></resources>'
    '<project name="p"><sequence format="f"><spine><asset-clip ref="a" name="shot one" offset="0s" start="5/25s" '
    'duration="20/25s"/></spine></sequence></project></fcpxml>'
)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make.movie(tmp_path_factory.mktemp("film") / "film.mp4", 1)


@pytest.fixture
def copied(film: Path, tmp_path: Path) -> Callable[[str], Path]:
    def made(name: str) -> Path:
        path = tmp_path / "media" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(film, path)
        return path

    return made


def read(url: str, folder: Path, **how: Any) -> Path:
    """The file that the only clip of a cut is pointed to."""
    clip = make.clip(url, 0, 10)
    cut = read_editor_cut(make.written(make.timeline(make.track(clip)), folder / "cut.otio"), **how)
    return Path(cut.clips[0].media_path)


@pytest.mark.parametrize(
    ("url", "paths", "machine"),
    [
        (r"file://localhostC:\clips\a.mov", [r"C:\clips\a.mov"], ""),
        ("file://C:/clips/a.mov", ["C:/clips/a.mov"], ""),
        ("FILE:///clips/a.mov", ["/clips/a.mov"], ""),
        ("file:///clips/a%20b.mov", ["/clips/a b.mov", "/clips/a%20b.mov"], ""),
        ("file:///clips/take #1?.mov", ["/clips/take #1?.mov", "/clips/take "], ""),
        ("file://nas01/share/a.mov", ["/share/a.mov"], "nas01"),
        ("clips/100%.mov", ["clips/100%.mov"], ""),
    ],
)
def test_what_an_address_may_mean(url: str, paths: list[str], machine: str) -> None:
    assert (paths_of(url), machine_of(url), is_web(url)) == (paths, machine, False)


def test_names_of_an_address() -> None:
    assert base_name(r"file://localhostC:\clips\a.mov") == "a.mov"
    assert base_names("file:///clips/a%20#2.mov") == ["a #2.mov", "a%20#2.mov", "a "]


@pytest.mark.parametrize("name", ["take #1.mp4", "what?.mp4", "100%.mp4", "50%41.mp4", "a;b&c.mp4", "[1-2] x.mp4"])
def test_signs_that_stand_as_they_are(name: str, copied: Callable[[str], Path], tmp_path: Path) -> None:
    path = copied(name)
    assert read(f"file://{path}", tmp_path) == path
    assert read(path.as_uri(), tmp_path) == path
    assert read(f"file:///gone/{name}", tmp_path, relink=tmp_path / "media") == path


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_unicode_forms_are_one_name(form: Any, copied: Callable[[str], Path], tmp_path: Path) -> None:
    path = copied(unicodedata.normalize(form, "naïve café.mp4"))
    for other in ("NFC", "NFD"):
        url = Path(unicodedata.normalize(other, str(path))).as_uri()  # type: ignore[arg-type]
        assert read(url, tmp_path) == path
        assert read(url.replace("/media/", "/gone/"), tmp_path, relink=tmp_path / "media") == path


def test_case_is_a_last_try(copied: Callable[[str], Path], tmp_path: Path) -> None:
    path = copied("Clip.MP4")
    assert read(str(path.with_name("clip.mp4")), tmp_path) == path
    exact = copied("clip.mp4")
    assert read("/gone/clip.mp4", tmp_path, relink=tmp_path / "media") == exact
    assert read("/gone/Clip.MP4", tmp_path, relink=tmp_path / "media") == path


@pytest.mark.parametrize(
    "url", ["file://nas01/share/film.mp4", r"file://localhostD:\x\film.mp4", r"\\nas01\share\film.mp4"]
)
def test_other_machines_are_looked_up_by_name(url: str, copied: Callable[[str], Path], tmp_path: Path) -> None:
    path = copied("film.mp4")
    assert read(url, tmp_path, relink=tmp_path / "media") == path


@pytest.mark.parametrize("suffix", ["m2t", "insv", "mod", "qt", "divx", "unheard-of"])
def test_any_suffix_is_found_by_its_whole_name(suffix: str, copied: Callable[[str], Path], tmp_path: Path) -> None:
    path = copied(f"film.{suffix}")
    assert read(f"/gone/film.{suffix}", tmp_path, relink=tmp_path / "media") == path


def test_an_asset_without_a_file_is_found_by_its_name(copied: Callable[[str], Path], tmp_path: Path) -> None:
    path = copied("film.mp4")
    for name in ("film.mp4", "film"):
        cut = tmp_path / "cut.fcpxml"
        cut.write_text(FCPXML.format(name, ""))
        assert read_editor_cut(cut, relink=path.parent).clips[0].media_path == str(path)


@pytest.mark.parametrize("where", ["Media/film.mp4", "film.mp4", "../film.mp4"])
def test_paths_of_a_bundle_start_in_it(where: str, film: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "cut.fcpxmld"
    path = (bundle / where).resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    bundle.mkdir(exist_ok=True)
    shutil.copy(film, path)
    for src in (f"./{where}", "file:///gone/film.mp4"):
        rep = f'<media-rep kind="original-media" src="{src}"/>'
        (bundle / "Info.fcpxml").write_text(FCPXML.format("x", rep))
        assert read_editor_cut(bundle).clips[0].media_path == str(path)


def test_the_reference_that_is_there_is_taken(copied: Callable[[str], Path], tmp_path: Path) -> None:
    proxy = copied("proxy.mp4")
    clip = make.clip("/gone/original.mov", 0, 10)
    references = clip.media_references() | {"proxy": otio.schema.ExternalReference(str(proxy))}
    clip.set_media_references(references, "DEFAULT_MEDIA")
    cut = read_editor_cut(make.written(make.timeline(make.track(clip)), tmp_path / "cut.otio"))
    assert cut.clips[0].media_path == str(proxy)
    reps = '<media-rep kind="original-media" src="file:///gone/x.mov"/><media-rep kind="proxy-media" src="{}"/>'
    path = tmp_path / "cut.fcpxml"
    path.write_text(FCPXML.format("x", reps.format(proxy.as_uri())))
    assert read_editor_cut(path).clips[0].media_path == str(proxy)


def test_a_media_linker_is_asked(
    copied: Callable[[str], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = copied("film.mp4")
    asked: list[str] = []

    def linked(clip: Any, linker: str) -> Any:
        asked.append(linker)
        return otio.schema.ExternalReference(str(path), available_range=make.time_range(0, 60))

    monkeypatch.setenv("OTIO_DEFAULT_MEDIA_LINKER", "studio")
    monkeypatch.setattr(otio.media_linker, "linked_media_reference", linked)
    file = tmp_path / "cut.fcpxml"
    file.write_text(FCPXML.format("x", ""))
    cut = read_editor_cut(file)
    assert asked == ["studio"] and cut.clips[0].media_path == str(path)


def test_files_that_may_not_be_opened_are_not_there(copied: Callable[[str], Path], tmp_path: Path) -> None:
    path = copied("Film.mp4")
    finder = MediaFinder(tmp_path, None, lambda file: file.name != "Film.mp4")
    for address in (str(path), str(path.with_name("film.mp4"))):
        assert finder.locate(address, []) == (None, 0)
