"""Made-up shot boundaries for `benchmarks/cuts.py`: pieces of movies joined as editors join shots, and what is no cut.

Every kind is a function of a random generator and two pieces of 2 x `HALF` pictures; what is no cut uses the first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np

Pictures = np.ndarray  # (pictures, height, width, 3), blue green red, as floats while they are made up

HALF = 45  # pictures before the middle of what is made up, and after it


@dataclass(frozen=True)
class Case:
    """A made-up piece of movie.

    Attributes
    ----------
    pictures : array
    boundary : (int, int) or None
        Pictures [first, last] that mix two shots, or twice the first one of the second; none in a single shot.
    """

    pictures: Pictures
    boundary: tuple[int, int] | None = None


# --- the two ends of a join, and what is in between


def mixed(share: Any, before: Pictures, after: Pictures) -> Pictures:
    """A blend; the share may be a mask."""
    return (1 - share) * before + share * after


def join(rng: np.random.Generator, before: Pictures, after: Pictures, count: int, share: Callable[..., Any]) -> Case:
    """Two shots with `count` pictures between, in which `share(step)` of the second is seen, step 0 < .. < 1."""
    first = HALF - count // 2
    middle = [mixed(share((n + 1) / (count + 1)), before[first + n], after[first + n]) for n in range(count)]
    parts = [before[:first], *([np.stack(middle)] if middle else []), after[first + count :]]
    return Case(np.concatenate(parts), (first, first + count))


def cut(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """A hard cut."""
    return join(rng, before, after, 0, float)


def dissolve(least: int, most: int) -> Callable[..., Case]:
    """A dissolve of so many pictures."""
    return lambda rng, a, b: join(rng, a, b, int(rng.integers(least, most + 1)), lambda step: step)


def wipe(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """An edge that crosses the picture in any of eight directions, hard or soft."""
    height, width = before.shape[1:3]
    turn, soft = rng.integers(8) * np.pi / 4, rng.choice([0.01, 0.15])
    y, x = np.mgrid[-0.5 : 0.5 : height * 1j, -0.5 : 0.5 : width * 1j]
    place = x * np.cos(turn) + y * np.sin(turn)
    place = (place - place.min()) / (place.max() - place.min())
    return join(
        rng,
        before,
        after,
        int(rng.integers(6, 26)),
        lambda step: np.clip((step * (1 + soft) - place) / soft, 0, 1)[..., None],
    )


def push(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """The second shot pushes the first out of the picture."""
    count, axis, sign = int(rng.integers(5, 15)), int(rng.integers(2)), int(rng.choice([-1, 1]))
    case = join(rng, before, after, count, lambda step: step)
    first, size = case.boundary[0], before.shape[1 + axis]
    for n in range(count):
        moved = round(size * (n + 1) / (count + 1))
        both = [before[first + n], after[first + n]][::-sign]
        start = moved if sign < 0 else size - moved
        case.pictures[first + n] = np.concatenate(both, axis).take(range(start, start + size), axis)
    return case


def fade(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """Out to black or white and in again, each of 3 to 12 pictures."""
    out, held, back = (int(n) for n in (rng.integers(3, 13), rng.integers(0, 4), rng.integers(3, 13)))
    flat = np.full_like(before[0], rng.choice([16.0, 235.0]))
    first = HALF - out
    pictures = before.copy()
    pictures[HALF + held :] = after[HALF + held :]
    for n in range(out):
        pictures[first + n] = mixed((n + 1) / out, before[first + n], flat)
    pictures[HALF : HALF + held] = flat
    for n in range(back):
        pictures[HALF + held + n] = mixed((n + 1) / (back + 1), flat, after[HALF + held + n])
    return Case(pictures, (first, HALF + held + back))


def flash_cut(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """A hard cut under a flash of white that dies away over 3 to 8 pictures; it may begin before the cut."""
    pictures = cut(rng, before, after).pictures
    start, count = HALF - int(rng.integers(0, 3)), int(rng.integers(3, 9))
    for n in range(HALF - start + count):
        pictures[start + n] = mixed(min(1.0, 1 - (start + n - HALF) / count), pictures[start + n], 235.0)
    return Case(pictures, (start, HALF + count // 2))


def flash_mix(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """A flash that swells and dies away; under it, never quite white, one shot dissolves into the other."""
    swell, die = int(rng.integers(2, 6)), int(rng.integers(4, 9))
    pictures = np.concatenate([before[:HALF], after[HALF:]])
    for n in range(-swell, die):
        share = np.clip((n + 2) / 4, 0, 1)
        white = 0.9 * (1 - (n / die if n > 0 else -n / (swell + 1)))
        pictures[HALF + n] = mixed(white, mixed(share, before[HALF + n], after[HALF + n]), 250.0)
    return Case(pictures, (HALF - swell, HALF + die))


def whip_join(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """Both shots are dragged or zoomed about the cut, blurred by the move."""
    pictures, zoomed, most = cut(rng, before, after).pictures, rng.random() < 0.5, int(rng.integers(3, 7))
    for n in range(-most, most):
        speed = 0.5 * 0.5 ** (n if n >= 0 else -n - 1)
        pictures[HALF + n] = blurred(pictures[HALF + n], speed, zoomed)
    return Case(pictures, (HALF, HALF))


def blurred(picture: Pictures, speed: float, zoomed: bool) -> Pictures:
    """A picture that moves while it is taken: by a share of its width, or towards its middle."""
    height, width = picture.shape[:2]
    seen = []
    for step in np.linspace(0, speed, 12):
        scale, shift = (1 + 2 * step, 0.0) if zoomed else (1.0, step * width)
        across, down = (1 - scale) * width / 2 + shift, (1 - scale) * height / 2
        how = np.array([[scale, 0, across], [0, scale, down]])
        seen.append(cv2.warpAffine(picture, how, (width, height), borderMode=cv2.BORDER_REFLECT))
    return np.mean(seen, axis=0)


def dark_cut(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """A hard cut between two very dark pictures, with the noise of the dark."""
    gain = rng.uniform(0.08, 0.2)
    case = cut(rng, 16 + gain * before, 16 + gain * after)
    return replace(case, pictures=case.pictures + rng.normal(0, 1.0, case.pictures.shape))


def punch_in(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """A hard cut to a closer picture of the same shot, as with a second camera beside the first."""
    height, width = before.shape[1:3]
    scale, left, top = rng.uniform(1.5, 2.2), *rng.uniform(0.15, 0.85, 2)
    size = round(height / scale), round(width / scale)
    y, x = round(top * (height - size[0])), round(left * (width - size[1]))
    closer = [cv2.resize(p[y : y + size[0], x : x + size[1]], (width, height)) for p in before]
    return cut(rng, before, np.stack(closer))


def coded(how: Callable[..., Case]) -> Callable[..., Case]:
    """The same after a hard squeeze: every picture as a JPEG of quality 8, which differs from picture to picture."""

    def squeezed(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
        case = how(rng, before, after)
        packed = [
            cv2.imencode(".jpg", p.clip(0, 255).astype(np.uint8), [1, int(rng.integers(4, 12))])[1]
            for p in case.pictures
        ]
        return replace(case, pictures=np.stack([cv2.imdecode(p, 1) for p in packed]).astype(np.float32))

    return squeezed


# --- what is no cut


def nothing(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """The shot as it is."""
    return Case(before)


def lit(pictures: Pictures, light: Sequence[float], start: int) -> Case:
    """Brighter from `start` on, by shares of the way to white."""
    shown = pictures.copy()
    for n, share in enumerate(light):
        shown[start + n] = mixed(share, shown[start + n], np.minimum(245.0, 60 + 1.6 * shown[start + n]))
    return Case(shown)


def camera_flash(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """One to four flashes of one to three pictures each."""
    light = np.zeros(40)
    for start in rng.integers(0, 35, rng.integers(1, 5)):
        light[start : start + rng.integers(1, 4)] = rng.uniform(0.5, 1)
    return lit(before, light.tolist(), 25)


def strobe(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """Light that goes on and off for a second; off is dark."""
    on, off = int(rng.integers(1, 5)), int(rng.integers(1, 5))
    shown, dim = before.copy(), rng.uniform(0.05, 0.4)
    for n in range(30):
        if n % (on + off) >= on:
            shown[30 + n] = 16 + dim * (shown[30 + n] - 16)
    return Case(shown)


def lightning(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """A dark shot that flickers up and dies away, from one side."""
    dark, width = 16 + 0.2 * (before - 16), before.shape[2]
    side = np.linspace(0.3, 1, width)[:: int(rng.choice([-1, 1]))][:, None]
    for start in rng.integers(20, 60, 3):
        for n in range(int(rng.integers(4, 12))):
            dark[start + n] += side * rng.uniform(0.2, 1) * 0.8**n * before[start + n]
    return Case(dark)


def exposure(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """A webcam's exposure jumps, or settles over a few pictures."""
    gain = float(rng.choice([0.5, 0.65, 1.5, 2.0]))
    course = np.clip((np.arange(len(before)) - HALF) / int(rng.integers(1, 8)), 0, 1)[:, None, None, None]
    return Case(before * gain**course)


