"""AAF: read through OTIO's adapter, which is an extra; a stand-in for it is here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

import numbered as make
from panscan.errors import CapabilityError, InputError
from panscan.ingest.cuts.read import read_editor_cut


@pytest.fixture
def aaf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(otio.adapters, "available_adapter_names", lambda: ["AAF"])
    path = tmp_path / "cut.aaf"
    path.write_bytes(b"\xd0\xcf\x11\xe0")
    return path


def returns(found: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(path: str, name: str) -> Any:
        assert name == "AAF" and Path(path).name == "cut.aaf"
        if isinstance(found, BaseException):
            raise found
        return found

    monkeypatch.setattr(otio.adapters, "read_from_file", read)


def test_offline_clips_are_found_by_name(aaf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    movie = make.movie(aaf.parent / "shot 1.mp4", 1)
    clip = make.clip("file:///Users/ed/shot%201.mp4", 86_405, 10, available=make.time_range(86_400, 60))
    returns(make.timeline(make.track(clip)), monkeypatch)
    cut = read_editor_cut(aaf, relink=aaf.parent)
    (used,) = cut.clips
    assert (used.media_path, used.first, used.end, cut.rate) == (str(movie), 5, 15, 25)


def test_without_the_extra_it_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(otio.adapters, "available_adapter_names", lambda: ["otio_json"])
    with pytest.raises(CapabilityError, match=r"panscan\[aaf\]"):
        read_editor_cut(tmp_path / "cut.aaf")


@pytest.mark.parametrize("error", [KeyError("PhysicalTrackNumber"), RuntimeError("no sequence"), MemoryError()])
def test_what_the_adapter_raises_becomes_a_clear_error(
    error: Exception, aaf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    returns(error, monkeypatch)
    with pytest.raises(InputError, match=r"cannot be read as a timeline[\s\S]*why:[\s\S]*fix:"):
        read_editor_cut(aaf)


def test_several_sequences_must_be_told_apart(aaf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    several = otio.schema.SerializableCollection()
    several.extend([make.timeline(name="one"), make.timeline(name="two")])
    returns(several, monkeypatch)
    with pytest.raises(InputError, match="2 timelines"):
        read_editor_cut(aaf)
