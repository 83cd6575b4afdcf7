"""Movies with one planted fault each: what a verifier is for. Small, and made in a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt

import media
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Shot
from panscan.render import render
from panscan.timeline.build import build_timeline
from panscan.timeline.effect import attach_framing, framing_of

CANVAS = Size(180, 320)
SIZE = (640, 360)
RATE = Fraction(25)
CUTS = (40, 70)
FRAMES = 100
_HZ = 48000

Samples = npt.NDArray[np.float32]
# The pictures that stand in the place of one picture (number, frame): none, one or several.
Pictures = Callable[[int, Any], list[Any]]


def scene(frame: int, plane: int, x_px: media.Floats, y_px: media.Floats) -> media.Floats:
    """Three moving shots with coarse and fine detail, of unlike light."""
    shot = int(np.searchsorted(CUTS, frame, side="right"))
    drift = (1.6, -1.2, 0.9)[shot] * frame
    coarse = media.texture(40 + shot, plane, x_px - drift, y_px)
    if plane:
        return 128 + (coarse - 126) * 1.3 + (14, -14)[plane - 1] * (shot - 1)
    fine = np.outer(np.sin(2 * np.pi * y_px / 6.1), np.sin(2 * np.pi * (x_px - drift) / 5.3))
    return coarse + 14 * fine + (30, -25, 5)[shot]


def noise(seed: int, seconds: float) -> Samples:
    """Sound that fits in one place only: noise with syllables."""
    rng = np.random.default_rng(seed)
    grain = np.convolve(rng.normal(0, 1, round(seconds * _HZ)), np.ones(12) / 12, mode="same")
    loud = np.repeat(rng.uniform(0.2, 1, int(seconds * 8) + 1), _HZ // 8)[: len(grain)]
    return np.asarray(0.25 * grain * loud, np.float32)


@dataclass(frozen=True)
class Stage:
    """A film, the timeline over it, and the honest movie of that timeline, in one folder."""

    folder: Path
    source: Any
    timeline: Any
    movie: Path

    def render(self, timeline: Any, target: Path) -> Path:
        """A movie of another timeline over the same film."""
        render(timeline, folder=self.folder, output=target)
        return target


def stage(folder: Path) -> Stage:
    """Make film, timeline and honest movie."""
    silent = media.write_clip(folder / "pictures.mp4", scene, size=SIZE, rate=RATE, pts=range(FRAMES), tones={})
    film = with_sound(silent, folder / "film.mp4", noise(1, FRAMES / float(RATE)))
    source = probe(film)
    timeline = edit(source)
    movie = folder / "honest.mp4"
    render(timeline, folder=folder, output=movie)
    return Stage(folder, source, timeline, movie)


def edit(source: Any, *, cuts: tuple[int, ...] = CUTS, canvas: Size = CANVAS, by_px: float = 0, late: int = 0) -> Any:
    """One clip per shot: a slow pan, a fast one, and two cells; changed by the named amount."""
    ends = [0, *cuts, source.frame_count]
    framings = [
        pan(canvas, ends[0], ends[1], 60.0, 84.0, by_px),
        pan(canvas, ends[1], ends[2], 60.0, 360.0, by_px),
        halves(canvas),
    ]
    shots = [(Shot(a, b), f.shifted(late)) for a, b, f in zip(ends, ends[1:], framings, strict=False)]
    return build_timeline(source, shots, name="faults", recipe={})


def pan(canvas: Size, first: int, end: int, start_px: float, stop_px: float, by_px: float) -> Framing:
    """From one left edge to another in source px; `by_px`: so much beside it in canvas px."""
    height = float(SIZE[1])
    width = height * canvas.width / canvas.height
    scale = canvas.height / height
    rows = [
        key_values_of_crop(Rect(left - by_px / scale, 0, width, height), canvas, Size(*SIZE))
        for left in (start_px, stop_px)
    ]
    columns = [tuple(float(v) for v in column) for column in zip(*rows, strict=True)]
    return Framing(canvas, Size(*SIZE), RATE, (Cell(0, 0, canvas, Camera((first, end - 1), *columns)),))


def halves(canvas: Size, *, swapped: bool = False) -> Framing:
    """Two cells, one above the other."""
    half = Size(canvas.width, canvas.height // 2)
    lefts = (300.0, 20.0) if swapped else (20.0, 300.0)
    cells = []
    for n, left in enumerate(lefts):
        row = key_values_of_crop(Rect(left, 40, 315, 315 * half.height / half.width), half, Size(*SIZE))
        cells.append(Cell(0, n * half.height, half, Camera((0,), *((v,) for v in row))))
    return Framing(canvas, Size(*SIZE), RATE, tuple(cells), layout="split-2")


def zoomed(timeline: Any, factor: float) -> Any:
    """The same cameras over the same middles, nearer by a factor."""
    nearer = timeline.deepcopy()
    for clip in nearer.find_clips():
        framing = framing_of(clip)
        if framing is None:
            continue
        cells = []
        for cell in framing.cells:
            camera = cell.camera
            columns = [tuple(v * factor for v in column) for column in (camera.scale, camera.x_px, camera.y_px)]
            cells.append(replace(cell, camera=Camera(camera.frame, *columns)))
        attach_framing(clip, replace(framing, cells=tuple(cells)))
    return nearer


def with_sound(pictures: Path, target: Path, samples: Samples) -> Path:
    """The pictures of one file with sound of our own."""
    with av.open(str(pictures)) as source, av.open(str(target), "w") as out:
        video = out.add_stream_from_template(source.streams.video[0])
        sound = out.add_stream("aac", rate=_HZ, layout="mono")
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = video
                out.mux(packet)
        for start in range(0, len(samples), 1024):
            frame = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = _HZ, start, Fraction(1, _HZ)
            out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    return target


def rows_of(frame: Any) -> npt.NDArray[Any]:
    """The planes of a 4:2:0 frame one beneath the other, as `to_ndarray` gives them; it knows 8 bits only."""
    if frame.format.components[0].bits == 8:
        return np.asarray(frame.to_ndarray())
    found = []
    for plane in frame.planes:
        wide = np.frombuffer(plane, np.uint16).reshape(-1, plane.line_size // 2)
        found.append(wide[: plane.height, : plane.width].reshape(-1, frame.width))
    return np.concatenate(found)


def frame_of(rows: npt.NDArray[Any], pixel_format: str) -> Any:
    """The other way round."""
    if rows.dtype == np.uint8:
        return av.VideoFrame.from_ndarray(np.ascontiguousarray(rows), format=pixel_format)
    width, height = rows.shape[1], len(rows) * 2 // 3
    frame = av.VideoFrame(width, height, pixel_format)
    first = 0
    for plane in frame.planes:
        count = plane.height * plane.width // width
        wide = np.zeros((plane.height, plane.line_size // 2), np.uint16)
        wide[:, : plane.width] = rows[first : first + count].reshape(plane.height, plane.width)
        plane.update(wide.tobytes())
        first += count
    return frame


def remade(movie: Path, target: Path, pictures: Pictures | None = None, *, full_range: bool = False) -> Path:
    """The movie encoded again with other pictures, its sound copied; honest if `pictures` changes nothing."""
    with av.open(str(movie)) as source, av.open(str(target), "w") as out:
        video, heard = source.streams.video[0], source.streams.audio[0]
        made = out.add_stream("libx264", rate=video.average_rate, options={"crf": "14", "preset": "ultrafast"})
        made.width, made.height, made.pix_fmt, made.thread_count = video.width, video.height, video.pix_fmt, 1
        made.time_base = made.codec_context.time_base = video.time_base
        for name in ("color_primaries", "color_trc", "colorspace", "color_range"):
            setattr(made.codec_context, name, getattr(video.codec_context, name))
        if full_range:
            made.codec_context.color_range = 2
        sound = out.add_stream_from_template(heard)
        with av.open(str(movie)) as timed:
            stamps = sorted(p.pts for p in timed.demux(timed.streams.video[0]) if p.pts is not None)
        number = 0
        for n, frame in enumerate(source.decode(video)):
            for picture in pictures(n, frame) if pictures else [frame]:
                copy = frame_of(rows_of(picture), video.pix_fmt)
                beyond = number - len(stamps) + 1
                copy.pts = stamps[number] if beyond <= 0 else stamps[-1] + beyond * (stamps[-1] - stamps[-2])
                copy.time_base = video.time_base
                out.mux(made.encode(copy))
                number += 1
        out.mux(made.encode(None))
        _copy_sound(movie, out, sound)
    return target


def resounded(
    movie: Path, target: Path, *, delay_s: Fraction = Fraction(0), length_s: float = 1e9, samples: Samples | None = None
) -> Path:
    """The movie's pictures with its own sound late or cut short, or with other sound."""
    if samples is not None:
        return with_sound(movie, target, samples)
    with av.open(str(movie)) as source, av.open(str(target), "w") as out:
        streams = [out.add_stream_from_template(s) for s in (source.streams.video[0], source.streams.audio[0])]
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = streams[0]
                out.mux(packet)
        _copy_sound(movie, out, streams[1], delay_s, length_s)
    return target


