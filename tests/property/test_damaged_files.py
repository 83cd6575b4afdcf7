"""Files of every structure damaged at random, and panscan's own: a clear error or a result, never anything else."""

from __future__ import annotations

import json
import random
import socket
import stat
import zipfile
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import documents
import numbered as make
from panscan import registry
from panscan.deliver import deliver
from panscan.errors import InputError, PanscanError
from panscan.ingest.crops import read_crops
from panscan.ingest.cuts.read import read_editor_cut
from panscan.timeline.files import read_timeline
from structures import as_edl, as_fcpxml, as_xmeml, footage, reading
from structures.cuts import CUTS

FUZZ = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
STRANGE = [
    "", "-1", "0", "1/0s", "-5/25s", "NaN", "inf", "1e309", "9" * 40, "9" * 40 + "/1s", "0.1", "25.5", "TRUE", "\u202e",
    "a", "../../../etc/passwd", "http://127.0.0.1:9/x.mov", "file:///dev/zero", "%00", "{}", "１２",
]  # fmt: skip
SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("a file reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refused)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> footage.Footage:
    return footage.shoot(tmp_path_factory.mktemp("footage"))


def ends_well(work: Callable[[], object]) -> None:
    """It works, or says what, why and how to go on."""
    try:
        work()
    except PanscanError as error:
        assert error.what and error.why and error.fix and error.exit_code in (2, 3), repr(error)
        assert len(str(error)) < 8000


def read_and_frame(path: Path, **how: Any) -> Callable[[], object]:
    return lambda: reading.by_panscan(reading.framed(read_editor_cut(path, **how)).timeline)


def damaged_tree(text: str, dice: random.Random) -> bytes:
    """An XML document with elements lost, doubled and moved, and values replaced."""
    root = etree.fromstring(text.encode())
    for _ in range(dice.randint(1, 4)):
        elements = list(root.iter())
        one, other = dice.choice(elements), dice.choice(elements)
        act = dice.choice(["lose", "double", "move", "attribute", "text", "rename"])
        parent = one.getparent()
        if act == "lose" and parent is not None:
            parent.remove(one)
        elif act == "double" and parent is not None:
            parent.append(etree.fromstring(etree.tostring(one)))
        elif act == "move" and parent is not None and one not in list(other.iterancestors()) and one is not other:
            other.append(one)
        elif act == "attribute" and one.attrib:
            one.set(dice.choice(sorted(one.attrib)), _fit(dice.choice(STRANGE)))
        elif act == "rename":
            one.tag = dice.choice(
                ["gap", "spine", "clipitem", "sequence", "track", "video", "ref-clip", "rate", "file"]
            )
        else:
            one.text = _fit(dice.choice(STRANGE))
    return bytes(etree.tostring(root))


def _fit(text: str) -> str:
    return text.replace("\0", "")


FCPXMLS = [name for name in CUTS if name not in as_fcpxml.ABSENT]
XMEMLS = [name for name in CUTS if name not in as_xmeml.ABSENT]
EDLS = [name for name in CUTS if name not in as_edl.ABSENT]


@given(name=st.sampled_from(FCPXMLS), version=st.sampled_from(as_fcpxml.VERSIONS), seed=SEEDS)
@FUZZ
def test_damaged_fcpxml(name: str, version: str, seed: int, media: footage.Footage) -> None:
    path = media["a"].with_name("damaged.fcpxml")
    path.write_bytes(damaged_tree(as_fcpxml.text(media, name, version), random.Random(seed)))
    ends_well(read_and_frame(path, skip_offline=bool(seed % 2)))


@given(name=st.sampled_from(XMEMLS), seed=SEEDS)
@FUZZ
def test_damaged_xmeml(name: str, seed: int, media: footage.Footage) -> None:
    path = media["a"].with_name("damaged.xml")
    path.write_bytes(damaged_tree(as_xmeml.text(media, name), random.Random(seed)))
    ends_well(read_and_frame(path, skip_offline=bool(seed % 2)))


@given(name=st.sampled_from(EDLS), seed=SEEDS, rate=st.sampled_from([None, 1, 24, 25, 30, 60, 1000]))
@FUZZ
def test_damaged_edl(name: str, seed: int, rate: int | None, media: footage.Footage) -> None:
    """Lines lost, doubled and swapped, fields replaced; also read at rates that cannot be."""
    dice = random.Random(seed)
    lines = as_edl.text(media, name).splitlines()
    for _ in range(dice.randint(1, 4)):
        at, to = dice.randrange(len(lines)), dice.randrange(len(lines))
        act = dice.choice(["lose", "double", "swap", "field", "cut"])
        if act == "lose" and len(lines) > 1:
            del lines[at]
        elif act == "double":
            lines.insert(to, lines[at])
        elif act == "swap":
            lines[at], lines[to] = lines[to], lines[at]
        elif act == "cut":
            lines[at] = lines[at][: dice.randint(0, len(lines[at]))]
        elif fields := lines[at].split():
            stamps = ["99:99:99:99", "00:00:00:00", "-1:00:00:00", "24:00:00;00", "01:00:00.5", "23:59:59:24"]
            fields[dice.randrange(len(fields))] = dice.choice([*STRANGE, *stamps, "M2", "BL", "W999", "D"])
            lines[at] = " ".join(fields)
    path = media["a"].with_name("damaged.edl")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    ends_well(read_and_frame(path, skip_offline=bool(seed % 2), rate=None if rate is None else Fraction(rate)))


@given(seed=SEEDS)
@FUZZ
def test_damaged_bundles(seed: int, media: footage.Footage) -> None:
    dice = random.Random(seed)
    path = media["a"].with_name("damaged.otioz")
    with zipfile.ZipFile(path, "w") as bundle:
        clip = make.clip("media/a.mp4", 0, 10)
        bundle.writestr("content.otio", make.timeline(make.track(clip)).to_json_string())
        bundle.writestr("media/a.mp4", media["a"].read_bytes())
    content = bytearray(path.read_bytes())
    ends = [dice.randrange(len(content)), dice.randrange(max(0, len(content) - 300), len(content))]
    for at in dice.choices(ends, k=dice.randint(1, 3)):
        content[at : at + dice.randint(0, 8)] = dice.randbytes(dice.randint(0, 8))
    path.write_bytes(bytes(content))
    ends_well(read_and_frame(path))


NUMBERS = [0, -1, 1e300, -1e18, float("nan"), float("inf"), 1e-300, 25.5, 2**62, 2**80, "25", None, [], {}, True]


@given(seed=SEEDS, exporter=st.sampled_from(sorted(registry.entries("exporters"))))
@settings(FUZZ, max_examples=300)
def test_damaged_documents(seed: int, exporter: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A framed timeline with values replaced or lost: delivered, or refused."""
    dice = random.Random(seed)
    moving = documents.framing(((0, 1.777778, 811.1111, 0.0), (49, 2.4, 324.0, 240.0)))
    timeline = documents.timeline((0, 30, moving), (30, 50, documents.two_cells()))
    tree = json.loads(documents.dissolve(timeline, 1, (3, 3)).to_json_string())
    for _ in range(dice.randint(1, 3)):
        places = _places(tree)
        node, key = dice.choice(places)
        if dice.random() < 0.2 and isinstance(node, dict) and key != "OTIO_SCHEMA":
            del node[key]
        else:
            node[key] = dice.choice(NUMBERS)
    path = tmp_path_factory.mktemp("damaged") / "talk.otio"
    path.write_text(json.dumps(tree))

    def work() -> None:
        made = deliver(read_timeline(path), exporter, folder=path.parent)
        assert all(made.files.values())

    ends_well(work)


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Every value of a JSON tree: what holds it, and its name there."""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        for key, value in list(node.items() if isinstance(node, dict) else enumerate(node)):
            if isinstance(value, dict | list) and value:
                waiting.append(value)
            elif key != "OTIO_SCHEMA":
                found.append((node, key))
    return found


@given(seed=SEEDS)
@FUZZ
def test_damaged_tables_of_crops(seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    dice = random.Random(seed)
    folder = tmp_path_factory.mktemp("crops")
    moving = documents.framing(((0, 1.777778, 811.1111, 0.0), (29, 2.4, 324.0, 240.0)))
    made = deliver(documents.timeline((0, 30, moving)), "edl", folder=Path("/projects"))
    for suffix, content in made.files.items():
        text = bytearray(content)
        for _ in range(dice.randint(0, 3)):
            at = dice.randrange(len(text))
            text[at : at + dice.randint(0, 4)] = dice.choice([b"", b"-", b"NaN", b"9" * 20, b",", b"\n", b"\xff", b'"'])
        (folder / f"talk{suffix}").write_bytes(bytes(text))
    ends_well(lambda: read_crops(folder / "talk.edl", folder / "talk.crops.csv"))


@pytest.mark.parametrize("name", ["big.otio", "big.otioz", "big.xml", "big.fcpxml", "big.edl"])
def test_a_hundred_megabytes(name: str, tmp_path: Path) -> None:
    """They are not read: the file has holes, and would fill the memory."""
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(101 * 2**20)
    with pytest.raises(InputError, match="cannot be read") as caught:
        read_editor_cut(path)
    assert caught.value.exit_code == 3 and ("101 MB" in caught.value.why or name.endswith("z"))


LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be", "utf-8-sig"])
@pytest.mark.parametrize("form", ["fcpxml", "xmeml"])
def test_entities_in_any_encoding(form: str, encoding: str, media: footage.Footage) -> None:
    text = as_fcpxml.text(media, "plain", "1.10") if form == "fcpxml" else as_xmeml.text(media, "plain")
    _, _, body = text.partition(f"<!DOCTYPE {form}>")
    path = media["a"].with_name(f"laughs.{'xml' if form == 'xmeml' else form}")
    declared = encoding.removesuffix("-sig").removesuffix("-be")
    path.write_bytes(f'<?xml version="1.0" encoding="{declared}"?>{LAUGHS}{body}'.encode(encoding))
    with pytest.raises(InputError, match="cannot be read"):
        read_editor_cut(path)


def test_nothing_is_included(media: footage.Footage, tmp_path: Path) -> None:
    """XInclude and style sheets name other files; they stay names."""
    secret = tmp_path / "secret.xml"
    secret.write_text("<note>the secret words</note>")
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}"/>'
    text = as_fcpxml.text(media, "plain", "1.10").replace("<spine>", f"{include}<spine>")
    path = media["a"].with_name("include.fcpxml")
    path.write_text(text.replace("<!DOCTYPE", f'<?xml-stylesheet href="{secret.as_uri()}"?><!DOCTYPE'))
    timeline = read_editor_cut(path).timeline
    assert "secret words" not in timeline.to_json_string()


def test_a_link_in_a_bundle_is_no_way_out(media: footage.Footage, tmp_path: Path) -> None:
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(media["b"].read_bytes())
    path = tmp_path / "cut.otioz"
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("content.otio", make.timeline(make.track(make.clip("media/a.mp4", 0, 10))).to_json_string())
        link = zipfile.ZipInfo("media/a.mp4")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        bundle.writestr(link, str(secret))
    with pytest.raises(InputError, match="cannot be used"):
        read_editor_cut(path)


@pytest.mark.parametrize("url", ["/dev/zero", "file:///dev/stdin", "/proc/self/mem", "/etc/passwd", "."])
def test_what_is_no_media_is_not_read_for_ever(url: str, tmp_path: Path) -> None:
    path = make.written(make.timeline(make.track(make.clip(url, 0, 10))), tmp_path / "cut.otio")
    with pytest.raises(InputError, match="cannot be used"):
        read_editor_cut(path)
