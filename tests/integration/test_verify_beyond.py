"""What must be found and what must be left alone: stills, black, bars, tags, loudness and sync along the movie."""

from __future__ import annotations

import av
import numpy as np
import pytest

import faults
import media
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect
from panscan.model.plan import Shot
from panscan.render import render
from panscan.timeline.build import build_timeline
from panscan.verify import Verdict, verify

SECONDS = faults.FRAMES / float(faults.RATE)


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    return faults.stage(tmp_path_factory.mktemp("stage"))


def judged(stage, movie):
    return verify(movie, stage.timeline, folder=stage.folder)


def honest(folder, scene, frames=50, **options):
    """Film, timeline and report of a scene under one still camera."""
    film = media.write_clip(folder / "film.mp4", scene, size=faults.SIZE, pts=range(frames), tones={}, **options)
    source = probe(film)
    framing = faults.pan(faults.CANVAS, 0, frames, 200.0, 200.0, 0)
    timeline = build_timeline(source, [(Shot(0, frames), framing)], name="scene", recipe={})
    movie = folder / "out.mp4"
    render(timeline, folder=folder, output=movie)
    return faults.Stage(folder, source, timeline, movie), verify(movie, timeline, folder=folder)


def test_what_stands_still_or_is_black_in_the_source_is_no_fault(tmp_path):
    def scene(frame, plane, x_px, y_px):
        if 30 <= frame < 40:
            return np.full((1, 1), 16.0 if plane == 0 else 128.0)
        return faults.scene(min(frame, 12), plane, x_px, y_px)

    _stage, report = honest(tmp_path, scene)
    assert report["frozen"].grade == report["black"].grade == "pass", report.to_text()
    assert report.verdict is Verdict.VERIFIED, report.to_text()


def test_pictures_of_something_else_are_found(tmp_path):
    """Ten lit pictures where the source is black: no neighbour, no bar, nothing that stands still."""

    def scene(frame, plane, x_px, y_px):
        dark = 20 <= frame < 30
        return np.full((1, 1), 16.0 if plane == 0 else 128.0) if dark else faults.scene(frame, plane, x_px, y_px)

    made, report = honest(tmp_path, scene)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    other = tmp_path / "other"
    other.mkdir()
    lit, _report = honest(other, faults.scene)
    report = verify(lit.movie, made.timeline, folder=made.folder)
    assert report["moment"].grade == "fail" and report["moment"].measured["misplaced"][0] == 20, report.to_text()


