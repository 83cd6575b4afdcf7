"""The review page in a browser, with its server behind it: what a person sees, clicks, drags and saves."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest

import needed
from chromium import Chromium
from panscan.review.files import PAGE_FOLDER
from review_desk import LUMA_STEP, ServedReview, serving_review
from review_person import ALT, BRIGHTNESS, CONTROL, READY, SHIFT, Review
from reviewing import CUTS

LONG_S = 0.6  # of a task: 0.06 where nothing else runs; a page that makes all rows takes seconds


@pytest.fixture(scope="module")
def window() -> Iterator[Chromium]:
    with Chromium(needed.browser(), width=1280, height=720) as shown:
        yield shown


@pytest.fixture(scope="module")
def served(window: Chromium, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedReview]:
    """The server, which has let the window in."""
    with serving_review(tmp_path_factory.mktemp("review")) as server:
        server.overrides_file.write_text("# who is who: mine\n")
        window.open(server.opening_address)
        window.until(READY)
        yield server


PUT_DRAFT = """
(async () => {
  const at = "/api/movies/" + (await (await fetch("/api/movies")).json())[0].id + "/draft";
  const { etag } = await (await fetch(at)).json();
  const headers = { "If-Match": etag, "Content-Type": "application/json" };
  await fetch(at, { method: "PUT", headers, body: JSON.stringify({ corrections: %s }) });
})()
"""


@pytest.fixture
def review(window: Chromium, served: ServedReview) -> Iterator[Review]:
    """The page as it is at first; nothing may go wrong in it, and it may ask nobody else."""
    window.open("about:blank")  # the page before keeps what it still has to keep
    window.open(served.address)
    window.until(READY)
    window.run(PUT_DRAFT % "[]")
    window.open("about:blank")
    window.faults.clear()
    window.asked.clear()
    window.open(served.address)
    window.until(READY)
    window.run("document.getElementById('entry').open = true")
    yield Review(window)
    assert window.faults == [] and window.run("document.getElementById('trouble').hidden")
    assert {address for address in window.asked if not address.startswith((served.address, "about:"))} == set()
    assert window.run("document.documentElement.scrollWidth") <= 1280, "nothing hangs over the edge"


def test_another_person_is_chosen_moved_undone_and_saved(review: Review, served: ServedReview) -> None:
    shown = review.shown
    assert review.text("list-title") == "3 shots" and review.entries() == []
    before = review.crop()
    shown.until("document.querySelector('.tag[aria-pressed=false]') !== null")
    name = shown.run("document.querySelector('.tag[aria-pressed=false]').dataset.name")
    shown.run("document.querySelector('.tag[aria-pressed=false]').dispatchEvent(new MouseEvent('click'))")
    shown.until("document.querySelector('#shot-badges .edited') !== null")
    assert [entry["subject"] for entry in review.entries()] == [name]
    chosen = review.crop()
    assert abs(chosen[0] - before[0]) > 100, "the camera is solved again for somebody else"
    review.drag(20)
    assert review.crop()[0] == pytest.approx(chosen[0] + 20, abs=1)
    (entry,) = review.entries()
    assert len(entry["keys"]) == 1 and "subject" not in entry, "one key, at the release"
    review.press("z", keys=CONTROL)
    shown.until(f"Math.abs(Number(document.querySelector('.crop .edge').getAttribute('x')) - {chosen[0]}) < 0.1")
    assert [entry["subject"] for entry in review.entries()] == [name]
    review.press("s", keys=CONTROL)
    shown.until("document.getElementById('saving').textContent === 'Saved'")
    text = served.overrides_file.read_text()
    assert "# who is who: mine" in text
    assert [(entry["subject"], entry["ratio"]) for entry in tomllib.loads(text)["shot"]] == [(name, "9:16")]
    assert (served.movie.parent / "talk.9x16.otio").is_file()


def test_the_result_is_the_frame_that_is_wanted_through_the_crop(review: Review) -> None:
    """Brightness tells the frame, blue tells the side."""
    blue: list[int] = []
    review.shown.until(f"{BRIGHTNESS} > 20")  # something is drawn
    first, per_frame = review.brightness(), LUMA_STEP * 255 / 219  # limited range to full range
    for frame in (7, 8, 20, 3, 13, 26):
        step = frame - int(review.text("time").split()[-1])
        for _ in range(abs(step)):
            review.press("ArrowRight" if step > 0 else "ArrowLeft")
        review.shown.until(f"Math.abs({BRIGHTNESS} - {first + frame * per_frame}) < {per_frame / 2}")
    for across_px in (-300, 300):
        review.drag(across_px)
        blue.append(review.colour()[2])
    assert blue[1] - blue[0] > 80, "left and right of the picture"


def test_the_last_picture_is_drawn_where_the_browser_does_not_tell_of_it(review: Review) -> None:
    """As it happens where pictures follow each other faster than a busy browser asks for them."""
    review.shown.until(f"{BRIGHTNESS} > 20")
    first = review.brightness()
    review.shown.run("HTMLVideoElement.prototype.requestVideoFrameCallback = () => 0")
    for frame in (1, 2, 3):
        review.press("ArrowRight")
        review.shown.until(f"Math.abs({BRIGHTNESS} - {first + frame * LUMA_STEP * 255 / 219}) < {LUMA_STEP / 2}")


def test_everything_goes_by_keyboard(review: Review) -> None:
    shown = review.shown
    review.press("ArrowDown")
    assert review.text("shot-title") == "Shot 2" and review.text("time").endswith(f" {CUTS[0]}")
    review.press("ArrowRight", keys=SHIFT)
    assert review.text("time").endswith(f" {CUTS[0] + 10}")
    left = review.crop()[0]
    review.press("ArrowRight", keys=ALT | SHIFT)
    assert review.crop()[0] == pytest.approx(left + 10, abs=0.1)
    review.press("n")
    assert [key["frame"] for key in review.entries()[0]["keys"]] == [CUTS[0], CUTS[0] + 10]
    review.press(",")
    assert review.text("time").endswith(f" {CUTS[0]}")
    review.press("m")
    assert review.text("time").endswith(f" {CUTS[0] + 5}")
    review.press("a")
    assert review.entries() == []
    review.press("f")
    assert [entry["fit"] for entry in review.entries()] == [True]
    shown.until("document.getElementById('fit').getAttribute('aria-pressed') === 'true'")
    review.press("s")
    shown.until("document.getElementById('list-title').textContent === '4 shots'")
    shown.until("document.querySelectorAll('.row .edited').length === 2")  # both parts keep what was decided
    review.press("?")
    assert (
        shown.run("document.getElementById('help').open")
        and shown.run("document.querySelectorAll('#help kbd').length") > 25
    )
    shown.run("document.getElementById('help').close()")
    assert review.text("live").startswith("Shot 3."), "what happens is told"


def test_keys_are_moved_in_time_and_deleted(review: Review) -> None:
    for _ in range(2):
        review.press("ArrowRight", keys=SHIFT)
        review.press("n")
    assert review.keys() == [0, 10, 20]
    place = "(() => { const b = document.querySelector('.key[data-frame=\"%d\"] path').getBoundingClientRect();"
    place += " return [b.x + b.width / 2, b.y + b.height / 2]; })()"
    start, end = (review.shown.run(place % frame) for frame in (10, 20))
    review.pull(start, [start[0] + (end[0] - start[0]) / 2, start[1]])
    assert review.keys() == [0, 15, 20] and review.text("time").endswith(" 15")
    assert [key["frame"] for key in review.entries()[0]["keys"]] == [0, 15, 20]
    review.press("Delete")
    assert review.keys() == [0, 20]


@pytest.mark.parametrize(
    ("scope", "everywhere", "place", "shots"),
    [
        ("shot", False, {"frame": 54, "ratio": "9:16"}, [2]),
        ("onward", False, {"frame": [CUTS[0]], "ratio": "9:16"}, [2, 3]),
        ("setup", True, {"frame": 54, "setup": True}, [2]),
    ],
)
def test_a_decision_holds_where_it_is_said(
    review: Review, scope: str, everywhere: bool, place: dict[str, Any], shots: list[int]
) -> None:
    review.press("ArrowDown")
    review.shown.click(f"input[value={scope}]")
    if everywhere:
        review.shown.click("#all-shapes")
    review.press("f")
    assert review.entries() == [{**place, "fit": True}]
    edited = "[...document.querySelectorAll('.row .edited')].map((badge) => Number(badge.closest('.row').id.slice(5)))"
    review.shown.until(f"{edited}.length === {len(shots)}")
    assert review.shown.run(edited) == shots


def test_all_shapes_run_on_one_clock(review: Review) -> None:
    review.press("t")
    review.shown.until("document.querySelectorAll('#canvases canvas').length === 2")
    review.press("End")  # no key of the page
    shapes = review.shown.run(
        "[...document.querySelectorAll('#canvases canvas')].map((c) => c.clientWidth / c.clientHeight)"
    )
    assert shapes == pytest.approx([9 / 16, 1], rel=0.02)
    assert review.shown.run("document.querySelectorAll('video').length") == 1


def test_two_windows_do_not_overwrite_each_other(review: Review) -> None:
    review.shown.run(PUT_DRAFT % "[{ entry: null, frame: 60, hold: true }]")
    review.press("f")
    review.shown.until("document.getElementById('conflict').open")
    assert "frame 60" in review.text("conflict-theirs") and "whole picture" in review.text("conflict-mine")
    review.shown.faults.clear()  # the browser counts the answer 412 as one
    review.shown.click("#take-theirs")
    review.until_kept()
    assert review.entries() == []
    review.press("z", keys=CONTROL)
    assert [entry["fit"] for entry in review.entries()] == [True], "what was here is one step of undo away"
    review.until_kept()


def test_files_are_made_and_their_verdict_is_shown(review: Review) -> None:
    review.shown.click("#deliver-open")
    review.shown.click("#deliver-editors label")
    review.shown.click("#deliver-start")
    review.shown.until("document.getElementById('deliver-stage').textContent === 'Done'")
    assert "✓ Verified" in review.text("deliver-verdicts") and "verdict.html" in review.text("deliver-files")
    assert review.text("deliver-hints") != "", "how the editor takes it"
    review.shown.run("document.getElementById('deliver').close()")


AXE = """
axe.run(document, { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } }).then((told) =>
  told.violations.map((one) => one.id + ": " + one.nodes.map((node) => node.target.join(" ")).join(", ")))
