"""The panel's page in a browser, with the strict Premiere behind it: what a person clicks and reads."""

from __future__ import annotations

import json

import pytest

import documents as make
from chromium import Chromium
from hosts import timelines
from hosts.premiere_node import PANEL, plan_of, sequence_of
from hosts.premiere_page import SERVICE, page

MOVE = ((0, 1.777778, 811.1111, 0.0), (40, 2.4, 324.0, 240.0))
IDLE = "document.getElementById('cancel').disabled"
BUTTONS = ("open", "connect", "make", "apply", "update", "cancel")


class Panel:
    """The page, as a person sees it."""

    def __init__(self, shown: Chromium) -> None:
        self.shown = shown

    def click(self, *names: str) -> None:
        """Click buttons, each when the one before is done."""
        for name in names:
            self.shown.click(f"#{name}")
            self.shown.until(IDLE)

    def text(self, name: str) -> str:
        return str(self.shown.run(f"document.getElementById('{name}').innerText"))

    def style(self, name: str, what: str) -> str:
        return str(self.shown.run(f"getComputedStyle(document.getElementById('{name}')).{what}"))

    def rows(self) -> list[tuple[str, list[str]]]:
        """Of the report: what became of each clip, and the lines about it."""
        code = "[...document.querySelectorAll('.clip')].map((row) => [row.className, row.innerText.split('\\n')])"
        return [(kind.removeprefix("clip "), lines) for kind, lines in self.shown.run(code)]

    def enabled(self) -> set[str]:
        return {name for name in BUTTONS if not self.shown.run(f"document.getElementById('{name}').disabled")}


MANIFEST = json.loads((PANEL / "manifest.json").read_text())
WIDTH, HEIGHT = (MANIFEST["entrypoints"][0]["minimumSize"][side] for side in ("width", "height"))


@pytest.fixture(scope="module")
def window(browser):
    """As small as Premiere may make the panel, but high enough to click everything."""
    with Chromium(browser, width=WIDTH, height=2 * HEIGHT) as shown:
        yield shown


@pytest.fixture
def panel(window, tmp_path):
    """Opens the panel for a document; nothing may go wrong in the page, and it may ask nobody."""

    def opened(timeline, *, sequence=None, plan=None, **named) -> Panel:
        path = page(tmp_path, sequence or sequence_of(timeline), plan or plan_of(timeline), **named)
        window.open(path.as_uri())
        return Panel(window)

    window.faults.clear()
    window.asked.clear()
    yield opened
    assert window.faults == []
    assert {address for address in window.asked if not address.startswith("file:")} == set()
    assert window.run("document.documentElement.scrollWidth") <= WIDTH, "nothing hangs over the edge"


def _one():
    return make.timeline((5, 45, make.framing(MOVE)))


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


def test_a_plan_is_opened_applied_and_reported(panel) -> None:
    timeline, sequence = _mixed()
    seen = panel(timeline, sequence=sequence)
    seen.click("open")
    assert seen.text("plan") == "talk 9x16: 4 clips, 1080 × 1920"
    seen.click("apply")
    assert [kind for kind, _ in seen.rows()] == ["done"] * 3 + ["missing"]
    assert [lines[2] for _, lines in seen.rows()] == ["0:00, still", "0:01, 4 keys", "0:03, still", "0:04"]
    assert "No clip of the sequence shows its frames." in seen.rows()[3][1]
    assert seen.text("status") == "Entrevista 1080x1920: 3 of 4 clips reframed."
    assert float(seen.style("bar", "width").removesuffix("px")) > WIDTH - 40


def test_buttons_wait_for_a_plan(panel) -> None:
    seen = panel(timelines.CASES["in_point"]())
    assert seen.enabled() == {"open", "connect", "make"} and seen.text("plan") == "No plan yet."
    seen.click("open")
    assert seen.enabled() == {"open", "connect", "make", "apply", "update"}


def test_a_run_shows_how_far_it_is_and_can_be_stopped(panel) -> None:
    timeline = make.timeline(*((n * 20, n * 20 + 20, make.framing(MOVE)) for n in range(5)))
    seen = panel(timeline)
    seen.click("open")
    seen.shown.run("window.world.undo.push = (step) => { window.hold = step.label.includes('reframe'); return 1; }")
    seen.shown.click("#apply")
    seen.shown.until("document.getElementById('status').innerText === 'Clip 1 of 5: talk.mp4'")
    seen.shown.until("window.hold")
    assert seen.enabled() == {"cancel"}
    seen.shown.click("#cancel")
    assert seen.text("status") == "Stopping." and seen.enabled() == set()
    seen.shown.run("window.hold = false")
    seen.shown.until("document.getElementById('status').innerText.includes('Update goes on')")
    assert [kind for kind, _ in seen.rows()] == ["done"]


def test_mistakes_are_shown_as_such(panel) -> None:
    timeline = timelines.CASES["in_point"]()
    seen = panel(timeline)
    seen.click("open", "update")
    assert seen.text("status").startswith("Update needs a sequence of 1080 x 1920")
    assert seen.style("status", "color") != seen.style("plan", "color")
    assert seen.shown.run("document.getElementById('status').className") == "error"
    seen.click("make")
    assert seen.text("status").startswith("Paste the token first")
    seen = panel(timeline, plan="{}")
    seen.click("open")
    assert seen.text("status").startswith("This plan cannot be used") and seen.text("plan") == "No plan yet."


def test_names_from_files_are_text_not_markup(panel) -> None:
    of = make.media("/media/<img src=x>.mp4")
    timeline = make.timeline((5, 45, make.framing(MOVE)), of=of, name="<img src=y>")
    seen = panel(timeline)
    seen.click("open", "apply")
    assert seen.shown.run("document.images.length") == 0
    assert seen.rows()[0][1][1] == "<img src=x>.mp4" and "<img src=y>" in seen.text("plan")


