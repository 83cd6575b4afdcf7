"""The panel's page in a browser, with the strict Premiere behind it: what a person clicks and reads.

PANSCAN_BROWSER names a Chromium where none is on the path; PANSCAN_PANEL_PICTURE a file for a picture of the page.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

import documents as make
from hosts import timelines
from hosts.premiere_node import ADAPTER, HOSTS, PANEL, plan_of, run, sequence_of

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
MOVE = ((0, 1.777778, 811.1111, 0.0), (40, 2.4, 324.0, 240.0))
FILES = [PANEL / "panel.js", *sorted((PANEL / "js").glob("*.js"))]
FILES += [HOSTS / name for name in ("premiere_host.js", "premiere_shown.js")]
HARNESS = """
const sources = {sources}, made = {{}};
function require(name) {{
  const base = name.split("/").pop();
  if (name === "premierepro") return host;
  if (name === "uxp") return {{ storage: {{ localFileSystem: {{ getFileForOpening: async () => file }} }} }};
  if (base.endsWith(".json")) return {names};
  if (!made[base]) {{
    const module = {{ exports: {{}} }};
    new Function("require", "module", sources[base])(require, module);
    made[base] = module.exports;
  }}
  return made[base];
}}
const world = require("premiere_host.js").worldOf({sequence}, {world});
const host = require("premiere_host.js").premiere(world);
const file = {{ name: "talk.premiere-plan.json", read: async () => {plan} }};
require("panel.js");
const idle = async () => {{
  do await new Promise((resolve) => setTimeout(resolve, 5)); while (!document.getElementById("cancel").disabled);
}};
(async () => {{
  for (const id of {clicks}) {{
    document.getElementById(id).click();
    await idle();
  }}
  document.title = "finished";
}})();
"""


@pytest.fixture(scope="module")
def browser() -> str:
    found = os.environ.get("PANSCAN_BROWSER") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip("no Chromium on the path: name one with PANSCAN_BROWSER")
    return found


def _page(folder: Path, timeline, clicks, *, sequence=None, world=None, plan=None) -> Path:
    code = HARNESS.format(
        sources=json.dumps({path.name: path.read_text() for path in FILES}).replace("</", "<\\/"),
        names=(HOSTS / "premiere_names.json").read_text(),
        sequence=json.dumps(sequence or sequence_of(timeline)),
        world=json.dumps(world or {}),
        plan=json.dumps(plan if plan is not None else plan_of(timeline)),
        clicks=json.dumps(clicks),
    )
    shutil.copy(PANEL / "style.css", folder)
    page = (PANEL / "index.html").read_text().replace('<script src="panel.js"></script>', f"<script>{code}</script>")
    assert code in page
    path = folder / "page.html"
    path.write_text(page)
    return path


def _read(browser: str, page: Path, picture: str | None = None) -> str:
    puppeteer = ADAPTER / "node_modules/puppeteer-core"
    if not puppeteer.exists():
        pytest.skip("no puppeteer-core: run `npm install` in adapters/panscan_premiere")
    asked = {"puppeteer": str(puppeteer), "browser": browser, "page": page.as_uri(), "picture": picture}
    told = run("premiere_page.js", asked)
    assert told["faults"] == []
    return re.sub(r"<script>.*?</script>", "", told["shown"], flags=re.DOTALL)


def _mixed():
    """A still clip, one that moves, a split layout and one that the sequence does not have."""
    still = make.framing(((0, 1.777778, -300.5, 0.0),))
    timeline = make.timeline(
        (0, 40, still),
        (40, 80, make.framing(tuple((at + 35, *rest) for at, *rest in MOVE))),
        (80, 110, make.two_cells()),
        (110, 120, still),
    )
    sequence = sequence_of(timeline)
    sequence["tracks"][0].pop()
    return timeline, sequence


def test_a_plan_is_opened_applied_and_reported(browser, tmp_path) -> None:
    timeline, sequence = _mixed()
    page = _page(tmp_path, timeline, ["open", "apply"], sequence=sequence)
    shown = _read(browser, page, os.environ.get("PANSCAN_PANEL_PICTURE"))
    assert "talk 9x16: 4 clips, 1080 x 1920" in shown
    assert shown.count('class="clip done"') == 3 and shown.count('class="clip missing"') == 1
    assert "Entrevista 1080x1920: 3 of 4 clips." in shown
    assert re.search(r'id="bar" style="width: 100%;?"', shown)


def test_buttons_wait_for_a_plan(browser, tmp_path) -> None:
    shown = _read(browser, _page(tmp_path, timelines.CASES["in_point"](), []))
    disabled = {name for name in ("open", "make", "apply", "update", "cancel") if f'id="{name}" disabled' in shown}
    assert disabled == {"apply", "update", "cancel"} and "No plan yet." in shown


def test_mistakes_are_shown_as_such(browser, tmp_path) -> None:
    timeline = timelines.CASES["in_point"]()
    shown = _read(browser, _page(tmp_path, timeline, ["open", "update"]))
    assert re.search(r'id="status" class="error">Update needs a sequence of 1080 x 1920', shown)
    shown = _read(browser, _page(tmp_path, timeline, ["open"], plan="{}"))
    assert re.search(r'id="status" class="error">This plan cannot be used', shown)


def test_names_from_files_are_text_not_markup(browser, tmp_path) -> None:
    of = make.media("/media/<img src=x>.mp4")
    timeline = make.timeline((5, 45, make.framing(MOVE)), of=of, name="<img src=y>")
    shown = _read(browser, _page(tmp_path, timeline, ["open", "apply"]))
    assert "<img" not in shown and "&lt;img src=x&gt;.mp4 (4 keys)" in shown and "&lt;img src=y&gt;" in shown
