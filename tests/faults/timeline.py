"""Faults between movie and timeline: it was edited after the movie was rendered, or another one was rendered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from faults import edits, recuts
from faults.edits import Edit
from faults.fault import REJECTED, Fault, Plant
from faults.kinds import Stage
from faults.remaking import changed
from panscan.verify import Verdict

# Kinds of clips: one still and one moving camera in each kind of picture; moving ones; those of several clips.
EVERYWHERE = ("still camera", "nearly still picture", "dark", "29.97", "split")
SORTS = ("slow pan", "variable rate made constant", "10 bit", "split")
MOVING = ("slow pan", "29.97", "variable rate", "10 bit")
SEVERAL = ("three shots", "dissolves", "29.97", "10 bit")
FAST = ("three shots", "dissolves")
CUT = ("three shots", "29.97", "10 bit")
FORWARDS = ("three shots", "dissolves", "still camera", "slow pan")
UNEVEN = ("still camera", "slow pan", "split", "three shots")
MIXED = ("dissolves",)
SOUNDS = ("slow pan", "variable rate", "three shots", "dissolves")

SLOW = "the others move by less than half a px a frame"
ONE_CELL = "the others have one cell"
ONE_CLIP_ENDS = "the others show their media to its end"
FILLED = "the others fill the canvas"
FLAT = "the others have square corners and no shadow"
CUTS_ONLY = "the others have no transition"
MIXED_ALREADY = "the others have no cut, or a transition at it"


def _edited(edit: Edit) -> Plant:
    """The honest movie, judged by an edited timeline."""
    return lambda s, _t: replace(s, timeline=edit(s.timeline))


def _rendered(edit: Edit) -> Plant:
    """The movie of an edited timeline, judged by the right one."""
    return lambda s, t: replace(s, movie=s.render(edit(s.timeline), t))


def _other_film(change: Callable[[np.ndarray], np.ndarray]) -> Plant:
    """Media whose planes are others."""

    def plant(s: Stage, target: Path) -> Stage:
        film = changed(recuts.film_of(s.timeline), target.with_name("other.mp4"), lambda _p, x: change(x))
        return replace(s, timeline=recuts.other_media(s.timeline, film))

    return plant


def _cameras() -> Iterator[Fault]:
    yield Fault("crop 2 px aside", _edited(lambda t: edits.moved(t, 2)), "position", EVERYWHERE)
    yield Fault("crop 2 px aside, rendered", _rendered(lambda t: edits.moved(t, 2)), "position", SORTS)
    yield Fault("crop 2 px lower", _edited(lambda t: edits.moved(t, 0, -2)), "position", SORTS)
    yield Fault("crop elsewhere", _edited(lambda t: edits.moved(t, 60)), "position", SORTS)
    yield Fault("crop of one clip 2 px aside", _edited(lambda t: edits.moved(t, 2, 0, 1)), "position", SEVERAL)
    yield Fault("crop 2 % too narrow", _edited(lambda t: edits.zoomed(t, 1.02)), "position", EVERYWHERE)
    yield Fault("crop 2 % too wide", _edited(lambda t: edits.zoomed(t, 0.98)), "position", SORTS)
    yield Fault("crop half as wide", _edited(lambda t: edits.zoomed(t, 2)), "position", SORTS)
    yield Fault("camera one frame late", _edited(lambda t: edits.late(t, 1)), "camera", FAST, why=SLOW)
    yield Fault("camera one frame early", _edited(lambda t: edits.late(t, -1)), "camera", FAST, why=SLOW)
    yield Fault("camera eight frames late", _edited(lambda t: edits.late(t, 8)), "position", ("slow pan", *SEVERAL[1:]))
    yield Fault("camera that stands still", _edited(edits.held), "position", MOVING)
    yield Fault("camera that moves the other way", _edited(edits.turned_round), "position", MOVING)
    yield Fault("camera with a key 6 px off", _edited(lambda t: edits.bent(t, 6)), "position", MOVING)


def _layouts() -> Iterator[Fault]:
    two = ("split",)
    yield Fault("cells swapped", _edited(edits.swapped_cells), "position", two, why=ONE_CELL)
    yield Fault(
        "line between cells 8 px lower", _edited(lambda t: edits.resized_cells(t, 8)), "position", two, why=ONE_CELL
    )
    yield Fault("one cell in place of two", _edited(edits.single), "position", two, why=ONE_CELL)
    yield Fault("two cells in place of one", _edited(edits.split), "position", MOVING)
    yield Fault("another canvas", _edited(lambda t: edits.on_canvas(t, 176)), "canvas", SORTS)
    yield Fault("another canvas, rendered", _rendered(lambda t: edits.on_canvas(t, 256)), "canvas", SORTS)
    for name, colour in (("black", "black"), ("grey", "#808080"), ("blurred", "blur")):
        yield Fault(
            f"a green background in place of a {name} one",
            _edited(lambda t, c=colour: edits.behind(t, c)),
            "bars",
            ("fit",),
            why=FILLED,
        )
    for name, radius_px, has_shadow in (
        ("square corners in place of round ones", 0.0, True),
        ("corners of half the radius", 30.0, True),
        ("no shadow", 60.0, False),
    ):
        looks = {"corner_radius_px": radius_px, "has_shadow": has_shadow}
        yield Fault(
            name,
            _rendered(lambda t, x=looks: edits.with_edge(t, **x)),
            "corners_and_shadow",
            ("on a background",),
            why=FLAT,
        )


def _clips() -> Iterator[Fault]:
    yield Fault(
        "pictures of one media frame later",
        _edited(lambda t: recuts.slipped(t, 1)),
        "moment",
        ("dissolves", "10 bit"),
        why=ONE_CLIP_ENDS,
    )
    yield Fault("cut one frame late", _edited(lambda t: recuts.rolled(t, 0, 1)), "cuts", SEVERAL)
    yield Fault("cut one frame early", _edited(lambda t: recuts.rolled(t, 0, -1)), "cuts", SEVERAL)
    yield Fault(
        "clip one frame shorter at its start", _edited(lambda t: recuts.trimmed(t, 1, head=1)), "frame_count", SEVERAL
    )
    yield Fault(
        "clip one frame shorter at its end", _edited(lambda t: recuts.trimmed(t, 0, tail=1)), "frame_count", SEVERAL
    )
    yield Fault("clips in another order", _edited(recuts.swapped_clips), "position", SEVERAL)
    yield Fault("a clip missing", _edited(lambda t: recuts.removed(t, 1)), "frame_count", SEVERAL)
    yield Fault("a clip that was switched off", _edited(lambda t: recuts.disabled(t, 1)), "black", SEVERAL)
    yield Fault("a gap of ten frames filled", _edited(lambda t: recuts.parted(t, 1, 10)), "black", SEVERAL)
    yield Fault("media turned upside down", _other_film(lambda x: x[::-1]), "position", SORTS)
    yield Fault("media mirrored", _other_film(lambda x: x[:, ::-1]), "position", SORTS)
    yield Fault("other media", _other_film(lambda x: np.roll(x, x.shape[1] // 3, axis=1)), "position", SORTS)


def _speeds() -> Iterator[Fault]:
    yield Fault("clip a fifth faster", _edited(lambda t: recuts.retimed(t, 1.2)), "moment", SEVERAL)
    yield Fault("clip at half its speed", _edited(lambda t: recuts.retimed(t, 0.5)), "moment", SEVERAL)
    yield Fault("clip backwards", _edited(lambda t: recuts.retimed(t, -1, first_is_last=True)), "moment", FORWARDS)
    yield Fault("clip that was a freeze frame", _edited(lambda t: recuts.retimed(t, 0)), "moment", UNEVEN)


def _transitions() -> Iterator[Fault]:
    def mix(name: str, plant: Plant, tier: Verdict = REJECTED) -> Fault:
        return Fault(name, plant, "cuts", MIXED, tier, CUTS_ONLY)

    def hard(name: str) -> Edit:
        return lambda t: recuts.without(t, name)

    def timed(before: int, after: int) -> Plant:
        return _edited(lambda t: recuts.timed(t, "dissolve", before=before, after=after))

    for name in ("fade in", "dissolve", "Dip to Black", "fade out"):
        yield mix(f"cut for a {name.lower()}", _rendered(hard(name)))
        yield mix(f"{name.lower()} for a cut", _edited(hard(name)))
    yield mix("dissolve two frames longer", timed(-1, -1))
    yield mix("dissolve two frames shorter", timed(1, 1))
    yield mix("dissolve one frame late", timed(1, -1))
    yield mix("dissolve one frame early", timed(-1, 1))
    yield mix("dip to black for one to white", _edited(lambda t: recuts.renamed(t, "Dip to Black", "Dip to White")))
    yield mix("dissolve for a dip", _rendered(lambda t: recuts.mixed(hard("Dip to Black")(t), (4, 4), cut=1)))
    for frames in ((0, 3), (3, 0), (1, 1)):
        name = "dissolve of {} and {} frames".format(*frames)
        yield Fault(
            f"cut for a {name}", _edited(lambda t, n=frames: recuts.mixed(t, n)), "cuts", CUT, why=MIXED_ALREADY
        )
        yield Fault(
            f"{name} for a cut", _rendered(lambda t, n=frames: recuts.mixed(t, n)), "cuts", CUT, why=MIXED_ALREADY
        )


def _sounds() -> Iterator[Fault]:
    yield Fault("sound clip two frames earlier", _edited(lambda t: recuts.sound_moved(t, 2)), "sound", SOUNDS)
    yield Fault(
        "sound clip of two media frames earlier", _edited(lambda t: recuts.sound_slipped(t, 2)), "sound", SOUNDS
    )
    yield Fault("sound clip that was cut", _edited(recuts.sound_cut), "sound", SOUNDS)
    yield Fault("sound that was taken out", _edited(recuts.silent), "sound", SOUNDS)
    yield Fault("sound clip 3 dB too loud", _edited(lambda t: recuts.told(t, gain_db=-3)), "sound", SOUNDS)
    yield Fault("sound clip 3 dB too quiet", _edited(lambda t: recuts.told(t, gain_db=3)), "sound", SOUNDS)
    yield Fault("sound clip on both sides", _edited(lambda t: recuts.told(t, pan=-1)), "sound", SOUNDS)
    yield Fault("sound clip without its fade", _edited(lambda t: recuts.told(t, fade_in=[1, 2])), "sound", SOUNDS)


FAULTS = (*_cameras(), *_layouts(), *_clips(), *_speeds(), *_transitions(), *_sounds())
