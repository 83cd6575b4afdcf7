"""The cuts as CMX3600 edit lists."""

from __future__ import annotations

from fractions import Fraction

from structures.footage import NTSC, PAL, STARTS, Footage

# One picture track of events; an edit list has no word for these.
ABSENT = (
    "topmost", "all_tracks", "nested", "nested_twice", "disabled", "mixed_rates", "speeds_in_media_time",
    "freeze_in_media_time", "backwards_in_media_time", "nested_sound",
)  # fmt: skip


def timecode(frames: int, rate: Fraction = PAL, *, drop: bool = False) -> str:
    base = -(-rate.numerator // rate.denominator)
    if drop:  # two numbers are left out each minute, but for every tenth
        tens, rest = divmod(frames, 17_982)
        frames += 18 * tens + 2 * max(0, (rest - 2) // 1798)
    seconds, frame = divmod(frames, base)
    sign = ";" if drop else ":"
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{sign}{frame:02d}"


class Writer:
    """Events one after the other from a record timecode on."""

    def __init__(self, m: Footage, start: int = 0, rate: Fraction = PAL, *, drop: bool = False) -> None:
        self.m, self.record, self.rate, self.drop = m, start, rate, drop
        self.lines = ["TITLE: cut", f"FCM: {'DROP' if drop else 'NON-DROP'} FRAME", ""]
        self.number = 0

    def _stamps(self, first: int, count: int, used: int | None = None) -> str:
        ends = (first, first + (count if used is None else used), self.record, self.record + count)
        return " ".join(timecode(frame, self.rate, drop=self.drop) for frame in ends)

    def event(
        self, ref: str, first: int, count: int, *, name: str = "", channel: str = "V", used: int | None = None,
        more: tuple[str, ...] = (),
    ) -> Writer:  # fmt: skip
        """A cut to `count` frames of a media; used: of its media, where it is retimed."""
        self.number += 1
        reel = "BL" if ref == "BL" else "AX"
        stamps = self._stamps(STARTS.get(ref, 0) + first, count, used)
        self.lines.append(f"{self.number:03d}  {reel:<8} {channel:<5} C        {stamps}")
        if ref != "BL":
            path = "/Volumes/Gone/lost.mp4" if ref == "lost" else str(self.m[ref])
            self.lines += [f"* FROM CLIP NAME: {name or ref}", f"* SOURCE FILE: {path}"]
        self.lines += more
        self.record += count
        return self

    def gap(self, count: int) -> Writer:
        self.record += count
        return self

    def fade(self, before: str, first: int, after: str, to: int, count: int, kind: str, length: int) -> Writer:
        """A transition from one media to `count` frames of another, of which it takes the first ones."""
        self.number += 1
        self.lines += [
            f"{self.number:03d}  AX       V     C        {self._stamps(first, 0)}",
            f"{self.number:03d}  AX       V     {kind} {length:03d} {self._stamps(to, count)}",
            f"* FROM CLIP NAME: {before}", f"* TO CLIP NAME: {after}", f"* SOURCE FILE: {self.m[after]}",
        ]  # fmt: skip
        self.record += count
        return self

    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def text(m: Footage, name: str) -> str:
    """One of the cuts as an edit list."""
    hour = {"start_timecode": 90_000, "ntsc": 108_000, "drop_frame": 107_892}.get(name, 0)
    rate = NTSC if name in ("ntsc", "drop_frame") else PAL
    w = Writer(m, hour, rate, drop=name == "drop_frame")
    if name == "plain":
        w.event("a", 10, 5, name="one").event("b", 50, 10, name="two")
    elif name == "start_timecode":
        w.event("tc", 20, 6).event("tc", 5, 4)
    elif name == "ntsc":
        w.event("ntsc", 20, 6).gap(3).event("ntsc", 40, 7)
    elif name == "drop_frame":
        w.event("drop", 1, 9).event("drop", 30, 6)
    elif name == "gaps":
        w.gap(4).event("a", 7, 6).gap(3).event("b", 0, 5)
    elif name in ("dissolve", "wipe"):
        w.event("a", 5, 17).fade("a", 22, "b", 7, 23, "D   " if name == "dissolve" else "W001", 7)
    elif name == "stills":
        w.event("a", 0, 3).event("still", 0, 4).event("still", 0, 2)
    elif name == "titles":
        w.event("a", 0, 10).event("BL", 0, 5).event("b", 2, 4)
    elif name == "speeds":
        w.event("b", 0, 3)
        w.event("a", 30, 10, name="x2", used=20, more=(f"M2   AX       050.0                {timecode(30)}",))
        w.event("a", 30, 10, name="x0.5", used=5, more=(f"M2   AX       012.5                {timecode(30)}",))
        w.event("b", 5, 4)
    elif name == "freeze":
        still = (f"M2   AX       000.0                {timecode(30)}", "* * FREEZE FRAME")
        w.event("b", 0, 3).event("a", 30, 10, name="x0", used=1, more=still).event("b", 5, 4)
    elif name == "backwards":
        # The range names the pictures forwards; the last one is shown first.
        w.event("b", 0, 3)
        w.event("a", 21, 10, name="x-1", more=(f"M2   AX       -025.0               {timecode(21)}",))
        w.event("a", 12, 10, name="x-2", used=20, more=(f"M2   AX       -050.0               {timecode(12)}",))
        w.event("b", 5, 4)
    elif name in ("offline_skipped", "offline_relinked"):
        w.event("a", 0, 4).event("lost", 3, 6, name="gone").event("b", 0, 5)
    elif name == "sound":
        w.event("loud", 10, 20, channel="AA/V").event("a", 0, 5)
    elif name == "markers":
        look, chapter = (f"* LOC: {timecode(frame)} RED     {n}" for frame, n in ((3, "LOOK"), (30, "CHAPTER")))
        w.event("a", 5, 20, more=(look,)).event("b", 10, 20, more=(chapter,))
    else:
        w.event("a", 5, 20, name='Tom & "Ann" <ä 日本>').event("b", 10, 20)
    return w.text()
