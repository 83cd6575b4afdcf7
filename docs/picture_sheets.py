"""Takes -> PNG: the source with crops outlined beside the canvas, paths over time, bars."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from picture_takes import RATE, SOURCE, Take
from PIL import Image

from panscan.direct.evidence import PART_NAMES, gather_evidence
from panscan.direct.importance import DEFAULT_PARAMETERS, importance, weigh
from panscan.direct.shot_context import ShotContext
from panscan.direct.windows import best_places, window_places, window_values

COLOURS = ("#e8590c", "#1971c2", "#2f9e44", "#9c36b5")  # of cells; readable on walls and grass
GREY = "#555555"
_DPI = 100
_PALETTE = 224  # flat drawings need few colours, and weigh little so

Pictures = Any  # axes and figures of matplotlib carry no types worth the lines


def figure(width_px: int, height_px: int, title: str = "") -> Pictures:
    """An empty sheet."""
    sheet = Figure(figsize=(width_px / _DPI, height_px / _DPI), dpi=_DPI)
    if title:
        sheet.suptitle(title, fontsize=10, y=0.985)
    return sheet


def save(sheet: Pictures, path: Path) -> None:
    """Write a sheet as a small PNG without a date in it."""
    drawn = io.BytesIO()
    FigureCanvasAgg(sheet)
    sheet.savefig(drawn, format="png", dpi=_DPI, metadata={"Software": None})
    image = Image.open(drawn).convert("RGB").quantize(_PALETTE, dither=Image.Dither.NONE)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, optimize=True)


def picture_sheet(picture: Pictures) -> Pictures:
    """A sheet that is one picture (h, w, 3), px for px."""
    height, width = picture.shape[:2]
    sheet = figure(width, height)
    axes = panel(sheet, 0, 0, width, height)
    axes.imshow(picture, interpolation="nearest")
    axes.set_axis_off()
    return sheet


def canvas_sheet(canvases: Sequence[Pictures]) -> Pictures:
    """A row of canvases, small."""
    small = [_smaller(canvas, 0.22) for canvas in canvases]
    white = np.full((small[0].shape[0], 8, 3), 255, np.uint8)
    row = [part for canvas in small for part in (canvas, white)]
    return picture_sheet(np.hstack(row[:-1]))


def panel(sheet: Pictures, left_px: float, top_px: float, width_px: float, height_px: float) -> Pictures:
    """Axes at a place counted in px from the sheet's top left corner."""
    width, height = sheet.get_size_inches() * _DPI
    return sheet.add_axes((left_px / width, 1 - (top_px + height_px) / height, width_px / width, height_px / height))


