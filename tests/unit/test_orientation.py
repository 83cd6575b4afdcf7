"""Mirrored and turned movies: what is found, and how perception shows them, beside what ffmpeg shows."""

from __future__ import annotations

import struct

import av
import numpy as np
import pytest

import looks
import media
import needed
from panscan import ingest
from panscan.decoding.orientation import Orientation, orientation_from_matrix
from panscan.ingest.media.frames import stills

SIDE_PX = 120  # of the square that is compared


def matrix_bytes(a, b, c, d):
    return struct.pack("=9i", *(round(v * 65536) for v in (a, b, 0, c, d, 0, 0, 0)), 1 << 30)


def alike(a, b):
    return float(np.corrcoef(a.ravel().astype(float), b.ravel().astype(float))[0, 1])


@pytest.mark.parametrize(("matrix", "shown"), looks.MATRICES.items())
def test_a_matrix_is_a_mirroring_and_then_a_turn(matrix, shown):
    """Each corner of the coded picture goes where the matrix sends it."""
    found = orientation_from_matrix(matrix_bytes(*matrix))
    assert (found.is_mirrored, found.rotation_deg) == shown and not found.is_odd
    coded = np.array([[1, 2], [3, 4]])  # at x and y of -1 and 1
    image = np.rot90(coded[:, ::-1] if found.is_mirrored else coded, found.rotation_deg // 90)
    a, b, c, d = matrix
    for q, p in np.ndindex(2, 2):
        x, y = a * (2 * p - 1) + c * (2 * q - 1), b * (2 * p - 1) + d * (2 * q - 1)
        assert image[(y + 1) // 2, (x + 1) // 2] == coded[q, p]


@pytest.mark.parametrize(("degrees", "nearest"), [(0.4, 0), (44, 0), (46, 90), (-135.5, 180), (-100, 270)])
def test_an_odd_angle_is_the_nearest_quarter_and_told(degrees, nearest, tmp_path):
    found = orientation_from_matrix(matrix_bytes(*media.turned_matrix(degrees)))
    assert found.rotation_deg == nearest and not found.is_mirrored and found.is_odd == (abs(degrees) > 0.5)
    probed = ingest.probe(looks.with_matrix(tmp_path / "odd.mp4", media.turned_matrix(degrees)))
    assert probed.video.rotation_deg == nearest
    assert [f"a turn by {degrees:.0f} degrees" in note for note in probed.notes] == [True] * found.is_odd


def test_a_matrix_of_nothing_is_upright():
    assert orientation_from_matrix(bytes(36)) == Orientation(0, False, -0.0)


@pytest.mark.parametrize(("matrix", "shown"), looks.MATRICES.items())
def test_perception_sees_what_players_show(matrix, shown, tmp_path):
    path = looks.with_matrix(tmp_path / "film.mp4", matrix)
    probed = ingest.probe(path)
    assert (probed.video.is_mirrored, probed.video.rotation_deg) == shown
    players = looks.as_ffmpeg_shows(needed.program("ffmpeg"), path)
    display = probed.video.display_size
    assert players[3].shape == (display.height, display.width)
    picture = list(ingest.PictureDecoder(probed))[3]
    for long_side_px in (10_000, 320):  # from the planes, and by FFmpeg's scaler from colours
        grey = picture.view(long_side_px, "gray")
        assert grey.shape == players[3].shape and alike(grey, players[3]) > 0.95
    box = (20.0, 30.0, float(SIDE_PX), float(SIDE_PX))
    assert alike(picture.luma(box, SIDE_PX), players[3][30 : 30 + SIDE_PX, 20 : 20 + SIDE_PX]) > 0.995
    assert alike(stills(probed, [3], 320)[0], picture.view(320)) > 0.999


def test_a_mirrored_movie_is_looked_at_anew_and_others_keep_their_key(movie, tmp_path):
    plain = ingest.probe(movie("cuts"))
    turned = ingest.probe(looks.with_matrix(tmp_path / "turned.mp4", (0, -1, 1, 0)))
    assert plain.key == plain.digest and turned.key == turned.digest and not plain.notes
    mirrored = ingest.probe(looks.with_matrix(tmp_path / "film.mp4", (-1, 0, 0, 1)))
    assert mirrored.key == f"{mirrored.digest}-mirrored"


def test_transparency_is_left_out_and_told(tmp_path):
    path = tmp_path / "title.mov"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("qtrle", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 36, "argb"
        for n in range(3):
            shown = av.VideoFrame.from_ndarray(np.full((36, 64, 4), 90 + n, np.uint8), format="argb")
            shown.pts = n
            container.mux(stream.encode(shown))
        container.mux(stream.encode(None))
    assert ["transparen" in note for note in ingest.probe(path).notes] == [True]
