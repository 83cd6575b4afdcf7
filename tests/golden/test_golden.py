"""Documents and the files made of them, kept as text. `pytest --update-golden` rewrites them: read the diff."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import opentimelineio as otio
import pytest

import documents as make
import fcpxml_model
from panscan import registry
from panscan.deliver import deliver
from panscan.files import write_bytes
from panscan.model.corners import FLAT
from panscan.model.framing import Cell, Framing
from panscan.model.geometry import Size
from panscan.timeline import cut as document
from panscan.timeline.effect import NAMESPACE, plain_metadata
from panscan.timeline.files import read_timeline
from panscan.timeline.schema import schema
from retimed import shown_by

FOLDER = Path(__file__).parent
FILM = Fraction(24000, 1001)


def _pan() -> object:
    """25 fps: a pan inside a trimmed clip, then a still one, with a gap between them."""
    pan = make.framing(((250, 1.777778, 811.1111, 0.0), (399, 1.777778, 277.7778, 0.0)), effect="PAN_FOLLOW")
    still = make.framing(((400, 1.777778, -300.5, 0.0),), why="one speaker who sits")
    timeline = make.timeline((250, 400, pan), (400, 460, still))
    for track in timeline.tracks:
        track.insert(1, otio.schema.Gap(duration=otio.opentime.RationalTime(12, 25)))
    return timeline


def _ntsc() -> object:
    """29.97 fps drop frame from 01:00:00;00: keys as handles outside the clip, and a jump inside."""
    keys = ((0, 1.777778, 700.0, 0.0), (90, 1.777778, 100.0, 0.0), (91, 1.777778, -600.0, 0.0))
    of = make.media(rate=make.NTSC, start_frame=107892, timecode="01:00:00;00", frame_count=1800)
    return make.timeline((30, 150, make.framing(keys, rate=make.NTSC)), of=of)


def _uhd() -> object:
    """UHD at 23.98 fps without sound, one key."""
    of = make.media("/media/wide shot.mov", size=make.UHD, rate=FILM, frame_count=480, audio=())
    still = make.framing(((0, 0.888889, 811.1111, 0.0),), source=make.UHD, rate=FILM)
    return make.timeline((0, 480, still), of=of)


def _zoom() -> object:
    """A square canvas: the camera closes in and moves up, holds, and opens again."""
    keys = ((0, 1.0, 0.0, 0.0), (40, 2.25, -200.0, 310.25), (100, 2.25, -200.0, 310.25), (124, 1.0, 0.0, 0.0))
    return make.timeline((0, 125, make.framing(keys, canvas=make.SQUARE)))


def _portrait() -> object:
    """A phone's upright picture with a varying rate in a square, and in front of it a letterbox of it."""
    size = make.Size(480, 908)
    of = make.media("/media/phone.mp4", size=size, rate=Fraction(30), is_vfr=True, audio=((1, 44100),))
    whole = make.framing(((0, 1.189427, 0.0, 0.0),), canvas=make.SQUARE, source=size, rate=Fraction(30), layout="fit")
    tilt = make.framing(
        ((60, 2.25, 0.0, 400.0), (119, 2.25, 0.0, -120.0)), canvas=make.SQUARE, source=size, rate=Fraction(30)
    )
    return make.timeline((0, 60, whole), (60, 120, tilt), of=of)


def _split() -> object:
    """One speaker, then two of them one above the other, the upper one followed by a pan; 01:00:00:00 at 25 fps."""
    half = Size(1080, 960)
    upper = Cell(0, 0, half, make.camera(((100, 0.9, 300.0, 0.0), (139, 0.9, -250.0, 5.0))), "person-1")
    lower = Cell(0, 960, half, make.camera(((100, 1.2, -200.0, -80.0),)), "person-2")
    both = Framing(make.VERTICAL, make.HD, make.PAL, (upper, lower), layout="split-2", why="two speakers")
    alone = make.framing(((0, 1.777778, -300.5, 0.0),))
    of = make.media(start_frame=90000, timecode="01:00:00:00")
    timeline = make.timeline((60, 100, alone), (100, 140, both), of=of)
    timeline.global_start_time = otio.opentime.RationalTime(90000, 25)
    return timeline


def _retimed() -> object:
    """Twice as fast over a jump, backwards, half as fast, held; 25 fps from 01:00:00:00."""
    jump = ((30, 1.777778, 700.0, 0.0), (49, 1.777778, 100.0, 0.0), (50, 1.777778, -600.0, 0.0))
    shots = ((20, 40), (60, 80), (100, 130), (200, 212))
    of = make.media(start_frame=90000, timecode="01:00:00:00")
    timeline = make.timeline(*((a, b, make.framing(jump)) for a, b in shots), of=of)
    for index, (speed, first) in enumerate(((2.0, 30), (-1.0, 59), (0.5, 45), (0.0, 40))):
        make.retime(timeline, index, speed, 90000 + first)
    return timeline