def show_source(axis: Pictures, take: Take, frames: Sequence[int]) -> None:
    """The source at the middle one of `frames`, and the crops at all of them: full line there, dashed elsewhere."""
    middle = frames[len(frames) // 2]
    picture = cv2.cvtColor(take.stage.draw(middle), cv2.COLOR_BGR2RGB)
    axis.imshow(_smaller(picture, 0.5), extent=(0, SOURCE.width, SOURCE.height, 0), interpolation="bilinear")
    for colour, crops in zip(COLOURS, take.crops(frames), strict=False):
        told: set[tuple[float, ...]] = set()
        for frame, crop in sorted(zip(frames, crops, strict=True), key=lambda row: row[0] != middle):
            place = tuple(round(float(v)) for v in crop)
            if place in told:
                continue
            told.add(place)
            inset = 7  # so that lines at the picture's edge are seen
            at = (max(inset, crop[0]), max(inset, crop[1]))
            end = (min(SOURCE.width - inset, crop[0] + crop[2]), min(SOURCE.height - inset, crop[1] + crop[3]))
            line = {"linewidth": 2.4} if frame == middle else {"linewidth": 1.2, "linestyle": (0, (4, 3))}
            axis.add_patch(Rectangle(at, end[0] - at[0], end[1] - at[1], fill=False, edgecolor=colour, **line))
    axis.set_axis_off()


def show_canvas(axis: Pictures, take: Take, frame: int, *, title: str = "", frames_cells: bool = True) -> None:
    """The canvas at one frame as the renderer makes it, cells framed in the colour of their crops."""
    canvas = take.framing.canvas
    picture = _smaller(take.canvas(frame), 0.3)
    axis.imshow(picture, extent=(0, canvas.width, canvas.height, 0), interpolation="bilinear")
    if frames_cells:
        for colour, cell in zip(COLOURS, take.framing.cells, strict=False):
            at, size = (cell.left_px + 8, cell.top_px + 8), (cell.size.width - 16, cell.size.height - 16)
            axis.add_patch(Rectangle(at, *size, fill=False, edgecolor=colour, linewidth=2))
    if title:
        axis.set_title(title, fontsize=9, pad=3)
    axis.set_axis_off()


def crop_sheet(take: Take, frames: Sequence[int], title: str) -> Pictures:
    """The source with its crops, and beside it the canvas at each of `frames`."""
    high = 270
    wide = round(high * SOURCE.width / SOURCE.height)
    canvas = take.framing.canvas
    own = round(high * canvas.width / canvas.height)
    across = wide + 20 + len(frames) * (own + 10)
    told = _lines(title, round(across / 7.6))
    top = 14 + 17 * (1 + told.count("\n")) + (16 if len(frames) > 1 else 0)
    sheet = figure(across, top + high + 8)
    sheet.text(10 / across, 1 - 7 / (top + high + 8), told, fontsize=10, va="top")
    show_source(panel(sheet, 10, top, wide, high), take, frames)
    for n, frame in enumerate(frames):
        seconds = f"{(frame - take.planned.shot.first) / RATE:.1f} s" if len(frames) > 1 else ""
        axis = panel(sheet, wide + 20 + n * (own + 10), top, own, high)
        show_canvas(axis, take, frame, title=seconds)
    return sheet


def overview_sheet(takes: Mapping[str, Take], frame: int, names: Sequence[tuple[str, float, float]]) -> Pictures:
    """The source with names of what is in it (text, x, y), and under it the canvas of each take."""
    sheet = figure(960, 664)
    first = next(iter(takes.values()))
    axis = panel(sheet, 160, 10, 640, 360)
    axis.imshow(_smaller(cv2.cvtColor(first.stage.draw(frame), cv2.COLOR_BGR2RGB), 0.5))
    for text, x, y in names:
        box = {"boxstyle": "round,pad=0.25", "facecolor": "white", "edgecolor": "none", "alpha": 0.9}
        axis.text(x / 2, y / 2, text, fontsize=9, ha="center", bbox=box)
    axis.set_axis_off()
    for n, (name, take) in enumerate(takes.items()):
        show_canvas(panel(sheet, 12 + n * 158, 402, 146, 250), take, frame, title=name, frames_cells=False)
    return sheet


def path_axis(axis: Pictures, take: Take, *, zoom: bool = False, colour: str = COLOURS[0]) -> None:
    """Where the camera looks across the picture over time, its keys as dots; or with `zoom` how close it is."""
    cell = take.framing.cells[0]
    last = int(take.frames[-1])
    keys = np.array([f for f in cell.camera.frame if take.frames[0] <= f <= last])
    widest = max(cell.size.width / SOURCE.width, cell.size.height / SOURCE.height)

    def value(frames: Any) -> Any:
        crops = cell.crops(frames, SOURCE)
        return cell.size.width / crops[:, 2] / widest if zoom else crops[:, 0] + crops[:, 2] / 2

    start = take.planned.shot.first
    axis.plot((take.frames - start) / RATE, value(take.frames), color=colour, linewidth=2)
    axis.plot((keys - start) / RATE, value(keys), "o", color=colour, markersize=5)
    axis.set_xlim(0, len(take.frames) / RATE)
    if zoom:
        axis.set_ylim(0.995, 1.045)
    else:
        crops = cell.crops(take.frames, SOURCE)
        axis.fill_between(
            (take.frames - start) / RATE, crops[:, 0], crops[:, 0] + crops[:, 2], color=colour, alpha=0.13, linewidth=0
        )
        axis.set_ylim(0, SOURCE.width)
        axis.set_yticks([0, SOURCE.width / 2, SOURCE.width], ["left", "middle", "right"])
    axis.tick_params(labelsize=8)
    axis.grid(alpha=0.25)
    axis.set_xlabel("seconds", fontsize=8, labelpad=1)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)


