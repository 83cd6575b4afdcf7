"""The cuts as FCPXML, written here by hand: nothing of the delivery's writer is used."""

from __future__ import annotations

from fractions import Fraction
from xml.sax.saxutils import quoteattr

from structures.footage import FILM, FRAMES, NTSC, PAL, RATES, STARTS, Footage

VERSIONS = ("1.6", "1.7", "1.8", "1.9", "1.10", "1.11", "1.12", "1.13")
# What FCPXML has no form of its own for.
ABSENT = ("all_tracks", "speeds_in_media_time", "freeze_in_media_time", "backwards_in_media_time")
_FORMATS = {"at-25": PAL, "at-24": FILM, "at-30": NTSC}


def at(frames: float, rate: Fraction = PAL) -> str:
    """A time in seconds as FCPXML writes it."""
    seconds = Fraction(frames) / rate
    return f"{seconds.numerator}/{seconds.denominator}s" if seconds.denominator > 1 else f"{seconds.numerator}s"


def clip(ref: str, first: float, count: int, rate: Fraction = PAL, inner: str = "", **named: str) -> str:
    """`count` frames of a media from its picture `first` on; attributes with _ for -."""
    start = Fraction(STARTS.get(ref, 0) + first) if ref in STARTS else Fraction(first)
    said = "".join(f" {key}={quoteattr(value)}" for key, value in named.items())
    return (
        f'<asset-clip ref="{ref}" start="{at(start, RATES.get(ref, rate))}" duration="{at(count, rate)}"{said}>'
        f"{inner}</asset-clip>"
    )


def gap(count: int, rate: Fraction = PAL, inner: str = "") -> str:
    return f'<gap name="Gap" start="3600s" duration="{at(count, rate)}">{inner}</gap>'


def timed(ref: str, count: int, name: str, points: list[tuple[int, int]], start: int) -> str:
    """A clip with a time map of points (frame of the clip's own time, frame of the media)."""
    mapped = "".join(f'<timept time="{at(t)}" value="{at(v)}" interp="linear"/>' for t, v in points)
    return (
        f'<asset-clip ref="{ref}" name="{name}" start="{at(start)}" duration="{at(count)}">'
        f"<timeMap>{mapped}</timeMap></asset-clip>"
    )


def dissolve(offset: int, count: int, inner: str = "") -> str:
    return f'<transition name="Cross Dissolve" offset="{at(offset)}" duration="{at(count)}">{inner}</transition>'


def _asset(m: Footage, ref: str, version: str) -> str:
    rate = RATES.get(ref, PAL)
    form = next(name for name, known in _FORMATS.items() if known == rate)
    address = "file:///Volumes/Gone/lost.mp4" if ref == "lost" else m[ref].as_uri()
    length = "0s" if ref == "still" else at(FRAMES, rate)
    start = at(STARTS.get(ref, 0), rate)
    kinds = {"music": 'hasAudio="1" audioSources="1"', "loud": 'hasVideo="1" hasAudio="1" audioSources="1"'}
    kind = kinds.get(ref, 'hasVideo="1"') + ("" if ref == "music" else f' format="{form}"')
    head = f'<asset id="{ref}" name="{ref}" {kind} start="{start}" duration="{length}"'
    if int(version.split(".")[1]) < 9:
        return f'{head} src="{address}"/>'
    return f'{head}><media-rep kind="original-media" src="{address}"/></asset>'


def compound(name: str, story: str, tc: str = "0s") -> str:
    sequence = f'<sequence format="at-25" tcStart="{tc}"><spine>{story}</spine></sequence>'
    return f'<media id="{name}" name="{name}">{sequence}</media>'


