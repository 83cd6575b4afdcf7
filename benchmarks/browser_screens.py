"""Recordings of pages in a real browser, with exact truth: `python benchmarks/browser_screens.py FOLDER`.

NAME.mp4 beside NAME.events.json, for `benchmarks/screen.py FOLDER`. Letters, colours, shadows and carets are those of
Chromium; what is typed, clicked and opened is known from the page itself: a mail, an issue with suggestions on a dark
page, a table, a search that narrows its results.
"""

from __future__ import annotations

import argparse
import base64
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import chromium

RATE = 15  # pictures a second
LETTER_FRAMES = 2  # from letter to letter: seven or eight a second
MOVE_FRAMES = 10  # of a move of the pointer
CLICK_FRAMES = 3  # for which a button is pressed
ARROW = (
    "<svg id=arrow width=16 height=24 style='position:fixed;left:30px;top:30px;z-index:99'>"
    "<path d='M1 1v17l4-4 3 7 3-1-3-7h6z' fill='black' stroke='white'/></svg>"
)
TEXT = (
    "The quick review of last week shows that most of the work is done, and that the rest can wait until Monday. "
    "Nobody has asked for more so far. "
)


@dataclass
class Recorder:
    """A page that is filmed, and what happened in it so far; lengths are CSS px, `scale` px of the movie each."""

    page: chromium.Chromium
    scale: float
    pictures: list[np.ndarray] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    written: list[list[float]] = field(default_factory=list)

    def film(self, frames: int) -> None:
        """Some pictures more."""
        for _ in range(frames):
            data = base64.b64decode(self.page.ask("Page.captureScreenshot", format="png")["data"])
            self.pictures.append(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR))

    def wait(self, seconds: float) -> None:
        """Nothing happens."""
        self.film(round(seconds * RATE))

    def happened(self, kind: str, first: int, box: list[float]) -> None:
        """Note an event from a picture to the present one."""
        roi = [round(side * self.scale, 1) for side in box]
        self.events.append({"t0": first / RATE, "t1": len(self.pictures) / RATE, "roi": roi, "kind": kind})

    def box(self, selector: str) -> list[float]:
        """Where an element is."""
        rect = f"document.querySelector({json.dumps(selector)}).getBoundingClientRect()"
        return list(self.page.run(f"(r => [r.x, r.y, r.width, r.height])({rect})"))

    def type(self, selector: str, text: str) -> None:
        """Type at the end of an editable element; its text is the region."""
        first = len(self.pictures)
        self.page.run(f"document.querySelector({json.dumps(selector)}).focus()")
        self.page.run("getSelection().selectAllChildren(document.activeElement), getSelection().collapseToEnd()")
        for letter in text:
            self.page.ask("Input.insertText", text=letter)
            last = self.page.run(
                "(() => { const s = getSelection(), r = document.createRange(), n = s.focusNode, o = s.focusOffset;"
                " r.setStart(n, Math.max(0, o - 1)); r.setEnd(n, o); const b = r.getBoundingClientRect();"
                " return [b.x, b.y, b.width, b.height]; })()"
            )
            for at in range(LETTER_FRAMES):
                box = [side * self.scale for side in last]
                self.written.append([(len(self.pictures) + at) / RATE, *box])
            self.film(LETTER_FRAMES)
        region = self.page.run(
            "(() => { const r = document.createRange(); r.selectNodeContents(document.activeElement);"
            " const b = r.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })()"
        )
        self.happened("typing", first, region)

    def click(self, selector: str) -> None:
        """Go to an element with the pointer and press it."""
        first, box = len(self.pictures), self.box(selector)
        start = self.box("#arrow")[:2]
        end = (box[0] + box[2] / 2, box[1] + box[3] / 2)
        for share in (np.arange(MOVE_FRAMES) + 1) / MOVE_FRAMES:
            eased = share * share * (3 - 2 * share)
            x, y = (a + eased * (b - a) for a, b in zip(start, end, strict=True))
            self.page.run(f"arrow.style.left = '{x}px', arrow.style.top = '{y}px'")
            self.film(1)
        low, high = np.minimum(start, end), (*np.maximum(start, end), 16, 24)
        self.happened("pointer", first, [*low, *(high - low)])
        first = len(self.pictures)
        self.page.run(f"document.querySelector({json.dumps(selector)}).style.filter = 'brightness(.6)'")
        self.film(CLICK_FRAMES)
        self.page.run(f"document.querySelector({json.dumps(selector)}).style.filter = ''")
        self.happened("click", first, box)

    def open(self, selector: str, seconds: float) -> None:
        """Show an element for a while."""
        first, chosen = len(self.pictures), f"document.querySelector({json.dumps(selector)})"
        self.page.run(f"{chosen}.style.display = 'block'")
        self.wait(seconds)
        self.happened("popup", first, self.box(selector))
        self.page.run(f"{chosen}.style.display = 'none'")


