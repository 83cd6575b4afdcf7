"""Photos of every kind: read upright, cropped in their own format, or refused with a clear word."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

import photo_scenes as scenes
from panscan.decoding.photo import read_photo
from panscan.errors import InputError
from panscan.photos.crops import crop_bytes, crop_suffix

WIDE, TALL = 240, 160
BOX = (40, 20, 200, 140)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def stored(tmp_path, name, picture=None, **options):
    path = tmp_path / name
    image = picture if picture is not None else Image.fromarray(scenes.gradient(WIDE, TALL))
    image.save(path, **options)
    return path


def cropped(photo, box=BOX):
    with Image.open(io.BytesIO(crop_bytes(photo, box))) as made:
        made.load()
        return made


def corner(image):
    """The place of a crop's first pixel, as its colours tell."""
    red, green = np.asarray(image.convert("RGB"), np.int64)[0, 0, :2]
    return red * (WIDE - 1) / 255, green * (TALL - 1) / 255


@pytest.mark.parametrize(
    ("name", "format_name", "tolerance"),
    [
        ("a.jpg", "JPEG", 3),
        ("a.png", "PNG", 1),
        ("a.tif", "TIFF", 1),
        ("a.webp", "WEBP", 8),
        ("a.avif", "AVIF", 8),
    ],
)
def test_crops_keep_format_place_and_profile(tmp_path, name, format_name, tolerance):
    photo = read_photo(stored(tmp_path, name, icc_profile=PROFILE))
    made = cropped(photo)
    assert made.format == format_name
    assert crop_suffix(photo) == f".{name.split('.')[1]}"
    assert made.size == (BOX[2] - BOX[0], BOX[3] - BOX[1])
    assert corner(made) == pytest.approx((BOX[0], BOX[1]), abs=tolerance)
    assert made.info["icc_profile"] == PROFILE


@pytest.mark.parametrize("turn", range(1, 9))
def test_exif_turns_are_applied_once(tmp_path, turn):
    upright = Image.fromarray(scenes.gradient(WIDE, TALL))
    operations = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    lying = upright.transpose(operations[turn]) if turn in operations else upright
    exif = Image.Exif()
    exif[274], exif[271] = turn, "a camera"
    photo = read_photo(stored(tmp_path, "a.png", lying, exif=exif))
    assert (photo.size.width, photo.size.height) == (WIDE, TALL)
    made = cropped(photo)
    assert corner(made) == pytest.approx((BOX[0], BOX[1]), abs=1)
    assert made.getexif().get(274, 1) == 1
    assert made.getexif()[271] == "a camera"


@pytest.mark.parametrize("ending", ["png", "tif"])
@pytest.mark.parametrize("turn", [1, 6])
def test_sixteen_bits_stay_sixteen(tmp_path, ending, turn):
    levels = scenes.gradient(WIDE, TALL, levels=65536)
    if turn == 6:
        levels = np.rot90(levels)
    path = tmp_path / f"deep.{ending}"
    kinds, data = [cv2.IMAGE_METADATA_EXIF], [np.frombuffer(_exif(turn), np.uint8)]
    bgr = np.ascontiguousarray(levels[..., ::-1])
    done, file = cv2.imencodeWithMetadata(".png", bgr, kinds, data) if ending == "png" else cv2.imencode(".tiff", bgr)
    assert done
    path.write_bytes(file.tobytes())
    turned = turn == 6 and ending == "tif"  # a TIFF of OpenCV carries no turn: it lies
    photo = read_photo(path)
    assert photo.bits == 16
    box = (20, 40, 140, 200) if turned else BOX
    made = cv2.imdecode(np.frombuffer(crop_bytes(photo, box), np.uint8), cv2.IMREAD_UNCHANGED)
    assert made.dtype == np.uint16
    expected = levels if turned else scenes.gradient(WIDE, TALL, levels=65536)
    left, top, right, bottom = box
    np.testing.assert_array_equal(made[..., ::-1], expected[top:bottom, left:right])


def _exif(turn):
    exif = Image.Exif()
    exif[274] = turn
    return exif.tobytes().removeprefix(b"Exif\0\0")


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "CMYK", "1"])
def test_every_mode_is_seen_and_cropped(tmp_path, mode):
    image = Image.fromarray(scenes.gradient(WIDE, TALL)).convert(mode)
    photo = read_photo(stored(tmp_path, "a.tif", image))
    assert photo.view().shape == (TALL, WIDE, 3)
    assert cropped(photo).mode == mode


def test_sixteen_bits_of_grey_are_seen_as_bright_as_they_are(tmp_path):
    levels = np.full((TALL, WIDE), 128 * 257, np.uint16)
    photo = read_photo(stored(tmp_path, "a.png", Image.fromarray(levels)))
    assert photo.bits == 16
    assert photo.view().mean() == pytest.approx(128, abs=1)
    assert np.asarray(cropped(photo)).max() == 128 * 257


def test_transparent_is_seen_as_white(tmp_path):
    image = Image.new("RGBA", (WIDE, TALL), (255, 0, 0, 0))
    assert read_photo(stored(tmp_path, "a.png", image)).view().min() == 255


def test_only_the_first_of_several_pictures_is_used(tmp_path):
    first, second = (Image.new("RGB", (WIDE, TALL), colour) for colour in ("red", "blue"))
    path = tmp_path / "a.webp"
    first.save(path, save_all=True, append_images=[second], duration=100)
    photo = read_photo(path)
    assert "first of 2" in photo.notes[0]
    assert photo.view()[0, 0, 0] > 200


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.jpg", b"", "no photo that can be read"),
        ("a.jpg", b"\xff\xd8\xff\xe0 and then nothing", "no photo that can be read"),
        ("a.txt", b"words", "no photo that can be read"),
        ("a.cr2", b"II*\0", "raw file"),
        ("a.NEF", b"II*\0", "raw file"),
    ],
)
def test_what_is_no_photo_is_refused(tmp_path, name, data, words):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(InputError, match=words) as refused:
        read_photo(path)
    assert refused.value.fix


def test_a_cut_off_file_is_refused(tmp_path):
    path = stored(tmp_path, "a.png")
    path.write_bytes(path.read_bytes()[:400])
    with pytest.raises(InputError, match="no photo"):
        read_photo(path)


def test_missing_and_tiny_photos_are_refused(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        read_photo(tmp_path / "nowhere.jpg")
    with pytest.raises(InputError, match="too small"):
        read_photo(stored(tmp_path, "a.png", Image.new("RGB", (16, 16))))


def test_a_picture_that_would_fill_the_memory_is_refused_before_it_is_read(tmp_path):
    path = stored(tmp_path, "a.png", Image.new("1", (64, 64)))
    data = bytearray(path.read_bytes())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    import zlib

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match="too large"):
        read_photo(path)
