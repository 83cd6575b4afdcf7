"""The cut as the List Tool of Avid Media Composer writes an EDL: reels of up to 32 characters, a dissolve in two lines.

Sounds lie in events of their own. The list has no levels.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from editor_exports.truth import FPS, FROZEN, HOUR


def text(m: Mapping[str, Path]) -> str:
    made = _Events(m)
    made.event("0", "V", 10, 0, 42).dissolve("0", "1", 12, 42, 90, 16)
    made.event("2", "V", FROZEN, 90, 110, frozen=True).event("3", "V", 25, 110, 155).event("4", "V", 15, 155, 190)
    made.event("BL", "V", 0, 190, 230)
    for stem, first, start, end in (("0", 10, 0, 50), ("1", 20, 50, 90), ("3", 13, 98, 155), ("4", 15, 155, 190)):
        made.event(stem, "AA", first, start, end)
    return made.event("music", "A3", 0, 0, 230).text()


class _Events:
    def __init__(self, m: Mapping[str, Path]) -> None:
        self._m, self._number = m, 0
        self._lines = ["TITLE:   FINISHED", "FCM: NON-DROP FRAME"]

    def text(self) -> str:
        return "\r\n".join([*self._lines, ""])

    def _reel(self, stem: str) -> str:
        return stem if stem == "BL" else f"A001_C00{stem}_0302_LONG_{stem.upper()}"

    def event(self, stem: str, track: str, first: int, start: int, end: int, *, frozen: bool = False) -> _Events:
        self._number += 1
        used = 1 if frozen else end - start
        self._line(stem, track, "C", first, used, start, end)
        if frozen:
            self._lines.append(f"M2   {self._reel(stem):<32} 000.0                {_code(first)}")
        if stem != "BL":
            self._lines.append(f"* FROM CLIP NAME:  {self._m[stem].name} ")
            self._lines.append(f"* SOURCE FILE: {self._m[stem]}")
        return self

    def dissolve(self, before: str, after: str, first: int, start: int, end: int, length: int) -> _Events:
        """From the end of one clip to another that is seen from `start` on."""
        self._number += 1
        self._line(before, "V", "C", 52, 0, start, start)
        self._line(after, "V", f"D    {length:03d}", first, end - start, start, end)
        self._lines += [
            f"* FROM CLIP NAME:  {self._m[before].name} ", f"* TO CLIP NAME:  {self._m[after].name} ",
            f"* SOURCE FILE: {self._m[after]}",
        ]  # fmt: skip
        return self

    def _line(self, stem: str, track: str, edit: str, first: int, used: int, start: int, end: int) -> None:
        times = (first, first + used, HOUR * FPS + start, HOUR * FPS + end)
        self._lines.append(
            f"{self._number:06d}  {self._reel(stem):<32} {track:<5} {edit:<8} {' '.join(map(_code, times))}"
        )


def _code(frames: int) -> str:
    seconds, frame = divmod(frames, FPS)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frame:02d}"
