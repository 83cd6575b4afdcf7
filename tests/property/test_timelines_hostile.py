"""Timeline files that are damaged or meant to harm: a clear error, and nothing read, fetched or left running."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import zipfile
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import numbered as make
from panscan.errors import InputError, PanscanError
from panscan.ingest.cuts import files
from panscan.ingest.cuts.read import read_editor_cut

FUZZ = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))

FCPXML = (
    '<?xml version="1.0"?>{0}<fcpxml version="1.10"><resources><format id="f" frameDuration="1/25s"/>'
    '<asset id="a" name="{1}" start="0s" duration="60/25s" hasVideo="1" format="f"><media-rep src="{2}"/></asset>'
    '</resources><project name="p"><sequence format="f" tcStart="0s"><spine><asset-clip ref="a" offset="0s" '
    'start="5/25s" duration="20/25s"><marker start="6/25s" value="m"/></asset-clip></spine></sequence></project>'
    "</fcpxml>"
)
XMEML = (
    '<?xml version="1.0"?>{0}<xmeml version="4"><sequence id="s"><name>{1}</name><rate><timebase>25</timebase>'
    "<ntsc>FALSE</ntsc></rate><media><video><track><clipitem><name>c</name><start>0</start><end>10</end><in>5</in>"
    '<out>15</out><file id="x"><pathurl>{2}</pathurl><duration>60</duration></file></clipitem></track></video></media>'
    "</sequence></xmeml>"
)
EDL = "TITLE: t\n001  A     V     C        00:00:00:05 00:00:00:15 01:00:00:00 01:00:00:10\n* FROM CLIP NAME: {2}\n"
LAUGHS = (
    "<!DOCTYPE x ["
    + '<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    + "]>"
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("a timeline file reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refused)


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make.movie(tmp_path_factory.mktemp("film") / "film.mp4", 1)


def documents(film: Path) -> dict[str, bytes]:
    timeline = make.timeline(make.track(make.clip(film, 5, 10), make.gap(2), make.clip(film, 20, 10)))
    return {
        "cut.fcpxml": FCPXML.format("", "a", film.as_uri()).encode(),
        "cut.xml": XMEML.format("", "s", film.as_uri()).encode(),
        "cut.edl": EDL.format("", "", film.name).encode(),
        "cut.otio": timeline.to_json_string().encode(),
    }


def read_or_refuse(path: Path) -> None:
    """Reading ends in good time, well or with an error that says what, why and how to go on."""
    began = time.monotonic()
    try:
        assert read_editor_cut(path).clips
    except PanscanError as error:
        assert error.what and error.why and error.fix and error.exit_code in (2, 3)
        assert len(str(error)) < 6000
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("name", ["cut.fcpxml", "cut.xml", "cut.edl", "cut.otio"])
def test_the_unharmed_files_are_read(name: str, film: Path) -> None:
    path = film.with_name(name)
    path.write_bytes(documents(film)[name])
    assert read_editor_cut(path).clips[0].visible_first == 5


@pytest.mark.parametrize("name", ["cut.fcpxml", "cut.xml", "cut.edl", "cut.otio"])
@given(data=st.data())
@FUZZ
def test_changed_bytes(name: str, data: st.DataObject, film: Path) -> None:
    content = bytearray(documents(film)[name])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        kind = data.draw(st.sampled_from(["change", "cut", "repeat", "insert"]))
        if kind == "change":
            content[at] = data.draw(st.integers(0, 255))
        elif kind == "cut":
            del content[at : at + data.draw(st.integers(1, 200))]
        elif kind == "repeat":
            content[at:at] = content[at : at + data.draw(st.integers(1, 200))]
        else:
            content[at:at] = data.draw(
                st.sampled_from([b"<", b"&x;", b"NaN", b"-", b"9" * 30, b"\0", b"\xff", b"{", b'"'])
            )
        if not content:
            break
    path = film.with_name(name)
    path.write_bytes(bytes(content))
    read_or_refuse(path)


NUMBERS = st.sampled_from(
    [0, -1, 1e300, -1e18, float("nan"), float("inf"), 1e-300, 25.5, 2**62, 23.976, 1e9, "25", None, [], True]
)


@given(data=st.data())
@FUZZ
def test_changed_numbers_in_otio(data: st.DataObject, film: Path) -> None:
    """Any number of a timeline replaced: times, rates, scalars, ranges."""
    warp = otio.schema.LinearTimeWarp(time_scalar=2.0)
    fade = otio.schema.Transition("", "x", otio.opentime.RationalTime(2, 25), otio.opentime.RationalTime(2, 25))
    stack = otio.schema.Stack(children=[make.track(make.clip(film, 0, 30))], source_range=make.time_range(3, 9))
    marked = make.clip(film, 20, 10, effects=[warp])
    marked.markers.append(otio.schema.Marker("m", make.time_range(21, 1)))
    timeline = make.timeline(make.track(make.clip(film, 5, 10), fade, marked, stack))
    timeline.global_start_time = otio.opentime.RationalTime(90000, 25)
    tree = json.loads(timeline.to_json_string())
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            if isinstance(value, dict | list):
                walk(value)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                places.append((node, key))

    walk(tree)
    for _ in range(data.draw(st.integers(1, 3))):
        node, key = data.draw(st.sampled_from(places))
        node[key] = data.draw(NUMBERS)
    path = film.with_name("numbers.otio")
    path.write_text(json.dumps(tree))
    read_or_refuse(path)


@given(data=st.data())
@FUZZ
def test_changed_attributes_and_texts_in_xml(data: st.DataObject, film: Path) -> None:
    template, name = data.draw(st.sampled_from([(FCPXML, "cut.fcpxml"), (XMEML, "cut.xml")]))
    text = template.format("", "a", film.as_uri())
    words = ["5/25s", "20/25s", "60/25s", "1/25s", "0s", 'ref="a"', 'id="a"', 'id="f"', 'format="f"', "25</timebase>"]
    words += ["<in>5", "<start>0", "<end>10", "<duration>60", "FALSE", "1.10", "<spine>", "<track>", "<pathurl>"]
    strange = [
        "",
        "-1",
        "1/0s",
        "9" * 40 + "/1s",
        "NaN",
        "-5/25s",
        "1e9",
        "ref=''",
        "0/1s",
        "<gap/>",
        "<!-- -->",
        "\u0000x",
    ]
    for _ in range(data.draw(st.integers(1, 3))):
        text = text.replace(data.draw(st.sampled_from(words)), data.draw(st.sampled_from(strange)))
    path = film.with_name(name)
    path.write_text(text, encoding="utf-8")
    read_or_refuse(path)


@pytest.mark.parametrize(("template", "name"), [(FCPXML, "cut.fcpxml"), (XMEML, "cut.xml")])
@pytest.mark.parametrize("kind", ["laughs", "local", "web", "parameter", "external dtd"])
def test_entities_and_dtds(template: str, name: str, kind: str, film: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret words")
    head = {
        "laughs": LAUGHS,
        "local": f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>',
        "web": '<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1:9/e">]>',
        "parameter": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{secret.as_uri()}"> %p;]>',
        "external dtd": '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    }[kind]
    word = {"laughs": "&l11;", "local": "&e;", "web": "&e;"}.get(kind, "a")
    path = film.with_name(name)
    path.write_text(
        template.format(head, "a" if template is FCPXML else word, film.as_uri()).replace(
            'value="m"', f'value="{word}"'
        )
    )
    if kind == "external dtd":
        assert read_editor_cut(path).clips, "a DTD that is only named is never fetched"
    else:
        with pytest.raises(InputError) as caught:
            read_editor_cut(path)
        assert "secret words" not in str(caught.value) and caught.value.exit_code == 3


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize(
    "head",
    [
        '<!DOCTYPE x SYSTEM "{0}">',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "{0}">]>',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "{0}"> %p;]>',
    ],
)
def test_no_other_file_is_opened(head: str, film: Path, tmp_path: Path) -> None:
    """Whoever opens this pipe waits for ever."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    path = film.with_name("piped.fcpxml")
    word = "&e;" if "ENTITY e" in head else "a"
    path.write_text(FCPXML.format(head.format(pipe.as_uri()), "a", film.as_uri()).replace('value="m"/>', f"/>{word}"))
    reader = threading.Thread(target=read_or_refuse, args=(path,), daemon=True)
    reader.start()
    reader.join(20)
    assert not reader.is_alive()


