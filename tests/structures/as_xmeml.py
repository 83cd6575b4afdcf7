"""The cuts as FCP7 XML, the way Premiere writes it."""

from __future__ import annotations

from fractions import Fraction
from xml.sax.saxutils import escape

from structures.footage import FRAMES, NTSC, PAL, RATES, STARTS, Footage

# all_tracks is `topmost` read otherwise; lengths in media time are a matter of OTIO alone.
ABSENT = ("all_tracks", "speeds_in_media_time", "freeze_in_media_time", "backwards_in_media_time")
_CODES = {"tc": "01:00:00:00", "ntsc": "01:00:00:00", "drop": "01:00:00;00"}


def rate_of(rate: Fraction) -> str:
    base = -(-rate.numerator // rate.denominator)
    return f"<rate><timebase>{base}</timebase><ntsc>{'TRUE' if rate.denominator > 1 else 'FALSE'}</ntsc></rate>"


class Writer:
    """Clips of one document; a file is described where it is used first."""

    def __init__(self, m: Footage, rate: Fraction = PAL) -> None:
        self.m, self.rate = m, rate
        self.known: set[str] = set()
        self.number = 0

    def file(self, ref: str) -> str:
        if ref in self.known:
            return f'<file id="{ref}"/>'
        self.known.add(ref)
        own = rate_of(RATES.get(ref, PAL))
        code = f"<timecode>{own}<string>{_CODES[ref]}</string></timecode>" if ref in STARTS else ""
        url = "file://localhost/Volumes/Gone/lost.mp4" if ref == "lost" else self.m[ref].as_uri()
        kinds = {"music": "<audio/>", "loud": "<video/><audio/>"}
        return (
            f'<file id="{ref}"><name>{ref}</name><pathurl>{url}</pathurl>{own}<duration>{FRAMES}</duration>{code}'
            f"<media>{kinds.get(ref, '<video/>')}</media></file>"
        )

    def clip(
        self, ref: str, start: int, first: int, count: int, *, name: str = "", on: bool = True, end: int | None = None,
        begin: int | None = None, inner: str = "",
    ) -> str:  # fmt: skip
        """`count` frames of a file from its picture `first` on, at `start` of the sequence."""
        self.number += 1
        return (
            f'<clipitem id="clipitem-{self.number}"><name>{escape(name or ref)}</name>'
            f"<enabled>{'TRUE' if on else 'FALSE'}</enabled><duration>{FRAMES}</duration>{rate_of(self.rate)}"
            f"<start>{start if begin is None else begin}</start><end>{start + count if end is None else end}</end>"
            f"<in>{first}</in><out>{first + count}</out>{self.file(ref)}{inner}</clipitem>"
        )

    def retimed(self, start: int, first: int, count: int, percent: int, name: str) -> str:
        """A Time Remap filter; `first` counts frames of the retimed clip."""
        values = {"variablespeed": "0", "speed": str(abs(percent)), "reverse": "TRUE" if percent < 0 else "FALSE"}
        listed = "".join(
            f"<parameter><parameterid>{key}</parameterid><value>{value}</value></parameter>"
            for key, value in values.items()
        )
        effect = f"<effect><name>Time Remap</name><effectid>timeremap</effectid>{listed}</effect>"
        return self.clip("a", start, first, count, name=name, inner=f"<filter>{effect}</filter>")

    def transition(self, start: int, end: int, name: str) -> str:
        return (
            f"<transitionitem>{rate_of(self.rate)}<start>{start}</start><end>{end}</end><alignment>center</alignment>"
            f"<effect><name>{name}</name></effect></transitionitem>"
        )

    def nest(self, name: str, start: int, first: int, count: int, *tracks: str, sounds: str = "") -> str:
        """A nested sequence; without tracks one that is written elsewhere."""
        self.number += 1
        inner = f'<sequence id="{name}"/>'
        if tracks:
            media = f"<media><video>{''.join(tracks)}</video><audio>{sounds}</audio></media>"
            inner = f'<sequence id="{name}"><name>{name}</name>{rate_of(self.rate)}{media}</sequence>'
        return (
            f'<clipitem id="clipitem-{self.number}"><name>{name}</name>{rate_of(self.rate)}<start>{start}</start>'
            f"<end>{start + count}</end><in>{first}</in><out>{first + count}</out>{inner}</clipitem>"
        )

    def generator(self, start: int, count: int, name: str) -> str:
        return (
            f"<generatoritem><name>{name}</name>{rate_of(self.rate)}<start>{start}</start><end>{start + count}</end>"
            f"<in>0</in><out>{count}</out><effect><name>{name}</name><effectid>Text</effectid></effect></generatoritem>"
        )


def track(*items: str, on: bool = True) -> str:
    return f"<track>{''.join(items)}<enabled>{'TRUE' if on else 'FALSE'}</enabled></track>"


def marker(first: int, end: int, name: str) -> str:
    return f"<marker><name>{name}</name><comment></comment><in>{first}</in><out>{end}</out></marker>"


def _tracks(w: Writer, name: str) -> tuple[str, str]:
    """The picture tracks of a cut, lowest first, and its sound tracks."""
    sounds = ""
    if name == "plain":
        video = track(w.clip("a", 0, 10, 5, name="one"), w.clip("b", 5, 50, 10, name="two"))
    elif name == "start_timecode":
        video = track(w.clip("tc", 0, 20, 6), w.clip("tc", 6, 5, 4))
    elif name == "ntsc":
        video = track(w.clip("ntsc", 0, 20, 6), w.clip("ntsc", 9, 40, 7))
    elif name == "drop_frame":
        video = track(w.clip("drop", 0, 1, 9), w.clip("drop", 9, 30, 6))
    elif name == "mixed_rates":
        video = track(w.clip("a", 0, 0, 10), w.clip("film", 10, 0, 25), w.clip("b", 35, 3, 5))
    elif name == "gaps":
        video = track(w.clip("a", 4, 7, 6), w.clip("b", 13, 0, 5))
    elif name == "topmost":
        video = track(w.clip("film", 0, 0, 10)) + track(w.clip("a", 0, 0, 20)) + track(w.clip("b", 5, 30, 6))
        video += track(w.clip("tc", 0, 0, 20), on=False)
    elif name == "nested":
        before = w.clip("b", 0, 0, 2)
        inner = track(w.clip("a", 0, 5, 10), w.clip("b", 12, 20, 10))
        video = track(before, w.nest("compound", 2, 4, 12, inner), w.clip("a", 14, 3, 1))
    elif name == "nested_twice":
        rows = track(w.clip("a", 0, 0, 30)), track(w.clip("b", 8, 0, 4))
        deep = track(w.nest("deep", 2, 6, 12, *rows))
        video = track(w.nest("outer", 0, 1, 8, deep), w.clip("b", 8, 59, 1))
    elif name in ("dissolve", "wipe"):
        fade = w.transition(17, 24, "Cross Dissolve" if name == "dissolve" else "Clock Wipe")
        # Beside a transition the ends are not written, and the range holds what it shows.
        video = track(
            w.clip("a", 0, 5, 24, end=-1), fade, w.clip("b", 17, 7, 23, begin=-1),
        )  # fmt: skip
    elif name == "disabled":
        video = track(
            w.clip("a", 0, 0, 3), w.clip("b", 3, 0, 5, name="off", on=False),
            w.clip("a", 8, 30, 4, name="spare", on=False), w.clip("a", 12, 9, 2),
        ) + track(w.clip("tc", 0, 0, 9), on=False)  # fmt: skip
    elif name == "stills":
        video = track(w.clip("a", 0, 0, 3), w.clip("still", 3, 86_400, 4), w.clip("still", 7, 0, 2))
    elif name == "titles":
        video = track(w.clip("a", 0, 0, 10), w.generator(10, 5, "Bars"), w.clip("b", 15, 2, 4))
        video += track(w.generator(0, 8, "Lower third"))
    elif name == "speeds":
        video = track(
            w.clip("b", 0, 0, 3), w.retimed(3, 15, 10, 200, "x2"), w.retimed(13, 60, 10, 50, "x0.5"),
            w.clip("b", 23, 5, 4),
        )  # fmt: skip
    elif name == "freeze":
        video = track(w.clip("b", 0, 0, 3), w.retimed(3, 30, 10, 0, "x0"), w.clip("b", 13, 5, 4))
    elif name == "backwards":
        video = track(
            w.clip("b", 0, 0, 3), w.retimed(3, 29, 10, -100, "x-1"), w.retimed(13, 14, 10, -200, "x-2"),
            w.clip("b", 23, 5, 4),
        )  # fmt: skip
    elif name in ("offline_skipped", "offline_relinked"):
        video = track(w.clip("a", 0, 0, 4), w.clip("lost", 4, 3, 6, name="gone"), w.clip("b", 10, 0, 5))
    elif name == "sound":
        video = track(w.clip("loud", 0, 10, 20), w.clip("a", 20, 0, 5))
        sounds = track(w.clip("loud", 0, 10, 20)) + track(w.clip("music", 0, 0, 20))
    elif name == "nested_sound":
        inner, heard = track(w.clip("loud", 0, 10, 20)), track(w.clip("loud", 0, 10, 20))
        video = track(w.clip("a", 0, 0, 5), w.nest("compound", 5, 5, 12, inner, sounds=heard))
        sounds = track(w.nest("compound", 5, 5, 12))  # what it holds is written at its first use
    elif name == "markers":
        video = track(w.clip("a", 0, 5, 20, inner=marker(8, 9, "look")), w.clip("b", 20, 10, 20))
    else:
        blur = "<filter><effect><name>Blur</name><effectid>blur</effectid></effect></filter>"
        video = track(w.clip("a", 0, 5, 20, name='Tom & "Ann" <ä 日本>'), w.clip("b", 20, 10, 20, inner=blur))
    return video, sounds


def text(m: Footage, name: str) -> str:
    """One of the cuts as an xmeml document."""
    rate = NTSC if name in ("ntsc", "drop_frame") else PAL
    video, sounds = _tracks(Writer(m, rate), name)
    codes = {"start_timecode": "01:00:00:00", "ntsc": "01:00:00:00", "drop_frame": "01:00:00;00"}
    count = "DF" if name == "drop_frame" else "NDF"
    code = codes.get(name, "00:00:00:00")
    more = marker(30, 32, "chapter") if name == "markers" else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE xmeml>\n<xmeml version="4"><sequence id="sequence-1">'
        f"<name>cut</name>{rate_of(rate)}<media><video><format/>{video}</video><audio>{sounds}</audio></media>"
        f"<timecode>{rate_of(rate)}<string>{code}</string><displayformat>{count}</displayformat></timecode>"
        f"{more}</sequence></xmeml>"
    )