def lost_pictures(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """The picture stands still for a while and then jumps to what is seen by then."""
    count = int(rng.integers(4, 13))
    return Case(
        np.concatenate(
            [before[: HALF - count], np.repeat(before[HALF - count : HALF - count + 1], count, 0), before[HALF:]]
        )
    )


def twice(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """Each picture is shown two or three times: a slower camera."""
    times = int(rng.integers(2, 4))
    return Case(before[(np.arange(len(before)) // times) * times])


def close_hands(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """Something large and blurred comes before the lens, moves about fast and leaves, several times."""
    height, width = before.shape[1:3]
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    shown, texture = before.copy(), cv2.GaussianBlur(after[0], (0, 0), width / 60)
    held = int(rng.integers(1, 4))  # pictures for which a slow camera shows the same
    for start in (20, 40, 60):
        radius, where = rng.uniform(0.22, 0.42), rng.uniform(0.25, 0.75, 2)
        for n in range(int(rng.integers(6, 18))):
            if n % held == 0:
                where = np.clip(where + rng.normal(0, 0.12, 2), 0.1, 0.9)
            mask = np.clip((radius - np.hypot(x - where[0], (y - where[1]) * height / width)) / 0.05, 0, 1)
            shift = np.array([[1, 0, (where[0] - 0.5) * width], [0, 1, (where[1] - 0.5) * height]])
            hand = cv2.warpAffine(texture, shift, (width, height), borderMode=cv2.BORDER_REFLECT)
            shown[start + n] = mixed(mask[..., None], shown[start + n], hand)
    return Case(shown)


def card(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """A title card or a picture in the picture comes at once, covers 15 to 45 % and goes at once."""
    height, width = before.shape[1:3]
    share = np.sqrt(rng.uniform(0.15, 0.45))
    h, w = round(share * height), round(share * width)
    top, left = int(rng.integers(0, height - h)), int(rng.integers(0, width - w))
    shown = before.copy()
    shown[30:60, top : top + h, left : left + w] = cv2.resize(after[0], (w, h))
    return Case(shown)


def whip_pan(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """The camera is thrown across the scene within 4 to 9 pictures, blurred by the move."""
    height, width = before.shape[1:3]
    wide, count = [np.hstack([p, p[:, ::-1]]) for p in before], int(rng.integers(4, 10))
    shown = []
    for n, picture in enumerate(wide):
        ends = [0.5 - 0.5 * np.cos(np.pi * np.clip((n + s - HALF) / count, 0, 1)) for s in (0.0, 0.5)]
        at = np.linspace(*ends, 9) * 0.55 * width
        views = [picture[:, round(a) : round(a) + round(0.9 * width)] for a in at]
        shown.append(cv2.resize(np.mean(views, axis=0), (width, height)))
    return Case(np.stack(shown))


def shake(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """The hand that holds the camera is jolted: up to an eighth of the width from picture to picture."""
    height, width = before.shape[1:3]
    shown = []
    for n, picture in enumerate(before):
        jolt = rng.normal(0, 0.06 if 30 < n < 60 else 0.004, 2) * width
        how = np.array(
            [
                [1.3, 0, -0.15 * width + np.clip(jolt[0], -0.12 * width, 0.12 * width)],
                [0, 1.3, -0.15 * height + np.clip(jolt[1], -0.12 * height, 0.12 * height)],
            ]
        )
        shown.append(cv2.warpAffine(picture, how, (width, height), borderMode=cv2.BORDER_REFLECT))
    return Case(np.stack(shown))


def dark(rng: np.random.Generator, before: Pictures, after: Pictures) -> Case:
    """The shot, very dark and noisy."""
    return Case(16 + rng.uniform(0.05, 0.15) * before + rng.normal(0, 1.5, before.shape))


JOINS: dict[str, Callable[..., Case]] = {
    "hard cut": cut,
    "hard cut in the dark": dark_cut,
    "hard cut, squeezed hard": coded(cut),
    "hard cut to a closer picture": punch_in,
    "hard cut under a flash": flash_cut,
    "dissolve under a flash": flash_mix,
    "whip or zoom into a cut": whip_join,
    "dissolve, 3 to 5 pictures": dissolve(3, 5),
    "dissolve, 6 to 12": dissolve(6, 12),
    "dissolve, 13 to 25": dissolve(13, 25),
    "fade out and in": fade,
    "wipe, 6 to 25": wipe,
    "push, 5 to 14": push,
}
SINGLE: dict[str, Callable[..., Case]] = {
    "the shot as it is": nothing,
    "squeezed hard": coded(nothing),
    "very dark": dark,
    "camera flashes": camera_flash,
    "strobe": strobe,
    "lightning": lightning,
    "exposure jumps": exposure,
    "lost pictures": lost_pictures,
    "pictures shown twice": twice,
    "hands close to the lens": close_hands,
    "cards": card,
    "whip pan": whip_pan,
    "shaking camera": shake,
}
