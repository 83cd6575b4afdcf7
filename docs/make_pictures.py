"""Make the pictures of the documentation: `python docs/make_pictures.py [NAME ...]`, into docs/images.

The scenes are drawn here, and what panscan perceives in them is written down from the drawing. Who is shown, in which
layout, and every camera come from panscan's own director and operator, and each canvas from its renderer.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

# The drawings lie in samples, perceptions by hand in tests.
sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "samples"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import picture_sheets as sheets
from picture_takes import Take, seen, shoot

import documents
import scenes
from drawn import Ball, Dog, Person, Stage, park, room, slide
from make_screen import FRAME_COUNT, TYPED
from make_screen import recording as screen_recording
from panscan.request import presets
from panscan.request.styles import style_of

IMAGES = Path(__file__).resolve().parent / "images"
OF_PEOPLE = ("adaptive", "single_object", "talking_person", "max_weight", "max_movement", "gravity")


def still(left: float, top: float) -> tuple[tuple[float, float, float], ...]:
    """The path of what stays."""
    return ((0, left, top),)


# --- how a frame is chosen


def farewell() -> Stage:
    """Someone who stands, then leaves; a dog that comes and stays; somebody small at the edge all along."""
    leaver = Person(170, ((0, 330, 420), (120, 330, 420), (165, -400, 420)))
    comer = Dog(330, ((0, 2000, 700), (120, 2000, 700), (165, 1260, 700), (249, 1260, 700)))
    return Stage(park(), (Person(50, still(1760, 560), 2), leaver, comer), 250)


def choice() -> Any:
    """The steps from what is seen to the camera."""
    stage = farewell()
    found = seen(stage, energy=0.01)
    return sheets.choice_sheet(shoot(stage, found)[0], scenes.scene(found, end=stage.frame_count), 60)


# --- methods


def company(*, talking: bool = True) -> Stage:
    """A large person who listens, a small one who talks, a dog, a ball that rolls through."""
    listener = Person(270, still(230, 330))
    talker = Person(120, still(1090, 420), 1, ((8, 92),) if talking else ())
    return Stage(room(), (listener, talker, Dog(260, still(1390, 740)), Ball(110, ((0, 500, 850), (99, 1790, 850)))))


def all_methods() -> Any:
    """What each method shows of the same moment."""
    stage = company()
    found = seen(stage, energy=0.01)
    takes = {name: shoot(stage, found, method=name)[0] for name in OF_PEOPLE}
    names = [("large, listens", 365, 250), ("small, talks", 1150, 345), ("dog", 1500, 690), ("ball", 1230, 1010)]
    return sheets.overview_sheet(takes, 56, names)


def one_method(name: str, frames: tuple[int, ...], *, talking: bool = True) -> Any:
    """One method over time."""
    stage = company(talking=talking)
    take = shoot(stage, seen(stage, energy=0.01), method=name)[0]
    return sheets.crop_sheet(take, frames, f"{name}: {take.framing.why}")


# --- modes


_PLACES = ((60, 400), (78, 730), (98, 730), (126, 470), (156, 470), (200, 870), (220, 870), (240, 610))
WALKER = Person(150, tuple((frame, left, 430) for frame, left in _PLACES), 3)


def modes() -> Any:
    """The same walk under each mode."""
    stage = Stage(park(), (WALKER,), 281)
    found = seen(stage)
    takes = {name: shoot(stage, found, mode=name)[0] for name in ("stable", "balanced", "responsive")}
    return sheets.modes_sheet(takes, WALKER)


# --- layouts


def group(count: int) -> Stage:
    """People apart from each other, of whom none speaks."""
    size = {1: 260, 2: 230, 3: 200, 4: 170}[count]
    lefts = {1: (1180,), 2: (260, 1420), 3: (150, 860, 1570), 4: (70, 600, 1130, 1660)}[count]
    return Stage(room(), tuple(Person(size, still(left, 380), n) for n, left in enumerate(lefts)))


def layout(stage: Stage, name: str, title: str, *, background: str | None = None, **further: Any) -> Any:
    """A layout in one picture; it must be the one that panscan chooses of all."""
    take = shoot(stage, seen(stage, **further), background=background)[0]
    if take.framing.layout != name:
        raise RuntimeError(f"panscan chose {take.framing.layout}, not {name}: {take.framing.why}")
    return sheets.crop_sheet(take, (50,), title)


FULL_SCREEN = scenes.screen((60.0, 20.0, 1800.0, 1040.0))


def presenter() -> Stage:
    """A slide, and who explains it in a corner."""
    return Stage(slide(), (Person(120, still(1690, 800), 0),), window=(1540, 640, 380, 440))


# --- screen recordings

_CLICK = ("click", 12, 14, 1440, 890, 200, 90)


def recording(*, clicked: bool = True, **choices: Any) -> Take:
    """The demo's recording: a line that is typed, then perhaps a click on a button far away."""
    rows = [("typing", 5, 10, *TYPED.box(0)), *([_CLICK] if clicked else [])]
    found = scenes.perception(frame_count=FRAME_COUNT, screen_events=scenes.screen_events(*rows))
    (take,) = shoot(screen_recording(clicked=clicked), found, preset="screen", **choices)
    return take


