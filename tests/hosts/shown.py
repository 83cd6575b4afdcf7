"""What an editor shows of one source on one frame, and the comparison with the document's cameras."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Shown:
    """Where the source's top-left corner lies on the picture, px per source px, and what is left after all cuts."""

    left: float
    top: float
    scale: float
    cut: tuple[float, float, float, float]  # left, top, right, bottom

    def moved(self, scale: float, left: float, top: float) -> Shown:
        """The same after the whole picture was scaled about its top-left corner and moved."""
        a, b, c, d = self.cut
        cut = (a * scale + left, b * scale + top, c * scale + left, d * scale + top)
        return Shown(self.left * scale + left, self.top * scale + top, self.scale * scale, cut)

    def cropped(self, width: float, height: float) -> Shown:
        """The same inside a picture of this size."""
        a, b, c, d = self.cut
        return Shown(self.left, self.top, self.scale, (max(a, 0), max(b, 0), min(c, width), min(d, height)))

    def window(self, cell) -> tuple[float, float, float, float]:
        """The source rectangle (left, top, width, height) that lies in a cell of the picture."""
        s = self.scale
        left, top = (cell.left_px - self.left) / s, (cell.top_px - self.top) / s
        return left, top, cell.size.width / s, cell.size.height / s


def whole(source) -> Shown:
    """A source as it comes out of its reader."""
    return Shown(0.0, 0.0, 1.0, (0.0, 0.0, float(source.width), float(source.height)))


def check(shown: Shown, cell, frame: int, source, *, edge_px: float = 0.02) -> None:
    """The source rectangle in the cell is the camera's within 0.01 px, and nothing shows outside the cell."""
    crop = shown.window(cell)
    expected = cell.crops([frame], source)[0]
    assert np.abs(np.array(crop) - expected).max() < 0.01, (frame, crop, expected)
    box = (cell.left_px, cell.top_px, cell.left_px + cell.size.width, cell.top_px + cell.size.height)
    picture = (
        shown.left,
        shown.top,
        shown.left + shown.scale * source.width,
        shown.top + shown.scale * source.height,
    )
    visible = [max(a, b) for a, b in zip(box[:2], picture[:2], strict=True)]
    visible += [min(a, b) for a, b in zip(box[2:], picture[2:], strict=True)]
    assert np.abs(np.array(shown.cut) - visible).max() < edge_px, (frame, shown.cut, visible)


def pinned(point, before, after) -> tuple[float, float]:
    """Where a point goes as four points go to four others, in perspective."""
    rows, values = [], []
    for (x, y), (u, v) in zip(before, after, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    a, b, c, d, e, f, g, h = np.linalg.solve(np.array(rows, float), np.array(values, float))
    x, y = point
    return (a * x + b * y + c) / (g * x + h * y + 1), (d * x + e * y + f) / (g * x + h * y + 1)
