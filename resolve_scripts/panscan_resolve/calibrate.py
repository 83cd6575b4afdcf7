"""How strongly this version of Resolve draws a unit of zoom, pan and tilt, measured on a chart.

It happens on a timeline of its own that is removed afterwards. Versions and sessions have been reported that draw
twice as strongly as others.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panscan_resolve import stills
from panscan_resolve.host import ScriptError, Session, as_list
from panscan_resolve.inspector import SCALE_TO_FIT
from panscan_resolve.items import video_clips
from panscan_resolve.timeline import append_clip, make_current, set_canvas, unique_name

if TYPE_CHECKING:
    from fusionscript import MediaPoolItem, Project, Timeline

CHART_PX, SQUARE_PX, CANVAS_PX = (1920, 1080), 240, (1080, 1920)
# As documented, the fitted square is 135 px wide, and 100 Inspector units move it by 100 px horizontally or 31.64 px
# vertically.
WIDTH_PX, UNITS, PAN_PX, TILT_PX = 135.0, 100, 100.0, 31.640625
_STEADY = 0.01  # a gain this near to a whole number is that number: the rest is the blur of the edge
_MIN_BRIGHTNESS = 0.1  # 0 to 1: darker pixels are the black of the chart
_MAX_ZOOM_ERROR = 0.04  # of the factor 2
_CHART_FRAMES = (0, 23)  # first and last frame of the still on the timeline: a second, so that it can be found


@dataclass(frozen=True)
class BrightSpot:
    """The bright part of a still.

    Attributes
    ----------
    x, y : float
        Its middle, px from the top-left corner.
    width : float
        Of its widest row, px.
    """

    x: float
    y: float
    width: float


def chart() -> bytes:
    """The chart as PNG: black, with a white square in the middle."""
    (width, height), half = CHART_PX, SQUARE_PX // 2
    dark = bytes(1 + width)
    left = width // 2 - half
    bright = bytes(1 + left) + b"\xff" * SQUARE_PX + bytes(width - left - SQUARE_PX)
    rows = b"".join(bright if abs(y + 0.5 - height / 2) < half else dark for y in range(height))

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(rows, 9)) + part(b"IEND", b"")


def find_bright_spot(still: stills.Still) -> BrightSpot | None:
    """Where the square is; None if there is none."""
    total = across = down = widest = 0.0
    for y in range(still.height):
        if not still.is_bright(y):
            continue  # most of the chart is black
        row = 0.0
        for x in range(still.width):
            bright = still.brightness_at(x, y)
            if bright > _MIN_BRIGHTNESS:
                row += bright
                across += bright * (x + 0.5)
                down += bright * (y + 0.5)
        total += row
        widest = max(widest, row)
    return BrightSpot(across / total, down / total, widest) if total else None


def calibrate(session: Session, folder: Path) -> Mapping[str, float]:
    """Measure the gains of pan, tilt and zoom and write them to `folder`, where the next runs read them.

    Raises
    ------
    ScriptError
        The chart cannot be imported or seen.
    """
    project = session.project()
    before, pool = project.GetCurrentTimeline(), project.GetMediaPool()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "chart.png"
    path.write_bytes(chart())
    media = as_list(pool.ImportMedia([str(path)]))
    own = pool.CreateEmptyTimeline(unique_name(project, "Panscan calibration")) if media else None
    if own is None:
        raise ScriptError(f"Resolve could not import {path} or make a timeline for it")
    try:
        gains = _measured(session, project, own, media[0], folder / "stills" / "calibration.ppm")
    finally:
        if before is not None:
            make_current(session, project, before)
        pool.DeleteTimelines([own])
        pool.DeleteClips(media)
    version = session.root.GetVersionString()
    text = ", ".join(f"{name} = {value:.3f}" for name, value in gains.items())
    (folder / "calibration.lua").write_text(f'return {{ version = "{version}", {text} }}\n', encoding="utf-8")
    written = json.dumps({"version": version, **gains}) + "\n"
    (folder / "calibration.json").write_text(written, encoding="utf-8")
    session.say(f"Resolve {version} against what is documented: {text}")
    return gains


def _measured(session: Session, project: Project, own: Timeline, media: MediaPoolItem, path: Path) -> dict[str, float]:
    make_current(session, project, own)
    set_canvas(session, own, {"canvas_px": CANVAS_PX})
    append_clip(project, media, (0, 23), 1, own.GetStartFrame())
    session.wait()
    timeline_clips = video_clips(own)
    if not timeline_clips:
        raise ScriptError("Resolve did not take the chart")
    item = timeline_clips[0].item

    def measure_spot(**values: Any) -> BrightSpot:
        for name, value in {"Scaling": SCALE_TO_FIT, "ZoomX": 1, "ZoomY": 1, "Pan": 0, "Tilt": 0, **values}.items():
            item.SetProperty(name, value)
        session.wait()
        stills.export_still(session, project, own, timeline_clips[0].start, path)
        still = stills.read(path)
        found = None if still is None else find_bright_spot(still)
        if found is None:
            raise ScriptError(f"the still {path} could not be read or shows no chart")
        return found

    base, pan, tilt, zoom = (
        measure_spot(),
        measure_spot(Pan=UNITS),
        measure_spot(Tilt=UNITS),
        measure_spot(ZoomX=2, ZoomY=2),
    )
    if abs(zoom.width / base.width - 2) > _MAX_ZOOM_ERROR:
        raise ScriptError("a zoom of 2 does not double the picture here; nothing was written")
    return {
        "pan": _steady((pan.x - base.x) / PAN_PX),
        "tilt": _steady((base.y - tilt.y) / TILT_PX),
        "zoom": _steady(base.width / WIDTH_PX),
    }


def _steady(gain: float) -> float:
    return float(round(gain)) if abs(gain - round(gain)) < _STEADY else round(gain, 3)