"""


def test_it_is_open_to_everybody(review: Review) -> None:
    """Names, roles, order and contrast, in both themes and in the dialogs."""
    review.shown.run((needed.npm_package("axe-core") / "axe.min.js").read_text() + "\n0")
    for theme in ("dark", "light"):
        review.shown.run(f"document.documentElement.dataset.theme = '{theme}'")
        review.shown.until("document.getAnimations().length === 0")
        for dialog in (None, "help", "deliver"):
            if dialog:
                review.shown.run(f"document.getElementById('{dialog}').showModal()")
            assert review.shown.run(AXE) == [], f"{theme}, {dialog}"
            if dialog:
                review.shown.run(f"document.getElementById('{dialog}').close()")


# Of a film: the server's answers made in the page itself, so that only the page takes time.
FILM = """
const keys = { frame: [0], scale: [1.7777], x_px: [0], y_px: [0] };
const shot = (n) => ({ number: n + 1, part: 1, first_frame: 50 * n, last_frame: 50 * n + 49, setup: n, layout: "single",
  effect: "STATIC", who: ["person-1"], why: "person-1 held", confidence: (n * 7 % 100) / 100, unmet: [],
  badges: n % 9 ? [] : ["worth_a_look"], background: "black", edited: false, corrections: [], auto_cells: null,
  cells: [{ cell_px: [0, 0, 1080, 1920], subject: "person-1", keys: { ...keys, frame: [50 * n] } }] });
