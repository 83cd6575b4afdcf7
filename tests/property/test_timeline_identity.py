"""Framings survive the .otio text, and cameras stay on their media frames when an editor trims or slips."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import jsonschema
import numpy as np
import opentimelineio as otio
from hypothesis import given
from hypothesis import strategies as st

import documents as make
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.timeline.cut import read_cut
from panscan.timeline.effect import NAMESPACE, framing_of, plain_metadata, rounded
from panscan.timeline.schema import schema

_SIDES = st.integers(1, 8192)
_SIZES = st.builds(Size, _SIDES, _SIDES)
_PX = st.floats(-1e5, 1e5)
_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


_FRAMES = st.integers(-(10**6), 10**7)


@st.composite
def cameras(draw, frames=_FRAMES) -> Camera:
    at = sorted(draw(st.sets(frames, min_size=1, max_size=6)))
    columns = [draw(st.lists(values, min_size=len(at), max_size=len(at))) for values in (st.floats(1e-3, 50), _PX, _PX)]
    return Camera(tuple(at), *(tuple(column) for column in columns))


@st.composite
def framings(draw) -> Framing:
    cell = st.builds(Cell, st.integers(0, 4000), st.integers(0, 4000), _SIZES, cameras(), st.none() | _TEXT)
    return Framing(
        canvas=draw(_SIZES),
        source=draw(_SIZES),
        rate=draw(st.sampled_from([Fraction(25), Fraction(30000, 1001), Fraction(60), Fraction(997, 100)])),
        cells=tuple(draw(st.lists(cell, min_size=1, max_size=4))),
        background=draw(st.sampled_from(["black", "blur", "#12ab9F"])),
        layout=draw(_TEXT),
        effect=draw(_TEXT),
        why=draw(_TEXT),
        metrics=draw(st.dictionaries(_TEXT, _PX, max_size=3)),
    )


@given(framing=framings())
def test_a_rounded_framing_survives_the_text(framing) -> None:
    kept = rounded(framing)
    assert rounded(kept) == kept
    timeline = make.timeline((0, 10, kept))
    text = otio.adapters.write_to_string(timeline, "otio_json")
    read = otio.adapters.read_from_string(text, "otio_json")
    clip = make.track(read)[0]
    assert framing_of(clip) == kept
    jsonschema.validate(plain_metadata(clip.effects[0].metadata[NAMESPACE]), schema())
    assert otio.adapters.write_to_string(read, "otio_json") == text


@given(
    camera=cameras(st.integers(0, 200)),
    start=st.sampled_from([0, 90000]),
    first=st.integers(0, 150),
    count=st.integers(1, 50),
    rate=st.sampled_from([Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001)]),
)
def test_trim_and_slip_keep_the_camera_on_its_media_frames(camera, start, first, count, rate) -> None:
    framing = rounded(Framing(make.VERTICAL, make.HD, rate, (Cell(0, 0, make.VERTICAL, camera),)))
    of = make.media(rate=rate, start_frame=start, frame_count=201)
    timeline = make.timeline((0, 201, framing), of=of)
    make.track(timeline)[0].source_range = otio.opentime.TimeRange(
        otio.opentime.RationalTime(start + first, float(rate)), otio.opentime.RationalTime(count, float(rate))
    )
    (clip,) = read_cut(timeline, folder=Path("/")).clips
    assert (clip.first, clip.frame_count) == (start + first, count)
    shown = clip.framing.cells[0].crops(np.arange(clip.first, clip.end), make.HD)
    planned = framing.cells[0].crops(np.arange(first, first + count), make.HD)
    np.testing.assert_allclose(shown, planned, rtol=1e-12, atol=1e-6)