@pytest.mark.parametrize("theme", ["light", "dark", "darkest"])
def test_it_wears_premieres_theme_and_can_be_read_in_it(panel, theme) -> None:
    timeline, sequence = _mixed()
    seen = panel(timeline, sequence=sequence, theme=theme)
    seen.click("open", "apply")
    back = luminance(seen.shown.run("getComputedStyle(document.body).backgroundColor"))
    assert (back > 0.5) == (theme == "light")
    for selector in ("#status", "#plan", ".or", "label", "h1", ".name", ".note", ".keys", ".mark", "#open"):
        code = f"getComputedStyle(document.querySelector('{selector}')).color"
        low, high = sorted((back, luminance(seen.shown.run(code))))
        assert (high + 0.05) / (low + 0.05) >= 4.5, selector  # WCAG's contrast of text
    seen.shown.run("window.setTheme('light')")
    assert seen.shown.run("document.body.className") == "light"


def luminance(colour: str) -> float:
    """Relative luminance of a CSS colour such as rgb(35, 35, 35)."""
    levels = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    linear = [level / 12.92 if level <= 0.04045 else ((level + 0.055) / 1.055) ** 2.4 for level in levels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


# --- with the service, whose answers are written down here (tests of the service itself ask it with this page too)

ANSWERS = """
window.jobs = %(jobs)s;
window.wished = [];
window.fetch = async (address, { method, headers, body }) => {
  const path = address.replace("%(service)s", "");
  window.wished.push([method, path, body === undefined ? null : JSON.parse(body)]);
  const answer = (status, told) => new Response(typeof told === "string" ? told : JSON.stringify(told), { status });
  if (headers.Authorization !== "Bearer secret") return answer(401, { what: "wrong token", why: "Other.", fix: "" });
  if (path === "/v1/choices") return answer(200, { presets: ["default", "podcast"] });
  if (path.endsWith("/plan")) return answer(200, %(plan)s);
  return answer(200, { id: "a", ...(window.jobs.length > 1 ? window.jobs.shift() : window.jobs[0]) });
};
"""
WAITING = {"state": "queued", "stage": "", "done": 0, "total": 0, "error": None}
LOOKING = {**WAITING, "state": "running", "stage": "looking at talk.mp4", "done": 412, "total": 1200}
DONE = {**WAITING, "state": "done"}


def served(panel, timeline, *jobs, token="secret", **named) -> Panel:
    """The panel in front of a service that answers with these jobs in turn."""
    seen = panel(timeline, **named)
    words = {"jobs": json.dumps(jobs), "service": SERVICE, "plan": json.dumps(plan_of(timeline))}
    seen.shown.run(f"(() => {{ {ANSWERS % words} }})()")
    seen.shown.run(f"document.getElementById('token').value = {json.dumps(token)}")
    return seen


def test_a_plan_is_asked_for_and_its_progress_is_shown(panel) -> None:
    seen = served(panel, _one(), LOOKING, exported="<xmeml/>")
    seen.click("connect")
    assert seen.text("status").startswith("Connected.")
    assert seen.shown.run("[...document.getElementById('preset').options].map((o) => o.value)") == [
        "default",
        "podcast",
    ]
    seen.shown.run("document.getElementById('preset').value = 'podcast'")
    seen.shown.run("document.getElementById('ratio').value = '4:5'")
    seen.shown.click("#make")
    seen.shown.until("document.getElementById('status').innerText === 'Looking at talk.mp4, 34 %'")
    assert float(seen.style("bar", "width").removesuffix("px")) == pytest.approx(412 / 1200 * (WIDTH - 24), abs=2)
    assert seen.enabled() == {"cancel"}
    seen.shown.run(f"window.jobs = [{json.dumps(DONE)}]")
    seen.shown.until(IDLE)
    assert seen.text("status").startswith("The plan is ready.") and "1 clip, 1080" in seen.text("plan")
    method, path, wish = seen.shown.run("window.wished[1]")
    assert (method, path) == ("POST", "/v1/jobs")
    assert wish == {"timeline": {"name": "panscan.xml", "text": "<xmeml/>"}, "ratio": "4:5", "preset": "podcast"}


def test_asking_can_be_stopped(panel) -> None:
    seen = served(panel, _one(), WAITING)
    seen.shown.click("#make")
    seen.shown.until("document.getElementById('status').innerText === 'Waiting for another job.'")
    seen.shown.click("#cancel")
    seen.shown.until("document.getElementById('status').innerText.startsWith('Stopped.')")
    assert seen.text("plan") == "No plan yet."
    assert seen.shown.run("window.wished.at(-1).slice(0, 2)") == ["DELETE", "/v1/jobs/a"]


def test_what_the_service_refuses_is_said_in_its_words(panel) -> None:
    error = {"what": "the file may not be read", "why": "It lies elsewhere.", "fix": "Give --allow."}
    seen = served(panel, _one(), {**WAITING, "state": "failed", "error": error})
    seen.click("make")
    assert seen.text("status") == "The file may not be read. It lies elsewhere. Give --allow."
    seen = served(panel, _one(), token="another")
    seen.click("connect")
    assert seen.text("status") == "Wrong token. Other."
    seen = panel(_one())
    seen.shown.run("window.fetch = async () => { throw new TypeError('refused'); }")
    seen.shown.run("document.getElementById('token').value = 'secret'")
    seen.click("connect")
    assert seen.text("status") == f"No answer at {SERVICE}. Run: panscan serve"
