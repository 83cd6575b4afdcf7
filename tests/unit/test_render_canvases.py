"""Canvases whose memory is used again."""

from __future__ import annotations

from fractions import Fraction

import av
import pytest

from panscan.model.geometry import Size
from panscan.render.picture.canvases import Canvases
from panscan.render.picture.planes import PLANAR_FORMATS, views

SIZE = Size(320, 180)


@pytest.mark.parametrize(("encoder", "name"), [("libx264", "yuv420p"), ("prores_ks", "yuv422p10le")])
def test_pictures_that_an_encoder_still_reads_are_not_drawn_on(encoder, name):
    fmt, canvases = PLANAR_FORMATS[name], Canvases(SIZE, name)
    context = av.CodecContext.create(encoder, "w")
    context.width, context.height, context.pix_fmt = SIZE.width, SIZE.height, name
    context.time_base, context.thread_type, context.thread_count = Fraction(1, 30), "FRAME", 4
    grey = [fmt.peak // 4 + n * fmt.peak // 80 for n in range(40)]
    packets = []
    for pts, level in enumerate(grey):
        canvas = canvases.take()
        for plane in views(canvas, fmt):
            plane[:] = level
        canvas.pts = pts
        packets += context.encode(canvas)
        canvases.give_back(canvas)
    packets += context.encode(None)
    decoder = av.CodecContext.create(context.codec.canonical_name, "r")
    shown = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
    assert [float(views(frame, fmt)[0].mean()) for frame in shown] == pytest.approx(grey, abs=fmt.peak / 200)


def test_memory_is_used_again():
    canvases = Canvases(SIZE, "yuv420p")
    first = canvases.take()
    place = first.planes[0].buffer_ptr
    canvases.give_back(first)
    again, other = canvases.take(), canvases.take()
    assert again.planes[0].buffer_ptr == place != other.planes[0].buffer_ptr
