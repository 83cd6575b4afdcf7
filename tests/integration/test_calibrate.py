"""The calibration kit: complete, and its stills show what an independent crop of the grid shows."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

import fcpxml_model
import host_crops
from chromium import Chromium
from commandline import panscan
from hosts import premiere_model, resolve_model
from panscan import ingest, registry
from panscan.calibrate import grid, guide
from panscan.calibrate.clips import CLIP_FRAMES, calibration_clips, check_frames
from panscan.deliver import host_space as host
from panscan.model.geometry import Rect, Size
from serving import files_of

CANVAS = Size(1080, 1920)


@pytest.fixture(scope="module")
def kit(tmp_path_factory):
    """What the command made, as it says itself: do not write to its folder."""
    ran = panscan("calibrate", "-o", tmp_path_factory.mktemp("kit") / "new", "--json")
    assert ran.code == 0, ran.err
    return ran.data


def looks():
    return check_frames(calibration_clips(CANVAS))


def image(path) -> np.ndarray:
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)


def expected(clip: dict, frame: int) -> np.ndarray:
    """The canvas at a frame of the movie, from the written document and the drawn grid alone."""
    (effect,) = clip["effects"]
    told = effect["metadata"]["panscan"]
    width, height = told["canvas_px"]
    canvas = np.zeros((height, width, 3), np.uint8)
    clock = grid.START_FRAME + frame
    for cell in told["cells"]:
        left, top, across, down = cell["cell_px"]
        keys = cell["keys"]
        s, x, y = (np.interp(clock, keys["frame"], keys[name]) for name in ("scale", "x_px", "y_px"))
        # Picture px p lies at s * (p - middle of the picture) + middle of the cell + offset; cv2 counts pixel centres.
        move = [across / 2 + x - s * 960 + (s - 1) / 2, down / 2 + y - s * 540 + (s - 1) / 2]
        matrix = np.array([[s, 0, move[0]], [0, s, move[1]]])
        flags = cv2.INTER_CUBIC if s >= 1 else cv2.INTER_AREA
        picture = grid.draw_frame(frame)
        if s < 1:
            picture = cv2.GaussianBlur(picture, None, 0.45 / s)
        shown = cv2.warpAffine(picture, matrix, (across, down), flags=flags)
        canvas[top : top + down, left : left + across] = shown
    return canvas


def grey(picture: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32), None, 2.0)


def test_everything_is_there(kit):
    assert set(kit["timelines"]) == set(registry.entries("exporters"))
    named = [Path(kit[name]) for name in ("page", "text", "movie")]
    named += [Path(p) for paths in kit["timelines"].values() for p in paths] + [Path(p) for p in kit["stills"]]
    named += [Path(p) for paths in kit["speeds"].values() for p in paths]
    assert all(path.stat().st_size > 100 for path in named)
    assert {p for p in named[0].parent.rglob("*") if p.is_file()} == set(named), "and nothing else"
    assert [Path(p).stem for p in kit["stills"]] == [point.slug for point in looks()]
    suffixes = {name: registry.load("exporters", name).suffix for name in kit["timelines"]}
    assert all(paths[0].endswith(f"calibration{suffixes[name]}") for name, paths in kit["timelines"].items())


def test_the_speeds_are_in_every_format_that_says_them(kit):
    able = {name for name in kit["timelines"] if registry.load("exporters", name).capabilities.retimes}
    assert set(kit["speeds"]) == able and {"fcpxml", "otio-resolve", "otio-premiere", "mlt", "edl"} <= able


def test_the_speeds_to_read_off_are_what_editors_show(kit):
    text = Path(kit["text"]).read_text()
    looks_ = re.findall(r"\(frame (\d+)\) \| f(\d{3}); left (\S+), right (\S+), top (\S+), bottom (\S+) \|", text)
    assert len(looks_) == 12
    sizes = {"grid.mov": (1920, 1080)}
    size = (CANVAS.width, CANVAS.height)
    played = {
        "fcpxml": fcpxml_model.play_project(Path(kit["speeds"]["fcpxml"][0]).read_text()).lanes[0],
        "resolve": resolve_model.play(Path(kit["speeds"]["otio-resolve"][0]).read_text(), size, sizes)[0],
        "premiere": premiere_model.play_otio(Path(kit["speeds"]["otio-premiere"][0]).read_text(), sizes)[0],
    }
    for record, number, *sides in looks_:
        left, right, top, bottom = (float(side) for side in sides)
        for editor, frames in played.items():
            shown = frames[int(record)]
            assert shown.media_frame - grid.START_FRAME == int(number), editor
            assert np.allclose(shown.through(0, 0, *size), (left, top, right - left, bottom - top), atol=0.11), editor
    assert [int(number) for _, number, *_ in looks_] == [6, 46, 84, 101, 111, 120, 199, 179, 160, 231, 231, 231]


def test_the_movie_says_which_frame_it_shows(kit):
    media = ingest.probe(Path(kit["movie"]))
    assert (media.video.rate, media.frame_count, media.start_frame) == (25, grid.FRAME_COUNT, grid.START_FRAME)
    assert str(media.video.display_size) == "1920x1080" and media.video.codec == "h264"
    with av.open(kit["movie"]) as container:
        for number, frame in enumerate(container.decode(video=0)):
            if number not in (0, 137, grid.FRAME_COUNT - 1):
                continue
            as_rgb = {"format": "rgb24", "src_colorspace": "ITU709", "dst_color_range": "JPEG"}
            shown = frame.reformat(**as_rgb, interpolation=grid.EXACT_SCALING).to_ndarray()
            off = {n: np.abs(shown.astype(float) - grid.draw_frame(n)).mean() for n in (number - 1, number, number + 1)}
            assert min(off, key=off.get) == number and off[number] < 2.5, off


def test_the_movie_is_the_same_every_time(tmp_path, monkeypatch):
    monkeypatch.setattr(grid, "FRAME_COUNT", 4)
    for name in ("a.mov", "b.mov"):
        grid.write_movie(tmp_path / name)
    assert (tmp_path / "a.mov").read_bytes() == (tmp_path / "b.mov").read_bytes()


@pytest.mark.parametrize("number", range(11), ids=[p.slug for p in looks()])
def test_a_still_shows_the_crop(kit, number):
    point = looks()[number]
    document = json.loads(Path(kit["timelines"]["otio"][0]).read_text())
    clips = document["tracks"]["children"][0]["children"]
    clip = clips[point.record_frame // CLIP_FRAMES]
    start = clip["source_range"]["start_time"]["value"]
    assert start + point.record_frame % CLIP_FRAMES == grid.START_FRAME + point.movie_frame
    shown, wanted = grey(image(kit["stills"][number])), grey(expected(clip, point.movie_frame))
    assert shown.shape == (CANVAS.height, CANVAS.width)
    down, across = np.gradient(wanted)
    slopes = np.stack([across.ravel(), down.ravel()], axis=1)
    off_px = np.linalg.lstsq(slopes, (wanted - shown).ravel(), rcond=None)[0]
    assert np.abs(off_px).max() < 0.1, "a tenth of a px"
    assert abs(float((shown - wanted).mean())) < 1, "one level"
    assert float(np.abs(shown - wanted).mean()) < 1, "one level"
    off_by_a_px = float(np.abs(np.roll(shown, 1, axis=1) - wanted).mean())
    assert off_by_a_px > 1.5 * float(np.abs(shown - wanted).mean()), "the comparison sees one px"


def test_the_page_holds_all_pictures_and_needs_nothing_else(kit):
    page = Path(kit["page"]).read_text()
    found = re.findall(r'<img src="data:image/jpeg;base64,([^"]+)"', page)
    assert len(found) == len(kit["stills"])
    for text, path in zip(found, kit["stills"], strict=True):
        inside = cv2.imdecode(np.frombuffer(base64.b64decode(text), np.uint8), cv2.IMREAD_COLOR)
        assert np.abs(inside.astype(float) - cv2.imread(path)).mean() < 4
    plain = re.sub(r"base64,[^\"]+", "", page).replace('<link rel="icon" href="data:,">', "")
    assert not re.search(r'(?:src|href)="(?!data:|#)', plain)
    assert not re.search(r"https?:|url\(|@import|<link|<iframe", plain)
    assert all(f'id="{target}"' in plain for target in re.findall(r'href="#([^"]+)"', plain))
    assert len(plain) < 100_000


def test_a_browser_finds_no_fault_in_the_page(kit, browser):
    folder = Path(kit["movie"]).parent
    with files_of(folder) as address, Chromium(browser) as shown:
        shown.open(f"{address}/index.html")
        assert shown.faults == []
        assert [asked for asked in shown.asked if not asked.startswith("data:")] == [f"{address}/index.html"]


def test_page_and_text_name_every_file_and_editor(kit):
    for path in (kit["page"], kit["text"]):
        text = Path(path).read_text()
        for paths in [*kit["timelines"].values(), *kit["speeds"].values()]:
            assert all(Path(p).name in text for p in paths)
        assert all(editor.name in text for editor in guide.EDITORS)
        assert all(point.timecode in text for point in looks())
    assert all(f"stills/{Path(p).name}" in Path(kit["text"]).read_text() for p in kit["stills"])


def crop_by(editor: str, numbers: list[float]) -> Rect:
    """The rectangle that an editor shows when its inspector says these numbers."""
    a, b, c, *d = numbers
    width, height = CANVAS.width, CANVAS.height
    if editor == "Final Cut Pro":
        return host_crops.fcpxml_crop(host.FcpxmlTransform(a / 100, b, c), grid.SIZE, CANVAS)
    if editor == "DaVinci Resolve":
        return host_crops.resolve_crop(host.ResolveTransform(a, b / width, c / height), grid.SIZE, CANVAS)
    if editor == "Premiere Pro":
        return host_crops.premiere_crop(host.PremiereMotion(a, b / width, c / height), grid.SIZE, CANVAS)
    return host_crops.mlt_crop(Rect(a, b, c, d[0]), grid.SIZE, CANVAS)


@pytest.mark.parametrize("editor", [e.name for e in guide.EDITORS])
def test_the_numbers_to_read_off_mean_the_crop(editor):
    seen = 0
    for point in looks():
        rows = [value for label, value in guide.comparison_rows(point, CANVAS) if label.split(",")[0] == editor]
        for text, (cell, rect) in zip(rows, point.expected_crops(), strict=True):
            whole = crop_by(editor, [float(v) for v in re.findall(r"-?\d+(?:\.\d+)?", text)])
            scale = CANVAS.width / whole.width  # canvas px per source px: a cell shows a part of the canvas
            left, top = whole.left + cell.left_px / scale, whole.top + cell.top_px / scale
            tell = (left, top, cell.size.width / scale, cell.size.height / scale)
            assert np.allclose(tell, (rect.left, rect.top, rect.width, rect.height), atol=0.75), (point.slug, text)
            seen += 1
    assert seen == 12


@pytest.mark.parametrize(
    "canvas", [CANVAS, Size(1080, 1080), Size(1920, 816), Size(640, 1136), Size(3840, 2160)], ids=str
)
def test_every_canvas_gets_points_inside_the_picture(canvas):
    cut = calibration_clips(canvas)
    assert cut[-1].shot.end <= grid.FRAME_COUNT
    shown = [rect for point in check_frames(cut)[1:] for _, rect in point.expected_crops()]
    assert len(shown) == 11
    for rect in shown:
        assert rect.left > -1e-6 and rect.top > -1e-6 and rect.right < 1920 + 1e-6 and rect.bottom < 1080 + 1e-6
    covered = sum(cell.size.width * cell.size.height for cell in cut[-1].framing.cells)
    assert covered == canvas.width * canvas.height


@pytest.mark.parametrize("canvas", ["tall", "1080", "1081x1920", "10x10", "1080x1920x2"])
def test_a_canvas_that_cannot_be_is_refused(canvas, tmp_path):
    ran = panscan("calibrate", "-o", tmp_path / "kit", "--canvas", canvas)
    assert ran.code == 2 and "no canvas" in ran.err and not (tmp_path / "kit").exists()


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    ran = panscan("calibrate", "-o", tmp_path / "file" / "kit")
    assert ran.code == 3 and "cannot write" in ran.err
