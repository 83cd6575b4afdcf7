"""Screen recordings that are drawn, with exact truth; what happens in them is in `screen_scenes`.

    truth = draw_recording(path, pause(1), typing("hello", (60, 90)), pause(1), dark=True, scale=2)

A scene is a function that is given the screen and yields once per frame. Places and lengths are points: px at a scale
of 1, as on a computer with an ordinary screen; twice as many px at a scale of 2. The truth is in px of the movie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

from panscan.model.perception import ScreenEvent, ScreenEventKind

Grey = npt.NDArray[np.uint8]
Point = tuple[float, float]
Box = tuple[float, float, float, float]
Scene = Callable[["Screen"], Iterator[None]]
Ambient = Callable[["Screen", Grey, float], None]  # draws into the picture shown at a time in seconds

DESKTOP_PT, PHONE_PT = (1280, 720), (390, 844)
LETTER_PT, LINE_PT = (9, 20)  # a letter's width, a line's height
BLINK_S = 0.53  # a caret is on, then off
STATUS_PT = 44  # height of a phone's status bar
_ARROW_PT = np.array([(0, 0), (0, 16), (4, 12), (7, 18), (9, 17), (6, 11), (11, 11)], np.float64)
_SHIFT = 4  # bits of fraction of a px, for cv2
_LIMITED_RANGE = np.round(16 + np.arange(256) * 219 / 255).astype(np.uint8)  # luma of a grey level


@dataclass
class Truth:
    """What happens in a recording.

    Attributes
    ----------
    events : list of ScreenEvent
        In order of their beginning.
    written_px : dict
        While a text is typed: frame -> box of the letter that is written and of the caret after it.
    keyboard : list of (int, float)
        Frame from which on a keyboard's upper edge is at this height, px; the picture's height where there is none.
    size_px : (int, int)
        Width and height of the movie.
    rate : int
        Frames per second.
    """

    events: list[ScreenEvent] = field(default_factory=list)
    written_px: dict[int, Box] = field(default_factory=dict)
    keyboard: list[tuple[int, float]] = field(default_factory=list)
    size_px: tuple[int, int] = DESKTOP_PT
    rate: int = 30


@dataclass
class Screen:
    """What is on the screen now.

    Attributes
    ----------
    page : ndarray (h, w)
        Grey levels of all but pointer, caret and ambient things.
    scale : float
        px per point.
    dark : bool
        Light letters on a dark ground.
    truth : Truth
        Of what happened so far.
    frame : int
        The next one.
    pointer_pt : (float, float), optional
        Tip of the pointer.
    caret_pt : (float, float, float, float), optional
    caret_since : int
        Frame from which on the caret blinks.
    """

    page: Grey
    scale: float
    dark: bool
    truth: Truth
    frame: int = 0
    pointer_pt: Point | None = None
    caret_pt: Box | None = None
    caret_since: int = 0

    def ground(self) -> int:
        """Level of an empty page."""
        return 30 if self.dark else 248

    def ink(self) -> int:
        """Level of letters."""
        return 225 if self.dark else 25

    def box(self, place_pt: Box, level: int, *, image: Grey | None = None) -> None:
        """Fill a box."""
        left, top, width, height = (round(v * self.scale) for v in place_pt)
        (self.page if image is None else image)[max(0, top) : top + height, max(0, left) : left + width] = level

    def text(self, text: str, at_pt: Point, *, image: Grey | None = None, level: int | None = None) -> None:
        """Write a line from its upper left corner, every letter as wide as all others."""
        image, level = self.page if image is None else image, self.ink() if level is None else level
        for place, letter in enumerate(text):
            x, y = at_pt[0] + place * LETTER_PT, at_pt[1] + 0.7 * LINE_PT
            foot = (round(x * self.scale), round(y * self.scale))
            thick = max(1, round(self.scale))
            cv2.putText(image, letter, foot, cv2.FONT_HERSHEY_SIMPLEX, 0.44 * self.scale, level, thick, cv2.LINE_AA)

    def frames(self, seconds: float) -> range:
        """As many as a time has."""
        return range(max(1, round(seconds * self.truth.rate)))

    def px(self, box_pt: Box) -> Box:
        """A box in px, inside the picture."""
        left, top, right, bottom = (v * self.scale for v in edges_of(box_pt))
        width, height = self.truth.size_px
        left, top = max(0.0, left), max(0.0, top)
        return left, top, min(right, width) - left, min(bottom, height) - top

    def happened(self, kind: ScreenEventKind, first_frame: int, box_pt: Box) -> None:
        """Note an event that ended with the last frame."""
        self.truth.events.append(ScreenEvent(kind, first_frame, self.frame, self.px(box_pt)))

    def shown(self, ambient: Iterable[Ambient]) -> Grey:
        """The picture of the next frame."""
        image = self.page.copy()
        for draw in ambient:
            draw(self, image, self.frame / self.truth.rate)
        since_s = (self.frame - self.caret_since) / self.truth.rate
        if self.caret_pt and since_s // BLINK_S % 2 == 0:
            self.box(self.caret_pt, self.ink(), image=image)
        if self.pointer_pt:
            corners = np.round((_ARROW_PT + self.pointer_pt) * self.scale * 2**_SHIFT).astype(np.int32)
            cv2.fillPoly(image, [corners], 0, cv2.LINE_AA, _SHIFT)
            cv2.polylines(image, [corners], True, 255, max(1, round(self.scale)), cv2.LINE_AA, _SHIFT)
        return image


def draw_recording(
    path: Path,
    *scenes: Scene,
    size_pt: tuple[int, int] = DESKTOP_PT,
    scale: float = 1,
    rate: int = 30,
    dark: bool = False,
    page: Callable[[Screen], None] | None = None,
    ambient: Sequence[Ambient] = (),
    only_changes: bool = False,
) -> Truth:
    """Write a movie of scenes, one after another.

    Parameters
    ----------
    path : Path
    scenes : functions of the screen that yield once per frame
    size_pt : (int, int)
        Points across and down.
    scale : float
        px per point.
    rate : int
        Frames per second.
    dark : bool
    page : function of the screen
        Draws what is there at first; a window with an empty editor on the left, paragraphs on the right by default.
    ambient : sequence of functions
        Things that go on all the time.
    only_changes : bool
        Pictures like the one before are left out, as by many recorders.
    """
    width, height = (round(side * scale / 2) * 2 for side in size_pt)
    screen = Screen(np.zeros((height, width), np.uint8), scale, dark, Truth(size_px=(width, height), rate=rate))
    (page or desktop())(screen)
    pictures = enumerate(_played(screen, scenes, ambient))
    _encode(path, _changing(pictures) if only_changes else pictures, (width, height), rate)
    screen.truth.events.sort(key=lambda event: event.first_frame)
    return screen.truth


def _played(screen: Screen, scenes: Iterable[Scene], ambient: Sequence[Ambient]) -> Iterator[Grey]:
    for scene in scenes:
        for _ in scene(screen):
            yield screen.shown(ambient)
            screen.frame += 1


def _changing(pictures: Iterable[tuple[int, Grey]]) -> Iterator[tuple[int, Grey]]:
    """Pictures that differ from the one before, and the last one."""
    last: Grey | None = None
    for frame, picture in pictures:
        is_other = last is None or not np.array_equal(picture, last)
        if is_other:
            yield frame, picture
        last = picture
    if last is not None and not is_other:
        yield frame, last


def _encode(path: Path, pictures: Iterable[tuple[int, Grey]], size: tuple[int, int], rate: int) -> None:
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("libx264", rate=Fraction(rate), options={"preset": "ultrafast", "crf": "18"})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        planes = np.full((size[1] * 3 // 2, size[0]), 128, np.uint8)
        for number, picture in pictures:
            cv2.LUT(picture, _LIMITED_RANGE, planes[: size[1]])
            frame = av.VideoFrame.from_ndarray(planes, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, rate)
            container.mux(video.encode(frame))
        container.mux(video.encode(None))


def edges_of(box: Box) -> Box:
    """Left, top, right, bottom."""
    left, top, width, height = box
    return left, top, left + width, top + height


def around(boxes: Sequence[Box]) -> Box:
    """The box of several boxes."""
    left, top, right, bottom = zip(*map(edges_of, boxes), strict=True)
    return min(left), min(top), max(right) - min(left), max(bottom) - min(top)


def words(rng: np.random.Generator, letters: int) -> str:
    """A line that looks like text."""
    text = ""
    while len(text) < letters:
        text += "".join(rng.choice(list("abcdeghiklmnoprstuw"), int(rng.integers(2, 9)))) + " "
    return text[:letters].rstrip()


# --- pages


def desktop(seed: int = 1) -> Callable[[Screen], None]:
    """A window: a title, an empty editor in the left half, paragraphs in the right one."""

    def draw(screen: Screen) -> None:
        width, height = (side / screen.scale for side in screen.truth.size_px)
        rng = np.random.default_rng(seed)
        screen.page[:] = screen.ground()
        screen.box((0, 0, width, 30), 55 if screen.dark else 215)
        screen.text(words(rng, 40), (20, 5))
        screen.box((width / 2, 30, 2, height), 80 if screen.dark else 200)
        for top in np.arange(50, height - 40, 1.2 * LINE_PT):
            screen.text(words(rng, int(rng.integers(30, 62))), (width / 2 + 20, top))

    return draw


def terminal_page(screen: Screen) -> None:
    """An empty terminal with some lines of what was done before."""
    rng = np.random.default_rng(4)
    screen.page[:] = screen.ground()
    for row in range(8):
        screen.text(words(rng, int(rng.integers(30, 110))), (10, 10 + row * LINE_PT))


def phone_page(screen: Screen) -> None:
    """A phone's screen: a status bar, a header, paragraphs, room for a note above the keyboard."""
    width, height = (side / screen.scale for side in screen.truth.size_px)
    rng = np.random.default_rng(2)
    screen.page[:] = screen.ground()
    screen.text("9:41", (24, 12))
    screen.text("Notes", (width / 2 - 20, STATUS_PT + 8))
    screen.box((0, STATUS_PT + 40, width, 1), 128)
    for top in np.arange(STATUS_PT + 60, height - 40, 1.2 * LINE_PT):
        if not STATUS_PT + 150 < top < STATUS_PT + 300:
            screen.text(words(rng, int(rng.integers(20, 38))), (16, top))
