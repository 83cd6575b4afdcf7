"""Rendering and judging whole movies: honest renders are verified, planted faults are found."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from fractions import Fraction
from functools import partial

import av
import numpy as np
import opentimelineio as otio
import pytest

import media
from panscan.errors import DocumentError, InputError, RenderError, UsageError
from panscan.ingest.media.probe import probe
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.model.plan import Shot
from panscan.render import RenderSettings, render
from panscan.timeline.build import build_timeline
from panscan.timeline.cut import read_cut
from panscan.verify import Verdict, verify
from panscan.verify.thresholds import CRITERIA

CANVAS = Size(180, 320)


def pan(source, canvas=CANVAS, first=0, last=None):
    """A camera over the whole frame range: the largest crop of the canvas's shape, from one end to the other."""
    size = source.video.display_size
    scale = max(canvas.width / size.width, canvas.height / size.height)
    width, height = canvas.width / scale, canvas.height / scale
    last = source.frame_count - 1 if last is None else last
    ends = [Rect(0, 0, width, height), Rect(size.width - width, size.height - height, width, height)]
    rows = [key_values_of_crop(end, canvas, size) for end in ends[: 1 if last <= first else 2]]
    frames = (first, last)[: len(rows)]
    camera = Camera(frames, *(tuple(float(v) for v in column) for column in zip(*rows, strict=True)))
    return Framing(canvas, size, source.video.rate, (Cell(0, 0, canvas, camera),))


def whole(source, framing=None):
    """The timeline of one media in one clip."""
    shots = [(Shot(0, source.frame_count), framing or pan(source))]
    return build_timeline(source, shots, name="test", recipe={})


def changed(framing, **columns):
    """A framing whose camera differs."""
    cell = framing.cells[0]
    return replace(framing, cells=(replace(cell, camera=replace(cell.camera, **columns)),))


def picture_times(path):
    with av.open(str(path)) as container:
        return [frame.pts * frame.time_base for frame in container.decode(video=0)]


