"""Small views are the means of what lies under their px, to parts of a sample."""

from __future__ import annotations

import numpy as np
import pytest

from panscan.verify.measure.crop_views import averaged_view
from panscan.verify.measure.planes import Plane


def picture(height, width, dtype=np.uint8):
    y, x = np.mgrid[:height, :width]
    waves = 126 + 60 * np.sin(x / 9.0 + y / 23.0) + 40 * np.cos(y / 7.0)
    return np.clip(waves * (4 if dtype == np.uint16 else 1), 0, None).round().astype(dtype)


def mean_under(samples, box, size, finer=20):
    """The means by counting: each sample cut into so many parts, each px taken as a whole number of them."""
    left, top, width, height = (round(v * finer) for v in box)
    rows = (top + np.arange(height)) // finer
    columns = (left + np.arange(width)) // finer
    return samples[np.ix_(rows, columns)].reshape(size[1], height // size[1], size[0], width // size[0]).mean((1, 3))


@pytest.mark.parametrize("under", [3.25, 4.0, 7.5])
def test_px_are_means_of_parts_of_samples(under):
    samples = picture(200, 240)
    box, size = (10.35, 20.8, 24 * under, 18 * under), (24, 18)
    view, inside = averaged_view(Plane(samples), box, size)
    # Two by two are averaged before where many lie under a px, and rounded.
    assert np.abs(view - mean_under(samples, box, size)).max() < (1e-3 if under < 6 else 1.0)
    assert inside.all() and abs(float((view - mean_under(samples, box, size)).mean())) < 0.05


def test_a_small_crop_is_interpolated():
    """Half a sample under each px: the waves go on between the samples."""
    box, size = (30.0, 40.0, 30.0, 20.0), (60, 40)
    view, _ = averaged_view(Plane(picture(120, 120)), box, size)
    y, x = np.mgrid[:40, :60] / 2 + 0.25
    wanted = 126 + 60 * np.sin((x + 29.5) / 9.0 + (y + 39.5) / 23.0) + 40 * np.cos((y + 39.5) / 7.0)
    assert np.abs(view - wanted).max() < 1.0


def test_turned_and_deep_pictures_read_the_same():
    plain = averaged_view(Plane(picture(120, 160)), (3.3, 5.1, 60, 80), (15, 20))[0]
    turned = Plane(np.rot90(picture(120, 160), 3)).shown(is_mirrored=False, quarter_turns=1)
    assert np.array_equal(averaged_view(turned, (3.3, 5.1, 60, 80), (15, 20))[0], plain)
    deep = averaged_view(Plane(picture(120, 160, np.uint16), 4.0), (3.3, 5.1, 60, 80), (15, 20))[0]
    assert np.abs(deep - plain).max() < 0.5


@pytest.mark.parametrize(
    ("box", "columns"), [((-20, 0, 80, 60), [0, 6]), ((80, 0, 80, 60), [4, 20]), ((500, 0, 80, 60), [0, 20])]
)
def test_px_beside_the_picture_are_known(box, columns):
    view, inside = averaged_view(Plane(picture(60, 100)), box, (20, 15))
    outside = np.zeros(20, bool)
    outside[slice(*columns)] = True
    assert np.array_equal(inside, np.tile(~outside, (15, 1))) and np.isfinite(view).all()