def stacked() -> Any:
    """A line that no upright crop holds, above the whole screen."""
    take = recording(clicked=False)
    if take.framing.layout != "stack":
        raise RuntimeError(f"panscan chose {take.framing.layout}, not stack: {take.framing.why}")
    return sheets.crop_sheet(take, (220,), "stack: what happens, and below it the whole screen")


def screen_method(name: str, canvas: Any) -> Any:
    """A method for screen recordings over time."""
    return sheets.crop_sheet(recording(method=name, canvas=canvas), (60, 200, 330), name)


def style_in_time() -> Any:
    """The style documentary: the whole screen, as the camera arrives, and in the hold."""
    take = recording(canvas=documents.Size(1920, 1080), style=style_of("documentary"))
    (_, close, *_) = take.framing.cells[0].rests
    return sheets.canvas_sheet([take.canvas(frame) for frame in (60, close.first - 3, close.end - 5)])


def tilts() -> Any:
    """Three tilts of the whole screen."""
    looks = {"padding": "6%", "corners": "2%", "shadow": True, "background": "#4b2a7b:#1b6f8f"}
    canvas = documents.Size(1920, 1080)
    takes = [recording(canvas=canvas, style=style_of(tilt=name, **looks)) for name in ("left", "up", "isometric")]
    return sheets.canvas_sheet([take.canvas(60) for take in takes])


# --- effects