def sound_hashes(path):
    with av.open(str(path)) as container:
        found = {stream.index: hashlib.md5() for stream in container.streams.audio}
        for packet in container.demux(list(container.streams.audio)) if found else ():
            found[packet.stream.index].update(bytes(packet))
        return [digest.hexdigest() for digest in found.values()]


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A position-coded film with sound, its media, and an honest render of a pan over it."""
    folder = tmp_path_factory.mktemp("clip")
    path = media.position_coded(folder / "film.mp4")
    source = probe(path)
    timeline = whole(source)
    output = folder / "honest.mp4"
    render(timeline, folder=folder, output=output)
    return folder, source, timeline, output


@pytest.mark.parametrize("name", sorted(media.MOVIES))
@pytest.mark.parametrize("crf", [18, 28])
def test_honest_renders_are_verified(tmp_path, name, crf):
    path = media.MOVIES[name](tmp_path / f"{name}.mp4")
    timeline = whole(probe(path))
    output = tmp_path / "out.mp4"
    result = render(timeline, folder=tmp_path, output=output, settings=RenderSettings(crf=crf))
    report = verify(output, timeline, folder=tmp_path)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert picture_times(output) == picture_times(path)
    assert sound_hashes(output) == sound_hashes(path)
    assert result.frame_count == len(picture_times(path)) and not result.notes


@pytest.mark.parametrize("suffix", [".mov", ".mkv"])
def test_other_containers(clip, tmp_path, suffix):
    folder, _source, timeline, _output = clip
    output = tmp_path / f"out{suffix}"
    render(timeline, folder=folder, output=output)
    assert verify(output, timeline, folder=folder).verdict is Verdict.VERIFIED


def test_report_forms(clip):
    folder, _source, timeline, output = clip
    report = verify(output, timeline, folder=folder)
    as_json = report.to_json()
    assert json.loads(json.dumps(as_json)) == as_json
    assert list(as_json) == ["version", "output", "verdict", "findings", "framing"]
    assert [f["name"] for f in as_json["findings"]] == [
        *CRITERIA,
    ]
    assert report.to_text().startswith("honest.mp4: VERIFIED\n")


def test_flat_pictures_are_no_evidence(tmp_path):
    path = media.write_clip(tmp_path / "grey.mp4", lambda *_: np.full((1, 1), 126.0))
    timeline = whole(probe(path))
    render(timeline, folder=tmp_path, output=tmp_path / "out.mp4")
    report = verify(tmp_path / "out.mp4", timeline, folder=tmp_path)
    assert report["position"].grade == "flag" and "no evidence" in report["position"].what
    assert report.verdict is Verdict.FLAGGED


def test_late_picture_stays_late(tmp_path):
    path = media.late_video(tmp_path / "late.mp4")
    render(whole(probe(path)), folder=tmp_path, output=tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as out:
        video, sound = out.streams.video[0], out.streams.audio[0]
        assert video.start_time * video.time_base - sound.start_time * sound.time_base == Fraction(4, 5)


def test_languages_and_timecode_are_kept(tmp_path):
    path = media.two_audio(tmp_path / "two.mp4")
    render(whole(probe(path)), folder=tmp_path, output=tmp_path / "out.mp4")
    with av.open(str(tmp_path / "out.mp4")) as out:
        assert [s.metadata["language"] for s in out.streams.audio] == ["eng", "deu"]
    path = media.with_timecode(tmp_path / "clock.mp4")
    render(whole(probe(path)), folder=tmp_path, output=tmp_path / "clock.out.mp4")
    assert probe(tmp_path / "clock.out.mp4").timecode == "01:00:00:00"


def test_colour_tags_and_square_upright_pixels(tmp_path):
    path = media.write_clip(tmp_path / "film.mp4", rotation_deg=90, pixel_aspect=Fraction(2))
    render(whole(probe(path)), folder=tmp_path, output=tmp_path / "out.mp4")
    made = probe(tmp_path / "out.mp4").video
    assert (made.colour.primaries, made.colour.transfer, made.colour.matrix, made.colour.range) == (1, 1, 1, 1)
    assert (made.pixel_aspect, made.rotation_deg, made.display_size) == (1, 0, CANVAS)


def test_whole_crops_are_bit_exact(tmp_path):
    """Decode, copy, encode without loss: every sample of every plane is the source's."""
    path = media.position_coded(tmp_path / "film.mp4", frames=6)
    source = probe(path)
    framing = Framing(
        Size(200, 360),
        source.video.display_size,
        source.video.rate,
        (Cell(0, 0, Size(200, 360), Camera((0,), (1.0,), (74.0,), (0.0,))),),
    )
    render(whole(source, framing), folder=tmp_path, output=tmp_path / "out.mp4", settings=RenderSettings(crf=0))
    with av.open(str(path)) as a, av.open(str(tmp_path / "out.mp4")) as b:
        for before, after in zip(a.decode(video=0), b.decode(video=0), strict=True):
            left = 640 // 2 - 74 - 100
            wanted = before.to_ndarray()[:360, left : left + 200]
            assert np.array_equal(after.to_ndarray()[:360], wanted)


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scenes")
    return folder, probe(media.cuts(folder / "scenes.mp4"))


def edited(source, ranges):
    """A timeline of some ranges of a media, each with its own pan."""
    return build_timeline(
        source, [(Shot(a, b), pan(source, first=a, last=b - 1)) for a, b in ranges], name="edit", recipe={}
    )


@pytest.mark.parametrize(
    "ranges",
    [
        [(0, 20), (20, 35), (35, 60)],  # whole, one clip per shot
        [(5, 20), (20, 50)],  # trimmed
        [(35, 60), (0, 20), (20, 35)],  # reordered
        [(0, 12), (30, 44)],  # a piece taken out
    ],
)
def test_edits_are_rendered_and_verified(scenes, tmp_path, ranges):
    folder, source = scenes
    timeline = edited(source, ranges)
    output = tmp_path / "out.mp4"
    result = render(timeline, folder=folder, output=output)
    report = verify(output, timeline, folder=folder)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    assert result.frame_count == sum(b - a for a, b in ranges)
    assert result.sound == ("copied" if ranges[0][0] == 0 and ranges[-1][1] == 60 else "encoded")


def test_cut_at_the_wrong_frame_is_found(scenes, tmp_path):
    folder, source = scenes
    output = tmp_path / "out.mp4"
    render(edited(source, [(0, 21), (21, 35), (35, 60)]), folder=folder, output=output)
    report = verify(output, edited(source, [(0, 20), (20, 35), (35, 60)]), folder=folder)
    assert report["cuts"].grade == "fail", report.to_text()


