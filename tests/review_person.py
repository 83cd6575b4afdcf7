"""The review page as a person has it: what it shows, and keys, clicks and drags on it."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from typing import Any

from chromium import Chromium

READY = "document.querySelector('#shots .row') && document.getElementById('video').readyState > 1"
ALT, CONTROL, SHIFT = 1, 2, 8  # as the DevTools protocol counts them

COLOUR = """
(() => {
  const canvas = document.querySelector("#canvases canvas"), [x, y] = [canvas.width >> 1, canvas.height >> 1];
  return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data].slice(0, 3);
})()
"""
BRIGHTNESS = f"{COLOUR.strip()}[0]"  # red: the pictures have none, so it goes with the brightness


class Review:
    """The page, as a person has it."""

    def __init__(self, shown: Chromium) -> None:
        self.shown = shown

    def text(self, name: str) -> str:
        return str(self.shown.run(f"document.getElementById('{name}').textContent"))

    def entries(self) -> list[dict[str, Any]]:
        """What the page says that it will write."""
        read = tomllib.loads(self.text("entry-text"))
        return list(read.get("shot", []))

    def press(self, key: str, *, keys: int = 0) -> None:
        for kind in ("keyDown", "keyUp"):
            self.shown.ask("Input.dispatchKeyEvent", type=kind, key=key, modifiers=keys)

    def crop(self) -> tuple[float, float, float, float]:
        """Of the first cell, source px."""
        sides = "['x', 'y', 'width', 'height'].map((side) => Number(edge.getAttribute(side)))"
        left, top, width, height = self.shown.run(f"(({{edge}}) => {sides})({{edge: document.querySelector('.edge')}})")
        return left, top, width, height

    def drag(self, across_px: float) -> None:
        """The first crop, from near its lower edge, by source px."""
        left, top, width, height = self.crop()
        code = (
            "(([x, y]) => { const s = document.getElementById('overlay'); const p = new DOMPoint(x, y)"
            ".matrixTransform(s.getScreenCTM()); return [p.x, p.y]; })(%s)"
        )
        middle = left + width / 2
        self.pull(*(self.shown.run(code % [x, top + 0.9 * height]) for x in (middle, middle + across_px)))

    def pull(self, start: Sequence[float], end: Sequence[float]) -> None:
        """The pointer down, over there, and up; px of the screen."""
        moves = [("mousePressed", start), ("mouseMoved", [(a + b) / 2 for a, b in zip(start, end, strict=True)])]
        for kind, (x, y) in [*moves, ("mouseMoved", end), ("mouseReleased", end)]:
            self.shown.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)

    def keys(self) -> list[int]:
        """Frames of the keys in the timeline."""
        return list(self.shown.run("[...document.querySelectorAll('.key')].map((key) => Number(key.dataset.frame))"))

    def colour(self) -> list[int]:
        """Red, green and blue in the middle of the result."""
        return list(self.shown.run(COLOUR))

    def brightness(self) -> float:
        return float(self.shown.run(BRIGHTNESS))

    def until_kept(self) -> None:
        self.shown.until("document.getElementById('saving').textContent === 'Draft kept'")
