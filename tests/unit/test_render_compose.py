"""Where composed pixels come from, measured against a picture that is known at every position."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from panscan.errors import DocumentError
from panscan.model.framing import Camera, Cell, Framing, key_values_of_crop
from panscan.model.geometry import Rect, Size
from panscan.render.picture.compose import Compositor, blank
from panscan.render.picture.kernels import AxisSampling, resample
from panscan.render.picture.planes import PLANAR_FORMATS, background_yuv, siting, views, working_format

RATE = Fraction(25)
FIRST = 100


def scene(x, y, plane):
    """Brightness (-1..1) at display px; no detail below 14 px, so that any sampling used here can hold it."""
    turn = (0.0, 0.7, 1.9)[plane]
    return (
        0.4 * np.sin(2 * np.pi * x / 23.0 + turn) * np.cos(2 * np.pi * y / 31.0)
        + 0.3 * np.sin(2 * np.pi * (x + 0.6 * y) / 37.0 + 1)
        + 0.3 * np.cos(2 * np.pi * (y - 0.3 * x) / 27.0 + 2 * turn)
    )


def positions(size, fmt, plane):
    """Luma indices of the samples of a plane, as column and row vectors."""
    where = siting(fmt, plane)
    columns, rows = -(-size.width // where.sub_x), -(-size.height // where.sub_y)
    return where.sub_x * np.arange(columns) + where.phase_x, (where.sub_y * np.arange(rows) + where.phase_y)[:, None]


def picture(coded, display, fmt, turns=0):
    """A decoded frame that shows the scene when it is turned `turns` quarters counter-clockwise."""
    frame = av.VideoFrame(coded.width, coded.height, fmt.name)
    upright = (coded.height, coded.width) if turns % 2 else (coded.width, coded.height)
    for n, plane in enumerate(views(frame, fmt)):
        cx, cy = positions(coded, fmt, n)
        x, y = {
            0: (cx, cy),
            1: (cy, coded.width - 1 - cx),
            2: (coded.width - 1 - cx, coded.height - 1 - cy),
            3: (coded.height - 1 - cy, cx),
        }[turns]
        value = scene((x + 0.5) * display.width / upright[0], (y + 0.5) * display.height / upright[1], n)
        plane[:] = np.round((0.5 + 0.4 * value) * fmt.peak)
    return frame


def still_framing(crop, canvas, source, background="black"):
    scale, x, y = key_values_of_crop(crop, canvas, source)
    camera = Camera((FIRST,), (scale,), (x,), (y,))
    return Framing(canvas, source, RATE, (Cell(0, 0, canvas, camera),), background)


def displacement(result, crop, canvas, fmt, plane):
    """How far (display px) a plane of the result lies from where it should, and its rms error in 8-bit steps."""
    zoom = canvas.width / crop.width
    u, v = positions(canvas, fmt, plane)
    x, y = crop.left + (u + 0.5) / zoom, crop.top + (v + 0.5) / zoom
    values = (views(result, fmt)[plane] / fmt.peak - 0.5) / 0.4
    step = 0.01
    gx = (scene(x + step, y, plane) - scene(x - step, y, plane)) / (2 * step)
    gy = (scene(x, y + step, plane) - scene(x, y - step, plane)) / (2 * step)
    difference = values - scene(x, y, plane)
    inner = np.s_[4:-4, 4:-4]  # the edge of the picture is repeated, not known
    a = np.stack([gx[inner].ravel(), gy[inner].ravel()], axis=1)
    shift, *_ = np.linalg.lstsq(a, difference[inner].ravel(), rcond=None)
    return shift, float(np.sqrt(np.mean(difference[inner] ** 2))) * 0.4 * 255


def check(crop, canvas, fmt, coded, display, turns=0, px=0.02, chroma_px=None):
    compositor = Compositor(
        still_framing(crop, canvas, display), FIRST, 1, pixel_format=fmt.name, coded=coded, quarter_turns=turns
    )
    result = compositor.compose(picture(coded, display, fmt, turns), FIRST)
    for plane in range(3):
        shift, rms = displacement(result, crop, canvas, fmt, plane)
        assert np.abs(shift).max() < (chroma_px or px if plane else px), (fmt.name, plane, shift)
        assert rms < (1.0 if plane == 0 else 1.5), (fmt.name, plane, rms)


PANS = [Rect(10.3, 4.0, 160, 120), Rect(11.0, 5.0, 160, 120), Rect(33.77, 12.41, 160, 120)]
# Scale 1.78 and 2.67: landscape to a 1080-class canvas; 0.94, 0.5 and 0.22: from 4K.
ZOOMS = [1.7777, 2.6667, 1.03, 0.9375, 0.8, 0.5]


@pytest.mark.parametrize("name", sorted(PLANAR_FORMATS))
@pytest.mark.parametrize("crop", PANS)
def test_pan_position(name, crop):
    check(crop, Size(160, 120), PLANAR_FORMATS[name], Size(320, 240), Size(320, 240), px=0.02)


@pytest.mark.parametrize("name", ["yuv420p", "yuv444p", "yuv420p10le"])
@pytest.mark.parametrize("scale", ZOOMS)
def test_zoom_position(name, scale):
    canvas = Size(180, 160)
    crop = Rect(20.37, 11.0, canvas.width / scale, canvas.height / scale)
    check(crop, canvas, PLANAR_FORMATS[name], Size(480, 360), Size(480, 360))


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("name", ["yuv420p", "yuv422p", "yuv444p"])
@pytest.mark.parametrize("scale", [1.0, 1.6])
def test_turned_source(name, turns, scale):
    coded = Size(320, 240)
    display = Size(240, 320) if turns % 2 else coded
    canvas = Size(160, 176)
    crop = Rect(31.3, 42.6, canvas.width / scale, canvas.height / scale)
    check(crop, canvas, PLANAR_FORMATS[name], coded, display, turns)


@pytest.mark.parametrize(("coded", "display"), [((240, 240), (480, 240)), ((320, 160), (320, 240))])
@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_pixel_aspect(coded, display, scale):
    canvas = Size(160, 120)
    crop = Rect(50.2, 30.9, canvas.width / scale, canvas.height / scale)
    # One chroma sample stands for up to 4 display px here.
    check(crop, canvas, PLANAR_FORMATS["yuv420p"], Size(*coded), Size(*display), chroma_px=0.07)


def test_odd_source_size_turned():
    check(Rect(8.4, 9.2, 100, 120), Size(100, 120), PLANAR_FORMATS["yuv420p"], Size(241, 161), Size(161, 241), turns=1)


def fine(x, y):
    """Brightness (-1..1) with detail down to 5 px, where interpolation between two neighbours visibly softens."""
    rng = np.random.default_rng(7)
    waves = zip(
        np.exp(rng.uniform(np.log(5), np.log(60), 10)), rng.uniform(0, np.pi, 10), rng.uniform(0, 6, 10), strict=True
    )
    parts = [np.sin(2 * np.pi * (np.cos(a) * x + np.sin(a) * y) / length + at) for length, a, at in waves]
    return np.clip(sum(parts) / 6, -1, 1)


def laplacian_variance(luma):
    rows, columns = luma[:-2, 1:-1] + luma[2:, 1:-1], luma[1:-1, :-2] + luma[1:-1, 2:]
    return float(np.var(rows + columns - 4 * luma[1:-1, 1:-1]))


def fine_picture(size, fmt):
    """A frame whose luma shows `fine` on flat colour."""
    frame = av.VideoFrame(size.width, size.height, fmt.name)
    for plane in views(frame, fmt):
        plane[:] = (fmt.peak + 1) // 2
    at_x, at_y = np.arange(size.width) + 0.5, (np.arange(size.height) + 0.5)[:, None]
    views(frame, fmt)[0][:] = np.round((0.5 + 0.4 * fine(at_x, at_y)) * fmt.peak)
    return frame


def luma_errors(frame, crop, canvas, size, fmt):
    """How far (source px, per axis) each quarter of the canvas lies beside its place, and its sharpness."""
    result = Compositor(still_framing(crop, canvas, size), FIRST, 1, pixel_format=fmt.name, coded=size).compose(
        frame, FIRST
    )
    got = (views(result, fmt)[0] / fmt.peak - 0.5) / 0.4
    zoom = canvas.width / crop.width
    x = crop.left + (np.arange(canvas.width) + 0.5) / zoom
    y = crop.top + ((np.arange(canvas.height) + 0.5) / zoom)[:, None]
    ideal = fine(x, y)
    gradient = [(fine(x + dx, y + dy) - fine(x - dx, y - dy)) / 0.02 for dx, dy in ((0.01, 0), (0, 0.01))]
    shifts = []
    columns, rows = canvas.width // 2, canvas.height // 2
    for part in (np.s_[a : a + rows - 4, b : b + columns - 4] for a in (4, rows) for b in (4, columns)):
        slopes = np.stack([g[part].ravel() for g in gradient], axis=1)
        shift, *_ = np.linalg.lstsq(slopes, (got - ideal)[part].ravel(), rcond=None)
        shifts.append(shift)
    inner = np.s_[4:-4, 4:-4]
    levels = np.round((0.5 + 0.4 * ideal) * fmt.peak) / fmt.peak
    return shifts, laplacian_variance(0.4 * got[inner]) / laplacian_variance(levels[inner])


@pytest.mark.parametrize("name", ["yuv420p", "yuv420p10le"])
@pytest.mark.parametrize("speed", [(0.3, 0.0), (0.3, 0.17)])
def test_slow_pan_is_smooth_and_equally_sharp(speed, name):
    """At 0.3 px a frame: less than 0.02 px (rms) beside the path, sharpness within 0.97 to 1.05 in every frame."""
    size, canvas, fmt = Size(200, 140), Size(120, 100), PLANAR_FORMATS[name]
    frame = fine_picture(size, fmt)
    errors, sharpness = [], []
    for n in range(10):
        crop = Rect(20 + speed[0] * n, 10 + speed[1] * n, canvas.width, canvas.height)
        shifts, ratio = luma_errors(frame, crop, canvas, size, fmt)
        errors += shifts
        sharpness.append(ratio)
    assert np.sqrt(np.mean(np.square(errors), axis=0)).max() < 0.02
    assert min(sharpness) > 0.97 and max(sharpness) < 1.05


@pytest.mark.parametrize("name", ["yuv420p", "yuv420p10le"])
@pytest.mark.parametrize(("scale", "rate"), [(1.02, 1.004), (1.3, 1.0005), (1.9, 1.002)])
def test_slow_zoom_is_smooth_and_equally_sharp(scale, rate, name):
    """Pushing in on a moving middle: all corners less than 0.02 px (rms) from their place, every frame as sharp."""
    size, canvas, fmt = Size(240, 200), Size(150, 130), PLANAR_FORMATS[name]
    frame = fine_picture(size, fmt)
    errors, sharpness = [], []
    for n in range(24):
        zoom = scale * rate**n
        width, height = canvas.width / zoom, canvas.height / zoom
        crop = Rect(120.2 + 0.05 * n - width / 2, 104.7 - 0.03 * n - height / 2, width, height)
        shifts, ratio = luma_errors(frame, crop, canvas, size, fmt)
        errors += shifts
        sharpness.append(ratio)
    assert np.sqrt(np.mean(np.square(errors), axis=0)).max() < 0.02
    assert np.abs(errors).max() < 0.03
    # An enlargement by cubics is a little crisper than the picture; what must not happen is that it changes.
    assert min(sharpness) > 0.97 and max(sharpness) / min(sharpness) < 1.05


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("seed", range(8))
def test_the_edge_of_a_picture_is_as_if_it_went_on(dtype, seed):
    """Crops that touch or leave the edges, of any scale: the same as in a picture whose edge is repeated outwards."""
    rng = np.random.default_rng(seed)
    peak, margin = (255, 1023)[dtype is np.uint16], 80
    y, x = np.mgrid[:90, :140]
    plane = np.round((0.5 + 0.4 * fine(1.6 * x, 1.6 * y)) * peak).astype(dtype)
    wide = np.pad(plane, margin, mode="edge")
    for _ in range(12):
        step = rng.choice([0.5625, 0.5, 0.9, 1.0, 1.15, rng.uniform(0.3, 1.2), rng.uniform(1.2, 3)], size=2)
        count = [int(rng.integers(20, max(21, length / s))) for length, s in zip((140, 90), step, strict=True)]
        low = [rng.choice([0.0, rng.uniform(-3, 3), length - n * s, length - n * s + rng.uniform(-3, 3)])
               for length, n, s in zip((140, 90), count, step, strict=True)]  # fmt: skip
        at = [left + 0.5 * s - 0.5 for left, s in zip(low, step, strict=True)]
        got, wanted = (np.zeros((count[1], count[0]), dtype) for _ in range(2))
        resample(plane, got, AxisSampling(step[0], at[0]), AxisSampling(step[1], at[1]), peak)
        resample(wide, wanted, AxisSampling(step[0], at[0] + margin), AxisSampling(step[1], at[1] + margin), peak)
        # Both are within a few thousandths of a sample of their place, and made by different steps.
        assert np.abs(got.astype(int) - wanted).max() <= 0.03 * peak, (step, count, low)


@pytest.mark.parametrize("name", ["yuv420p", "yuv420p10le", "yuv444p"])
def test_even_whole_offsets_are_bit_exact(name):
    fmt, size, canvas = PLANAR_FORMATS[name], Size(320, 240), Size(160, 240)
    frame = picture(size, size, fmt)
    crop = Rect(46, 0, 160, 240)
    result = Compositor(still_framing(crop, canvas, size), FIRST, 1, pixel_format=name, coded=size).compose(
        frame, FIRST
    )
    for n, (got, source) in enumerate(zip(views(result, fmt), views(frame, fmt), strict=True)):
        left = 46 // siting(fmt, n).sub_x
        assert np.array_equal(got, source[:, left : left + got.shape[1]])


def test_ten_bit_never_exceeds_its_peak():
    fmt, size = PLANAR_FORMATS["yuv420p10le"], Size(64, 64)
    frame = av.VideoFrame(64, 64, fmt.name)
    for plane in views(frame, fmt):
        plane[:] = np.where(np.arange(plane.shape[1]) % 8 < 4, fmt.peak, 0)
    framing = still_framing(Rect(3.4, 2.2, 32, 32), Size(32, 32), size)
    result = Compositor(framing, FIRST, 1, pixel_format=fmt.name, coded=size).compose(frame, FIRST)
    assert all(plane.max() <= fmt.peak for plane in views(result, fmt))


def test_camera_is_sampled_at_the_frame_and_holds_outside():
    size, canvas, fmt = Size(320, 240), Size(100, 240), PLANAR_FORMATS["yuv420p"]
    camera = Camera((FIRST, FIRST + 10), (1.0, 1.0), (110.0, -110.0), (0.0, 0.0))
    framing = Framing(canvas, size, RATE, (Cell(0, 0, canvas, camera),))
    compositor = Compositor(framing, FIRST, 11, pixel_format=fmt.name, coded=size)
    frame = picture(size, size, fmt)
    for at, left in ((FIRST - 5, 0), (FIRST, 0), (FIRST + 5, 110), (FIRST + 10, 220), (FIRST + 99, 220)):
        got = views(compositor.compose(frame, at), fmt)[0]
        assert np.array_equal(got, views(frame, fmt)[0][:, left : left + 100]), at


@pytest.mark.parametrize(("background", "luma"), [("black", 16), ("#ffffff", 235)])
def test_letterbox_shows_the_background(background, luma):
    size, canvas, fmt = Size(320, 180), Size(180, 320), PLANAR_FORMATS["yuv420p"]
    height = 320 * 320 / 180
    crop = Rect(0, 90 - height / 2, 320, height)
    framing = still_framing(crop, canvas, size, background)
    frame = picture(size, size, fmt)
    y, u, v = views(Compositor(framing, FIRST, 1, pixel_format=fmt.name, coded=size).compose(frame, FIRST), fmt)
    top = round((320 - 180 * 180 / 320) / 2)
    assert (y[: top - 1] == luma).all() and (y[-top + 1 :] == luma).all()
    assert (u[: top // 2 - 1] == 128).all() and (v[: top // 2 - 1] == 128).all()
    assert y[top + 2 : -top - 2].std() > 10


def test_blur_background_is_a_soft_copy():
    size, canvas, fmt = Size(640, 360), Size(180, 320), PLANAR_FORMATS["yuv420p"]
    frame = av.VideoFrame(640, 360, fmt.name)
    y, u, v = views(frame, fmt)
    y[:] = np.linspace(40, 200, 640)[None, :].astype(np.uint8)
    u[:], v[:] = 90, 160
    height = 640 * 320 / 180
    framing = still_framing(Rect(0, 180 - height / 2, 640, height), canvas, size, "blur")
    got = views(Compositor(framing, FIRST, 1, pixel_format=fmt.name, coded=size).compose(frame, FIRST), fmt)
    band = got[0][:80].astype(float)
    # The band shows the middle 202 px of the 640, widened to 180 px: from 95 to 145 of the ramp.
    assert abs(band[:, 0].mean() - 95) < 4 and abs(band[:, -1].mean() - 145) < 4
    assert (got[1][:40] == 90).all() and (got[2][:40] == 160).all()


def test_cells_fill_their_own_rectangles():
    size, canvas, fmt = Size(320, 240), Size(120, 240), PLANAR_FORMATS["yuv420p"]
    half = Size(120, 120)
    cells = tuple(
        Cell(0, top, half, Camera((FIRST,), (1.0,), (160.0 - left - 60,), (120.0 - 60 - 60,)))
        for top, left in ((0, 20), (120, 180))
    )
    frame = picture(size, size, fmt)
    got = views(
        Compositor(Framing(canvas, size, RATE, cells), FIRST, 1, pixel_format=fmt.name, coded=size).compose(
            frame, FIRST
        ),
        fmt,
    )
    source = views(frame, fmt)
    for n, sub in ((0, 1), (1, 2), (2, 2)):
        upper, lower = np.split(got[n], 2)
        rows = np.s_[60 // sub : 180 // sub]
        assert np.array_equal(upper, source[n][rows, 20 // sub : 140 // sub])
        assert np.array_equal(lower, source[n][rows, 180 // sub : 300 // sub])


def test_canvas_outside_the_cells_is_background():
    size, canvas, fmt = Size(320, 240), Size(120, 240), PLANAR_FORMATS["yuv420p"]
    cell = Cell(0, 40, Size(120, 160), Camera((FIRST,), (1.0,), (0.0,), (0.0,)))
    framing = Framing(canvas, size, RATE, (cell,), "#000000")
    y = views(
        Compositor(framing, FIRST, 1, pixel_format=fmt.name, coded=size).compose(picture(size, size, fmt), FIRST), fmt
    )[0]
    assert (y[:40] == 16).all() and (y[200:] == 16).all() and y[40:200].std() > 10


def test_background_colour_follows_matrix_and_range():
    eight, ten = PLANAR_FORMATS["yuv420p"], PLANAR_FORMATS["yuv420p10le"]
    assert background_yuv("#ff0000", eight, 1, 1) == (63, 102, 240)  # BT.709
    assert background_yuv("#ff0000", eight, 6, 1) == (81, 90, 240)  # BT.601
    assert background_yuv("#ffffff", ten, 9, 1) == (940, 512, 512)
    assert background_yuv("black", eight, 1, 2) == (0, 128, 128)
    with pytest.raises(DocumentError, match="mauve"):
        background_yuv("mauve", eight, 1, 1)


def test_blank_is_black():
    y, u, v = views(blank(av.VideoFrame(32, 32, "yuv420p"), 1, 1), PLANAR_FORMATS["yuv420p"])
    assert (y == 16).all() and (u == 128).all() and (v == 128).all()


@pytest.mark.parametrize(
    ("name", "working"),
    [
        ("yuv420p", "yuv420p"),
        ("yuvj422p", "yuv422p"),
        ("yuv422p10le", "yuv422p10le"),
        ("nv12", "yuv420p"),
        ("p010le", "yuv420p10le"),
        ("yuv444p12le", "yuv444p10le"),
        ("gbrp", "yuv420p"),
        ("rgb24", "yuv420p"),
        ("pal8", "yuv420p"),
        ("gray", "yuv420p"),
        ("gray10le", "yuv420p10le"),
    ],
)
def test_working_format(name, working):
    assert working_format(name) == working