@pytest.mark.parametrize("suffix", [".fcpxml", ".xml"])
def test_xml_nested_very_deeply(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"deep{suffix}"
    path.write_text("<fcpxml version='1.10'>" + "<spine>" * 100_000 + "</spine>" * 100_000 + "</fcpxml>")
    read_or_refuse(path)


def test_json_nested_very_deeply(tmp_path: Path) -> None:
    """OTIO's own parser would end the process."""
    path = tmp_path / "deep.otio"
    path.write_text('{"OTIO_SCHEMA": "Timeline.1", "metadata": {"a": ' + "[" * 500_000 + "]" * 500_000 + "}}")
    with pytest.raises(InputError, match="cannot be read") as caught:
        read_editor_cut(path)
    assert "nested" in caught.value.why


def test_stacks_nested_deeply(film: Path, tmp_path: Path) -> None:
    item: Any = make.track(make.clip(film, 0, 10))
    for _ in range(60):
        item = make.track(otio.schema.Stack(children=[item]))
    with pytest.raises(InputError):
        read_editor_cut(make.written(make.timeline(item), tmp_path / "nest.otio"))


@pytest.mark.parametrize("name", ["big.otio", "big.xml", "big.fcpxml", "big.edl"])
def test_files_over_the_limit(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_BYTES", 1000)
    path = tmp_path / name
    path.write_bytes(b" " * 1001)
    with pytest.raises(InputError, match="cannot be read") as caught:
        read_editor_cut(path)
    assert "MB" in caught.value.why


def test_bundles_that_reach_outside_or_unpack_without_end(film: Path, tmp_path: Path, own_cache: Path) -> None:
    content = make.timeline(make.track(make.clip("media/film.mp4", 0, 10))).to_json_string()
    path = tmp_path / "cut.otioz"
    for member in ("../escaped.mp4", "/tmp/escaped.mp4", "media/../../escaped.mp4", "C:\\escaped.mp4"):
        with zipfile.ZipFile(path, "w") as bundle:
            bundle.writestr("content.otio", content)
            bundle.writestr(member, film.read_bytes())
        with pytest.raises(InputError, match="cannot be read"):
            read_editor_cut(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("content.otio", content)
        bundle.writestr("media/film.mp4", b"\0" * 50_000_000)
    with pytest.raises(InputError, match="cannot be read"):
        read_editor_cut(path)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(InputError, match="cannot be read"):
        read_editor_cut(path)
    assert not list(tmp_path.rglob("escaped*")) and not list(own_cache.parent.glob("escaped*"))
    assert not Path("/tmp/escaped.mp4").exists()
