"""Short timelines with a pan to render, and what is read back from a render."""

from __future__ import annotations

import av
import numpy as np

import media
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Shot
from panscan.render import RenderSettings
from panscan.timeline.build import build_timeline

CANVAS = Size(90, 160)
QUICK = RenderSettings(preset="ultrafast", crf=10)


def film_in(folder):
    """A folder, and the media of a short movie in it that moves all along."""
    return folder, probe(media.write_clip(folder / "film.mp4"))


def scenes_in(folder):
    """A folder, and the media of a short movie with cuts in it."""
    return folder, probe(media.cuts(folder / "scenes.mp4"))


def pan(source, canvas=CANVAS, first=0, last=None):
    """The largest crop of the canvas's shape, from the left end to the right end."""
    size = source.video.display_size
    scale = max(canvas.width / size.width, canvas.height / size.height)
    width, height = canvas.width / scale, canvas.height / scale
    last = source.frame_count - 1 if last is None else last
    ends = [Rect(0, 0, width, height), Rect(size.width - width, size.height - height, width, height)]
    rows = [key_values_of_crop(end, canvas, size) for end in ends]
    camera = Camera((first, last), *(tuple(float(v) for v in column) for column in zip(*rows, strict=True)))
    return Framing(canvas, size, source.video.rate, (Cell(0, 0, canvas, camera),))


def edited(source, ranges, canvas=CANVAS, recipe=None):
    shots = [(Shot(a, b), pan(source, canvas, a, b - 1)) for a, b in ranges]
    return build_timeline(source, shots, name="test", recipe=recipe or {})


def whole(source, canvas=CANVAS, recipe=None):
    return edited(source, [(0, source.frame_count)], canvas, recipe)


def pictures(path):
    """Exact time and samples of every picture."""
    with av.open(str(path)) as container:
        return [(frame.pts * frame.time_base, frame.to_ndarray()) for frame in container.decode(video=0)]


def same(a, b):
    a, b = pictures(a), pictures(b)
    return [t for t, _ in a] == [t for t, _ in b] and all(
        np.array_equal(x, y) for (_, x), (_, y) in zip(a, b, strict=True)
    )


def packets(path, kind="audio"):
    with av.open(str(path)) as container:
        streams = [s for s in container.streams if s.type == kind]
        return [(p.stream.index, bytes(p)) for p in container.demux(streams) if p.dts is not None] if streams else []


def left_over(folder):
    return sorted(p.name for p in folder.iterdir() if p.name.startswith("."))
