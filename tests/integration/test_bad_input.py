"""Films as cameras, editors and broken disks make them: measured rightly, or refused with what, why and how to mend."""

from __future__ import annotations

import signal
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

import media
from commandline import panscan
from make_samples import AUDIO_HZ, read_speech
from panscan import pipeline
from panscan.direct.active_picture import active_pictures
from panscan.model.geometry import Rect
from panscan.model.perception import Border
from panscan.model.plan import Shot

LIMIT_S = 60  # for what takes a second or two: a hang fails instead of stopping the whole run
RATE = media.FILM_RATE
SIZE = (640, 360)
PORTRAIT = (360, 60, 240)  # left, top and side of the portrait in a picture of that size
FACE = (0.48, 0.41, 0.34)  # middle across, middle down and side of the face's box, in the portrait


@pytest.fixture(autouse=True)
def in_time():
    """Ends a test that hangs."""
    if not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_):
        raise TimeoutError(f"nothing came of it in {LIMIT_S} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, LIMIT_S)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture(scope="module")
def astronaut():
    from skimage import data

    return np.ascontiguousarray(data.astronaut()[0:300, 80:380])


def display_picture(portrait, size=SIZE):
    """Texture with one portrait, upright, in square px, rgb."""
    x, y = np.arange(float(SIZE[0])), np.arange(float(SIZE[1]))
    ground = np.repeat(np.clip(media.texture(3, 0, x, y), 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    left, top, side = PORTRAIT
    ground[top : top + side, left : left + side] = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
    return cv2.resize(ground, size, interpolation=cv2.INTER_AREA if size < SIZE else cv2.INTER_LINEAR)


def film(
    path,
    shown=None,
    *,
    frames=8,
    codec="libx264",
    pixel_format="yuv420p",
    turn_deg=0,
    pixel_aspect=Fraction(1),
    options=None,
    sound=None,
    sound_hz=AUDIO_HZ,
    layout="stereo",
    sound_codec="pcm_s16le",
):
    """A still film of an upright picture, coded as a camera or an editor would; `sound`: mono samples at `sound_hz`."""
    shown = np.full((36, 64, 3), 90, np.uint8) if shown is None else shown
    coded = np.rot90(shown, -turn_deg // 90)
    width, height = coded.shape[1], coded.shape[0]
    if pixel_aspect != 1:
        width = round(width / pixel_aspect)
        coded = cv2.resize(coded, (width, height), interpolation=cv2.INTER_AREA)
    coded = np.ascontiguousarray(coded)
    if pixel_format in ("argb", "yuva444p10le"):
        coded = np.dstack([coded, np.full(coded.shape[:2], 128, np.uint8)])
    with av.open(str(path), "w") as container:
        video = container.add_stream(codec, rate=RATE, options=options or {})
        video.width, video.height, video.pix_fmt, video.thread_count = width, height, pixel_format, 1
        video.sample_aspect_ratio = video.codec_context.sample_aspect_ratio = pixel_aspect
        heard = container.add_stream(sound_codec, rate=sound_hz, layout=layout) if sound is not None else None
        for index in range(frames):
            picture = av.VideoFrame.from_ndarray(coded, format="rgba" if coded.shape[2] == 4 else "rgb24")
            picture = picture.reformat(format=pixel_format)
            picture.pts, picture.time_base = index, 1 / RATE
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        if heard is not None:
            channels = heard.codec_context.layout.nb_channels
            frame = av.AudioFrame.from_ndarray(np.tile(np.float32(sound), (channels, 1)), format="fltp", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = sound_hz, 0, Fraction(1, sound_hz)
            resampler = av.AudioResampler(heard.codec_context.format, layout, sound_hz, heard.codec_context.frame_size)
            for ready in [*resampler.resample(frame), *resampler.resample(None)]:
                container.mux(heard.encode(ready))
            container.mux(heard.encode(None))
    return media.show_through(path, media.turned_matrix(turn_deg)) if turn_deg else path


def analysed(path):
    return pipeline.analyse(path, cache=False)


def face_is_in_place(found, size):
    """Whether every look finds the one face, where it was painted, in a display of this size."""
    left, top, side = PORTRAIT
    scale = size[0] / SIZE[0]
    middle = np.array([left + FACE[0] * side, top + FACE[1] * side]) * scale
    boxes = found.box_px
    assert found.frame.tolist() == found.looked.tolist() and len(boxes) >= 2
    assert boxes[:, :2] + boxes[:, 2:] / 2 == pytest.approx(np.tile(middle, (len(boxes), 1)), abs=0.04 * side * scale)
    assert boxes[:, 2:] == pytest.approx(np.full((len(boxes), 2), FACE[2] * side * scale), rel=0.15)


def inside(value, size):
    """All boxes of a signal, each overlapping the picture."""
    boxes = value.box_px.reshape(-1, 4)
    return np.all(boxes[:, 2:] > 0) and np.all(boxes[:, :2] < size) and np.all(boxes[:, :2] + boxes[:, 2:] > 0)


# --- the picture

PICTURES = {
    "turned to the left": {"turn_deg": 90},
    "turned to the right": {"turn_deg": -90},
    "upside down": {"turn_deg": 180},
    "wide pixels": {"pixel_aspect": Fraction(4, 3)},
    "wide pixels, turned": {"pixel_aspect": Fraction(4, 3), "turn_deg": 90},
    "10 bit": {"pixel_format": "yuv420p10le"},
    "10 bit 4:2:2": {"codec": "prores_ks", "pixel_format": "yuv422p10le"},
    "interlaced": {"options": {"x264-params": "interlaced=1:tff=1"}},
    "interlaced MPEG-2": {"codec": "mpeg2video", "options": {"flags": "+ilme+ildct", "q:v": "2"}},
    "transparent ProRes 4444": {"codec": "prores_ks", "pixel_format": "yuva444p10le", "options": {"alpha_bits": "8"}},
    "transparent animation": {"codec": "qtrle", "pixel_format": "argb"},
    "full range RGB": {"codec": "png", "pixel_format": "rgb24"},
    "full range JPEG": {"codec": "mjpeg", "pixel_format": "yuvj420p"},
}


@pytest.mark.parametrize("kind", PICTURES)
def test_the_face_is_found_where_it_is_shown(kind, astronaut, tmp_path):
    path = film(tmp_path / "film.mov", display_picture(astronaut), **PICTURES[kind])
    probed, seen = analysed(path)
    # Pixels that are wide in the file are high in a picture that lies on its side.
    display = (probed.video.display_size.width, probed.video.display_size.height)
    assert display == SIZE and probed.frame_count == 8 and probed.video.rate == RATE
    face_is_in_place(seen.signals["faces"], SIZE)
    assert seen.signals["cuts"].frame.size == 0
    assert all(inside(seen.signals[name], SIZE) for name in ("faces", "tracks", "flow"))
    (whole,) = active_pictures(seen.need(Border), [Shot(0, 8)], probed.video.display_size)
    assert whole == Rect(0, 0, *SIZE), "no edge of the picture is a bar"


def test_huge_pictures(astronaut, tmp_path):
    size = (7680, 4320)
    path = film(
        tmp_path / "huge.mov", display_picture(astronaut, size), frames=2, codec="mjpeg", pixel_format="yuvj420p"
    )
    probed, seen = analysed(path)
    assert (probed.video.display_size.width, probed.video.display_size.height, probed.frame_count) == (*size, 2)
    found = seen.signals["faces"]
    assert found.looked.tolist() == [0]
    middle = found.box_px[0, :2] + found.box_px[0, 2:] / 2
    left, top, side = PORTRAIT
    assert middle == pytest.approx([12 * (left + FACE[0] * side), 12 * (top + FACE[1] * side)], abs=100)


@pytest.mark.parametrize("size", [(64, 64), (64, 36), (36, 64), (16, 16)])
def test_tiny_pictures(size, astronaut, tmp_path):
    path = film(tmp_path / "tiny.mov", display_picture(astronaut, size), frames=12)
    probed, seen = analysed(path)
    assert (probed.video.display_size.width, probed.video.display_size.height, probed.frame_count) == (*size, 12)
    assert all(inside(seen.signals[name], size) for name in ("faces", "tracks", "flow"))
    assert seen.signals["saliency"].looked.size >= 1 and seen.signals["faces"].looked.size >= 2


# --- the sound


def speech(seconds, hz=AUDIO_HZ):
    """The first words of the demo clip's voices at a rate."""
    heard = np.float32(read_speech()[: round(AUDIO_HZ * seconds)])
    return np.interp(np.arange(round(seconds * hz)) / hz, np.arange(len(heard)) / AUDIO_HZ, heard).astype(np.float32)


SOUNDS = {
    "mono": {"layout": "mono"},
    "5.1": {"layout": "5.1"},
    "44.1 kHz": {"sound_hz": 44100},
    "96 kHz": {"sound_hz": 96000},
    "8 kHz mono": {"sound_hz": 8000, "layout": "mono"},
    "5.1 AC-3": {"layout": "5.1", "sound_codec": "ac3"},
    "24 bit": {"sound_codec": "pcm_s24le"},
}


@pytest.fixture(scope="module")
def plain_sound(tmp_path_factory):
    path = film(tmp_path_factory.mktemp("sound") / "plain.mov", frames=75, sound=speech(3.0))
    return analysed(path)[1].signals


@pytest.mark.parametrize("kind", SOUNDS)
def test_every_sound_is_heard_alike(kind, plain_sound, tmp_path):
    options = SOUNDS[kind]
    path = film(tmp_path / "film.mov", frames=75, sound=speech(3.0, options.get("sound_hz", AUDIO_HZ)), **options)
    probed, seen = analysed(path)
    level, said = seen.signals["loudness"].level_db, seen.signals["speech"]
    assert probed.audio[0].rate_hz == options.get("sound_hz", AUDIO_HZ)
    assert len(level) == pytest.approx(3.0 / 0.02, abs=2)
    assert len(said.probability) == pytest.approx(3.0 / 0.032, abs=2)
    count = min(len(level), 148)
    loud = plain_sound["loudness"].level_db[:count] > -40
    assert loud.sum() > 40
    assert np.median(np.abs(level[:count] - plain_sound["loudness"].level_db[:count])[loud]) < 1
    assert said.segment_start_s[0] == pytest.approx(plain_sound["speech"].segment_start_s[0], abs=0.1)
    assert len(seen.signals["speaker"].looked) == 30 and not seen.signals["speaker"].frame.size


@pytest.mark.parametrize(("pictures", "seconds"), [(75, 1.0), (25, 3.0)])
def test_sound_shorter_or_longer_than_the_picture(pictures, seconds, tmp_path):
    probed, seen = analysed(film(tmp_path / "film.mov", frames=pictures, sound=speech(seconds)))
    assert probed.frame_count == pictures
    assert len(seen.signals["loudness"].level_db) == pytest.approx(seconds / 0.02, abs=1)
    speaker = seen.signals["speaker"]
    assert speaker.looked.max() < pictures and len(speaker.looked) == pytest.approx(pictures / 2.5, abs=1)
    heard_s = speaker.looked / float(RATE)
    assert np.all(speaker.offscreen[heard_s > seconds] == 0)
    assert speaker.offscreen[(heard_s > 0.5) & (heard_s < 0.9)].min() > 0.5, "a voice and no face"


@pytest.mark.parametrize("level", [None, 0.0])
def test_no_sound_and_silence(level, astronaut, tmp_path):
    sound = None if level is None else np.zeros(AUDIO_HZ)
    probed, seen = analysed(film(tmp_path / "film.mov", display_picture(astronaut), frames=25, sound=sound))
    values = seen.signals
    assert len(probed.audio) == (level is not None)
    assert np.all(values["loudness"].level_db == -100) and len(values["loudness"].level_db) == (
        50 if probed.audio else 0
    )
    assert values["speech"].segment_start_s.size == 0 and values["lips"].looked.size == 0
    assert len(values["faces"].frame) >= 7
    assert not values["speaker"].probability.any() and not values["speaker"].offscreen.any()


# --- what is broken


def damage(path, kind, first, last):
    """Overwrite the packets [first, last) of one kind of stream with noise, in place."""
    with av.open(str(path)) as container:
        stream = next(s for s in container.streams if s.type == kind)
        packets = [(p.pos, p.size) for p in container.demux(stream) if p.size]
    content = bytearray(path.read_bytes())
    noise = np.random.default_rng(5).integers(0, 256, max(size for _, size in packets), np.uint8).tobytes()
    for position, size in packets[first:last]:
        content[position : position + size] = noise[:size]
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("codec", ["libx264", "mjpeg", "prores_ks", "mpeg2video"])
def test_damaged_pictures_are_passed_over_or_told(codec, astronaut, tmp_path):
    formats = {"prores_ks": "yuv422p10le", "mjpeg": "yuvj420p"}
    path = film(
        tmp_path / "film.mov",
        display_picture(astronaut),
        frames=30,
        codec=codec,
        pixel_format=formats.get(codec, "yuv420p"),
    )
    damage(path, "video", 12, 15)
    ran = panscan("perceive", path, "-o", "-")
    if ran.code == 0:
        assert ran.data["frame_count"] == 30
        faces = ran.data["signals"]["faces"]
        assert max(faces["looked"]) >= 24 and max(faces["frame"]) < 30
    else:
        assert ran.code == 3 and not ran.out
        assert "breaks after picture" in ran.err and "why:" in ran.err and "fix:" in ran.err


def test_damaged_sound_does_not_cost_the_picture(astronaut, tmp_path):
    path = film(tmp_path / "film.mov", display_picture(astronaut), frames=75, sound=speech(3.0), sound_codec="aac")
    damage(path, "audio", 60, 63)
    probed, seen = analysed(path)
    assert len(seen.signals["faces"].looked) == pytest.approx(22, abs=2) and len(probed.audio) == 1
    assert len(seen.signals["loudness"].level_db) == pytest.approx(150, abs=4), "what follows the damage is heard too"


@pytest.mark.parametrize("share", [0.02, 0.3])
def test_half_a_file_is_refused(share, astronaut, tmp_path):
    path = film(tmp_path / "film.mov", display_picture(astronaut), frames=30)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    ran = panscan("perceive", path)
    assert ran.code == 3 and not ran.out
    assert str(path) in ran.err.replace("\n", "") and "why:" in ran.err and "fix:" in ran.err


@pytest.mark.parametrize(
    ("text", "told"),
    [(None, "cannot read"), ("hold = ", "is not TOML"), ("shot = 3", "shot")],
    ids=["none", "half", "no list"],
)
def test_mistakes_in_overrides_are_told_before_the_movie_is_looked_at(tmp_path, text, told):
    movie, written = tmp_path / "talk.mp4", tmp_path / "mine.toml"
    movie.write_bytes(b"it is not opened")
    if text is not None:
        written.write_text(text)
    ran = panscan("reframe", movie, "--override", written)
    assert ran.code == 2 and "mine.toml" in ran.err and told in ran.err
