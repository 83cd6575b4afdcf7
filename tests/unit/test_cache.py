"""Perception on disk: never half written, never trusted when damaged."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from panscan.model.perception import Flow, Loudness, ShotBoundaries
from panscan.perceive.cache import PerceptionCache, cache_folder

VALUE = Flow(
    looked=np.array([4, 8]),
    since=np.array([0, 4]),
    energy=np.array([0.1, 0.2]),
    camera_px_s=np.ones((2, 2)),
    profile=np.ones((2, 3), np.float32),
    frame=np.array([4, 4, 8]),
    box_px=np.arange(12.0).reshape(3, 4),
    weight=np.array([0.5, 0.3, 1.0]),
)


def stored(tmp_path: Path) -> tuple[PerceptionCache, Path]:
    cache = PerceptionCache("media", tmp_path)
    cache.store("flow-v1", VALUE)
    return cache, tmp_path / "media" / "flow-v1.npz"


def test_what_is_stored_is_loaded(tmp_path):
    cache, path = stored(tmp_path)
    loaded = cache.load("flow-v1", Flow)
    assert np.array_equal(loaded.box_px, VALUE.box_px) and loaded.frame.dtype == np.int64
    assert [p.name for p in path.parent.iterdir()] == ["flow-v1.npz"]


def test_plain_numbers_stay_plain(tmp_path):
    cache = PerceptionCache("media", tmp_path)
    cache.store("loudness", Loudness(np.zeros(3), step_s=0.05))
    loaded = cache.load("loudness", Loudness)
    assert type(loaded.step_s) is float and loaded.step_s == 0.05


def test_what_is_not_there_is_none(tmp_path):
    cache, _ = stored(tmp_path)
    assert cache.load("flow-v2", Flow) is None
    assert PerceptionCache("other media", tmp_path).load("flow-v1", Flow) is None
    assert cache.load("flow-v1", Loudness) is None


@pytest.mark.parametrize("content", [b"", b"hello", bytes(500), b"PK\x03\x04", b"\x93NUMPY"])
def test_what_was_never_an_entry_is_none(content, tmp_path):
    cache, path = stored(tmp_path)
    path.write_bytes(content)
    assert cache.load("flow-v1", Flow) is None


def test_a_cut_off_entry_is_none(tmp_path):
    cache, path = stored(tmp_path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        assert cache.load("flow-v1", Flow) is None


def test_a_damaged_entry_is_none_or_what_was_stored(tmp_path):
    cache, path = stored(tmp_path)
    whole = path.read_bytes()
    refused = 0
    for place in range(0, len(whole), 7):
        for change in (1, 8, 128):
            damaged = bytearray(whole)
            damaged[place] ^= change
            path.write_bytes(damaged)
            loaded = cache.load("flow-v1", Flow)
            refused += loaded is None
            assert loaded is None or all(
                np.array_equal(getattr(loaded, name), getattr(VALUE, name)) for name in ("box_px", "frame", "energy")
            )
    assert refused > 50


def test_an_entry_is_replaced_whole(tmp_path):
    cache, path = stored(tmp_path)
    cache.store("flow-v1", ShotBoundaries(np.array([5])))
    assert cache.load("flow-v1", ShotBoundaries).frame.tolist() == [5]
    assert len(list(path.parent.iterdir())) == 1


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path):
    (tmp_path / "media").write_text("a file where the folder should be")
    cache, _ = stored(tmp_path)
    assert cache.load("flow-v1", Flow) is None


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="folder rights do not bind this user")
def test_a_folder_without_rights_is_no_error(tmp_path):
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        cache, _ = stored(tmp_path)
        assert cache.load("flow-v1", Flow) is None
    finally:
        tmp_path.chmod(stat.S_IRWXU)


def test_the_folder_can_be_chosen(tmp_path, monkeypatch):
    monkeypatch.setenv("PANSCAN_CACHE_DIR", str(tmp_path / "here"))
    PerceptionCache("media").store("cuts", ShotBoundaries(np.array([1])))
    assert (tmp_path / "here" / "media" / "cuts.npz").is_file()
    monkeypatch.delenv("PANSCAN_CACHE_DIR")
    assert cache_folder().name == "perception" and "panscan" in cache_folder().parts


FULL = """
import resource, sys
from pathlib import Path
import numpy as np
from panscan.model.perception import Loudness
from panscan.perceive.cache import PerceptionCache
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
PerceptionCache("media", Path(sys.argv[1])).store("loudness", Loudness(np.zeros(10_000), step_s=0.05))
"""


@pytest.mark.skipif(os.name == "nt", reason="a limit of Unix stands in for a full disk")
@pytest.mark.parametrize("size", [0, 100, 20_000, 79_000])
def test_a_full_disk_leaves_nothing(size, tmp_path):
    subprocess.run([sys.executable, "-c", FULL, str(tmp_path), str(size)], check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_cannot_be_written_costs_time_only(tmp_path):
    (tmp_path / "media").write_bytes(b"a file where the folder would be")
    cache = PerceptionCache("media", tmp_path)
    cache.store("flow-v1", VALUE)
    assert cache.load("flow-v1", Flow) is None and (tmp_path / "media").is_file()
