"""Stills of the current timeline, read back as brightness: PPM is the one format that needs no library."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from panscan_resolve.host import ScriptError, Session, frame_rate

if TYPE_CHECKING:
    from fusionscript import Project, Timeline


@dataclass(frozen=True)
class Still:
    """A picture of 8 or 16 bits per colour.

    Attributes
    ----------
    width, height : int
        In px.
    max_value : int
        The brightest value of a colour.
    data : bytes
        Red, green and blue of each pixel, rows from the top.
    """

    width: int
    height: int
    max_value: int
    data: bytes

    def brightness_at(self, x: int, y: int) -> float:
        """Brightness of a pixel, 0 to 1."""
        size = 2 if self.max_value > 255 else 1
        start = (y * self.width + x) * 3 * size
        values = (int.from_bytes(self.data[start + n * size : start + (n + 1) * size], "big") for n in range(3))
        return sum(values) / (3 * self.max_value)

    def is_bright(self, y: int) -> bool:
        """Whether any pixel of a row may be brighter than a tenth."""
        size = 2 if self.max_value > 255 else 1
        start = y * self.width * 3 * size
        highest = max(self.data[start : start + self.width * 3 * size : size])  # the high bytes
        return highest >= (self.max_value >> 8 * (size - 1)) // 10

    def mean_brightness_around(self, x: int, y: int) -> float:
        """Mean brightness of the 3 x 3 pixels around a point."""
        rows = range(max(y - 1, 0), min(y + 2, self.height))
        columns = range(max(x - 1, 0), min(x + 2, self.width))
        found = [self.brightness_at(across, down) for down in rows for across in columns]
        return sum(found) / len(found)


def read(path: Path) -> Still | None:
    """A PPM; None where it is missing or something else."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+(\d+)\s", data)
    if head is None:
        return None
    width, height, max_value = (int(text) for text in head.groups())
    return Still(width, height, max_value, data[head.end() :])


def timecode(frame: int, fps: float, drop: bool) -> str:
    """A record frame as timecode; drop-frame counts leave out two (at 60 fps four) numbers a minute."""
    nominal = round(fps)
    if drop:
        skipped = round(nominal / 15)
        tens, rest = divmod(frame, nominal * 600 - 9 * skipped)
        frame += 9 * skipped * tens
        if rest >= nominal * 60:
            frame += skipped * (1 + (rest - nominal * 60) // (nominal * 60 - skipped))
    seconds, frames = divmod(frame, nominal)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{';' if drop else ':'}{frames:02d}"


def export_still(session: Session, project: Project, timeline: Timeline, frame: int, path: Path) -> None:
    """Export the frame of the current timeline that lies at `frame` (record, absolute).

    Raises
    ------
    ScriptError
        Resolve exports nothing.
    """
    timeline.SetCurrentTimecode(timecode(frame, *frame_rate(timeline)))
    session.wait()
    path.parent.mkdir(parents=True, exist_ok=True)
    if not project.ExportCurrentFrameAsStill(str(path)):
        raise ScriptError(f"Resolve could not export the still {path}")
    session.wait()
