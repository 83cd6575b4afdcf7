"""A finished cut as an editor leaves it: five shots, music under all, a J-cut, a dissolve, a freeze frame, a title."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import opentimelineio as otio

import media
from faults import films

RATE = 25
HZ = 48000
FRAMES = 60  # of each media
MUSIC_DB = -12.0

# Of each shot: number of its media, first media frame, frames in the cut. The third is a freeze frame.
SHOTS = ((0, 6, 30), (1, 16, 32), (2, 20, 16), (3, 18, 36), (4, 10, 26))
FROZEN = 2
DISSOLVE = (1, 8)  # at the start of which shot, and half of its frames
EARLY = (3, 12)  # the J-cut: which shot is heard before it is seen, and by how many frames
TITLE = 20  # frames of black with music at the end
LENGTH = sum(count for *_, count in SHOTS) + TITLE

Samples = films.Samples


def make_media(folder: Path) -> None:
    """`0.mp4` to `4.mp4`, whose pictures and noises are all unlike, and `music.wav`, another noise."""
    for number in range(len(SHOTS)):

        def scene(frame: int, plane: int, x_px: Any, y_px: Any, number: int = number) -> Any:
            drift = (1.4, -1.1, 0.8, -1.6, 1.2)[number] * frame
            fine = np.outer(np.sin(2 * np.pi * y_px / 6.1), np.sin(2 * np.pi * (x_px - drift) / 5.3))
            light = (30, -25, 5, 20, -10)[number]
            return media.texture(60 + number, plane, x_px - drift, y_px) + (0 if plane else 14 * fine + light)

        silent = folder / f"silent{number}.mp4"
        media.write_clip(silent, scene, size=films.SIZE, rate=Fraction(RATE), pts=range(FRAMES), tones={})
        films.with_sound(silent, folder / f"{number}.mp4", voice(number))
        silent.unlink()
    with wave.open(str(folder / "music.wav"), "wb") as file:
        file.setparams((1, 2, HZ, 0, "NONE", ""))
        file.writeframes((music() * 32767).astype("<i2").tobytes())


def voice(number: int) -> Samples:
    """The sound of a media."""
    return films.noise(100 + number, FRAMES / RATE)


def music() -> Samples:
    """As long as the cut."""
    return films.noise(200, LENGTH / RATE)


def timeline(folder: Path) -> Any:
    """The cut as OTIO: V1, the cameras' own sound in A1, music in A2."""
    made = otio.schema.Timeline("finished", global_start_time=otio.opentime.RationalTime(90000, RATE))
    pictures, sounds, under = (
        otio.schema.Track(name, kind=kind) for name, kind in (("V1", "Video"), ("A1", "Audio"), ("A2", "Audio"))
    )
    made.tracks.extend([pictures, sounds, under])
    for shot, (number, first, count) in enumerate(SHOTS):
        clip = _clip(folder / f"{number}.mp4", first, count)
        if shot == DISSOLVE[0]:
            half = otio.opentime.RationalTime(DISSOLVE[1], RATE)
            pictures.append(otio.schema.Transition("Cross Dissolve", "SMPTE_Dissolve", half, half))
        if shot == FROZEN:
            clip.effects.append(otio.schema.FreezeFrame())
        pictures.append(clip)
        head = EARLY[1] if shot == EARLY[0] else 0
        tail = EARLY[1] if shot + 1 == EARLY[0] else 0
        if shot == FROZEN:
            sounds.append(otio.schema.Gap(source_range=_span(0, count - tail)))
        else:
            sounds.append(_clip(folder / f"{number}.mp4", first - head, count + head - tail))
    pictures.append(otio.schema.Clip("End title", otio.schema.GeneratorReference("Title"), _span(0, TITLE)))
    song = _clip(folder / "music.wav", 0, LENGTH, LENGTH)
    song.metadata["panscan"] = {"sound": {"gain_db": MUSIC_DB}}
    under.append(song)
    return made


def heard(*, late: int = 0, silent_music: bool = False) -> Samples:
    """What must be heard of the cut; `late`: frames by which the J-cut comes late."""
    length = LENGTH * HZ // RATE
    mix = np.zeros(length, np.float32) if silent_music else music()[:length] * np.float32(10 ** (MUSIC_DB / 20))
    at = 0
    for shot, (number, first, count) in enumerate(SHOTS):
        head = EARLY[1] if shot == EARLY[0] else 0
        tail = EARLY[1] if shot + 1 == EARLY[0] else 0
        if shot != FROZEN:
            own = voice(number)[(first - head) * HZ // RATE : (first + count - tail) * HZ // RATE]
            begins = (at - head + (late if head else 0)) * HZ // RATE
            mix[begins : begins + len(own)] += own[: length - begins]
        at += count
    return mix


def _span(first: float, count: float) -> Any:
    return otio.opentime.TimeRange(otio.opentime.RationalTime(first, RATE), otio.opentime.RationalTime(count, RATE))


def _clip(path: Path, first: float, count: float, length: int = FRAMES) -> Any:
    reference = otio.schema.ExternalReference(path.as_uri(), _span(0, length))
    return otio.schema.Clip(path.stem, reference, _span(first, count))
