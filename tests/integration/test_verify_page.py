"""The report as a page: whole in itself, readable, and shown by a browser where there is one."""

from __future__ import annotations

import base64
import re
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from chromium import Chromium
from faults.picture import FAULTS, barred
from faults.remaking import changed
from panscan.cli.commands import command_line
from panscan.timeline import cut as document
from panscan.timeline.files import write_timeline
from panscan.timeline.framing_notes import FramingNote
from panscan.verify import Verdict, inspect, report_page
from panscan.verify.thresholds import CRITERIA
from serving import files_of

NO_ICON = "data:,"
VOID = {"meta", "link", "img", "br", "line", "circle", "rect", "polyline", "polygon"}


class Reader(HTMLParser):
    """Collects tags, attributes that point somewhere, and checks that what is opened is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.targets, self.text = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.targets += [value for name, value in attrs if name in ("src", "href", "srcset", "xlink:href", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def read(text):
    reader = Reader()
    reader.feed(text)
    assert not reader.open
    return reader


@pytest.fixture(scope="module")
def stage(stages):
    return stages("three shots")


@pytest.fixture(scope="module")
def pages(stage, tmp_path_factory):
    """The page of the honest movie, and of one with bars."""
    bad = changed(stage.movie, tmp_path_factory.mktemp("pages") / "bars.mp4", barred)
    return [report_page(inspect(movie, stage.timeline, folder=stage.folder)) for movie in (stage.movie, bad)]


def test_it_refers_to_nothing_outside_itself(pages):
    for text in pages:
        reader = read(text)
        assert reader.targets[0] == NO_ICON and reader.tags.count("link") == 1, "or a browser asks for one by itself"
        reader.targets.remove(NO_ICON)
        assert reader.targets and all(target.startswith(("data:image/jpeg;base64,", "#")) for target in reader.targets)
        assert not {"script", "iframe", "object", "base", "form"} & set(reader.tags)
        assert "url(" not in text and "@import" not in text and "http" not in re.sub(r"base64,[^\"]*", "", text)


def test_it_shows_each_shot_with_its_pictures_path_and_keys(pages, stage):
    reader = read(pages[0])
    assert reader.tags.count("svg") == 3 and reader.tags.count("img") == 3 * 3 * 2
    links = [target for target in reader.targets if target.startswith("#")]
    assert links[0] == "#framing" and links[-3:] == ["#shot-1", "#shot-2", "#shot-3"]
    assert all(f'id="shot-{n}"' in pages[0] for n in (1, 2, 3))
    for target in (target for target in reader.targets if not target.startswith("#") and target != NO_ICON):
        data = np.frombuffer(base64.b64decode(target.split(",")[1]), np.uint8)
        assert cv2.imdecode(data, cv2.IMREAD_COLOR).std() > 5
    words = " ".join(reader.text)
    keys = document.read_cut(stage.timeline, folder=stage.folder).clips[0].framing.cells[0].camera
    assert f"{keys.x_px[1]:.1f}" in words and "2 keys" in words
    assert pages[0].count('class="path c1"') == 1, "the second cell has a path in its own colour"


def test_it_names_what_is_wrong_and_what_to_do(pages):
    honest, bad = (" ".join(read(text).text) for text in pages)
    assert "Verified" in honest and "What to do" not in honest
    assert "Rejected" in bad and CRITERIA["bars"].advice in bad and CRITERIA["bars"].requirement in bad
    for standard in CRITERIA.values():
        assert standard.title in honest


def test_it_tells_the_framing_apart_from_the_verdict(stage):
    """A note on two shots of an honest movie: the verdict stays, and the note leads to the shots."""
    inspection = inspect(stage.movie, stage.timeline, folder=stage.folder)
    note = FramingNote("heads", (1, 3), (0.4, 0.2), "heads are cut in shots 1, 3 (2 of 3)")
    findings = tuple(replace(f, grade="flag") if f.name == "subject" else f for f in inspection.report.findings)
    text = report_page(replace(inspection, report=replace(inspection.report, findings=findings, framing=(note,))))
    read(text)
    verdict, framing = text.split('id="framing"')
    framing = framing[: framing.index('id="shots"')]
    assert "<h1>Verified</h1>" in verdict and "flag</span>" not in verdict and "What to look at" not in verdict
    assert note.what in framing and '<a href="#shot-1">1</a> <a href="#shot-3">3</a>' in framing
    assert CRITERIA["subject"].advice in framing, "what was looked for in the movie stands there too"


def test_it_shows_the_moments_that_are_named(stage, tmp_path):
    fault = next(f for f in FAULTS if "neighbour's place" in f.name)
    movie = fault.plant(stage, tmp_path / "faulty.mp4").movie
    inspection = inspect(movie, stage.timeline, folder=stage.folder)
    shown = inspection.evidence["moment"]
    assert [exhibit.number for exhibit in shown] == inspection.report["moment"].measured["misplaced"] == [21]
    text = report_page(inspection)
    start = text.index("What to look at")
    card = text[start : text.index("</article>", start)]
    assert card.count("<img") == 2 and "frame 21" in card and "0:00.84" in card
    assert 'class="look"' in text and 'class="fine"' in text, "the shot with the fault stands out"
    assert inspect(stage.movie, stage.timeline, folder=stage.folder).evidence == {}


def test_names_are_escaped(stage, tmp_path):
    movie = tmp_path / "a<b>&c.mp4"
    shutil.copy(stage.movie, movie)
    text = report_page(inspect(movie, stage.timeline, folder=stage.folder))
    assert "a&lt;b&gt;&amp;c.mp4" in text and "a<b>" not in text


def test_the_page_of_a_movie_that_cannot_be_read(stage, tmp_path):
    movie = tmp_path / "broken.mp4"
    movie.write_bytes(b"no movie")
    inspection = inspect(movie, stage.timeline, folder=stage.folder)
    assert inspection.report.verdict is Verdict.REJECTED
    assert "Rejected" in " ".join(read(report_page(inspection)).text)


def test_the_command_writes_it(stage, tmp_path):
    timeline = tmp_path / "faults.otio"
    write_timeline(stage.timeline, timeline)
    target = tmp_path / "report" / "page.html"
    ran = CliRunner().invoke(command_line(), ["verify", str(stage.movie), str(timeline), "--html", str(target)])
    assert ran.exit_code == 0, ran.output
    assert read(target.read_text(encoding="utf-8")).tags.count("svg") == 3
    again = tmp_path / "again.html"
    CliRunner().invoke(command_line(), ["verify", str(stage.movie), str(timeline), "--html", str(again)])
    assert again.read_bytes() == target.read_bytes()


@pytest.mark.parametrize("width", [1200, 390])
def test_a_browser_draws_it(pages, tmp_path, browser, width):
    source = tmp_path / "page.html"
    source.write_text(pages[1], encoding="utf-8")
    with files_of(tmp_path) as address, Chromium(browser, width=width, height=1600) as shown:
        shown.open(f"{address}/page.html")
        drawn = cv2.imread(str(shown.picture(tmp_path / "page.png")))
        assert shown.faults == []
        assert [asked for asked in shown.asked if not asked.startswith("data:")] == [f"{address}/page.html"]
        assert shown.run("document.documentElement.scrollWidth") <= width, "nothing hangs over the edge"
    assert drawn.shape[1] == width and drawn.std() > 10