def _staged() -> object:
    """The whole picture with padding, round corners and a shadow on a gradient; it tilts as the camera comes closer."""
    (cell,) = make.framing(((0, 0.49, 0.0, 0.0), (11, 0.6, 40.0, -20.0)), canvas=make.SQUARE).cells
    tilted = ((0.012, -0.021), (0.983, 0.017), (0.983, 0.983), (0.012, 1.021))
    cell = replace(cell, camera=replace(cell.camera, corners=(FLAT, tilted)))
    looks = {"background": "#262b33:#111418", "corner_radius_px": 16.2, "has_shadow": True}
    return make.timeline((0, 12, Framing(make.SQUARE, make.HD, make.PAL, (cell,), **looks)))


CASES = {
    "pan_25": _pan,
    "ntsc_timecode": _ntsc,
    "uhd_still": _uhd,
    "zoom_square": _zoom,
    "portrait_vfr": _portrait,
    "split_timecode": _split,
    "retimed": _retimed,
    "staged": _staged,
}
EXPORTERS = ("otio", "fcpxml", "mlt", "otio-resolve", "otio-premiere", "xmeml", "edl")
EXPORTERS += ("fusion", "aftereffects", "nuke", "blender", "ffmpeg", "fdl")
# Those that say speeds in words of their own.
RETIMING = ("otio", "fcpxml", "mlt", "otio-resolve", "otio-premiere", "edl", "nuke", "ffmpeg")
TILTING = ("otio", "fcpxml", "fusion", "aftereffects", "nuke")  # those that tilt, and one that shows it upright
FEWER = {"retimed": RETIMING, "staged": TILTING}
PAIRS = [(case, exporter) for case in CASES for exporter in FEWER.get(case, EXPORTERS)]
PAIRS += [("ntsc_timecode", "resolve-plan"), ("split_timecode", "resolve-plan")]  # keys; Inspector values, layers
PAIRS += [("split_timecode", "crops-json")]  # a row per frame: one case says it all
PAIRS += [("ntsc_timecode", "segments"), ("zoom_square", "segments")]  # moves, rests and a jump
PAIRS += [("ntsc_timecode", "premiere-plan"), ("split_timecode", "premiere-plan")]  # media clock; layers and crops
WRITTEN = sorted(path.parent.name for path in FOLDER.glob("*/document.otio"))


def _path(case: str, exporter: str) -> Path:
    suffix = registry.load("exporters", exporter).suffix
    return FOLDER / case / ("document.otio" if exporter == "otio" else f"expected{suffix}")


def test_every_case_is_there(update_golden) -> None:
    if not update_golden:
        assert sorted(CASES) == WRITTEN
    assert len(CASES) >= 4


@pytest.mark.parametrize(("case", "exporter"), PAIRS)
def test_the_text_is_as_expected(case, exporter, update_golden) -> None:
    source = CASES[case]() if exporter == "otio" else read_timeline(_path(case, "otio"))
    main = _path(case, exporter)
    for number, (suffix, content) in enumerate(deliver(source, exporter, folder=FOLDER).files.items()):
        path = FOLDER / case / f"expected{suffix}" if number else main
        if update_golden:
            write_bytes(content, path)
        assert path.is_file(), f"{path.name} of {case} is missing: run pytest --update-golden"
        assert content.decode("utf-8").splitlines() == path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("case", CASES)
def test_every_framing_keeps_the_schema(case) -> None:
    timeline = read_timeline(_path(case, "otio"))
    effects = [effect for clip in timeline.find_clips() for effect in clip.effects]
    payloads = [plain_metadata(effect.metadata[NAMESPACE]) for effect in effects if NAMESPACE in effect.metadata]
    assert payloads
    for payload in payloads:
        jsonschema.validate(payload, schema())


@pytest.mark.parametrize("case", CASES)
def test_the_expected_fcpxml_shows_the_documents_crops(case) -> None:
    cut = document.read_cut(read_timeline(_path(case, "otio")), folder=FOLDER)
    shown = fcpxml_model.play(_path(case, "fcpxml").read_text(encoding="utf-8"))
    assert len(shown) == sum(clip.frame_count for clip in cut.clips)
    for clip in cut.clips:
        for number, (media_frame, (crop, *_)) in enumerate(shown_by(clip)):
            frame = shown[clip.record_frame + number]
            assert frame.media_frame == media_frame
            left, top, width, _ = frame.crop  # of the whole canvas; the first cell is a part of it
            source_px = width / clip.framing.canvas.width
            cell = clip.framing.cells[0]
            size = cell.size.width * source_px, cell.size.height * source_px
            window = (left + cell.left_px * source_px, top + cell.top_px * source_px, *size)
            assert np.abs(np.array(window) - crop).max() < 0.01


@pytest.mark.parametrize("case", CASES)
def test_goldens_name_neutral_media_only(case) -> None:
    assert "/media/" in _path(case, "otio").read_text(encoding="utf-8")
    for path in (FOLDER / case).iterdir():
        text = path.read_text(encoding="utf-8")
        assert "/home" not in text and "/work" not in text and "/tmp" not in text