def subject_line(axis: Pictures, take: Take, thing: Any, label: str = "") -> None:
    """Where the middle of a drawn thing is over the same seconds."""
    boxes = np.array([thing.box(f) for f in take.frames])
    seconds = (take.frames - take.planned.shot.first) / RATE
    axis.plot(seconds, boxes[:, 0] + boxes[:, 2] / 2, color=GREY, linewidth=1, linestyle=":", label=label)


def effect_sheet(take: Take, frames: Sequence[int], things: Sequence[Any], *, zoom: bool = False) -> Pictures:
    """Source, canvas, the path of the camera, and the reason panscan gives."""
    sheet = figure(900, 274)
    show_source(panel(sheet, 8, 26, 320, 180), take, frames)
    show_canvas(panel(sheet, 338, 26, 101, 180), take, frames[len(frames) // 2], frames_cells=False)
    axis = panel(sheet, 506, 26, 376, 164)
    path_axis(axis, take, zoom=zoom)
    if zoom:
        axis.set_ylabel("zoom", fontsize=8)
    for thing in () if zoom else things:
        subject_line(axis, take, thing)
    effect = take.framing.effect
    sheet.text(8 / 900, 0.985, effect, fontsize=10, va="top", weight="bold")
    # The reason as the table of `reframe` gives it, broken where it is too long.
    sheet.text(8 / 900, 32 / 274, _lines(f"why: {take.framing.why}", 130), fontsize=8, va="center", family="monospace")
    return sheet


def _lines(text: str, most: int) -> str:
    words, lines = text.split(" "), [""]
    for word in words:
        if len(lines[-1]) + len(word) + 1 > most:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return "\n".join(lines)


def choice_sheet(take: Take, context: ShotContext, frame: int) -> Pictures:
    """From evidence to camera: the parts that count at one frame, importance, the window's path, the camera's."""
    sheet = figure(900, 700)
    tones = COLOURS[1:]
    sheet.text(70 / 900, 1 - 20 / 700, f"1. evidence at {frame / RATE:.1f} s, with weights", fontsize=9.5)
    show_evidence(panel(sheet, 70, 28, 400, 225), take, context, frame, tones)
    show_canvas(panel(sheet, 500, 28, 127, 225), take, frame, title=f"canvas at {frame / RATE:.1f} s")
    show_canvas(panel(sheet, 650, 28, 127, 225), take, int(take.frames[-1]), title="at the end")
    axes = [panel(sheet, 70, 290 + 136 * n, 812, 92) for n in range(3)]
    importance_axis(axes[0], context, tones)
    worth_axis(axes[1], context)
    path_axis(axes[2], take)
    titles = (
        "2. importance of each subject",
        "3. what each place of the window is worth (darker: more), and the best path",
        "4. the camera and its keys",
    )
    for axis, title in zip(axes, titles, strict=True):
        axis.set_title(title, fontsize=9.5, loc="left", pad=4)
        axis.set_xlim(0, len(take.frames) / RATE)
        axis.tick_params(labelsize=8)
    return sheet


def importance_axis(axis: Pictures, context: ShotContext, tones: Sequence[str]) -> None:
    """How much each subject matters over time."""
    weighed = importance(context, context.subjects)
    for subject, value, tone in zip(context.subjects, weighed.value, tones, strict=True):
        label = f"{subject.name} ({subject.label})" if subject.kind == "object" else subject.name
        axis.plot(weighed.frame / RATE, value, color=tone, linewidth=2, label=label)
    axis.set_ylim(0, 1.5 * weighed.value.max())
    axis.grid(alpha=0.25)
    axis.legend(loc="upper right", fontsize=8, frameon=False, ncols=3)


def worth_axis(axis: Pictures, context: ShotContext) -> None:
    """What the window is worth over time, by the place of its middle, and its best path."""
    evidence = gather_evidence(context)
    weight = weigh(evidence, context)
    places = window_places(evidence, context)
    middles, seconds = places.start_px + places.length_px / 2, places.frame / RATE
    worth = np.maximum(window_values(places, weight, DEFAULT_PARAMETERS).T, 0.0)
    axis.pcolormesh(seconds, middles, worth, cmap="Greys", shading="nearest", vmax=1.3 * worth.max())
    axis.plot(seconds, middles[best_places(places, weight)], color=COLOURS[0], linewidth=2)
    axis.set_ylim(0, SOURCE.width)
    axis.set_yticks([0, SOURCE.width / 2, SOURCE.width], ["left", "middle", "right"])


def show_evidence(axis: Pictures, take: Take, context: ShotContext, frame: int, tones: Sequence[str]) -> None:
    """The source at a frame, and the box and weight of each part that is seen near it."""
    picture = cv2.cvtColor(take.stage.draw(frame), cv2.COLOR_BGR2RGB)
    axis.imshow(_smaller(picture, 0.5), extent=(0, SOURCE.width, SOURCE.height, 0), interpolation="bilinear")
    evidence = gather_evidence(context)
    weight = weigh(evidence, context)
    moment = int(np.argmin(np.abs(evidence.frame - frame)))
    for row in np.flatnonzero(evidence.moment == moment):
        left, top, width, height = evidence.box_px[row]
        tone = tones[evidence.subject[row]]
        axis.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=tone, linewidth=2))
        told = f"{PART_NAMES[evidence.part[row]]} {weight[row]:.2f}"
        box = {"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.9}
        axis.text(min(left, 0.85 * SOURCE.width), top - 40, told, fontsize=8, color=tone, bbox=box)
    axis.set_axis_off()


def modes_sheet(takes: Mapping[str, Take], thing: Any) -> Pictures:
    """The same walk under each mode, one above the other."""
    sheet = figure(900, 610)
    for n, (name, take) in enumerate(takes.items()):
        axis = panel(sheet, 70, 34 + 194 * n, 812, 132)
        path_axis(axis, take, colour=COLOURS[n])
        subject_line(axis, take, thing)
        found = take.framing.metrics
        count = len(take.framing.cells[0].camera.frame)
        keys = "1 key" if count == 1 else f"{count} keys"
        told = f"still {found['still']:.0%} of the time, head kept {found['containment']:.0%}, {keys}"
        axis.set_title(f"{name}: {told}", fontsize=9.5, loc="left", pad=4)
    return sheet


def presets_sheet(rows: Mapping[str, Mapping[str, float]], notes: Mapping[str, str]) -> Pictures:
    """One bar per preset, divided by its weights."""
    tones = ("#f08c00", "#1971c2", "#2f9e44", "#e03131", "#9c36b5", "#868e96")
    sheet = figure(900, 60 + 30 * len(rows))
    axis = panel(sheet, 105, 34, 560, 30 * len(rows) + 6)
    for row, (name, weights) in enumerate(rows.items()):
        left = 0.0
        for tone, (signal, weight) in zip(tones, weights.items(), strict=True):
            label = signal if row == 0 else None
            axis.barh(row, weight, left=left, height=0.72, color=tone, label=label, edgecolor="white")
            if weight >= 0.05:
                number = f"{100 * weight:.0f}"
                axis.text(left + weight / 2, row, number, ha="center", va="center", fontsize=8, color="w")
            left += weight
        axis.text(1.02, row, notes[name], va="center", fontsize=8)
    axis.set_yticks(range(len(rows)), list(rows), fontsize=9)
    axis.set_ylim(len(rows) - 0.45, -0.55)
    axis.set_xlim(0, 1)
    axis.set_xticks([])
    for side in ("top", "right", "bottom", "left"):
        axis.spines[side].set_visible(False)
    axis.tick_params(length=0)
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=6, fontsize=8, frameon=False, handlelength=1)
    return sheet


def _smaller(picture: Any, factor: float) -> Any:
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
