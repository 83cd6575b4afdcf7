"""Image sequences in a cut: joined as they are, shown like any movie; else left alone and told."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

import numbered as make
from panscan.deliver import deliver
from panscan.errors import InputError
from panscan.ingest.cuts.image_sequences import SEQUENCE_KEY
from panscan.ingest.cuts.read import read_editor_cut
from panscan.render import render
from panscan.verify import Verdict, verify

FILM = Fraction(24)


@pytest.fixture
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    monkeypatch.setenv("PANSCAN_CACHE_DIR", str(tmp_path / "cache"))

    def made(numbers: Any = range(1001, 1013), name: str = "shot.{:04d}.png") -> Path:
        folder = tmp_path / "pictures"
        folder.mkdir(exist_ok=True)
        for number in numbers:
            make.still(folder / name.format(number), 3, number - 1001)
        return folder

    return made


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make.movie(tmp_path_factory.mktemp("film") / "film.mp4", 1, rate=FILM)


def cut_of(reference: Any, film: Path, folder: Path, **how: Any) -> Any:
    """A cut of six pictures of a sequence, from 1003 on, and four of a movie."""
    used = otio.schema.Clip("seq", reference, make.time_range(1003, 6, FILM))
    timeline = make.timeline(make.track(used, make.clip(film, 20, 4, FILM)))
    return read_editor_cut(make.written(timeline, folder / "cut.otio"), **how)


def external(url: str) -> Any:
    return otio.schema.ExternalReference(url, available_range=make.time_range(1001, 12, FILM))


def numbered(folder: Path) -> Any:
    return otio.schema.ImageSequenceReference(
        target_url_base=folder.as_uri() + "/", name_prefix="shot.", name_suffix=".png", start_frame=1001, rate=24,
        frame_zero_padding=4, available_range=make.time_range(1001, 12, FILM),
    )  # fmt: skip


@pytest.mark.parametrize(
    "url",
    [
        "{}/shot.%04d.png",
        "file://{}/shot.%04d.png",
        "file://{}/shot.%2504d.png",
        "{}/shot.####.png",
        "file://{}/shot.[1001-1012].png",
        "file://{}/shot.%5B1001-1012%5D.png",
        "",
    ],
)
def test_a_sequence_is_shown_like_a_movie(url: str, pictures: Callable[..., Path], film: Path, tmp_path: Path) -> None:
    folder = pictures()
    cut = cut_of(external(url.format(folder)) if url else numbered(folder), film, tmp_path)
    (note,) = cut.unframed
    assert "12 pictures were joined" in note.why and not note.is_fault
    timeline, movie = make.framed(cut).timeline, tmp_path / "out.mp4"
    render(timeline, folder=tmp_path, output=movie)
    assert list(make.numbers(movie)) == [*((3, n) for n in range(2, 8)), *((1, n) for n in range(20, 24))]
    assert verify(movie, timeline, folder=tmp_path).verdict is Verdict.VERIFIED
    assert timeline.tracks[0][0].media_references()[SEQUENCE_KEY] is not None, "as the editor wrote it"
    assert not [loss for loss in deliver(timeline, "fcpxml", folder=tmp_path).losses if loss.is_left_out]


def test_it_is_found_in_another_folder_and_joined_once(
    pictures: Callable[..., Path], film: Path, tmp_path: Path
) -> None:
    folder = pictures()
    first = cut_of(external("/gone/shot.%04d.png"), film, tmp_path, relink=folder)
    (movie,) = (tmp_path / "cache").rglob("*.mov")
    made = movie.stat().st_mtime_ns
    again = cut_of(external("/gone/shot.[1001-1012].png"), film, tmp_path, relink=folder)
    assert movie.stat().st_mtime_ns == made
    assert first.clips[0].media_path == again.clips[0].media_path == str(movie)


def test_missing_pictures_show_the_one_before(pictures: Callable[..., Path], film: Path, tmp_path: Path) -> None:
    folder = pictures([1001, 1002, 1003, 1004, 1007, 1008, 1009, 1010])
    cut = cut_of(external(f"{folder}/shot.%04d.png"), film, tmp_path)
    assert "2 missing" in cut.unframed[0].why
    render(make.framed(cut).timeline, folder=tmp_path, output=tmp_path / "out.mp4")
    assert [picture[1] for picture in make.numbers(tmp_path / "out.mp4") if picture][:6] == [2, 3, 3, 3, 6, 7]


@pytest.mark.parametrize("url", ["/gone/shot.%04d.exr", "file:///gone/shot.[1001-1012].exr"])
def test_pictures_that_are_missing_leave_the_clip_alone(url: str, film: Path, tmp_path: Path) -> None:
    cut = cut_of(external(url), film, tmp_path)
    assert [Path(clip.media_path).stem for clip in cut.clips] == ["film"]
    (note,) = cut.unframed
    assert "image sequence that cannot be read" in note.why and "not found" in note.why and note.is_fault
    with pytest.raises(InputError, match="--strict"):
        cut_of(external(url), film, tmp_path, strict=True)


def test_pictures_that_no_movie_holds_leave_the_clip_alone(
    pictures: Callable[..., Path], film: Path, tmp_path: Path
) -> None:
    folder = pictures(name="shot.{:04d}.bmp")
    cut = cut_of(external(f"{folder}/shot.%04d.bmp"), film, tmp_path)
    assert [Path(clip.media_path).stem for clip in cut.clips] == ["film"]
    assert "cannot be joined" in cut.unframed[0].why
