"""Timelines of photos as movies: every kind of photo upright and in its colours, judged by a reading of its own."""

from __future__ import annotations

import struct
import wave

import cv2
import numpy as np
import opentimelineio as otio
import pytest
from PIL import Image, ImageCms

import photo_scenes as scenes
from commandline import panscan
from panscan.decoding import photo as photos
from panscan.render import render
from panscan.render.photo_reader import _decoded
from panscan.timeline.cut import read_cut
from panscan.timeline.files import read_timeline, write_timeline
from panscan.verify import verify

SIZE = (450, 300)
# x, y and z of the primaries of Display P3, as ICC profiles hold them.
P3 = {b"rXYZ": (0.5151, 0.2412, -0.0011), b"gXYZ": (0.2919, 0.6922, 0.0419), b"bXYZ": (0.1572, 0.0666, 0.7841)}


def wide_profile():
    """A colour profile with the primaries of Display P3: that of sRGB with three tags rewritten."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for n in range(struct.unpack_from(">I", data, 128)[0]):
        name, at, size = struct.unpack_from(">4sII", data, 132 + 12 * n)
        if name in P3:
            struct.pack_into(">3i", data, at + 8, *(round(v * 65536) for v in P3[name]))
        if name == b"desc":
            data[at : at + size] = data[at : at + size].replace("sRGB".encode("utf-16-be"), "P3-D".encode("utf-16-be"))
    return bytes(data)


def grey_profile(gamma):
    """A profile of grey pictures, as small as the format allows: white of D50, and a curve."""
    white = b"XYZ \0\0\0\0" + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    name = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"grey\0" + bytes(4 + 4 + 2 + 1 + 67 + 3)
    tags, at, body = b"", 128 + 4 + 3 * 12, b""
    for key, tag in ((b"wtpt", white), (b"kTRC", curve), (b"desc", name)):
        tags += struct.pack(">4sII", key, at + len(body), len(tag))
        body += tag + bytes(-len(tag) % 4)
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"\0" * 4, 0x02400000, b"mntr", b"GRAY", b"XYZ ")
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    return head + bytes(128 - len(head)) + struct.pack(">I", 3) + tags + body


def turned(number):
    def save(picture, path):
        exif = Image.Exif()
        exif[274] = number
        picture.save(path, exif=exif, quality=92)

    return save


def with_transparency(picture, path):
    """Transparent towards its right edge."""
    ramp = np.linspace(255, 120, picture.width).astype(np.uint8)
    picture.putalpha(Image.fromarray(np.tile(ramp, (picture.height, 1))))
    picture.save(path)


def in_16_bits(picture, path):
    cv2.imwrite(str(path), np.asarray(picture)[..., ::-1].astype(np.uint16) * 257)


KINDS = {
    "plain.jpg": lambda picture, path: picture.save(path, quality=92),
    "turned.jpg": turned(6),
    "mirrored.png": turned(5),
    "wide.jpg": lambda picture, path: picture.save(path, quality=92, icc_profile=wide_profile()),
    "printer.jpg": lambda picture, path: picture.convert("CMYK").save(path, quality=92),
    "grey.png": lambda picture, path: picture.convert("L").save(path),
    "greygamma.jpg": lambda picture, path: picture.convert("L").save(path, icc_profile=grey_profile(1.4)),
    "greyalpha.png": lambda picture, path: picture.convert("LA").save(path, icc_profile=grey_profile(1.4)),
    "widepalette.png": lambda picture, path: picture.quantize(64).save(path, icc_profile=wide_profile()),
    "float.tif": lambda picture, path: Image.fromarray(np.asarray(picture.convert("L"), np.float32)).save(path),
    "transparent.png": with_transparency,
    "deep.png": in_16_bits,
    "palette.png": lambda picture, path: picture.quantize(64).save(path),
    "plain.webp": lambda picture, path: picture.save(path, quality=95),
    "plain.avif": lambda picture, path: picture.save(path, quality=90),
}


def photo(folder, name):
    path = folder / name
    KINDS[name](Image.fromarray(scenes.textured(*SIZE)), path)
    return path


def judged(path, timeline):
    movie = path.with_suffix(".mp4")
    render(timeline, output=movie)
    report = verify(movie, timeline)
    return report.verdict, {finding.name for finding in report.findings if finding.grade != "pass"}


@pytest.mark.parametrize("name", KINDS)
def test_a_movie_shows_the_photo_upright_in_its_colours(name, tmp_path):
    path = photo(tmp_path, name)
    size = photos.read_photo(path).size
    timeline = scenes.shots_in_time(path, (size.width, size.height), push=1.06, canvas=scenes.SMALL)
    assert judged(path, timeline) == ("VERIFIED", set())


@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        ("turned.jpg", lambda shown, stored: np.ascontiguousarray(shown[::-1, ::-1])),
        ("mirrored.png", lambda shown, stored: np.ascontiguousarray(shown[:, ::-1])),
        ("wide.jpg", lambda shown, stored: np.asarray(stored.convert("RGB"))),
        ("greygamma.jpg", lambda shown, stored: np.asarray(stored.convert("RGB"))),
        ("transparent.png", lambda shown, stored: np.asarray(stored.convert("RGB"))),
    ],
)
def test_a_photo_that_is_read_wrongly_is_not_passed(name, mistake, tmp_path, monkeypatch):
    path = photo(tmp_path, name)
    size = photos.read_photo(path).size
    right = photos.Photo.as_movie_shows_it
    monkeypatch.setattr(photos.Photo, "as_movie_shows_it", lambda photo: mistake(right(photo), photo.stored))
    _decoded.cache_clear()
    timeline = scenes.shots_in_time(path, (size.width, size.height), canvas=scenes.SMALL)
    verdict, wrong = judged(path, timeline)
    _decoded.cache_clear()
    assert verdict != "VERIFIED" and wrong


def test_a_photo_is_decoded_once_for_its_three_shots(tmp_path, monkeypatch):
    path, read = photo(tmp_path, "plain.jpg"), []
    right = photos.Photo.as_movie_shows_it
    monkeypatch.setattr(photos.Photo, "as_movie_shows_it", lambda photo: read.append(photo.path) or right(photo))
    render(scenes.shots_in_time(path, SIZE, push=1.06, canvas=scenes.SMALL), output=tmp_path / "movie.mp4")
    assert read == [path]


@pytest.fixture(scope="module")
def two_photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    for number, name in enumerate(("first.jpg", "second.png")):
        Image.fromarray(scenes.textured(*SIZE, seed=number)).save(folder / name)
    with wave.open(str(folder / "song.wav"), "wb") as song:
        song.setparams((2, 2, 48000, 0, "NONE", ""))
        tone = 8000 * np.sin(np.arange(48000 * 2) * 2 * np.pi * 440 / 48000)
        song.writeframes(np.repeat(tone.astype("<i2"), 2).tobytes())
    return folder


def test_the_command_writes_timelines_editor_files_and_movies(two_photos, tmp_path):
    given = ["shots", two_photos, "-o", tmp_path, "-r", "1:1", "--seconds", "0.5", "--push", "1.06"]
    given += ["--music", two_photos / "song.wav", "--sequence", "both"]
    ran = panscan(*given, "--to", "fcpxml", "--render", "--quality", "draft")
    assert ran.code == 0, ran.err
    for stem in ("first", "second", "both"):
        endings = {path.suffix for path in tmp_path.glob(f"{stem}.1x1.*") if path.stem == f"{stem}.1x1"}
        assert endings == {".otio", ".fcpxml", ".mp4", ".html"}
    assert ran.err.count("VERIFIED") == 3
    assert ran.err.count("the music ends 1.0 s before the shots") == 1  # two photos of 1.5 s, a song of 2
    edited = (tmp_path / "both.1x1.otio").read_text().replace('"name": "both.1x1"', '"name": "mine"')
    (tmp_path / "both.1x1.otio").write_text(edited)
    again = panscan(*given)
    assert again.code == 0 and again.err.count("kept: same settings") == 3
    assert (tmp_path / "both.1x1.otio").read_text() == edited


def test_keys_moved_by_hand_are_told_before_a_timeline_is_made_anew(two_photos, tmp_path):
    given = ["shots", two_photos / "first.jpg", "-o", tmp_path, "-r", "1:1"]
    assert panscan(*given).code == 0
    path = tmp_path / "first.1x1.otio"
    assert panscan("edits", path, "--json").data["moved"] == []
    timeline = read_timeline(path)
    (effect,) = timeline.video_tracks()[0][1].effects
    effect.metadata["panscan"]["cells"][0]["keys"]["x_px"][0] += 5.0
    write_timeline(timeline, path)
    assert "shots 2; a run with other settings leaves them" in panscan("edits", path).err
    assert "moved by hand" not in panscan(*given).err
    ran = panscan(*given, "--push", "1.06")
    assert "keys of shots 2 moved by hand" in ran.err and "first.1x1.otio.1" in ran.err


def test_what_does_not_go_together_is_refused_before_any_work(two_photos, tmp_path):
    photo_path = two_photos / "first.jpg"
    for options, told in (
        (["--sequence", "all"], "needs a shape"),
        (["--sequence", "first", "-r", "1:1"], "does not go"),
        (["--sequence", "..", "-r", "1:1"], "does not go"),
        (["--seconds", "0"], "no length of a shot"),
        (["--push", "0.9"], "no gentle move"),
        (["--music", two_photos / "none.wav"], "does not exist"),
        (["--music", photo_path], "holds no sound"),
        (["--codec", "h265"], "nothing to render"),
    ):
        ran = panscan("shots", photo_path, "-o", tmp_path, *options)
        assert ran.code in (2, 3) and told in ran.err
    assert list(tmp_path.iterdir()) == []


def test_processes_give_what_one_gives_errors_too(two_photos, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"nothing")
    ran = [panscan("shots", two_photos, broken, "-o", tmp_path / jobs, "--jobs", jobs) for jobs in ("1", "2")]
    assert [one.code for one in ran] == [3, 3]
    assert all("is no photo that can be read" in one.err and "save it as JPEG" in one.err for one in ran)
    made = [{path.name: path.read_bytes() for path in (tmp_path / jobs).iterdir()} for jobs in ("1", "2")]
    assert made[0] == made[1] and len(made[0]) >= 10


def test_photos_in_an_editors_cut_are_stills_too(tmp_path):
    """As Resolve writes them: a medium of one frame under a clip of many."""
    row = otio.schema.Track(name="V1", kind="Video")
    for name, length in (("turned.jpg", 12), ("plain.jpg", 20)):
        medium = otio.schema.ExternalReference(photo(tmp_path, name).as_uri(), _frames(1))
        row.append(otio.schema.Clip(name, medium, _frames(length)))
    cut = tmp_path / "cut.otio"
    otio.adapters.write_to_file(otio.schema.Timeline("cut", tracks=[row]), str(cut))
    ran = panscan(
        "reframe",
        cut,
        "-r",
        "1:1",
        "--canvas",
        "360x360",
        "--to",
        "mlt",
        "--to",
        "fcpxml",
        "--render",
        "--quality",
        "draft",
    )
    assert ran.code == 0 and "VERIFIED" in ran.err, ran.err
    framed = read_cut(read_timeline(tmp_path / "cut.1x1.otio"), folder=tmp_path)
    assert [(clip.facts.still.turn, clip.frame_count) for clip in framed.clips] == [(6, 12), (1, 20)]
    assert (tmp_path / "cut.1x1.mlt").read_text().count(">qimage<") == 2
    assert (tmp_path / "cut.1x1.fcpxml").read_text().count("<video ") == 2


def _frames(count):
    return otio.opentime.TimeRange(otio.opentime.RationalTime(0, 25), otio.opentime.RationalTime(count, 25))