def _copy_sound(movie: Path, out: Any, stream: Any, delay_s: Fraction = Fraction(0), length_s: float = 1e9) -> None:
    with av.open(str(movie)) as source:
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is None or packet.dts * packet.time_base > length_s:
                continue
            ticks = round(delay_s / packet.time_base)
            packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
            packet.stream = stream
            out.mux(packet)


def planes(frame: Any, change: Callable[[int, npt.NDArray[Any]], npt.NDArray[Any]]) -> Any:
    """A 4:2:0 frame whose planes (0 luma, 1 and 2 chroma) went through `change`, on the scale of 8 bits."""
    rows, width, height = rows_of(frame), frame.width, frame.height
    unit = 1 if rows.dtype == np.uint8 else 1 << (frame.format.components[0].bits - 8)
    scaled = rows if unit == 1 else rows.astype(np.float32) / unit
    luma = change(0, scaled[:height])
    chroma = scaled[height:].reshape(2, height // 2, width // 2)
    both = [change(n + 1, chroma[n]) for n in range(2)]
    packed = np.concatenate([luma, np.stack(both).reshape(-1, width)])
    packed = (packed.astype(np.float32) * unit).round().clip(0, 256 * unit - 1).astype(rows.dtype)
    return frame_of(packed, frame.format.name)


def changed(movie: Path, target: Path, change: Callable[[int, npt.NDArray[np.uint8]], npt.NDArray[Any]]) -> Path:
    """Every picture changed in the same way."""
    return remade(movie, target, lambda _n, frame: [planes(frame, change)])


def _held(first: int, count: int) -> Pictures:
    kept: list[Any] = []

    def pictures(n: int, frame: Any) -> list[Any]:
        if n == first:
            kept.append(frame)
        return [kept[0] if first <= n < first + count else frame]

    return pictures


def _black(n: int, frame: Any) -> list[Any]:
    return [planes(frame, lambda p, x: np.full_like(x, 16 if p == 0 else 128)) if 5 <= n < 30 else frame]


def _smaller(_plane: int, x: npt.NDArray[np.uint8]) -> npt.NDArray[Any]:
    half = cv2.resize(x, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(half, (x.shape[1], x.shape[0]), interpolation=cv2.INTER_CUBIC))


def barred(plane: int, x: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """A plane made lower, with black above and below."""
    rows = len(x) // 12
    small = cv2.resize(x, (x.shape[1], len(x) - 2 * rows), interpolation=cv2.INTER_AREA)
    return np.pad(small, ((rows, rows), (0, 0)), constant_values=16 if plane == 0 else 128)


def swapped_planes(_n: int, frame: Any) -> list[Any]:
    """Blue where red belongs."""
    rows = rows_of(frame)
    u, v = np.split(rows[frame.height :], 2)
    return [frame_of(np.concatenate([rows[: frame.height], v, u]), frame.format.name)]


def _other_matrix(_n: int, frame: Any) -> list[Any]:
    """BT.601 colours written as BT.709, as a converter does that overlooks the tag."""
    rows, height, width = rows_of(frame).astype(np.float32), frame.height, frame.width
    luma = rows[:height]
    u, v = rows[height:].reshape(2, height // 2, width // 2) - 128
    wide_u, wide_v = (cv2.resize(x, (width, height), interpolation=cv2.INTER_LINEAR) for x in (u, v))
    # ITU-R BT.601 to BT.709, on the scale of limited range.
    luma = luma - 0.1156 * wide_u - 0.2080 * wide_v
    both = np.stack([1.0186 * u + 0.1146 * v, 0.0750 * u + 1.0253 * v]) + 128
    packed = np.concatenate([luma, both.reshape(-1, width)]).round().clip(0, 255).astype(np.uint8)
    return [av.VideoFrame.from_ndarray(packed, format="yuv420p")]


def _cut_off(s: Stage, target: Path) -> None:
    target.write_bytes(s.movie.read_bytes()[: s.movie.stat().st_size * 6 // 10])


def _other_cells(s: Stage, target: Path) -> None:
    timeline = edit(s.source)
    clip = timeline.tracks[0][2]
    clip.effects[:] = []
    attach_framing(clip, halves(CANVAS, swapped=True))
    s.render(timeline, target)


def _moved_source(s: Stage, target: Path) -> None:
    """The right camera over the pictures of one frame later."""
    later = media.write_clip(
        s.folder / "later.mp4", lambda n, *at: scene(n + 1, *at), size=SIZE, rate=RATE, pts=range(FRAMES), tones={}
    )
    film = with_sound(later, s.folder / "later-film.mp4", noise(1, FRAMES / float(RATE)))
    s.render(edit(replace(s.source, path=str(film))), target)


@dataclass(frozen=True)
class Fault:
    """what: in words; make: writes the movie; finding: that must not pass; verdict: of the report."""

    what: str
    make: Callable[[Stage, Path], Any]
    finding: str
    verdict: str = "REJECTED"


def _remade(pictures: Callable[[], Pictures]) -> Callable[[Stage, Path], Any]:
    return lambda s, t: remade(s.movie, t, pictures())


def _changed(change: Callable[[int, npt.NDArray[np.uint8]], npt.NDArray[Any]]) -> Callable[[Stage, Path], Any]:
    return lambda s, t: changed(s.movie, t, change)


def faults() -> Iterator[Fault]:
    """All planted faults."""
    flagged = "DELIVERED_WITH_QUALITY_FLAGS"
    yield Fault("file cut off", _cut_off, "playable")
    yield Fault("another ratio", lambda s, t: s.render(edit(s.source, canvas=Size(256, 320)), t), "canvas")
    yield Fault("one picture left out", _remade(lambda: lambda n, f: [] if n == 33 else [f]), "frame_count")
    yield Fault("one picture doubled", _remade(lambda: lambda n, f: [f, f] if n == 33 else [f]), "frame_count")
    yield Fault(
        "one doubled, another left out, same count",
        _remade(lambda: lambda n, f: [f, f] if n == 20 else [] if n == 33 else [f]),
        "moment",
    )
    yield Fault("one picture shown in its neighbour's place", _remade(lambda: _held(50, 2)), "moment")
    yield Fault("pictures of one frame later", _moved_source, "moment")
    yield Fault("crop 2 px off", lambda s, t: s.render(edit(s.source, by_px=2), t), "position")
    yield Fault("crop 2 % too narrow", lambda s, t: s.render(zoomed(edit(s.source), 1.02), t), "position")
    yield Fault("cells swapped", _other_cells, "position")
    yield Fault(
        "camera one frame late (0.6 px a frame at its slowest)",
        lambda s, t: s.render(edit(s.source, late=1), t),
        "camera",
    )
    yield Fault("camera cut one frame late", lambda s, t: s.render(edit(s.source, cuts=(41, 70)), t), "cuts")
    yield Fault("camera cut one frame early", lambda s, t: s.render(edit(s.source, cuts=(40, 69)), t), "cuts")
    yield Fault("one second frozen", _remade(lambda: _held(8, 25)), "frozen")
    yield Fault("one second black", _remade(lambda: _black), "black")
    yield Fault("bars burnt in", _changed(barred), "bars")
    yield Fault("colour planes swapped", _remade(lambda: swapped_planes), "chroma")
    yield Fault("colour planes 2 samples aside", _changed(lambda p, x: np.roll(x, 2, axis=1) if p else x), "chroma")
    yield Fault("colour planes 2 samples down", _changed(lambda p, x: np.roll(x, 2, axis=0) if p else x), "chroma")
    yield Fault("colours of another matrix", _remade(lambda: _other_matrix), "chroma")
    yield Fault("colours faded by a fifth", _changed(lambda p, x: (x - 128.0) * 0.8 + 128 if p else x), "chroma")
    yield Fault("a tint of 5 levels", _changed(lambda p, x: x + (0.0, 5.0, -5.0)[p]), "chroma")
    yield Fault("tagged full range", lambda s, t: remade(s.movie, t, full_range=True), "colour")
    yield Fault(
        "levels stretched to full range",
        _changed(lambda p, x: (x.astype(float) - 16) * 255 / 219 if p == 0 else x),
        "levels",
    )
    yield Fault("blurred", _changed(lambda p, x: cv2.GaussianBlur(x, (0, 0), 1.5)), "sharpness", flagged)
    yield Fault("scaled twice", _changed(_smaller), "sharpness", flagged)
    yield Fault("sound 60 ms late", lambda s, t: resounded(s.movie, t, delay_s=Fraction(60, 1000)), "sound")
    yield Fault(
        "sound 60 ms late, encoded again",
        lambda s, t: resounded(s.movie, t, samples=np.concatenate([np.zeros(2880, np.float32), noise(1, 3.94)])),
        "sound",
    )
    yield Fault("sound cut short", lambda s, t: resounded(s.movie, t, length_s=2.0), "sound")
    yield Fault("sound of another film", lambda s, t: resounded(s.movie, t, samples=noise(2, 4.0)), "sound")
    yield Fault(
        "sound 3 dB louder", lambda s, t: resounded(s.movie, t, samples=noise(1, 4.0) * np.float32(1.41)), "sound"
    )


FAULTS = tuple(faults())


def table() -> str:
    """Fault, finding and verdict as the manual shows them."""
    rows = [f"| {f.what} | `{f.finding}` | {f.verdict} |" for f in FAULTS]
    return "\n".join(["| planted fault | found by | verdict |", "|---|---|---|", *rows])
