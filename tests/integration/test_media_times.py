"""Movies whose packets, headers or clocks tell something else than what decodes, from end to end."""

from __future__ import annotations

from functools import partial

import av
import pytest

import ill_timed
from panscan import ingest
from panscan.model.framing import Camera, Cell, Framing
from panscan.model.geometry import Size
from panscan.model.plan import Shot
from panscan.render import render
from panscan.timeline.build import build_timeline
from panscan.verify import Verdict, verify

CANVAS = Size(100, 178)
KINDS = {
    "an edit list": (ill_timed.trimmed, "a.mp4"),
    "no key at the start": (ill_timed.between_keys, "a.ts"),
    "a jump forward": (ill_timed.jumping, "a.ts"),
    "a jump back": (partial(ill_timed.jumping, second_start_s=3), "a.ts"),
    "a clock that wraps": (partial(ill_timed.transport_stream, start_s=95441.7), "a.ts"),
    "a recording that was interrupted": (ill_timed.interrupted, "a.mp4"),
    "a file that is cut off": (ill_timed.cut_off, "a.mp4"),
    "bad reception": (ill_timed.gap, "a.ts"),
    "noise over pictures": (ill_timed.noisy, "a.mp4"),
    "a long last picture": (ill_timed.long_last, "a.mp4"),
    "a last picture that stays": (partial(ill_timed.held, seconds=2), "a.mp4"),
    "a clock that begins late": (partial(ill_timed.transport_stream, start_s=5000), "a.ts"),
    "dropped pictures": (ill_timed.dropped, "a.avi"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_movie_that_plays_is_rendered_and_verified(name, tmp_path):
    make, file = KINDS[name]
    probed = ingest.probe(make(tmp_path / file))
    decoded = sum(1 for _ in ingest.PictureDecoder(probed))
    camera = Camera((0,), (1.0,), (20.0,), (0.0,))
    framing = Framing(CANVAS, probed.video.display_size, probed.video.rate, (Cell(0, 0, CANVAS, camera),))
    timeline = build_timeline(probed, [(Shot(0, probed.frame_count), framing)], name="t", recipe={})
    render(timeline, folder=tmp_path, output=tmp_path / "out.mp4")
    report = verify(tmp_path / "out.mp4", timeline, folder=tmp_path)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    with av.open(str(tmp_path / "out.mp4")) as movie:
        picture = movie.streams.video[0]
        assert movie.duration / av.time_base == pytest.approx(float(probed.duration_s), abs=1.1), "nothing before it"
        assert picture.duration * picture.time_base == pytest.approx(float(probed.duration_s), abs=0.001)
        assert sum(1 for _ in movie.decode(picture)) == decoded
