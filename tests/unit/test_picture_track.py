"""The length of a picture stream whose pictures are decoded in another order than they are shown."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from panscan.render.container.picture_track import PictureTrack

# (pts, dts, duration) in the order of decoding.
STEADY = [(0, -2, 1), (3, -1, 1), (1, 0, 1), (2, 1, 1), (4, 2, 1)]
LAST_LONG = [(0, -20, 10), (30, -10, 500), (10, 0, 10), (20, 10, 10)]
UNEVEN = [(0, -4, 4), (100, 0, 50), (4, 4, 4), (8, 5, 92)]  # FFmpeg would end it at 97, before the last begins
ONE = [(0, 0, 5)]


@pytest.mark.parametrize("coded", [STEADY, LAST_LONG, UNEVEN, ONE])
def test_the_stream_lasts_until_its_last_picture_ends(coded):
    written = []
    track = PictureTrack(SimpleNamespace(mux=written.append))
    for pts, dts, duration in coded:
        track.write(SimpleNamespace(pts=pts, dts=dts, duration=duration))
    assert len(written) == len(coded) - 1
    track.close()
    end = max(pts + duration for pts, _, duration in coded)
    last = written[-1]
    assert last.dts + last.duration - written[0].dts == end, "what MP4 takes for its length"
    assert last.pts + last.duration <= end, "nothing is shown beyond it"
    assert all(packet.dts <= packet.pts for packet in written)
    assert [packet.dts for packet in written] == sorted({packet.dts for packet in written})


def test_a_steady_stream_stays_as_it_is():
    written = []
    track = PictureTrack(SimpleNamespace(mux=written.append))
    for pts, dts, duration in STEADY:
        track.write(SimpleNamespace(pts=pts, dts=dts, duration=duration))
    track.close()
    assert [(p.pts, p.dts, p.duration) for p in written] == STEADY


def test_nothing_is_written_of_nothing():
    written = []
    PictureTrack(SimpleNamespace(mux=written.append)).close()
    assert written == []