def effect(
    stage: Stage, name: str, shot: int = 0, *, zoom: bool = False, preset: str = "default", **seen_as: Any
) -> Any:
    """An effect; it must be the one that panscan chooses."""
    take: Take = shoot(stage, seen(stage, **seen_as), preset=preset)[shot]
    if take.framing.effect != name:
        raise RuntimeError(f"panscan chose {take.framing.effect}, not {name}: {take.framing.why}")
    first, last = int(take.frames[0]), int(take.frames[-1])
    frames = (first, (first + last) // 2, last)
    return sheets.effect_sheet(take, frames, stage.things, zoom=zoom)


def sitter(frame_count: int = 100) -> Stage:
    """Someone who sits and sways a little."""
    sway = tuple((frame, 1190 + 14 * (-1) ** (frame // 20), 360) for frame in range(0, frame_count, 20))
    return Stage(room(), (Person(240, sway, 3),), frame_count)


def stroller() -> Stage:
    """Someone who walks through the park."""
    return Stage(park(), (Person(150, ((0, 250, 430), (30, 250, 430), (120, 1450, 430), (149, 1450, 430)), 0),), 150)


def interview() -> Stage:
    """Two who take turns."""
    left = Person(200, still(260, 380), 0, ((0, 70), (145, 200)))
    return Stage(room(), (left, Person(200, still(1440, 380), 1, ((70, 145),))), 200)


def quick() -> Stage:
    """Short shots of someone who runs about."""
    path = ((0, 300, 420), (30, 700, 420), (31, 1300, 420), (60, 900, 420), (61, 500, 420), (90, 900, 420))
    return Stage(park(), (Person(150, (*path, (91, 1500, 420), (120, 1100, 420)), 1),), 120)


# --- presets


def preset_weights() -> Any:
    """The weights of all presets that come with panscan."""
    folder = Path(presets.__file__).parent / "presets"
    own = [presets.load_preset(name) for name in presets.preset_names() if (folder / f"{name}.toml").is_file()]
    notes = {p.name: f"{p.method}, {p.mode}, {p.min_hold_s:g} s" for p in own}
    return sheets.presets_sheet({p.name: asdict(p.weights) for p in own}, notes)


# --- photos


def stills() -> Any:
    """The contact sheet of the demo's portrait; it needs the recommended weights."""
    import io

    import numpy as np
    from PIL import Image

    from make_samples import PEOPLE, portrait_path
    from panscan.model.geometry import Ratio
    from panscan.model.request import Models
    from panscan.photos.detectors import PhotoDetectors
    from panscan.photos.pipeline import plan_photo
    from panscan.photos.sheet import contact_sheet

    path = portrait_path(PEOPLE["collins"])
    assert path is not None, "pip install 'panscan[samples]'"
    planned = plan_photo(path, [Ratio(4, 5)], "", PhotoDetectors(Models()))
    with Image.open(io.BytesIO(contact_sheet(planned.photo, planned.perception, planned.sets))) as sheet:
        return sheets.picture_sheet(np.asarray(sheet.reduce(3)))


PICTURES: Mapping[str, Callable[[], Any]] = {
    "choice": choice,
    "presets": preset_weights,
    "methods": all_methods,
    "method-adaptive": lambda: one_method("adaptive", (50,)),
    "method-adaptive-silent": lambda: one_method("adaptive", (50,), talking=False),
    "method-single_object": lambda: one_method("single_object", (50,)),
    "method-talking_person": lambda: one_method("talking_person", (50,)),
    "method-max_weight": lambda: one_method("max_weight", (50,)),
    "method-max_movement": lambda: one_method("max_movement", (10, 50, 90)),
    "method-gravity": lambda: one_method("gravity", (10, 50, 90)),
    "modes": modes,
    "layout-single": lambda: layout(group(1), "single", "single: one camera fills the canvas"),
    "layout-split-2": lambda: layout(group(2), "split-2", "split-2: two who matter alike, and none speaks"),
    "layout-split-3": lambda: layout(group(3), "split-3", "split-3: three who matter alike"),
    "layout-split-4": lambda: layout(group(4), "split-4", "split-4: four who matter alike, two by two"),
    "layout-fit-black": lambda: layout(Stage(slide()), "fit", "fit, background black", screen=FULL_SCREEN),
    "layout-fit-blur": lambda: layout(
        Stage(slide()), "fit", "fit, background blur", background="blur", screen=FULL_SCREEN
    ),
    "layout-pip": lambda: layout(presenter(), "pip", "pip: the screen, and who explains it", screen=FULL_SCREEN),
    "layout-stack": stacked,
    "method-screen": lambda: screen_method("screen", documents.Size(1920, 1080)),
    "method-motion_centroid": lambda: screen_method("motion_centroid", documents.VERTICAL),
    "looks-documentary": style_in_time,
    "looks-tilts": tilts,
    "stills": stills,
    "effect-static": lambda: effect(sitter(), "STATIC"),
    "effect-breathe": lambda: effect(sitter(150), "BREATHE", zoom=True, preset="documentary"),
    "effect-pan-follow": lambda: effect(stroller(), "PAN_FOLLOW", energy=0.01),
    "effect-fast-cut": lambda: effect(quick(), "FAST_CUT", 1, preset="smart-edit", energy=0.03, cuts=(31, 61, 91)),
    "effect-interview": lambda: effect(interview(), "INTERVIEW"),
}


def make(names: list[str], folder: Path) -> list[Path]:
    """Make the pictures with these names; their paths."""
    paths = []
    for name in names:
        path = folder / f"{name}.png"
        sheets.save(PICTURES[name](), path)
        paths.append(path)
    return paths


def main() -> int:
    """Read the command line and make the pictures."""
    parser = argparse.ArgumentParser(description="Make the pictures of the documentation.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these; all of them without")
    parser.add_argument("-o", "--output", type=Path, default=IMAGES)
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in PICTURES]
    if unknown:
        parser.error(f"there is no picture {unknown[0]!r}; there are {', '.join(PICTURES)}")
    for path in make(options.names or list(PICTURES), options.output):
        print(f"{path.stat().st_size / 1000:6.1f} kB  {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
