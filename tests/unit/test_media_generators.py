"""Each generated clip has the property that it is made for."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

import media


def frames_of(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def luma(frame: av.VideoFrame) -> np.ndarray:
    rows = np.frombuffer(frame.planes[0], np.uint8).reshape(frame.height, -1)
    return rows[:, : frame.width].astype(float)


def first_frame(path: Path) -> av.VideoFrame:
    with av.open(str(path)) as container:
        return next(container.decode(video=0))


def test_the_tables_are_complete():
    assert len(media.MOVIES) >= 15
    assert all(make.__doc__ for make in (*media.MOVIES.values(), *media.UNUSABLE.values()))


@pytest.mark.parametrize("name", media.MOVIES)
def test_every_movie_is_small_and_decodes_to_its_end(name, tmp_path):
    path = media.MOVIES[name](tmp_path / f"{name}.mp4")
    assert path == tmp_path / f"{name}.mp4"
    with av.open(str(path)) as container:
        told = container.streams.video[0].frames
        context = container.streams.video[0].codec_context
        assert (context.colorspace, context.color_primaries, context.color_trc, context.color_range) == (1, 1, 1, 1)
        assert sum(1 for _ in container.decode(video=0)) == told > 0
    assert path.stat().st_size < 12_000_000


def test_two_runs_make_the_same_bytes(tmp_path):
    one, two = media.cuts(tmp_path / "one.mp4"), media.cuts(tmp_path / "two.mp4")
    assert one.read_bytes() == two.read_bytes()


def samples_of(plane, pixel_format):
    kind = np.dtype(np.uint16 if "10" in pixel_format else np.uint8)
    return np.frombuffer(plane, kind).reshape(plane.height, -1)[:, : plane.width]


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv444p", "yuv420p10le"])
def test_position_coded_is_bit_exact(pixel_format, tmp_path):
    size = (160, 90)
    path = media.position_coded(tmp_path / "coded.mp4", size=size, frames=6, pixel_format=pixel_format)
    for number, frame in enumerate(frames_of(path)):
        drawn = media.picture(media.coded_value, number, size, pixel_format)
        assert frame.format.name == pixel_format
        for plane, wanted in zip(frame.planes, drawn.planes, strict=True):
            assert np.array_equal(*(samples_of(one, pixel_format) for one in (plane, wanted)))


def test_position_coded_tells_frames_and_places_apart(tmp_path):
    shown = frames_of(media.position_coded(tmp_path / "coded.mp4"))
    x, y = np.arange(200.0, 440.0), np.arange(90.0, 270.0)

    def miss(picture, frame, shift_px=0.0):
        return float(np.mean(np.abs(picture[90:270, 200:440] - media.coded_value(frame, 0, x + shift_px, y))))

    for number in (0, 20, 46):
        picture = luma(shown[number])
        assert miss(picture, number) < 0.3
        assert int(np.argmin([miss(picture, other) for other in range(len(shown))])) == number
        assert miss(picture, number + 1) > 2.5
        assert miss(picture, number, 0.25) > 0.6
        # No other place on a coarse grid looks alike.
        assert min(miss(picture, number, 8.0 * step) for step in range(-20, 21) if step) > 12


def test_position_coded_chroma_is_textured_and_the_scene_can_move(tmp_path):
    path = media.position_coded(tmp_path / "coded.mp4", size=(160, 90), frames=4, shift_per_frame=3.0)
    last = frames_of(path)[3]
    u = np.frombuffer(last.planes[1], np.uint8).reshape(45, -1)[:, :80]
    assert u.std() > 10
    expected = media.coded_value(3, 0, np.arange(160.0), np.arange(90.0), shift_per_frame=3.0)
    assert np.abs(luma(last) - expected).max() <= 0.51


def test_cuts_are_where_they_are_said_to_be(tmp_path):
    path = media.cuts(tmp_path / "cuts.mp4", scene_frames=(20, 15, 25))
    pictures = [luma(frame) for frame in frames_of(path)]
    change = [float(np.mean(np.abs(b - a))) for a, b in pairwise(pictures)]
    assert sorted(int(i) + 1 for i in np.argsort(change)[-2:]) == [20, 35]
    assert sorted(change)[-2] > 2.5 * sorted(change)[-3]
    with av.open(str(path)) as container:
        assert container.streams.video[0].average_rate == Fraction(30000, 1001)
        sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])[:48000]
    assert np.argmax(np.abs(np.fft.rfft(sound))) == pytest.approx(440, abs=1)
    with av.open(str(media.cuts(path, audio=False))) as container:
        assert not container.streams.audio


def test_the_block_moves_where_it_is_said_to(tmp_path):
    boxes = media.moving_block_path()
    pictures = [luma(frame) for frame in frames_of(media.moving_block(tmp_path / "block.mp4"))]
    rest = media.texture(6, 0, np.arange(320.0), np.arange(180.0))
    for picture, (left, top, width, height) in list(zip(pictures, boxes, strict=True))[::7]:
        changed = np.abs(picture - rest) > 12
        box = np.s_[round(top) : round(top + height), round(left) : round(left + width)]
        assert changed[box].mean() > 0.6
        changed[round(top) - 2 : round(top + height) + 2, round(left) - 2 : round(left + width) + 2] = False
        assert changed.mean() < 0.001
    assert np.ptp(boxes[:, 0]) > 150


@pytest.mark.parametrize("time_base", [Fraction(1, 30000), Fraction(1, 1000)])
def test_vfr_timestamps_are_irregular_and_exact(time_base, tmp_path):
    stamps = media.vfr_pts(time_base=time_base)
    seen = frames_of(media.vfr(tmp_path / "vfr.mp4", time_base=time_base))
    assert len(set(np.diff(stamps).tolist())) > 4
    assert [frame.pts * frame.time_base for frame in seen] == [int(pts) * time_base for pts in stamps]


@pytest.mark.parametrize(("degrees", "read_back"), [(90, 90), (-90, -90), (180, -180)])
def test_rotation_is_a_flag_and_the_coded_picture_stays_landscape(degrees, read_back, tmp_path):
    frame = first_frame(media.rotated(tmp_path / "rotated.mp4", degrees))
    assert (frame.rotation, frame.width, frame.height) == (read_back, 320, 180)


@pytest.mark.parametrize("aspect", [Fraction(2), Fraction(4, 3)])
def test_anamorphic_pixels(aspect, tmp_path):
    with av.open(str(media.anamorphic(tmp_path / "sar.mp4", pixel_aspect=aspect))) as container:
        assert container.streams.video[0].sample_aspect_ratio == aspect


@pytest.mark.parametrize(
    ("name", "size"), [("odd_sized", (321, 181)), ("portrait", (180, 320)), ("square", (240, 240))]
)
def test_sizes(name, size, tmp_path):
    frame = first_frame(media.MOVIES[name](tmp_path / "sized.mp4"))
    assert (frame.width, frame.height) == size
    assert frame.format.name == ("yuv444p" if name == "odd_sized" else "yuv420p")


def test_silent_and_two_audio(tmp_path):
    with av.open(str(media.silent(tmp_path / "silent.mp4"))) as container:
        assert len(container.streams.audio) == 0
    with av.open(str(media.two_audio(tmp_path / "two.mp4"))) as container:
        assert [stream.language for stream in container.streams.audio] == ["eng", "deu"]


def test_one_frame(tmp_path):
    assert len(frames_of(media.one_frame(tmp_path / "one.mp4"))) == 1


def test_ten_bit(tmp_path):
    frame = first_frame(media.ten_bit(tmp_path / "ten.mp4"))
    assert [component.bits for component in frame.format.components] == [10, 10, 10]
    values = np.frombuffer(frame.planes[0], "<u2")
    assert values.max() > 255
    assert np.any(values % 4)


def test_late_video(tmp_path):
    with av.open(str(media.late_video(tmp_path / "late.mp4"))) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert video.start_time * video.time_base == Fraction(4, 5)
        assert audio.start_time * audio.time_base == 0
        assert next(container.decode(video=0)).time == pytest.approx(0.8)


def test_pillarbox(tmp_path):
    picture = luma(first_frame(media.pillarbox(tmp_path / "bars.mp4", bar_px=40)))
    assert picture[:, :38].max() < 20
    assert picture[:, -38:].max() < 20
    assert picture[:, 42:-42].mean() > 60


@pytest.mark.parametrize("timecode", ["01:00:00:00", "09:59:59;28"])
def test_timecode(timecode, tmp_path):
    with av.open(str(media.with_timecode(tmp_path / "tc.mp4", timecode=timecode))) as container:
        assert container.streams.video[0].metadata["timecode"] == timecode


def test_audio_only(tmp_path):
    with av.open(str(media.audio_only(tmp_path / "audio.mp4"))) as container:
        assert not container.streams.video
        assert len(container.streams.audio) == 1


def test_truncated_without_its_index_does_not_open(tmp_path):
    with pytest.raises(av.FFmpegError):
        av.open(str(media.truncated(tmp_path / "short.mp4", lost="index"))).close()


def test_truncated_without_its_data_opens_and_ends_early(tmp_path):
    path = media.truncated(tmp_path / "short.mp4", lost="data")
    seen = 0
    with av.open(str(path)) as container:
        told = container.streams.video[0].frames
        try:
            for _ in container.decode(video=0):
                seen += 1
        except av.FFmpegError:
            pass
    assert 0 < seen < told


@pytest.mark.parametrize("name", ["text_file", "empty_file"])
def test_no_movie_at_all_does_not_open(name, tmp_path):
    with pytest.raises(av.FFmpegError):
        av.open(str(media.UNUSABLE[name](tmp_path / "no.mp4"))).close()