def test_gaps_are_black_and_silent(scenes, tmp_path):
    folder, source = scenes
    timeline = edited(source, [(0, 10), (40, 50)])
    for track in timeline.tracks:
        track.insert(1, otio.schema.Gap(duration=otio.opentime.RationalTime(5, float(source.video.rate))))
    output = tmp_path / "out.mp4"
    assert render(timeline, folder=folder, output=output).frame_count == 25
    assert verify(output, timeline, folder=folder).verdict is Verdict.VERIFIED
    with av.open(str(output)) as out:
        pictures = [frame.to_ndarray()[: CANVAS.height] for frame in out.decode(video=0)]
    assert [bool(p.max() < 24) for p in pictures] == [10 <= n < 15 for n in range(25)]
    with av.open(str(output)) as out:
        samples = np.concatenate([f.to_ndarray() for f in out.decode(audio=0)], axis=1)[0]
    rate = float(source.video.rate)
    silent = samples[round(10.5 / rate * 48000) : round(14.5 / rate * 48000)]
    assert np.abs(silent).max() < 0.01 < 0.2 < np.abs(samples[: round(9 / rate * 48000)]).max()


def test_two_media_in_one_timeline(scenes, tmp_path):
    folder, source = scenes
    second = probe(media.write_clip(folder / "second.mp4", pixel_format="yuv444p", rate=media.NTSC_RATE, tones={}))
    timeline = edited(source, [(0, 10)])
    other = edited(second, [(5, 20)])
    timeline.tracks[0].append(other.tracks[0][0].deepcopy())
    output = tmp_path / "out.mp4"
    result = render(timeline, folder=folder, output=output)
    assert (result.frame_count, result.sound) == (25, "encoded")
    report = verify(output, timeline, folder=folder)
    assert report.verdict is Verdict.VERIFIED, report.to_text()


def test_vfr_edit_is_conformed(tmp_path):
    path = media.vfr(tmp_path / "phone.mp4")
    source = probe(path)
    timeline = edited(source, [(4, 30)])
    output = tmp_path / "out.mp4"
    assert render(timeline, folder=tmp_path, output=output).frame_count == 26
    assert picture_times(output) == [n / source.video.rate for n in range(26)]
    report = verify(output, timeline, folder=tmp_path)
    assert report.verdict is Verdict.VERIFIED, report.to_text()


def test_timecode_clock_is_the_cameras_clock(tmp_path):
    path = media.with_timecode(tmp_path / "clock.mp4")
    source = probe(path)
    timeline = whole(source)
    assert read_cut(timeline, folder=tmp_path).clips[0].first == source.start_frame > 0
    render(timeline, folder=tmp_path, output=tmp_path / "out.mp4")
    assert verify(tmp_path / "out.mp4", timeline, folder=tmp_path)["position"].grade == "pass"


def test_split_and_blur_layouts(tmp_path):
    path = media.position_coded(tmp_path / "film.mp4", frames=12)
    source = probe(path)
    half, size = Size(180, 160), source.video.display_size
    cells = []
    for top, left in ((0, 10.0), (160, 300.5)):
        scale, x, y = key_values_of_crop(Rect(left, 40.25, 270, 240), half, size)
        cells.append(Cell(0, top, half, Camera((0,), (scale,), (x,), (y,))))
    letterbox = pan(source, Size(180, 320))
    tall = 640 * 320 / 180
    scale, x, y = key_values_of_crop(Rect(0, 180 - tall / 2, 640, tall), CANVAS, size)
    framings = {
        "split": Framing(CANVAS, size, source.video.rate, tuple(cells)),
        "blur": replace(changed(letterbox, frame=(0,), scale=(scale,), x_px=(x,), y_px=(y,)), background="blur"),
    }
    for name, framing in framings.items():
        timeline = whole(source, framing)
        output = tmp_path / f"{name}.mp4"
        render(timeline, folder=tmp_path, output=output)
        report = verify(output, timeline, folder=tmp_path)
        assert report.verdict is Verdict.VERIFIED, report.to_text()


def test_sound_that_does_not_fit_is_encoded(clip, tmp_path):
    _folder, source, _timeline, _output = clip
    camera = tmp_path / "film.mkv"
    with av.open(source.path) as a, av.open(str(camera), "w") as out:
        video = out.add_stream_from_template(a.streams.video[0])
        sound = out.add_stream("pcm_s16le", rate=48000, layout="stereo")
        for packet in a.demux(a.streams.video[0]):
            if packet.dts is not None:
                packet.stream = video
                out.mux(packet)
        with av.open(source.path) as b:
            for frame in b.decode(audio=0):
                out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    timeline = whole(probe(camera))
    result = render(timeline, folder=tmp_path, output=tmp_path / "out.mp4")
    assert result.sound == "encoded" and "pcm_s16le" in result.notes[0]
    report = verify(tmp_path / "out.mp4", timeline, folder=tmp_path)
    assert report.verdict is Verdict.VERIFIED, report.to_text()


