"""Cuts in OTIO, one per structure, each with the pictures that its editor shows, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import opentimelineio as otio

import numbered as make
from structures.footage import FILM, NTSC, PAL, STARTS, Footage

# Stem of the media and the number of its picture; None where nothing is shown.
Picture = tuple[str, int] | None
HOUR = 25 * 3600


@dataclass(frozen=True)
class Structure:
    """A cut, and what is true of it.

    pictures: of each record frame, where a clip with a camera is on top; names: of these clips in record order; needs:
    what of `Capabilities` it takes to write all of it; aside: words of what the reader says it leaves alone; lost:
    words of losses that every delivery but the plain document reports, whatever it can say; how: arguments for the
    reader; marks: record frame and name of all markers; sounds: record frames at which a clip's own sound is heard;
    rate: of the cut; layered: deliveries lay its tracks into one row; counted: the pictures as programs name them that
    count media of another rate at that of the cut; begun: the pictures where a transition begins at its cut, as in an
    edit list.
    """

    timeline: Any
    pictures: list[Picture]
    names: tuple[str, ...]
    needs: frozenset[str] = frozenset()
    aside: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    how: Mapping[str, Any] = field(default_factory=dict)
    marks: frozenset[tuple[int, str]] = frozenset()
    sounds: range = range(0)
    rate: Fraction = PAL
    layered: bool = False
    counted: list[Picture] = field(default_factory=list)
    begun: list[Picture] = field(default_factory=list)


def run(stem: str, first: int, count: int, step: int = 1) -> list[Picture]:
    """So many pictures of a media, from one on."""
    return [(stem, first + step * n) for n in range(count)]


def _clip(m: Footage, stem: str, first: int, count: int, rate: Fraction = PAL, **named: Any) -> Any:
    """A clip that shows `count` frames from picture `first` of its media on."""
    start = STARTS.get(stem, 0)
    available = make.time_range(start, 60, rate)
    return make.clip(m[stem], start + first, count, rate, **{"available": available, **named})


def _starts(timeline: Any, frames: int, rate: Fraction = PAL) -> Any:
    timeline.global_start_time = otio.opentime.RationalTime(frames, float(rate))
    return timeline


def _warp(speed: float) -> Any:
    return otio.schema.LinearTimeWarp(time_scalar=speed) if speed else otio.schema.FreezeFrame()


def _fade(before: int, after: int, kind: str = "SMPTE_Dissolve") -> Any:
    return otio.schema.Transition("mix", kind, *(otio.opentime.RationalTime(count, 25) for count in (before, after)))


def plain(m: Footage) -> Structure:
    cut = make.timeline(make.track(_clip(m, "a", 10, 5, name="one"), _clip(m, "b", 50, 10, name="two")))
    return Structure(cut, run("a", 10, 5) + run("b", 50, 10), ("one", "two"))


def start_timecode(m: Footage) -> Structure:
    cut = make.timeline(make.track(_clip(m, "tc", 20, 6), _clip(m, "tc", 5, 4)))
    pictures = run("tc", 20, 6) + run("tc", 5, 4)
    return Structure(_starts(cut, HOUR), pictures, ("tc", "tc"), frozenset({"start_timecode"}))


def ntsc(m: Footage) -> Structure:
    cut = make.timeline(make.track(_clip(m, "ntsc", 20, 6, NTSC), make.gap(3, NTSC), _clip(m, "ntsc", 40, 7, NTSC)))
    pictures = run("ntsc", 20, 6) + [None] * 3 + run("ntsc", 40, 7)
    needs = frozenset({"start_timecode"})
    return Structure(_starts(cut, 108_000, NTSC), pictures, ("ntsc", "ntsc"), needs, rate=NTSC)


def drop_frame(m: Footage) -> Structure:
    cut = make.timeline(make.track(_clip(m, "drop", 1, 9, NTSC), _clip(m, "drop", 30, 6, NTSC)))
    pictures = run("drop", 1, 9) + run("drop", 30, 6)
    needs = frozenset({"start_timecode"})
    return Structure(_starts(cut, 107_892, NTSC), pictures, ("drop", "drop"), needs, rate=NTSC)


def mixed_rates(m: Footage) -> Structure:
    """24 fps in a cut of 25: each record frame shows the newest picture that is not later than it."""
    cut = make.timeline(make.track(_clip(m, "a", 0, 10), _clip(m, "film", 0, 24, FILM), _clip(m, "b", 3, 5)))
    film: list[Picture] = [("film", (k * 24 + 3) // 25) for k in range(25)]
    counted = run("a", 0, 10) + run("film", 0, 25) + run("b", 3, 5)
    return Structure(cut, run("a", 0, 10) + film + run("b", 3, 5), ("a", "film", "b"), counted=counted)


def gaps(m: Footage) -> Structure:
    cut = make.timeline(make.track(make.gap(4), _clip(m, "a", 7, 6), make.gap(3), _clip(m, "b", 0, 5), make.gap(9)))
    return Structure(
        cut, [None] * 4 + run("a", 7, 6) + [None] * 3 + run("b", 0, 5), ("a", "b"), frozenset({"black_end"})
    )


def _tracks(m: Footage) -> Any:
    lower = make.track(_clip(m, "a", 0, 20))
    upper = make.track(make.gap(5), _clip(m, "b", 30, 6), name="V2")
    off = make.track(_clip(m, "tc", 0, 20), name="V3")
    off.enabled = False
    return make.timeline(make.track(_clip(m, "film", 0, 10, FILM), name="hidden"), lower, upper, off)


OFF = ("track 'V3': It is disabled.", "clip 'tc': It is disabled.")
TOPMOST = [*run("a", 0, 5), *run("b", 30, 6), *run("a", 11, 9)]


def topmost(m: Footage) -> Structure:
    """The topmost visible clip of four tracks; what is below it and what is off stays as it is."""
    aside = (*OFF, "clip 'film' of track 'hidden': A higher track hides it completely.")
    return Structure(_tracks(m), TOPMOST, ("a", "b", "a"), aside=aside, lost=("'film', 'tc'",), layered=True)


def all_tracks(m: Footage) -> Structure:
    """The same with cameras on hidden clips, too."""
    how = {"all_tracks": True}
    return Structure(_tracks(m), TOPMOST, ("a", "b", "a"), aside=OFF, lost=("'film', 'tc'",), how=how, layered=True)


def nested(m: Footage) -> Structure:
    """A compound clip that is trimmed on both sides, with a gap in it."""
    inner = make.track(_clip(m, "a", 5, 10), make.gap(2), _clip(m, "b", 20, 10))
    stack = otio.schema.Stack(name="compound", children=[inner], source_range=make.time_range(4, 12))
    cut = make.timeline(make.track(_clip(m, "b", 0, 2), stack, _clip(m, "a", 3, 1)))
    pictures = [*run("b", 0, 2), *run("a", 9, 6), None, None, *run("b", 20, 4), ("a", 3)]
    return Structure(cut, pictures, ("b", "a", "b", "a"), layered=True)


def nested_twice(m: Footage) -> Structure:
    rows = [make.track(_clip(m, "a", 0, 30)), make.track(make.gap(8), _clip(m, "b", 0, 4))]
    deep = otio.schema.Stack(children=rows, source_range=make.time_range(6, 12))
    outer = otio.schema.Stack(children=[make.track(make.gap(2), deep)], source_range=make.time_range(1, 8))
    cut = make.timeline(make.track(outer, _clip(m, "b", 59, 1)))
    pictures = [None, ("a", 6), ("a", 7), *run("b", 0, 4), ("a", 12), ("b", 59)]
    return Structure(cut, pictures, ("a", "b", "a", "b"), layered=True)


def dissolve(m: Footage) -> Structure:
    cut = make.timeline(make.track(_clip(m, "a", 5, 20), _fade(3, 4), _clip(m, "b", 10, 20)))
    begun = run("a", 5, 17) + run("b", 7, 23)
    return Structure(cut, run("a", 5, 20) + run("b", 10, 20), ("a", "b"), frozenset({"transitions"}), begun=begun)


def wipe(m: Footage) -> Structure:
    cut = make.timeline(make.track(_clip(m, "a", 5, 20), _fade(3, 4, "Custom_Transition"), _clip(m, "b", 10, 20)))
    return Structure(cut, run("a", 5, 20) + run("b", 10, 20), ("a", "b"), lost=("the transition 'mix'",))


def disabled(m: Footage) -> Structure:
    """Two clips and a track that are switched off; the media of one of the clips is seen elsewhere."""
    off, spare = _clip(m, "b", 0, 5, name="off"), _clip(m, "a", 30, 4, name="spare")
    above = make.track(_clip(m, "tc", 0, 9), name="V2")
    off.enabled = spare.enabled = above.enabled = False
    cut = make.timeline(make.track(_clip(m, "a", 0, 3), off, spare, _clip(m, "a", 9, 2)), above)
    pictures = [*run("a", 0, 3), *[None] * 9, *run("a", 9, 2)]
    aside = ("clip 'off': It is disabled.", "clip 'spare': It is disabled.", "track 'V2'", "clip 'tc'")
    return Structure(cut, pictures, ("a", "a"), frozenset({"disabled"}), aside, ("clip 'off'", "V2"))


def stills(m: Footage) -> Structure:
    late = make.clip(m["still"], 86_400, 4, available=None)
    single = make.clip(m["still"], 0, 2, available=make.time_range(0, 1))
    cut = make.timeline(make.track(_clip(m, "a", 0, 3), late, single))
    return Structure(cut, [*run("a", 0, 3), *[("still", 0)] * 6], ("a", "still", "still"))


def titles(m: Footage) -> Structure:
    """A generator between clips, a title and an adjustment layer above them."""

    def made(name: str, first: int, count: int) -> Any:
        reference = otio.schema.GeneratorReference(generator_kind="Text")
        return otio.schema.Clip(name, reference, make.time_range(first, count))

    layer = otio.schema.Clip("Adjustment Layer", otio.schema.MissingReference(), make.time_range(0, 10))
    row = make.track(_clip(m, "a", 0, 10), made("Bars", 0, 5), _clip(m, "b", 2, 4))
    cut = make.timeline(row, make.track(made("Lower third", 0, 8), name="V2"), make.track(layer, name="V3"))
    aside = tuple(f"clip '{name}'" for name in ("Bars", "Lower third", "Adjustment Layer"))
    pictures = run("a", 0, 10) + [None] * 5 + run("b", 2, 4)
    return Structure(cut, pictures, ("a", "b"), aside=aside, lost=("Bars", "V2", "V3"))


def _retimed(m: Footage, *, premiere: bool, speeds: tuple[float, ...], shown: list[list[int]]) -> Structure:
    """Clips of 10 frames at the speeds, after and before others that are not retimed."""
    firsts = [30 if premiere else pictures[0] for pictures in shown]
    named = zip(speeds, firsts, strict=True)
    clips = [_clip(m, "a", first, 10, name=f"x{speed:g}", effects=[_warp(speed)]) for speed, first in named]
    metadata = {"PremierePro_OTIO": {"MetadataVersion": "1.0"}} if premiere else {}
    cut = make.timeline(make.track(_clip(m, "b", 0, 3), *clips, _clip(m, "b", 5, 4)), metadata=metadata)
    pictures: list[Picture] = [("a", k) for one in shown for k in one]
    names = ("b", *(clip.name for clip in clips), "b")
    return Structure(cut, run("b", 0, 3) + pictures + run("b", 5, 4), names, frozenset({"retimes"}))


def speeds(m: Footage) -> Structure:
    """A clip's length is record time, as Resolve and EDLs count it."""
    shown = [[30 + 2 * r for r in range(10)], [30 + r // 2 for r in range(10)]]
    return _retimed(m, premiere=False, speeds=(2.0, 0.5), shown=shown)


def speeds_in_media_time(m: Footage) -> Structure:
    """A clip's length is what it plays of its media, as Premiere counts it."""
    shown = [[30 + 2 * r for r in range(5)], [30 + r // 2 for r in range(20)]]
    return _retimed(m, premiere=True, speeds=(2.0, 0.5), shown=shown)


def freeze(m: Footage) -> Structure:
    return _retimed(m, premiere=False, speeds=(0.0,), shown=[[30] * 10])


def freeze_in_media_time(m: Footage) -> Structure:
    return _retimed(m, premiere=True, speeds=(0.0,), shown=[[30] * 10])


def backwards(m: Footage) -> Structure:
    """The range starts with the picture that is shown first."""
    shown = [[30 - r for r in range(10)], [31 - 2 * r for r in range(10)]]
    return _retimed(m, premiere=False, speeds=(-1.0, -2.0), shown=shown)


def backwards_in_media_time(m: Footage) -> Structure:
    """The range is what is played of the media; its last picture is shown first."""
    shown = [[39 - r for r in range(10)], [39 - 2 * r for r in range(5)]]
    return _retimed(m, premiere=True, speeds=(-1.0, -2.0), shown=shown)


def _offline(m: Footage) -> Any:
    lost = make.clip("file:///Volumes/Gone/lost.mp4", 3, 6, name="gone", available=make.time_range(0, 60))
    return make.timeline(make.track(_clip(m, "a", 0, 4), lost, _clip(m, "b", 0, 5)))


def offline_skipped(m: Footage) -> Structure:
    pictures = run("a", 0, 4) + [None] * 6 + run("b", 0, 5)
    words = ("clip 'gone'",)
    return Structure(_offline(m), pictures, ("a", "b"), aside=words, lost=words, how={"skip_offline": True})


def offline_relinked(m: Footage) -> Structure:
    pictures = run("a", 0, 4) + run("lost", 3, 6) + run("b", 0, 5)
    return Structure(_offline(m), pictures, ("a", "gone", "b"), how={"relink": m["lost"].parent})


def sound(m: Footage) -> Structure:
    """A clip with its own sound below it, and music that runs on under everything."""
    row = make.track(_clip(m, "loud", 10, 20), _clip(m, "a", 0, 5))
    own = make.track(_clip(m, "loud", 10, 20), name="A1", kind="Audio")
    music = make.track(make.clip(m["music"], 0, 20, available=make.time_range(0, 25)), name="A2", kind="Audio")
    pictures = run("loud", 10, 20) + run("a", 0, 5)
    needs = frozenset({"sound", "sound_tracks"})
    return Structure(make.timeline(row, own, music), pictures, ("loud", "a"), needs, sounds=range(20))


def nested_sound(m: Footage) -> Structure:
    """A compound clip that holds a picture with its sound."""
    inner = [make.track(_clip(m, "loud", 10, 20)), make.track(_clip(m, "loud", 10, 20), name="A1", kind="Audio")]
    stack = otio.schema.Stack(name="compound", children=inner, source_range=make.time_range(5, 12))
    cut = make.timeline(make.track(_clip(m, "a", 0, 5), stack))
    pictures = run("a", 0, 5) + run("loud", 15, 12)
    needs = frozenset({"sound"})
    return Structure(cut, pictures, ("a", "loud"), needs, sounds=range(5, 17), layered=True)


def markers(m: Footage) -> Structure:
    a, b = _clip(m, "a", 5, 20), _clip(m, "b", 10, 20)
    a.markers.append(otio.schema.Marker("look", make.time_range(8, 1), color="RED", metadata={"note": "x"}))
    cut = make.timeline(make.track(a, b))
    cut.tracks.markers.append(otio.schema.Marker("chapter", make.time_range(30, 2)))
    pictures = run("a", 5, 20) + run("b", 10, 20)
    return Structure(cut, pictures, ("a", "b"), frozenset({"markers"}), marks=frozenset({(3, "look"), (30, "chapter")}))


def metadata(m: Footage) -> Structure:
    """Names that need escaping, and what other programs keep in the file."""
    a = _clip(m, "a", 5, 20, name='Tom & "Ann" <ä 日本>', metadata={"studio": {"take": 3, "notes": ["x", None]}})
    a.media_reference.metadata["vendor"] = {"id": 7}
    blur = otio.schema.Effect("soft", "Blur", {"vendor": {"px": 2.5}})
    b = _clip(m, "b", 10, 20, effects=[blur])
    cut = make.timeline(make.track(a, b), metadata={"studio": {"project": "p"}})
    pictures = run("a", 5, 20) + run("b", 10, 20)
    return Structure(cut, pictures, (a.name, "b"), lost=("the effect 'Blur' of clip 'b'",))


RETIMED = (speeds, speeds_in_media_time, freeze, freeze_in_media_time, backwards, backwards_in_media_time)
_ALL: tuple[Callable[[Footage], Structure], ...] = (
    plain, start_timecode, ntsc, drop_frame, mixed_rates, gaps, topmost, all_tracks, nested, nested_twice, dissolve,
    wipe, disabled, stills, titles, *RETIMED, offline_skipped, offline_relinked, sound, nested_sound, markers,
    metadata,
)  # fmt: skip
CUTS = {build.__name__: build for build in _ALL}
