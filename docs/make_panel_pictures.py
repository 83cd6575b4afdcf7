"""Make the pictures of Premiere's panel: `python docs/make_panel_pictures.py`, into docs/images.

The panel's own page in a headless Chromium, with the tests' strict Premiere behind it. Only the progress of the service
is written down here.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

# The page, the strict Premiere and documents by hand lie in tests.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from PIL import Image

import documents as make
from chromium import Chromium, find
from hosts.premiere_node import TICKS, plan_of, sequence_of
from hosts.premiere_page import page

IMAGES = Path(__file__).resolve().parent / "images"
WIDTH_PX, HEIGHT_PX, SCALE = 320, 600, 1.5
GAP_PX = 12
PICTURES = ("premiere-panel", "premiere-panel-light")

STILL = ((0, 1.777778, 240.0, 0.0),)
PAN = ((0, 1.777778, 420.0, 0.0), (30, 1.777778, 420.0, 0.0), (75, 1.777778, -380.0, 0.0))
PUSH = ((0, 1.777778, -120.0, 0.0), (99, 2.2, -150.0, 60.0))
FILES = ("opening.mov", "interview_a.mov", "interview_both.mov", "interview_b.mov", "city_at_night.mov", "closing.mov")

LOOKING = """
window.job = { id: "a", state: "running", stage: "looking at interview_b.mov", done: 1836, total: 5400, error: null };
window.fetch = async (address) => new Response(JSON.stringify(
  address.endsWith("/choices") ? { presets: ["default", "podcast"] } : window.job));
"""


def project() -> tuple[str, dict[str, Any]]:
    """A plan of six clips, and the editor's sequence: one clip is faster by now, one trimmed, one gone."""
    cameras = enumerate((PUSH, STILL, STILL, PAN, STILL, STILL))
    framings = [make.framing(tuple((100 * n + frame, *rest) for frame, *rest in keys)) for n, keys in cameras]
    framings[2] = make.two_cells()
    timeline = make.timeline(*((100 * n, 100 * n + 100, one) for n, one in enumerate(framings)), name="Interview 9x16")
    plan, sequence = json.loads(plan_of(timeline)), sequence_of(timeline)
    track = sequence["tracks"][0]
    for planned, clip, name in zip(plan["clips"], track, FILES, strict=True):
        planned["name"] = clip["name"] = name
        planned["file"] = clip["file"] = f"/media/{name}"
    track[3]["out"] -= TICKS
    track[3]["end"] -= TICKS
    track[4]["out"] += 2 * TICKS
    track.pop()
    return json.dumps(plan), {**sequence, "name": "Interview"}


def states(browser: str, folder: Path, theme: str) -> list[Image.Image]:
    """The panel while the plan is made, while it is applied, and afterwards."""
    plan, sequence = project()
    found = []
    with Chromium(browser, width=WIDTH_PX, height=HEIGHT_PX, scale=SCALE) as shown:

        def shoot() -> None:
            shown.run("document.activeElement && document.activeElement.blur()")
            shown.ask("Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1)
            with Image.open(shown.picture(folder / "state.png")) as picture:
                found.append(picture.convert("RGB"))

        status = "document.getElementById('status').innerText"
        shown.open(page(folder, sequence, plan, theme=theme, exported="<xmeml/>").as_uri())
        shown.run(f"(() => {{ {LOOKING} document.getElementById('token').value = 'x'.repeat(48); }})()")
        shown.click("#connect")
        shown.until(f"{status}.startsWith('Connected')")
        shown.run("document.getElementById('preset').value = 'podcast'")
        shown.click("#make")
        shown.until(f"{status}.startsWith('Looking')")
        shoot()
        shown.open(page(folder, sequence, plan, theme=theme).as_uri())
        shown.click("#open")
        shown.until(f"{status}.startsWith('Read')")
        # Hold the run where the third clip is at hand.
        shown.run("world.undo.push = (step) => { window.hold = step.label.includes('interview_a'); return 1; }")
        shown.click("#apply")
        shown.until(f"window.hold && {status}.startsWith('Clip 2')")
        shoot()
        shown.run("window.hold = false")
        shown.until(f"{status}.includes('reframed')")
        shoot()
        assert shown.faults == []
    return found


def side_by_side(pictures: list[Image.Image]) -> Image.Image:
    """Pictures in a row, on white."""
    gap = round(GAP_PX * SCALE)
    width = sum(picture.width for picture in pictures) + gap * (len(pictures) - 1)
    sheet = Image.new("RGB", (width, max(picture.height for picture in pictures)), "white")
    left = 0
    for picture in pictures:
        sheet.paste(picture, (left, 0))
        left += picture.width + gap
    return sheet


def make_pictures(browser: str, folder: Path) -> list[Path]:
    """Write all pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        sheets = side_by_side(states(browser, Path(scratch), "dark")), states(browser, Path(scratch), "light")[-1]
    paths = [folder / f"{name}.png" for name in PICTURES]
    for path, sheet in zip(paths, sheets, strict=True):
        # Rare colours first, so that the marks keep theirs.
        sheet.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
    return paths


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("-o", "--output", type=Path, default=IMAGES)
    browser = find()
    if browser is None:
        parser.error("no Chromium: install one, or name it with PANSCAN_BROWSER")
    for path in make_pictures(browser, parser.parse_args().output):
        print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