def mail(on: Recorder) -> None:
    """A mail is written and sent."""
    on.wait(1.5)
    on.click("#new")
    on.wait(0.7)
    on.type("#to", "ada@example.org")
    on.wait(0.5)
    on.type("#subject", "Notes of Monday")
    on.wait(0.5)
    on.type("#body", "Dear Ada, here are the notes that you asked for.")
    on.wait(1)
    on.click("#send")
    on.open("#sent", 2)
    on.wait(2)


MAIL = f"""<style>body{{font:15px sans-serif;margin:0;background:#f6f8fb}}
nav{{position:fixed;width:210px;top:0;bottom:0;background:#e8edf5;padding:16px}}nav p{{margin:12px 0}}
main{{margin-left:260px;padding:20px;width:640px}}
.f{{border:1px solid #b8c4d6;background:#fff;border-radius:6px;padding:8px;margin:8px 0;min-height:20px}}
#body{{height:200px}}button{{background:#2b62d9;color:#fff;border:0;border-radius:6px;padding:9px 22px;font:inherit}}
#sent{{display:none;position:fixed;right:40px;bottom:40px;background:#20304d;color:#fff;padding:20px 30px;
border-radius:8px}}</style><nav><button id=new>New mail</button><p>Inbox<p>Sent<p>Drafts<p>Archive<p>Spam</nav>
<main><div class=f id=to contenteditable></div><div class=f id=subject contenteditable></div>
<div class=f id=body contenteditable></div><button id=send>Send</button><p>{TEXT * 3}</main>
<div id=sent>Your mail is on its way.</div>"""


def issue(on: Recorder) -> None:
    """A comment with a suggestion, and a label."""
    on.wait(2)
    on.type("#comment", "I can reproduce it with version 3, see ")
    on.open("#names", 1.6)
    on.type("#comment", "the log below.")
    on.wait(1.5)
    on.click("#labels")
    on.open("#menu", 2)
    on.wait(2)


ISSUE = f"""<style>body{{font:14px Georgia,serif;margin:0;background:#12151b;color:#cfd6e4}}main{{width:820px;
margin:20px 60px}}aside{{position:fixed;right:60px;top:80px;width:220px}}.c{{border:1px solid #3a4252;border-radius:6px;
padding:12px;margin:14px 0}}#comment{{min-height:110px;background:#1b2029}}#names,#menu{{display:none;position:fixed;
background:#2a3140;border:1px solid #55607a;padding:10px 18px;line-height:1.9}}#names{{left:330px;bottom:70px}}
#menu{{right:90px;top:140px}}button{{background:#39435a;color:#fff;border:0;padding:8px 14px}}</style><main>
<h2>Upload stops at 99 %</h2><div class=c>{TEXT * 3}</div><div class=c>{TEXT * 2}</div><div class=c>{TEXT}</div>
<div class=c id=comment contenteditable></div></main><aside><button id=labels>Labels</button><p>bug<p>upload</aside>
<div id=names>ada<br>grace<br>katherine</div><div id=menu>bug<br>question<br>done<br>later</div>"""


def figures(on: Recorder) -> None:
    """Figures are typed into cells."""
    on.wait(2)
    for row, text in enumerate(("412.50", "88.00", "1290.75")):
        on.type(f"#c{row + 5}-6", text)
        on.wait(0.8)
    on.wait(2)
    on.click("#c20-2")
    on.type("#c20-2", "Total of March")
    on.wait(3)


