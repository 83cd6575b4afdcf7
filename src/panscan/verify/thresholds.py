"""The limits of all checks, and what each check requires and advises, for reports, pages and the manual."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Where a limit has two steps, a movie beyond the first is flagged, beyond the second rejected. All limits lie beyond
# what encoding at CRF 28 changes (docs/verify.md), so that no correct movie is rejected.

# Shares of the compared cells that show what is expected: to pass, and to be delivered at all.
PASS_RATE, FLAG_RATE = 0.90, 0.70
# Contrast, beside 1. A range that is read wrongly changes it by about 0.15.
GAIN_FLAG, GAIN_FAIL = 0.05, 0.10
# Brightness at mid grey in levels of 255.
LIFT_FLAG, LIFT_FAIL = 4.0, 8.0
# Median offset of all compared cells in px of the canvas: single cells may be 1 px off, all together may not.
OFFSET_FLAG_PX = 0.3
# Saturation, beside 1.
SATURATION_FLAG, SATURATION_FAIL = 0.07, 0.15
# Share of one colour component that is found in another, as by a wrong matrix.
CROSSTALK_FLAG, CROSSTALK_FAIL = 0.05, 0.09
# Tint in levels of 255.
TINT_FLAG, TINT_FAIL = 1.5, 4.0
# Brightness of a picture beside those around it, levels of 255, and contrast beside theirs. Honest movies of all codecs
# reach 0.6 and 0.04; a frame that is 6 levels brighter can be seen.
FLASH_LEVELS_FLAG, FLASH_LEVELS_FAIL = 2.0, 5.0
FLASH_CONTRAST_FLAG, FLASH_CONTRAST_FAIL = 0.08, 0.15
# Mean difference of a part of the picture, levels of 255, and how many times that of other parts it must be, which
# coarse compression raises. Honest movies reach 18 times, and 3 levels; a watermark of 10 % has 10 levels
# and 67 times, small text that is seen for part of an average 5 and 40.
MARK_FLAG, MARK_FAIL = 3.3, 10.0
MARK_PROMINENCE = 25.0
# Rms change of the levels of a clip: honest movies reach 1.0, gamma 1.05 has 2.
TONE_FLAG, TONE_FAIL = 1.6, 6.0
STEPS_FLAG = 0.7  # rms levels beside a smooth curve: honest movies reach 0.5, steps of 8 levels have 1.0
TURN_FLAG_DEG, TURN_FAIL_DEG = 0.05, 0.10  # honest movies reach 0.02, and 0.2 degrees read 0.11 at least
SHARP_PASS = 0.75  # median share of the source's fine detail; CRF 28 keeps about that much in the worst case
# A second below that, and below this share of what the movie has, is soft. Honest movies of 0.75 keep 0.84 of it in
# every second; a blur of 1 px leaves 0.70.
SHARP_SHARE = 0.80
SHARP_SECOND = 0.70  # the same of one second: honest still pictures keep 0.745 of a faint grain
SHARPENED_FLAG = 1.06  # times the source's detail: honest movies reach 1.04, slight sharpening has 1.10
# Fine detail that the source lacks where it is flattest, rms levels, and beyond this share of its own detail there:
# honest movies reach 1.0, and noise with a standard deviation of 2.5 levels leaves 2.0 after encoding.
NOISE_FLAG, NOISE_SHARE = 1.6, 0.25
# Of the way from the corners or shadow that are asked for to none: -0.06 to 0.18 in honest movies up to CRF 32, 0.98 to
# 1.04 where they are missing.
CORNERS_AND_SHADOW_SHARE = 0.5
COMB_FAIL = 10.0  # rms levels between neighbouring rows: honest movies reach 3, interleaved fields 30
SUBJECT_PASS = 0.80  # share of the samples with a face: detectors miss some
SUBJECT_EVIDENCE = 0.50  # share of the samples in which the source shows a face at all
LATE_FRAMES = 0.5  # of the camera: beyond half a frame, it moves with another frame
MIX_FAIL = 0.25  # of the picture that is mixed in: encoders change it by a few hundredths
# Of a dissolve, beside 1: of honest ones it is off by 0.04 at CRF 30 in the dark, by 0.14 if one of 14 frames lasts 12.
DISSOLVE_PACE = 0.08
# Of a run of pictures. Encoders leave out small changes, which look late by up to 0.36 frames (dark and slow, encoded
# twice at CRF 30); runs that are one frame late or early look so by 0.59 at the least.
LATE_RUN_FRAMES = 0.55
BAR_SHARE = 0.02  # of the width or height
FROZEN_S = 0.2  # shorter stops are single repeated frames, which another check finds
LOUDNESS_DB = 1.0  # about the smallest difference that people hear
CLIP_LOUDNESS_DB = 1.5  # of one clip: codecs take up to 0.7 dB from what they hold with little room
# Of the way from a whole picture to one with combs, or with its fields in the wrong order: up to 0.20 with five honest
# deinterlacers, 0.71 to 0.99 in movies that are wrong.
COMBS_FAIL = 0.6
# Of the following, honest copies are those of AAC and Opus from 96 kbit/s, MP2 from 128, and lossless ones, of public
# clips and made sound from 0.5 s on; faults are those of docs/verify.md.
LAG_S = 0.015  # copies: 7 ms, Opus in Matroska; a third of the 45 ms at which early sound is noticed (ITU-R BT.1359)
MOMENT_SHARES = (0.85, 1.18)  # of the sound that is there in 160 ms: 0.97 to 1.04 beside its doubt in copies
# Of the difference of left and right: the share that is there, 0.61 to 1.05 in copies, -1 where they are swapped; its
# power, 0.86 and more in copies, 0 in mono, 0.25 at half the width.
SIDES_SHARE, SIDES_POWER = (0.35, 1.5), 0.5
GAP_POWER = 0.18  # -7.5 dB, in 15 ms: 0.26 in copies, 0.36 in those of public clips
BURST_POWER = 8  # of what is expected within 30 ms: 4 in copies
LOST_POWER = 0.3  # of a band in half a second: 0.49 in copies
TREBLE_FAIL_HZ, TREBLE_FLAG_HZ = 6000, 9600  # bands from below here on may not be lost; codecs leave out higher ones
ADDED_POWER = 2.0  # beside what masks it: 1.0 in copies
PEAK_SHARE = 0.92  # of the highest peaks, beside the share of all the rest: 0.95 in copies


@dataclass(frozen=True, slots=True)
class Criterion:
    """What one check requires.

    Attributes
    ----------
    title : str
        The check's name for people.
    rejects : bool
        A failure rejects the movie.
    requirement : str
        What is required.
    advice : str
        What to do if it is not met.
    is_framing : bool
        It asks whether the timeline frames well, not whether the movie is faithful to it: no part of the verdict.
    """

    title: str
    rejects: bool
    requirement: str
    advice: str
    is_framing: bool = False


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
        "strictly rising, each within 1 ms of its time, the first within 0.1 s of the source's start",
        "Render again without converting the frame rate.",
    ),
    "sound": Criterion(
        "Sound",
        True,
        "as many streams, in their order and languages, and every packet equal to the source's; where it was mixed or "
        "encoded again: length within 0.1 s, in place within 15 ms, loudness within 1 dB, of each clip within 1.5 dB, "
        "of a sixth of a second within 1.4 dB, no gap of 20 ms, no band below 6 kHz lost, left and right told apart, "
        "and nothing else is heard",
        "Render again; if an editor made the movie, check the sync and level of its sound.",
    ),
    "subtitles": Criterion(
        "Subtitles",
        True,
        "of a whole movie, text subtitles say what the source's say, within 0.01 s of its times; lost or additional "
        "streams (flagged)",
        "Render again; if an editor made the movie, add the source's subtitles to it.",
    ),
    "chapters": Criterion(
        "Chapters",
        True,
        "of a whole movie, the source's titles, within 0.05 s of its times; lost or additional ones all together "
        "(flagged)",
        "Render again; if an editor made the movie, add the source's chapters to it.",
    ),
    "labels": Criterion(
        "Names and timecode",
        True,
        "of a whole movie, the timecode of the source and the languages of its picture and subtitles, or none "
        "(flagged); its title, default and forced subtitles; one stream of pictures (flagged)",
        "Render again; if an editor made the movie, set these in its export.",
    ),
    "colour": Criterion(
        "Colour tags",
        True,
        "primaries, transfer, matrix and range as in the source",
        "Render again; a player would show other colours.",
    ),
    "depth": Criterion(
        "Bit depth and HDR",
        True,
        "no fewer bits than the source, up to 10 (rejected for PQ and HLG, else flagged); its mastering display and "
        "light levels, or none (flagged)",
        "Render again with a codec that keeps 10 bits and HDR metadata, such as h265.",
    ),
    "fields": Criterion(
        "Whole pictures",
        True,
        "every picture is flagged as progressive; pictures of two fields are made whole, in the right order of the "
        "fields, unless combs were asked for",
        "Render again with --deinterlace auto, or --deinterlace on if that does not help.",
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
        "0.90 of the compared cells show the expected crop, size and tilt within 1 px (rejected below 0.70, or if "
        "a clip or cell never does), and all together lie within 0.3 px (flagged)",
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
        "nothing like it, or with a clip that mostly is); no 12 moving pictures in a row look half a frame late or "
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
        "Cuts and dissolves",
        True,
        "pictures beside cuts belong to their own clip; dissolves, fades and dips show the mix that belongs there to a "
        "quarter of the picture, half a frame and 8 % of their length, and no cut shows one; no jump of the camera "
        "within three frames beside a cut",
        "Move the cut or the two keys of the jump onto the same frame; render again where a dissolve is wrong.",
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
    "tones": Criterion(
        "Tones",
        True,
        "the levels of each clip differ by 1.6 or less (rejected beyond 6), and are not lumped together",
        "Check for a gamma, a curve or a look that was laid over the clips that are named.",
    ),
    "flashes": Criterion(
        "No flashes",
        True,
        "no picture is 2 levels brighter or darker, or has 8 % more or less contrast, than those around it make "
        "likely (rejected beyond 5 levels or 15 %)",
        "Look at the picture that is named; render again.",
    ),
    "upright": Criterion(
        "Not turned",
        True,
        "no clip is turned by 0.05 degrees (rejected beyond 0.10)",
        "Check the rotation of the clips that are named in the program that made the movie.",
    ),
    "marks": Criterion(
        "Nothing over the picture",
        True,
        "no part of the picture differs for 0.4 s by 3 levels (rejected beyond 10)",
        "Look for a logo, a text or a track that should be off.",
    ),
    "corners_and_shadow": Criterion(
        "Round corners and shadow",
        True,
        "round corners and a shadow that the timeline asks for are there, to half of what they change",
        "Render again from this timeline; not every editor can draw them: see what the delivery says is lost.",
    ),
    "artefacts": Criterion(
        "No noise, halos or combs",
        True,
        "no rows of two moments interleaved (rejected), no noise of 1.6 levels and no detail more than 1.06 times the "
        "source's in any clip (flagged)",
        "Switch off sharpening and grain; deinterlace, or deliver progressive pictures.",
    ),
    "sharpness": Criterion(
        "Sharpness",
        False,
        "0.75 of the expected fine detail is there (median), and in each second that or 0.80 of what the movie has",
        "Render with a lower --crf, and from the original instead of a copy.",
    ),
    "subject": Criterion(
        "Subject in the picture",
        False,
        "a face is found in 0.80 of the looks at cells that show a person (two a second, where the source shows one)",
        "Look at the times that are named; move the keys there, or choose another layout for the shot.",
        is_framing=True,
    ),
    "captions": Criterion(
        "Captions are whole",
        False,
        "captions in the source's picture lie inside the crop in 0.90 of their time, by what the timeline says",
        "Reframe with --layouts fit, or from a source without captions.",
        is_framing=True,
    ),
}