const row = { id: "f", name: "film.mp4", state: "ready", shapes: ["9:16"], stage: "", percent: 100, error: null };
const answers = {
  "/api/movies": [row],
  "/api/movies/f": { ...row, rate: [25, 1], frame_count: 75000, size_px: [1920, 1080], people: [], has_sound: false,
    proxy: { url: "", size_px: [960, 540], frames: null }, layouts: ["auto"], deliveries: [],
    shapes: [{ ratio: "9:16", canvas_px: [1080, 1920] }] },
  "/api/movies/f/draft": { corrections: [], etag: "a", saved: true, file: "film.panscan.toml", told: [] },
  "/api/movies/f/shapes/9x16": { ratio: "9:16", canvas_px: [1080, 1920], etag: "a",
    shots: [...Array(1500).keys()].map(shot) },
};
window.fetch = async (path) => new Response(JSON.stringify(answers[path] ?? []));
window.long = [];
new PerformanceObserver((seen) => window.long.push(...seen.getEntries().map((task) => task.duration / 1000)))
  .observe({ type: "longtask", buffered: true });
"""


def test_a_film_of_1500_shots_stays_quick(window: Chromium, served: ServedReview) -> None:
    made = window.ask("Page.addScriptToEvaluateOnNewDocument", source=FILM)["identifier"]
    try:
        window.open(served.address)
        window.until("document.querySelectorAll('#shots .row').length > 3")
        assert window.run("performance.now()") < 10_000, "ms to the first view: 300 where nothing else runs"
        assert window.run("document.querySelectorAll('#shots .row').length") < 30, "only the rows that are seen"
        rest = "new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30)))"
        window.run(f"window.long.length = 0; {rest}")
        for step in range(12):
            window.run(f"document.getElementById('shots').scrollTop = {step * 11000}; {rest}")
        review = Review(window)
        review.press("w")
        assert review.text("list-title") == "167 of 1500 shots"
        for _ in range(10):
            review.press("ArrowDown")
        window.run(rest)
        assert median([0.0, *window.run("window.long")]) < LONG_S, "one alone may have waited for the machine"
    finally:
        window.ask("Page.removeScriptToEvaluateOnNewDocument", identifier=made)


def test_types_agree() -> None:
    compiler = needed.npm_package("typescript") / "bin" / "tsc"
    done = subprocess.run(
        [needed.program("node"), compiler, "-p", PAGE_FOLDER], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert json.loads((PAGE_FOLDER / "tsconfig.json").read_text())["compilerOptions"]["strict"]
    modules = sorted(PAGE_FOLDER.glob("*.js"))
    assert (
        len(modules) > 20 and [path.name for path in modules if not path.read_text().startswith("// @ts-check\n")] == []
    )


def test_the_page_holds_neither_scripts_nor_styles() -> None:
    """The browser is told to run none that stand in it."""
    text = (PAGE_FOLDER / "index.html").read_text()
    assert " style=" not in text and "<style" not in text and " on" + "click" not in text
    assert text.count("<script") == 1 and 'src="/static/main.js"' in text
