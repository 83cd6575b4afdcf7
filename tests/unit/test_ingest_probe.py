"""What a media file says of itself, and what is refused."""

from __future__ import annotations

import pickle
import shutil
from fractions import Fraction

import numpy as np
import pytest

import media
from panscan import ingest
from panscan.errors import InputError
from panscan.ingest.media.probe import content_digest
from panscan.model.geometry import Size
from panscan.model.media import Colour

NTSC = Fraction(30000, 1001)
SMALL = (320, 180)

# Display size, rate, frames, audio streams; what differs from the plain clip besides.
FACTS = {
    "position_coded": ((640, 360), 25, 48, 1, {}),
    "cuts": (SMALL, NTSC, 60, 1, {}),
    "moving_block": (SMALL, 25, 30, 1, {}),
    "rotated": ((180, 320), 25, 25, 1, {"rotation_deg": 90, "coded_size": Size(320, 180)}),
    "anamorphic": ((640, 180), 25, 25, 1, {"pixel_aspect": 2, "coded_size": Size(320, 180)}),
    "odd_sized": ((321, 181), 25, 25, 1, {"pixel_format": "yuv444p"}),
    "portrait": ((180, 320), 25, 25, 1, {}),
    "square": ((240, 240), 25, 25, 1, {}),
    "silent": (SMALL, 25, 25, 0, {}),
    "one_frame": (SMALL, 25, 1, 1, {}),
    "ten_bit": (SMALL, 25, 25, 1, {"pixel_format": "yuv420p10le"}),
    "late_video": (SMALL, 25, 25, 1, {"start_s": Fraction(4, 5)}),
    "pillarbox": (SMALL, 25, 25, 1, {}),
    "with_timecode": (SMALL, NTSC, 25, 1, {}),
    "two_audio": (SMALL, 25, 25, 2, {}),
}
PLAIN = {"rotation_deg": 0, "pixel_aspect": 1, "pixel_format": "yuv420p", "start_s": 0, "is_vfr": False}


def test_every_movie_has_its_facts():
    assert {*FACTS, "vfr"} == set(media.MOVIES)


@pytest.mark.parametrize("name", FACTS)
def test_facts(name, movie):
    display, rate, count, audio, special = FACTS[name]
    probed = ingest.probe(movie(name))
    video = probed.video
    assert video.display_size == Size(*display)
    assert video.coded_size == special.get("coded_size", video.display_size)
    assert video.rate == rate
    assert probed.frame_count == video.picture_count == count
    assert np.array_equal(video.grid_frames(), np.arange(count))
    assert probed.duration_s == Fraction(count) / rate
    assert len(probed.audio) == audio
    for fact, value in {**PLAIN, **special}.items():
        assert getattr(video, fact) == value, fact
    assert video.colour == Colour(1, 1, 1, 1)
    assert video.codec == "h264" and "mp4" in probed.container
    assert (probed.start_frame, probed.timecode) == ((108000, "01:00:00:00") if name == "with_timecode" else (0, None))


@pytest.mark.parametrize("time_base", [Fraction(1, 30000), Fraction(1, 1000)])
def test_variable_rate(time_base, tmp_path):
    probed = ingest.probe(media.vfr(tmp_path / "vfr.mp4", time_base=time_base))
    video = probed.video
    assert video.is_vfr and video.picture_count == 30
    seconds = (video.pts - video.pts[0]) * float(video.time_base)
    assert seconds == pytest.approx(media.vfr_pts(30, time_base) * float(time_base), abs=1e-9)
    grid = video.grid_frames()
    late = grid / float(video.rate) - seconds
    assert late.min() >= -0.126 / video.rate and late.max() < 1 / video.rate
    assert probed.frame_count > grid[-1]
    assert float(probed.duration_s) == pytest.approx(seconds[-1], abs=0.15)