def test_one_damaged_picture_is_found(stage, tmp_path):
    def damaged(n, frame):
        def change(plane, x):
            x = x.copy()
            x[: len(x) // 3] = 80 if plane else 160
            return x

        return [faults.planes(frame, change) if n == 27 else frame]

    report = judged(stage, faults.remade(stage.movie, tmp_path / "out.mp4", damaged))
    assert report["moment"].grade != "pass" and report.verdict is not Verdict.VERIFIED, report.to_text()
    assert 27 in report["moment"].measured["extra"] + report["moment"].measured["misplaced"]


def test_bars_of_the_source_are_flagged_unless_the_camera_avoids_them(tmp_path):
    def scene(frame, plane, x_px, y_px):
        shown = faults.scene(frame, plane, x_px, y_px)
        inside = np.broadcast_to((y_px >= 30) & (y_px < 330), (len(x_px), len(y_px))).T
        return np.where(inside, shown, 16 if plane == 0 else 128)

    _stage, report = honest(tmp_path, scene)
    assert report["bars"].grade == "flag" and report.verdict is Verdict.FLAGGED, report.to_text()
    inner = tmp_path / "inner"
    inner.mkdir()
    source = probe(media.write_clip(inner / "film.mp4", scene, size=faults.SIZE, pts=range(30), tones={}))
    whole = faults.pan(faults.CANVAS, 0, 30, 200.0, 200.0, 0)
    timeline = build_timeline(source, [(Shot(0, 30), whole)], name="inner", recipe={})
    timeline = faults.zoomed(timeline, 1.3)
    render(timeline, folder=inner, output=inner / "out.mp4")
    assert verify(inner / "out.mp4", timeline, folder=inner)["bars"].grade == "pass"


@pytest.mark.parametrize("background", ["black", "#208040"])
def test_the_background_beside_the_picture(tmp_path, background):
    film = media.write_clip(tmp_path / "film.mp4", faults.scene, size=faults.SIZE, pts=range(20), tones={})
    source = probe(film)
    tall = faults.SIZE[0] * faults.CANVAS.height / faults.CANVAS.width
    row = key_values_of_crop(
        Rect(0, (faults.SIZE[1] - tall) / 2, faults.SIZE[0], tall), faults.CANVAS, source.video.display_size
    )
    cell = Cell(0, 0, faults.CANVAS, Camera((0,), *((v,) for v in row)))
    rate, size = source.video.rate, source.video.display_size
    framings = [
        Framing(faults.CANVAS, size, rate, (cell,), layout="fit", background=name) for name in (background, "#e0e0e0")
    ]
    timelines = [build_timeline(source, [(Shot(0, 20), framing)], name="fit", recipe={}) for framing in framings]
    for number, verdict in ((0, "pass"), (1, "fail")):
        render(timelines[number], folder=tmp_path, output=tmp_path / f"{number}.mp4")
        report = verify(tmp_path / f"{number}.mp4", timelines[0], folder=tmp_path)
        assert report["bars"].grade == verdict, report.to_text()
    assert "background" in report["bars"].what


def test_a_night_scene_has_no_bars(tmp_path):
    def scene(frame, plane, x_px, y_px):
        shown = faults.scene(frame, plane, x_px, y_px)
        return 128 + (shown - 128) * 0.2 if plane else 17 + (shown - 30) * 0.1

    made, report = honest(tmp_path, scene)
    assert report["bars"].grade == "pass", report.to_text()
    barred = faults_without_sound(made, tmp_path / "barred.mp4")
    assert verify(barred, made.timeline, folder=made.folder)["bars"].grade == "fail"


def faults_without_sound(made, target):
    """Bars burnt into a silent movie."""
    with av.open(str(made.movie)) as source, av.open(str(target), "w") as out:
        video = source.streams.video[0]
        stream = out.add_stream("libx264", rate=faults.RATE, options={"crf": "14"})
        stream.width, stream.height, stream.pix_fmt = video.width, video.height, "yuv420p"
        for name in ("color_primaries", "color_trc", "colorspace", "color_range"):
            setattr(stream.codec_context, name, getattr(video.codec_context, name))
        for n, frame in enumerate(source.decode(video)):
            shown = faults.planes(frame, faults.barred)
            shown.pts, shown.time_base = n, 1 / faults.RATE
            out.mux(stream.encode(shown))
        out.mux(stream.encode(None))
    return target


def sound_with(change):
    """The film's own sound, changed so that no packet is equal; `change` gets samples and their seconds."""
    samples = faults.noise(1, SECONDS) * np.float32(0.98)
    return change(samples, np.arange(len(samples)) / 48000)


def late_from(start_s, by_s=0.06):
    """Sound that is late from a moment on."""

    def change(samples, at_s):
        first, lag = int(start_s * 48000), round(by_s * 48000)
        late = np.concatenate([samples[:first], np.zeros(lag, np.float32), samples[first:]])
        return late[: len(at_s)]

    return change


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (late_from(0), "ms off"),
        (late_from(1.6), "ms off"),
        (late_from(3.0), "ms off"),
        (lambda x, t: np.where((t > 2) & (t < 2.6), 0, x).astype(np.float32), "silent"),
        (lambda x, t: (x * 1.41).astype(np.float32), "louder"),
        (lambda x, t: np.where(t > 3, x * 0.5, x).astype(np.float32), "louder"),
    ],
    ids=["start", "middle", "end", "dropout", "loud", "quiet at the end"],
)
def test_sound_is_followed_along_the_movie(stage, tmp_path, change, word):
    target = faults.resounded(stage.movie, tmp_path / "out.mp4", samples=sound_with(change))
    report = judged(stage, target)
    assert report["sound"].grade == "fail" and word in report["sound"].what, report.to_text()


def test_sound_encoded_again_is_no_fault(stage, tmp_path):
    target = faults.resounded(stage.movie, tmp_path / "out.mp4", samples=sound_with(lambda x, _t: x))
    assert judged(stage, target).verdict is Verdict.VERIFIED


def test_the_second_sound_is_listened_to(tmp_path):
    """Two languages, the second of another film."""
    pictures = media.write_clip(tmp_path / "pictures.mp4", faults.scene, size=faults.SIZE, pts=range(50), tones={})
    film = two_sounds(pictures, tmp_path / "film.mp4", (1, 2))
    source = probe(film)
    framing = faults.pan(faults.CANVAS, 0, 50, 200.0, 200.0, 0)
    timeline = build_timeline(source, [(Shot(0, 50), framing)], name="two", recipe={})
    render(timeline, folder=tmp_path, output=tmp_path / "silent.mp4")
    for seeds, verdict in (((1, 2), "pass"), ((1, 3), "fail")):
        movie = two_sounds(tmp_path / "silent.mp4", tmp_path / f"{seeds[1]}.mp4", seeds, gain=0.97)
        report = verify(movie, timeline, folder=tmp_path)
        assert report["sound"].grade == verdict, report.to_text()
        assert "sound 2" in report["sound"].what or verdict == "pass"


def two_sounds(pictures, target, seeds, gain=1.0):
    with av.open(str(pictures)) as source, av.open(str(target), "w") as out:
        video = out.add_stream_from_template(source.streams.video[0])
        streams = [out.add_stream("aac", rate=48000, layout="mono") for _ in seeds]
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = video
                out.mux(packet)
        for stream, seed in zip(streams, seeds, strict=True):
            samples = faults.noise(seed, 2.0) * np.float32(gain)
            for start in range(0, len(samples), 1024):
                frame = av.AudioFrame.from_ndarray(samples[None, start : start + 1024], format="fltp", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = 48000, start, 1 / media.Fraction(48000)
                out.mux(stream.encode(frame))
            out.mux(stream.encode(None))
    return target
