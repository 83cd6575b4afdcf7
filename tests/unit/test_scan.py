"""Movies made of fields: found in their pictures, whatever their flags say, and made whole."""

from __future__ import annotations

import numpy as np
import pytest

import looks
import media
import needed
from panscan import ingest
from panscan.decoding.containers import open_container
from panscan.decoding.interlacing import deinterlaced
from panscan.ingest.media.frames import stills
from panscan.request.options import request_for
from panscan.request.recipe import request_recipe
from panscan.verify.measure.fields import whole_pictures

TOP_FIRST, BOTTOM_FIRST, PROGRESSIVE = looks.woven(0, 1), looks.woven(1, 0), looks.woven(0, 0)

CASES = {
    "flagged": (TOP_FIRST, {"flag": "tff"}, "top_first", "interlaced"),
    "flagged_bottom": (BOTTOM_FIRST, {"flag": "bff"}, "bottom_first", "interlaced"),
    "flagged_too_short_to_tell": (TOP_FIRST, {"flag": "tff", "frames": 3}, "flagged", "interlaced"),
    "unflagged": (TOP_FIRST, {}, "top_first", "interlaced"),
    "unflagged_bottom": (BOTTOM_FIRST, {"size": looks.NTSC_SD}, "bottom_first", "interlaced"),
    "progressive": (PROGRESSIVE, {}, "progressive", ""),
    "flagged_progressive": (PROGRESSIVE, {"flag": "tff"}, "progressive", "the file says interlaced"),
    "film": (looks.telecined, {"size": looks.NTSC_SD, "rate": media.NTSC_RATE}, "top_first", "3:2 pulldown"),
    "still": (lambda frame, *where: looks.moving(0, *where), {}, "progressive", ""),
    "two_pictures": (TOP_FIRST, {"frames": 2}, "progressive", ""),
    "another_height": (TOP_FIRST, {"size": (320, 180)}, "progressive", ""),
}


@pytest.fixture(scope="module")
def interlaced(tmp_path_factory):
    return looks.fields(tmp_path_factory.mktemp("fields") / "film.mp4", TOP_FIRST, flag="tff")


@pytest.mark.parametrize("name", CASES)
def test_pictures_tell_what_is_deinterlaced(name, tmp_path):
    scene, how, fields, told = CASES[name]
    probed = ingest.probe(looks.fields(tmp_path / "film.mp4", scene, **how))
    assert probed.video.fields == fields
    assert told in " ".join(probed.notes) and bool(told) == bool(probed.notes)
    assert probed.key == probed.digest + (f"-{fields}" if fields != "progressive" else "")


@pytest.mark.parametrize(("wanted", "fields"), [("auto", "top_first"), ("off", "progressive"), ("on", "top_first")])
def test_the_user_decides(wanted, fields, interlaced):
    assert ingest.probe(interlaced, deinterlace=wanted).video.fields == fields


def test_on_takes_the_order_that_was_measured(tmp_path):
    path = looks.fields(tmp_path / "film.mp4", BOTTOM_FIRST)
    assert ingest.probe(path, deinterlace="on").video.fields == "bottom_first"


@pytest.mark.parametrize("whole", [deinterlaced, whole_pictures], ids=["ours", "the verifier's"])
@pytest.mark.parametrize(
    ("fields", "filtered"),
    [
        ("flagged", "bwdif=mode=send_frame:deint=interlaced"),
        ("top_first", "bwdif=mode=send_frame:parity=tff"),
        ("bottom_first", "bwdif=mode=send_frame:parity=bff"),
    ],
)
def test_one_picture_for_each_as_ffmpeg_makes_it(whole, fields, filtered, interlaced):
    shown = looks.as_ffmpeg_shows(needed.program("ffmpeg"), interlaced, filtered, "extractplanes=y")
    with open_container(interlaced) as container:
        stream = container.streams.video[0]
        coded = [(frame.pts, frame.duration) for frame in container.decode(stream)]
    with open_container(interlaced) as container:
        stream = container.streams.video[0]
        made = list(whole(container.decode(stream), stream, fields))
    assert [frame.pts for frame in made] == [pts for pts, _ in coded] and len(made) == len(shown)
    assert not any(frame.interlaced_frame for frame in made)
    assert all(frame.time_base == stream.time_base for frame in made)
    for frame, players in zip(made[1:], shown[1:], strict=True):  # versions of FFmpeg differ in the very first
        assert np.array_equal(frame.to_ndarray()[: players.shape[0]], players)


def test_perception_sees_no_combs(interlaced):
    def comb(image):
        rows = image.astype(int)
        return np.abs(rows[1:-1] * 2 - rows[:-2] - rows[2:]).mean()

    whole, combed = (ingest.probe(interlaced, deinterlace=wanted) for wanted in ("auto", "off"))
    for a, b in zip(ingest.PictureDecoder(whole), ingest.PictureDecoder(combed), strict=True):
        assert a.frame == b.frame and comb(a.view(1000, "gray")) < 0.5 * comb(b.view(1000, "gray"))
    kept = stills(whole, [0, 20, 39], 576)
    assert len(kept) == 3 and comb(kept[1].mean(axis=2)) < 0.5 * comb(stills(combed, [20], 576)[0].mean(axis=2))


def test_recipes_name_the_wish_only_if_it_is_special():
    recipes = [request_recipe(request_for("9:16", deinterlace=wanted)) for wanted in ("auto", "off", "on")]
    assert [recipe.get("deinterlace") for recipe in recipes] == [None, "off", "on"]
