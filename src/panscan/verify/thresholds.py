"""What each check asks for, and what to do where it is not met: for reports, pages and the manual alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Share of the compared cells that must show what is expected: at the least to pass, and to be delivered at all.
PASS_RATE, FLAG_RATE = 0.90, 0.70
# Contrast against the source, and brightness at mid grey in levels of 255: beyond these flagged, and rejected.
GAIN_FLAG, GAIN_FAIL = 0.05, 0.10
LIFT_FLAG, LIFT_FAIL = 4.0, 8.0
# All compared cells together must lie within this of their place, in px of the canvas.
OFFSET_FLAG_PX = 0.3
# Colours: saturation beside 1, what one component takes from another, and a tint in levels of 255.
SATURATION_FLAG, SATURATION_FAIL = 0.07, 0.15
CROSSTALK_FLAG, CROSSTALK_FAIL = 0.05, 0.09
TINT_FLAG, TINT_FAIL = 1.5, 4.0
SHARP_PASS = 0.75
SUBJECT_PASS = 0.80
SUBJECT_EVIDENCE = 0.50  # share of the looks at which the source shows a face at all
LATE_FRAMES = 0.5
# An encoder leaves out what changes little, and its pictures then look late by part of a frame.
LATE_RUN_FRAMES = 0.7
BAR_SHARE = 0.02
FROZEN_S = 0.2
LOUDNESS_DB = 1.0
LAG_S = 0.02


@dataclass(frozen=True, slots=True)
class Criterion:
    """What a check asks for.

    Attributes
    ----------
    title : str
        For people.
    rejects : bool
        Whether a fault here rejects the movie.
    requirement : str
        The floor, in words.
    advice : str
        What to do where it is not met.
    """

    title: str
    rejects: bool
    requirement: str
    advice: str


CRITERIA: Mapping[str, Criterion] = {
    "playable": Criterion(
        "Plays to the end",
        True,
        "picture and sound decode without an error",
        "Render again; look for a full disk if it happens twice.",
    ),
    "canvas": Criterion(
        "Size and shape",
        True,
        "the timeline's canvas, even sides, square pixels, upright; cells inside it",
        "Render again from this timeline; check that no other program converted the file.",
    ),
    "frame_count": Criterion(
        "Number of pictures", True, "equal to the timeline's", "Render again; pictures were lost or doubled."
    ),
    "duration": Criterion("Length", True, "within one frame of the timeline's", "Render again."),
    "timestamps": Criterion(
        "Timing of the pictures",
        True,
        "strictly rising, each within 1 ms of its time",
        "Render again without converting the frame rate.",
    ),
    "sound": Criterion(
        "Sound",
        True,
        "every packet equal to the source's; where it was encoded again: length within 0.1 s, loudness within 1 dB, "
        "in place within 20 ms at start, middle and end",
        "Render again; if an editor made the movie, check the sync and level of its sound.",
    ),
    "colour": Criterion(
        "Colour tags",
        True,
        "primaries, transfer, matrix and range as in the source",
        "Render again; a player would show other colours.",
    ),
    "levels": Criterion(
        "Levels",
        True,
        "contrast within 5 % and mid grey within 4 levels of the source (rejected beyond 10 % or 8)",
        "Check the range (full or limited) that the movie was written with.",
    ),
    "position": Criterion(
        "Place of the crop",
        True,
        "0.90 of the compared cells show the expected crop and size within 1 px (rejected below 0.70, or if a clip or "
        "cell never does), and all together lie within 0.3 px (flagged)",
        "Render again; if the timeline was edited after the render, that is the reason.",
    ),
    "camera": Criterion(
        "Time of the camera",
        True,
        "the camera is less than half a frame early or late where it moves",
        "Render again; if an editor made the movie, check the offset of its keyframes.",
    ),
    "moment": Criterion(
        "Right picture at the right time",
        True,
        "0.90 of all telling pictures are the expected frame (rejected below 0.70, with one that is surely another or "
        "nothing like it, or with a clip that mostly is); no 12 moving pictures in a row look 0.7 frames late or "
        "early; none differs from the source by 6 levels (flagged)",
        "Render again; a frame was shown twice, left out or moved.",
    ),
    "chroma": Criterion(
        "Colour planes",
        True,
        "0.90 of the compared cells have the source's colours in place (rejected below 0.70); saturation within 7 %, "
        "no 5 % of one component in another, no tint of 1.5 levels (rejected beyond 15 %, 9 % or 4 levels)",
        "Render again with another encoder build; the colour planes are swapped, moved, changed or of another matrix.",
    ),
    "cuts": Criterion(
        "Cuts",
        True,
        "pictures beside cuts belong to their own clip; no jump of the camera within three frames beside a cut",
        "Move the cut or the two keys of the jump onto the same frame.",
    ),
    "frozen": Criterion(
        "No frozen stretch", True, "nothing stands still for 0.2 s that moves in the source", "Render again."
    ),
    "black": Criterion(
        "No black picture", True, "no picture is black that is not black in the source", "Render again."
    ),
    "bars": Criterion(
        "No bars",
        True,
        "no dark edge of 2 % or more that the source lacks, no other background than asked for (rejected), no dark "
        "edge that the source or camera brings (flagged)",
        "Move the camera inside the picture, choose the layout fit, or crop the source's own bars away.",
    ),
    "sharpness": Criterion(
        "Sharpness",
        False,
        "0.75 of the expected fine detail is there (median)",
        "Render with a lower --crf, and from the original instead of a copy.",
    ),
    "subject": Criterion(
        "Subject in the picture",
        False,
        "a face is found in 0.80 of the looks at cells that show a person (two a second, where the source shows one)",
        "Look at the times that are named; move the keys there, or choose another layout for the shot.",
    ),
}
