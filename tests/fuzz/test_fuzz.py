"""The short run of damaged inputs: see README.md."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from apart import Apart, Ended
from fuzz.harness import LIMIT_S, Finding, Fuzzer, fault, names

SHORT = 150
KNOWN: dict[str, str] = json.loads(Path(__file__).with_name("known.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Finding]]:
    with Apart(LIMIT_S) as apart:
        fuzzer = Fuzzer.of(tmp_path_factory.mktemp("fuzz"), apart)
        yield {finding.name: finding for finding in fuzzer.findings(names(SHORT))}


def test_nothing_new_ends_badly(found: dict[str, Finding]) -> None:
    new = [finding for finding in found.values() if KNOWN.get(finding.name) != finding.what]
    assert new == []


def test_what_is_known_still_happens(found: dict[str, Finding]) -> None:
    assert {name: what for name, what in KNOWN.items() if name not in found} == {}, "take it out of known.json"


def test_an_input_is_the_same_on_every_run(found: dict[str, Finding], tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    with Apart() as apart:
        one, other = Fuzzer.of(tmp_path / "one", apart), Fuzzer.of(tmp_path / "other", apart)
    for name in ("otio/1", "fcpxml/4", "edl/7", "toml/8"):
        texts = [f.written(name)[0].read_bytes().replace(str(f.folder).encode(), b"") for f in (one, other)]
        assert texts[0] == texts[1]


@pytest.mark.parametrize(
    ("ended", "what"),
    [
        (Ended(), ""),
        (Ended(3, err="error: a\n  why: b\n  fix: c"), ""),
        (Ended(1, err="a.mp4: REJECTED"), ""),
        (Ended(3, err="error: a"), "error 3 without why or fix"),
        (Ended(1, err="error: a"), "exit code 1"),
        (Ended(255), "exit code 255"),
        (Ended(died="hang", where=['File "/x/src/panscan/a/b.py", line 3 in f']), "hang in a/b.py f"),
        (Ended(died="SIGSEGV"), "crash outside panscan"),
        (
            Ended(1, traceback='File "/x/src/panscan/a/b.py", line 3, in f\n  x\nValueError: 7'),
            "ValueError in a/b.py f",
        ),
    ],
)
def test_what_counts_as_a_bad_end(ended: Ended, what: str) -> None:
    assert fault(ended)[0] == what