CELLS = "".join(
    f"<tr><th>{row}"
    + "".join(f"<td id=c{row}-{c} contenteditable>{row * 37 % 91 * c if c < 5 else ''}" for c in range(1, 12))
    for row in range(1, 34)
)
FIGURES = f"""<style>body{{font:13px Arial,sans-serif;margin:0;color:#222}}table{{border-collapse:collapse;width:100%;
table-layout:fixed}}td,th{{border:1px solid #ddd;height:24px;padding:0 6px;font-weight:400}}th{{background:#f3f3f3;
width:40px}}h4{{margin:8px 12px}}</style><h4>Costs 2026</h4><table>{CELLS}</table>"""


def search(on: Recorder) -> None:
    """A search narrows its results; one of them is opened."""
    on.wait(2)
    on.type("#q", "press")
    on.page.run("for (const e of document.querySelectorAll('.r:nth-child(even)')) e.style.display = 'none'")
    on.wait(2)
    on.click(".r:nth-child(3)")
    first = len(on.pictures)
    on.page.run(f"document.body.innerHTML = {json.dumps('<h1>Pressure</h1><p>' + TEXT * 14 + ARROW)}")
    on.wait(0.5)
    on.happened("window", first, [0, 0, *on.page.run("[innerWidth, innerHeight]")])
    on.wait(3)


RESULTS = "".join(f"<div class=r><b>{TEXT.split()[n]} {n}</b><br>{TEXT[: 60 + 3 * n]}</div>" for n in range(9))
SEARCH = f"""<style>body{{font:16px Verdana,sans-serif;margin:0;background:#fffdf7;color:#332}}
header{{background:#7a2e3a;padding:14px 30px;height:36px}}#q{{position:absolute;right:60px;top:14px;width:300px;
background:#fff;border-radius:18px;
padding:7px 16px;min-height:20px;outline:0}}
.r{{margin:14px 80px;width:620px;border-left:4px solid #d8b;padding:6px 14px}}
</style><header><div id=q contenteditable></div></header><div>{RESULTS}</div>"""


@dataclass(frozen=True)
class Page:
    """A page, what is done on it, the window in CSS px, and px of the movie for each."""

    html: str
    play: Callable[[Recorder], None]
    size: tuple[int, int]
    scale: float = 1.0


PAGES = {
    "web_mail": Page(MAIL, mail, (1280, 720), 1.5),
    "web_issue_dark": Page(ISSUE, issue, (1440, 900)),
    "web_table": Page(FIGURES, figures, (1366, 768), 2.0),
    "web_search": Page(SEARCH, search, (1920, 1080)),
}


def filmed(made: Page, path: Path) -> None:
    """Write the movie of a page, and the truth beside it."""
    program = chromium.find()
    assert program is not None, "Chromium is needed"
    html = path.with_suffix(".html")
    html.write_text(f"<!doctype html><meta charset=utf-8><title>page</title>{made.html}{ARROW}", encoding="utf-8")
    with chromium.Chromium(program, width=made.size[0], height=made.size[1], scale=made.scale, dark=False) as page:
        page.open(html.resolve().as_uri())
        on = Recorder(page, made.scale)
        made.play(on)
    html.unlink()
    height, width = (side // 2 * 2 for side in on.pictures[0].shape[:2])
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("libx264", rate=Fraction(RATE), options={"preset": "veryfast", "crf": "20"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        for picture in on.pictures:
            cut = np.ascontiguousarray(picture[:height, :width])
            container.mux(video.encode(av.VideoFrame.from_ndarray(cut, "bgr24")))
        container.mux(video.encode(None))
    truth = {"file": path.name, "width": width, "height": height, "events": on.events, "written": on.written}
    path.with_suffix(".events.json").write_text(json.dumps(truth), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, made in PAGES.items():
        filmed(made, folder / f"{name}.mp4")
        print(folder / f"{name}.mp4", flush=True)


if __name__ == "__main__":
    main()