def _stories() -> dict[str, tuple[str, dict[str, str]]]:
    """The spine of each cut, and what is different about its sequence."""
    b_above = clip("b", 30, 6, lane="1", offset=at(5))
    film_below = f'<asset-clip ref="film" lane="-1" offset="0s" duration="{at(10, FILM)}"/>'
    off_above = clip("tc", 0, 20, lane="2", offset="0s", enabled="0")
    inner = clip("a", 5, 10) + gap(2) + clip("b", 20, 10)
    deep = clip("a", 0, 30, inner=clip("b", 0, 4, lane="1", offset=at(8)))
    title = '<title ref="words" name="{0}"{1} start="3600s" duration="{2}"/>'
    own_marker = f'<marker start="{at(8)}" duration="{at(1)}" value="look"/>'
    chapter = f'<marker start="{at(20)}" duration="{at(2)}" value="chapter"/>'
    wipe = '<filter-video ref="wipe" name="Wipe"/>'
    hour = "3600s"
    return {
        "plain": (clip("a", 10, 5, name="one") + clip("b", 50, 10, name="two"), {}),
        "start_timecode": (clip("tc", 20, 6) + clip("tc", 5, 4), {"tc": hour}),
        "ntsc": (
            clip("ntsc", 20, 6, NTSC) + gap(3, NTSC) + clip("ntsc", 40, 7, NTSC), {"tc": "18018/5s", "form": "at-30"}
        ),
        "drop_frame": (
            clip("drop", 1, 9, NTSC) + clip("drop", 30, 6, NTSC),
            {"tc": at(107_892, NTSC), "form": "at-30", "count": "DF"},
        ),
        "mixed_rates": (clip("a", 0, 10) + clip("film", 0, 25) + clip("b", 3, 5), {}),
        "gaps": (gap(4) + clip("a", 7, 6) + gap(3) + clip("b", 0, 5) + gap(9), {}),
        "topmost": (clip("a", 0, 20, inner=film_below + b_above + off_above), {}),
        "nested": (
            clip("b", 0, 2) + f'<ref-clip ref="compound" start="{at(4)}" duration="{at(12)}"/>' + clip("a", 3, 1),
            {"media": compound("compound", inner)},
        ),
        "nested_twice": (
            f'<ref-clip ref="outer" start="{at(1)}" duration="{at(8)}"/>' + clip("b", 59, 1),
            {"media": compound("deep", deep, "10s") + compound(
                "outer", gap(2) + f'<ref-clip ref="deep" start="{at(256)}" duration="{at(12)}"/>')},
        ),
        "dissolve": (clip("a", 5, 20) + dissolve(17, 7) + clip("b", 10, 20, offset=at(20)), {}),
        "wipe": (clip("a", 5, 20) + dissolve(17, 7, wipe).replace("Cross Dissolve", "mix") + clip("b", 10, 20), {}),
        "disabled": (
            clip("a", 0, 3, inner=clip("tc", 0, 9, lane="1", offset="0s", enabled="0"))
            + clip("b", 0, 5, name="off", enabled="0") + clip("a", 30, 4, name="spare", enabled="0")
            + clip("a", 9, 2), {},
        ),
        "stills": (
            clip("a", 0, 3) + f'<video ref="still" start="3600s" duration="{at(4)}"/>'
            + f'<asset-clip ref="still" duration="{at(2)}"/>', {},
        ),
        "titles": (
            clip("a", 0, 10, inner=title.format("Lower third", ' lane="1" offset="0s"', at(8)))
            + f'<video ref="bars" name="Bars" duration="{at(5)}"/>' + clip("b", 2, 4), {},
        ),
        "speeds": (
            clip("b", 0, 3) + timed("a", 10, "x2", [(0, 0), (30, 60)], 15)
            + timed("a", 10, "x0.5", [(0, 0), (120, 60)], 60) + clip("b", 5, 4), {},
        ),
        "freeze": (clip("b", 0, 3) + timed("a", 10, "x0", [(0, 30), (60, 30)], 0) + clip("b", 5, 4), {}),
        "backwards": (
            clip("b", 0, 3) + timed("a", 10, "x-1", [(0, 60), (60, 0)], 29)
            + timed("a", 10, "x-2", [(0, 60), (30, 0)], 14) + clip("b", 5, 4), {},
        ),
        "offline_skipped": (clip("a", 0, 4) + clip("lost", 3, 6, name="gone") + clip("b", 0, 5), {}),
        "offline_relinked": (clip("a", 0, 4) + clip("lost", 3, 6, name="gone") + clip("b", 0, 5), {}),
        "sound": (
            clip("loud", 10, 20, inner=f'<asset-clip ref="music" lane="-1" offset="{at(10)}" duration="{at(20)}"/>')
            + clip("a", 0, 5), {},
        ),
        "nested_sound": (
            clip("a", 0, 5) + f'<ref-clip ref="compound" start="{at(5)}" duration="{at(12)}"/>',
            {"media": compound("compound", clip("loud", 10, 20))},
        ),
        "markers": (clip("a", 5, 20, inner=own_marker) + clip("b", 10, 20, inner=chapter), {}),
        "metadata": (
            clip("a", 5, 20, name='Tom & "Ann" <ä 日本>')
            + clip("b", 10, 20, inner='<filter-video ref="wipe" name="Blur"/>'), {},
        ),
    }  # fmt: skip


def text(m: Footage, name: str, version: str) -> str:
    """One of the cuts as an FCPXML document."""
    story, more = _stories()[name]
    shape = 'width="320" height="180"/>'
    forms = "".join(f'<format id="{n}" frameDuration="{at(1, rate)}" {shape}' for n, rate in _FORMATS.items())
    assets = "".join(_asset(m, ref, version) for ref in m)
    titles = {"words": "Title", "bars": "Bars", "wipe": "Wipe"}
    effects = "".join(f'<effect id="{n}" name="{title}" uid="x"/>' for n, title in titles.items())
    said = (
        f'format="{more.get("form", "at-25")}" tcStart="{more.get("tc", "0s")}" tcFormat="{more.get("count", "NDF")}"'
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE fcpxml>\n<fcpxml version="{version}"><resources>{forms}'
        f'{assets}{effects}{more.get("media", "")}</resources><library><event><project name="cut"><sequence {said}>'
        f"<spine>{story}</spine></sequence></project></event></library></fcpxml>"
    )


NAMES = tuple(_stories())