def left_over(folder):
    return sorted(p.name for p in folder.iterdir())


def test_a_damaged_stretch_is_passed_over_and_told(tmp_path):
    """A small film: after damage each seek begins at the start, so its cost grows with the square of its length."""
    film = media.position_coded(tmp_path / "film.mp4", size=media.SMALL, frames=30)
    source, data = probe(film), bytearray(film.read_bytes())
    start, end = len(data) // 3, len(data) // 3 + 3 * len(data) // 30
    data[start:end] = bytes(end - start)
    film.write_bytes(data)
    timeline = whole(source)
    result = render(timeline, folder=tmp_path, output=tmp_path / "out.mp4")
    assert len(picture_times(tmp_path / "out.mp4")) == result.frame_count < source.frame_count
    assert any("do not decode" in note for note in result.notes)
    assert verify(tmp_path / "out.mp4", timeline, folder=tmp_path).verdict is Verdict.VERIFIED


def test_source_shorter_than_promised_is_refused(clip, tmp_path):
    folder, source, _timeline, _output = clip
    longer = replace(source, frame_count=source.frame_count + 10)
    for timeline in (whole(longer), edited(longer, [(5, source.frame_count + 8)])):
        with pytest.raises(RenderError, match="ends at frame"):
            render(timeline, folder=folder, output=tmp_path / "out.mp4")
        assert left_over(tmp_path) == []


def test_interruption_leaves_nothing(clip, tmp_path):
    folder, _source, timeline, _output = clip

    def stop(done, _total):
        if done == 20:
            raise KeyboardInterrupt

    killed = tmp_path / ".out.mp4.0123abcd.part.mp4"
    killed.write_bytes(b"left by a killed run")
    os.utime(killed, (0, 0))
    with pytest.raises(KeyboardInterrupt):
        render(timeline, folder=folder, output=tmp_path / "out.mp4", progress=stop)
    assert left_over(tmp_path) == []


def test_failed_render_keeps_the_earlier_movie(clip, tmp_path):
    folder, source, _timeline, _output = clip
    (tmp_path / "out.mp4").write_bytes(b"earlier")
    with pytest.raises(RenderError):
        render(whole(replace(source, frame_count=99)), folder=folder, output=tmp_path / "out.mp4")
    assert (tmp_path / "out.mp4").read_bytes() == b"earlier"


def test_progress_counts_to_the_total(clip, tmp_path):
    folder, source, timeline, _output = clip
    seen = []
    render(timeline, folder=folder, output=tmp_path / "out.mp4", progress=lambda *counts: seen.append(counts))
    assert seen == [(n + 1, source.frame_count) for n in range(source.frame_count)]


def test_unusable_requests(clip, tmp_path):
    folder, source, timeline, _output = clip
    go = partial(render, folder=folder)
    with pytest.raises(UsageError, match=r"out\.avi"):
        go(timeline, output=tmp_path / "out.avi")
    with pytest.raises(UsageError, match="one of the sources"):
        go(timeline, output=folder / "film.mp4")
    with pytest.raises(UsageError, match="181x321"):
        go(whole(source, pan(source, Size(181, 321))), output=tmp_path / "out.mp4")
    with pytest.raises(InputError, match="does not exist"):
        go(whole(replace(source, path=str(tmp_path / "gone.mp4"))), output=tmp_path / "out.mp4")
    with pytest.raises(DocumentError, match="no camera"):
        bare = whole(source)
        bare.tracks[0][0].effects[:] = []
        go(bare, output=tmp_path / "out.mp4")
    assert left_over(tmp_path) == []


@pytest.mark.parametrize("size", [(32, 18), (64, 36)])
def test_a_tiny_source_is_not_rejected(tmp_path, size):
    """Enlarged a hundred times, a source px is a blob whose shape is the kernel's."""
    source = probe(media.write_clip(tmp_path / "tiny.mp4", size=size, pts=range(9)))
    timeline = whole(source, pan(source, Size(1080, 1920)))
    output = tmp_path / "out.mp4"
    render(timeline, folder=tmp_path, output=output)
    report = verify(output, timeline, folder=tmp_path)
    assert report.verdict is Verdict.VERIFIED, report.to_text()
    beside = changed(
        pan(source, Size(1080, 1920)), x_px=tuple(x + 60 for x in pan(source, Size(1080, 1920)).cells[0].camera.x_px)
    )
    render(whole(source, beside), folder=tmp_path, output=tmp_path / "beside.mp4")
    assert verify(tmp_path / "beside.mp4", timeline, folder=tmp_path)["position"].grade == "fail"
