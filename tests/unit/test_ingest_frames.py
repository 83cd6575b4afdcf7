"""The decoder: every picture once, upright, in the size that is asked for."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
import pytest

import media
from panscan import ingest
from panscan.errors import InputError
from panscan.model.geometry import Size


def pictures(path, *views):
    source = ingest.PictureDecoder(ingest.probe(path))
    return [(picture.frame, *(picture.view(*view).copy() for view in views)) for picture in source]


def drawn(frame, size, x_px=None):
    """Luma of the coded scene."""
    return media.coded_value(frame, 0, np.arange(float(size[0])) if x_px is None else x_px, np.arange(float(size[1])))


def alike(a, b):
    """Correlation of two pictures: grey and coded luma differ in range and a little in colour weights."""
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


@pytest.mark.parametrize("name", media.MOVIES)
def test_every_picture_once_in_order_on_its_grid_frame(name, movie):
    probed = ingest.probe(movie(name))
    seen = [picture.frame for picture in ingest.PictureDecoder(probed)]
    assert seen == probed.video.grid_frames().tolist()
    assert len(seen) == probed.video.picture_count > 0


@pytest.mark.parametrize("name", media.MOVIES)
@pytest.mark.parametrize("long_side_px", [10_000, 128, 77, 15])
def test_views_are_even_upright_and_never_enlarged(name, long_side_px, movie):
    probed = ingest.probe(movie(name))
    picture = next(iter(ingest.PictureDecoder(probed)))
    grey, colour = picture.view(long_side_px, "gray"), picture.view(long_side_px, "rgb24")
    height, width = grey.shape
    display = probed.video.display_size
    assert colour.shape == (height, width, 3)
    assert grey.dtype == colour.dtype == np.uint8 and colour.flags.c_contiguous
    assert width % 2 == height % 2 == 0
    factor = min(1, long_side_px / max(display.width, display.height))
    # The nearest even number; an odd picture loses its last row or column rather than gain one.
    assert abs(width - display.width * factor) <= 1.5 and abs(height - display.height * factor) <= 1.5
    assert ingest.PictureDecoder(probed).size_of(long_side_px) == Size(width, height)


def test_pictures_show_their_own_frame(movie):
    for frame, grey in pictures(movie("position_coded"), (640, "gray"))[::11]:
        likeness = [alike(grey, drawn(other, (640, 360))) for other in range(48)]
        assert int(np.argmax(likeness)) == frame and likeness[frame] > 0.95


@pytest.mark.parametrize(("degrees", "turns"), [(90, 1), (180, 2), (-90, 3)])
def test_rotated_pictures_stand_upright(degrees, turns, tmp_path):
    _, grey = pictures(media.rotated(tmp_path / "turned.mp4", degrees), (320, "gray"))[3]
    assert alike(grey, np.rot90(drawn(3, media.SMALL), turns)) > 0.95
    assert alike(grey, np.rot90(drawn(3, media.SMALL), turns + 2)) < 0.5


def test_anamorphic_pictures_are_stretched(movie):
    _, grey = pictures(movie("anamorphic"), (640, "gray"))[3]
    assert grey.shape == (180, 640)
    assert alike(grey, drawn(3, media.SMALL, x_px=np.arange(640) / 2 - 0.25)) > 0.95


def test_colours_are_not_swapped(tmp_path):
    def red(frame, plane, x_px, y_px):
        return np.full((len(y_px), len(x_px)), (63, 102, 240)[plane], float)  # BT.709 red

    path = media.write_clip(tmp_path / "red.mp4", red, pts=range(3))
    _, rgb, bgr = pictures(path, (64, "rgb24"), (64, "bgr24"))[0]
    assert rgb[..., 0].mean() > 200 > 60 > rgb[..., 1:].mean()
    assert np.abs(rgb.astype(int) - bgr[..., ::-1]).max() <= 3


def test_a_view_is_made_once_per_picture(movie):
    picture = next(iter(ingest.PictureDecoder(ingest.probe(movie("cuts")))))
    assert picture.view(64, "gray") is picture.view(64, "gray")
    assert picture.view(64, "gray") is not picture.view(66, "gray")


def test_ten_bits_are_seen_as_eight(movie):
    _, ten = pictures(movie("ten_bit"), (320, "gray"))[5]
    assert alike(ten, drawn(5, media.SMALL)) > 0.95
    assert ten.mean() == pytest.approx(126, abs=12)


def test_a_source_can_be_read_again(movie):
    source = ingest.PictureDecoder(ingest.probe(movie("one_frame")))
    assert [p.frame for p in source] == [p.frame for p in source] == [0]


def test_a_file_that_is_no_movie_any_more_is_told(tmp_path):
    probed = ingest.probe(media.cuts(tmp_path / "cuts.mp4"))
    broken = dataclasses.replace(probed, path=str(media.text_file(tmp_path / "broken.mp4")))
    with pytest.raises(InputError, match="cannot be read any more") as refused:
        list(ingest.PictureDecoder(broken))
    assert refused.value.why and refused.value.fix


@pytest.mark.parametrize("name", ["position_coded", "anamorphic", "ten_bit"])
def test_a_small_view_made_from_some_rows_shows_the_whole_picture(name, movie):
    _, small, large = pictures(movie(name), (96, "gray"), (640, "gray"))[5]
    expected = cv2.resize(large, small.shape[::-1], interpolation=cv2.INTER_AREA)
    assert alike(small, expected) > 0.95
    assert small.mean() == pytest.approx(expected.mean(), abs=4)  # both of the full range


def test_a_view_hangs_on_its_size_alone(movie):
    source = ingest.PictureDecoder(ingest.probe(movie("cuts")))
    sizes = [(640, "rgb24"), (320, "gray"), (256, "rgb24"), (640, "gray"), (96, "bgr24"), (700, "gray")]

    def views(order):
        picture = next(iter(source))
        made = {view: picture.view(*view).tobytes() for view in order}
        return [made[view] for view in sizes]

    assert views(sizes) == views(sizes[::-1])


def test_the_small_colours_are_those_of_the_large_view(tmp_path):
    levels = (63, 102, 240), (173, 42, 26), (32, 240, 118)  # BT.709 red, green, blue

    def stripes(frame, plane, x_px, y_px):
        return np.repeat([[colour[plane] for colour in levels]], len(y_px), axis=0)[
            :, np.minimum(2, (x_px * 3 / (x_px[-1] + x_px[1] - x_px[0])).astype(int))
        ].astype(float)

    path = media.write_clip(tmp_path / "stripes.mp4", stripes, pts=range(2))
    _, small, large = pictures(path, (96, "rgb24"), (640, "rgb24"))[0]
    for place in (1 / 6, 1 / 2, 5 / 6):
        one, other = (view[view.shape[0] // 2, int(view.shape[1] * place)].astype(int) for view in (small, large))
        assert np.abs(one - other).max() <= 10


def test_a_fast_look_leaves_out_pictures_and_keeps_the_grid(movie):
    probed = ingest.probe(movie("position_coded"))
    every = [picture.frame for picture in ingest.PictureDecoder(probed)]
    some = [picture.frame for picture in ingest.PictureDecoder(probed, fast=True)]
    assert set(some) <= set(every) and some == sorted(some) and some[0] == 0
