"""One clip of five is damaged, anywhere and anyhow: the other four are read as before."""

from __future__ import annotations

import random
from copy import deepcopy
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

import numbered as make
from panscan.ingest.cuts.read import read_editor_cut

RATE = "<rate><timebase>25</timebase><ntsc>FALSE</ntsc></rate>"
CLIPITEM = (
    "<clipitem><name>n{k}</name><enabled>TRUE</enabled><duration>60</duration>" + RATE + "<start>{start}</start>"
    '<end>{end}</end><in>{first}</in><out>{last}</out><file id="f{k}"><name>film</name><pathurl>{url}</pathurl>'
    + RATE
    + "<duration>60</duration><timecode>"
    + RATE
    + "<string>00:00:00:00</string><frame>0</frame>"
    "<displayformat>NDF</displayformat></timecode></file><marker><name>m</name><in>3</in><out>-1</out></marker><filter>"
    "<effect><name>Time Remap</name><effectid>timeremap</effectid><parameter><parameterid>speed</parameterid>"
    "<value>100</value></parameter></effect></filter></clipitem>"
)
XMEML = (
    f'<xmeml version="4"><sequence id="s"><name>o</name>{RATE}<media><video><format/><track>{{}}</track></video>'
    "</media></sequence></xmeml>"
)
ASSET_CLIP = (
    '<asset-clip ref="a" offset="{start}/25s" start="{first}/25s" duration="10/25s" name="n{k}"><conform-rate '
    'srcFrameRate="25"/><timeMap><timept time="0s" value="0s"/><timept time="10s" value="10s"/></timeMap>'
    '<adjust-transform scale="1 1"/><marker start="{first}/25s" duration="1/25s" value="m"/></asset-clip>'
)
FCPXML = (
    '<fcpxml version="1.10"><resources><format id="f" frameDuration="1/25s"/><asset id="a" name="film" start="0s" '
    'duration="60/25s" hasVideo="1" format="f"><media-rep src="{url}"/></asset></resources><project name="p">'
    '<sequence format="f"><spine>{clips}</spine></sequence></project></fcpxml>'
)
VALUES = ("", "-1", "0", "nan", "1e400", "x", "9" * 20, "-5", "ä", "1.5", "TRUE", "5/0s", "1/3", "s", "-3s", "1e3s")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make.movie(tmp_path_factory.mktemp("film") / "film.mp4", 1)


def document(form: str, film: Path) -> str:
    each = CLIPITEM if form == "xml" else ASSET_CLIP
    clips = "".join(
        each.format(k=k, start=10 * k, end=10 * k + 10, first=11 * k, last=11 * k + 10, url=film.as_uri())
        for k in range(5)
    )
    return XMEML.format(clips) if form == "xml" else FCPXML.format(url=film.as_uri(), clips=clips)


def damaged(text: str, tag: str, chance: random.Random) -> bytes:
    root = etree.fromstring(text)
    clip = list(root.iter(tag))[2]
    element = chance.choice(list(clip.iter()))
    parent = element.getparent()
    what = chance.choice(("value", "removed", "twice", "emptied"))
    if what == "value" and element.attrib:
        element.set(chance.choice(list(element.attrib)), chance.choice(VALUES))
    elif what == "value" and not len(element):
        element.text = chance.choice(VALUES)
    elif what == "emptied":
        element[:], element.text = [], None
    elif element is not clip and parent is not None:
        if what == "removed":
            parent.remove(element)
        else:
            element.addnext(deepcopy(element))
    return etree.tostring(root)


@pytest.mark.parametrize(("form", "tag"), [("xml", "clipitem"), ("fcpxml", "asset-clip")])
@given(seed=st.integers(0, 1 << 32))
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_others_are_read(form: str, tag: str, seed: int, film: Path) -> None:
    path = film.with_name(f"cut.{form}")
    path.write_bytes(damaged(document(form, film), tag, random.Random(seed)))
    cut = read_editor_cut(path, skip_offline=True)
    found = {clip.clip.name: (clip.first, clip.end) for clip in cut.clips}
    assert {f"n{k}": (11 * k, 11 * k + 10) for k in (0, 1, 3, 4)}.items() <= found.items()
