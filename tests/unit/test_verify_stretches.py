"""The stretches in which a movie's sound is compared: all of the record, and none too short to tell anything."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import tones
from panscan.verify.measure.sound_stretches import stretch_spans

TIMES = st.fractions(0, 3, max_denominator=1001)
CLIPS = st.lists(st.tuples(TIMES, TIMES).map(sorted), max_size=6)


@given(CLIPS, st.fractions(Fraction(1, 10), 3, max_denominator=1001))
def test_they_cover_the_record_and_none_is_shorter_than_an_edge(clips, end_s) -> None:
    spans = stretch_spans([tones.sound_clip(Path("a.wav"), *times) for times in clips], end_s)
    assert spans[0][0] == 0 and spans[-1][1] == round(end_s * tones.RATE_HZ)
    assert all(a[1] == b[0] for a, b in pairwise(spans))
    assert min(end - first for first, end in spans) >= 0.039 * tones.RATE_HZ