@pytest.mark.parametrize("rate", [NTSC, Fraction(24000, 1001), Fraction(60000, 1001), Fraction(50)])
def test_milliseconds_of_matroska_do_not_make_a_rate_variable(rate, tmp_path):
    probed = ingest.probe(media.write_clip(tmp_path / "clip.mkv", rate=rate, pts=range(70)))
    assert probed.video.time_base == Fraction(1, 1000)
    assert (probed.video.rate, probed.video.is_vfr, probed.frame_count) == (rate, False, 70)
    assert np.array_equal(probed.video.grid_frames(), np.arange(70))


def test_a_rate_of_no_standard_is_kept(tmp_path):
    assert ingest.probe(media.write_clip(tmp_path / "clip.mp4", rate=Fraction(17))).video.rate == 17


@pytest.mark.parametrize(("degrees", "upright"), [(-90, 270), (180, 180)])
def test_other_turns(degrees, upright, tmp_path):
    video = ingest.probe(media.rotated(tmp_path / "turned.mp4", degrees)).video
    assert video.rotation_deg == upright
    assert video.display_size == (Size(320, 180) if upright == 180 else Size(180, 320))


def test_narrow_pixels_make_the_picture_taller(tmp_path):
    video = ingest.probe(media.anamorphic(tmp_path / "sar.mp4", pixel_aspect=Fraction(2, 3))).video
    assert (video.pixel_aspect, video.display_size) == (Fraction(2, 3), Size(320, 270))


def test_drop_frame_timecode(tmp_path):
    probed = ingest.probe(media.with_timecode(tmp_path / "tc.mp4", timecode="01:00:00;00"))
    assert (probed.start_frame, probed.timecode) == (107892, "01:00:00;00")


def test_audio_streams_and_their_language(movie):
    english, german = ingest.probe(movie("two_audio")).audio
    assert (english.language, german.language) == ("eng", "deu")
    assert (english.rate_hz, english.channels, english.codec, english.start_s) == (48000, 2, "aac", 0)
    assert english.index != german.index


def test_a_digest_names_the_content_not_the_path(movie, tmp_path):
    copy = tmp_path / "renamed.mp4"
    shutil.copy(movie("cuts"), copy)
    assert ingest.probe(copy).digest == ingest.probe(movie("cuts")).digest
    assert ingest.probe(movie("moving_block")).digest != ingest.probe(movie("cuts")).digest


def test_a_digest_of_a_large_file_sees_its_start_its_end_and_its_length(tmp_path):
    path = tmp_path / "large.bin"
    content = bytearray(5_000_000)
    seen = set()
    for change in (None, 0, len(content) - 1, len(content) // 2 + 100_000):
        if change is not None:
            content[change] += 1
        path.write_bytes(content)
        seen.add(content_digest(path))
    path.write_bytes(content + b"\0")
    assert len(seen | {content_digest(path)}) == 5


def test_what_is_probed_crosses_process_borders(movie):
    probed = ingest.probe(movie("with_timecode"))
    copied = pickle.loads(pickle.dumps(probed))
    assert copied.start_frame == 108000 and np.array_equal(copied.video.pts, probed.video.pts)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("audio_only", "no picture"),
        ("truncated", "cannot be read"),
        ("text_file", "cannot be read"),
        ("empty_file", "is empty"),
    ],
)
def test_unusable_files_are_refused_with_why_and_fix(name, reason, tmp_path):
    assert len(media.UNUSABLE) == 4
    path = media.UNUSABLE[name](tmp_path / f"{name}.mp4")
    _refused(path, reason)


def test_a_movie_without_its_end_is_refused(tmp_path):
    _refused(media.truncated(tmp_path / "short.mp4", lost="data"), "cut off")


def test_what_is_no_file_is_refused(tmp_path):
    _refused(tmp_path / "absent.mp4", "does not exist")
    _refused(tmp_path, "is not a file")


def _refused(path, reason):
    with pytest.raises(InputError, match=reason) as refused:
        ingest.probe(path)
    assert str(path) in refused.value.what
    assert refused.value.why and refused.value.fix
    assert refused.value.exit_code == 3
