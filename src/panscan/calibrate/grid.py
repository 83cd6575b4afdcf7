"""The calibration movie: a numbered grid that says everywhere which place of which frame this is."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt

from panscan.files import part_of
from panscan.model.geometry import Size

SIZE = Size(1920, 1080)  # of the movie, px: what every editor plays
RATE = 25  # frames per second: no editor rounds it
FRAME_COUNT = 300  # the six clips, with frames between them that no clip shows
# Not zero, because whether an editor counts from the media's own timecode is one of the questions.
TIMECODE = "01:00:00:00"
START_FRAME = 3600 * RATE  # the same in frames

# FFmpeg's sws_flags bicubic, full_chroma_int, accurate_rnd and bitexact, which not all versions of PyAV name: without
# them red, green and blue come out more than one level too dark, and not the same on every processor.
EXACT_SCALING = 0x4 | 0x2000 | 0x40000 | 0x80000

CELL_PX = (160, 120)  # width and height of a cell of the grid: both divide the picture, and a frame number fits
_NUMBER_PX = (76, 32)  # of a cell: top and height of the strip with the frame's number
_NUMBER_COLOUR = (255, 214, 120)  # yellow, as nothing else in the picture
_TICK_PX = 10  # between ticks: edges can be read to a few px
_LONG_TICK_PX = 50  # every so many px a tick is longer
_CIRCLE_PX = 500  # radius: nearly as high as the picture
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_CORNERS = ((226, 88, 80), (96, 190, 110), (88, 140, 232), (236, 196, 84))  # red, green, blue, yellow; clockwise
_CORNER_PX = 40  # side of the coloured squares in the corners

RgbPicture = npt.NDArray[np.uint8]


def draw_frame(frame: int) -> RgbPicture:
    """The picture of one frame, RGB (1080, 1920, 3); its number stands in every cell of the grid."""
    across, down = CELL_PX
    # The number is drawn once and laid over all cells together: (rows, columns) of them as two more axes.
    number = np.zeros((_NUMBER_PX[1], across, 3), np.uint8)
    _text(number, f"f{frame:03d}", (across // 2, _NUMBER_PX[1] // 2), 0.75, (255, 255, 255), 2)
    share = number[..., :1].astype(np.float32) / 255
    picture = _still().copy()
    cells = picture.reshape(SIZE.height // down, down, SIZE.width // across, across, 3)
    under = cells[:, _NUMBER_PX[0] : _NUMBER_PX[0] + _NUMBER_PX[1]]
    weight = share[None, :, None]
    under[...] = np.round(under * (1 - weight) + np.array(_NUMBER_COLOUR, np.float32) * weight)
    return picture


def write_movie(path: Path) -> None:
    """Encode all frames: H.264, 25 fps, BT.709, starting at 01:00:00:00. The file appears complete or not at all."""
    part = part_of(path.absolute())  # a colon in a relative path would be a protocol to FFmpeg
    try:
        _encode(part)
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _encode(path: Path) -> None:
    quality = {"preset": "veryfast", "crf": "12", "g": str(RATE), "bf": "0"}
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=RATE, options=quality)
        video.width, video.height, video.pix_fmt = SIZE.width, SIZE.height, "yuv420p"
        context = video.codec_context
        context.thread_count = 1  # the same bytes on every machine
        context.color_primaries = context.color_trc = context.colorspace = context.color_range = 1
        video.metadata["timecode"] = TIMECODE
        for number in range(FRAME_COUNT):
            shown = av.VideoFrame.from_ndarray(draw_frame(number), format="rgb24")
            shown = shown.reformat(
                format="yuv420p",
                dst_colorspace="ITU709",
                interpolation=EXACT_SCALING,
                src_color_range="JPEG",
                dst_color_range="MPEG",
            )
            shown.pts = number
            container.mux(video.encode(shown))
        container.mux(video.encode(None))


@lru_cache(maxsize=1)
def _still() -> RgbPicture:
    """What all frames have in common: everything but the number."""
    across, down = CELL_PX
    picture = np.zeros((SIZE.height, SIZE.width, 3), np.uint8)
    for row, top in enumerate(range(0, SIZE.height, down)):
        for column, left in enumerate(range(0, SIZE.width, across)):
            # Hue tells the column, so that a glance shows how far a picture has been moved sideways.
            shade = _shade(column, 62 if (row + column) % 2 else 44)
            picture[top : top + down, left : left + across] = shade
            _text(picture, f"{chr(65 + column)}{row + 1}", (left + across // 2, top + 56), 1.3, (245, 245, 245), 3)
            label = f"{left},{top}"
            cv2.putText(picture, label, (left + 12, top + 22), _FONT, 0.42, (205, 212, 222), 1, cv2.LINE_AA)
    _lines(picture)
    centre = (SIZE.width // 2, SIZE.height // 2)
    # A circle shows whether a picture is stretched.
    cv2.circle(picture, centre, _CIRCLE_PX, (236, 236, 236), 2, cv2.LINE_AA)
    _corner_marks(picture)
    picture.setflags(write=False)
    return picture


def _lines(picture: RgbPicture) -> None:
    bright, light = (170, 180, 192), (120, 130, 142)
    for left in range(0, SIZE.width, CELL_PX[0]):
        picture[:, left : left + 2] = bright
        for top in range(0, SIZE.height, _TICK_PX):
            length = 12 if top % _LONG_TICK_PX == 0 else 7
            picture[top : top + 2, left : left + length] = light
    for top in range(0, SIZE.height, CELL_PX[1]):
        picture[top : top + 2] = bright
        for left in range(0, SIZE.width, _TICK_PX):
            length = 12 if left % _LONG_TICK_PX == 0 else 7
            picture[top : top + length, left : left + 2] = light
    middle_x, middle_y = SIZE.width // 2, SIZE.height // 2
    picture[:, middle_x - 1 : middle_x + 1] = (255, 140, 90)
    picture[middle_y - 1 : middle_y + 1] = (255, 140, 90)


def _corner_marks(picture: RgbPicture) -> None:
    right, bottom = SIZE.width - _CORNER_PX, SIZE.height - _CORNER_PX
    for (left, top), colour in zip(((0, 0), (right, 0), (right, bottom), (0, bottom)), _CORNERS, strict=True):
        picture[top : top + _CORNER_PX, left : left + _CORNER_PX] = colour
    picture[[0, 1, -2, -1]] = 255
    picture[:, [0, 1, -2, -1]] = 255


def timecode(record_frame: int) -> str:
    """A place in a timeline of this rate that starts at zero and is shorter than a minute."""
    return f"00:00:{record_frame // RATE:02d}:{record_frame % RATE:02d}"


def _shade(column: int, value: int) -> npt.NDArray[np.uint8]:
    hue = np.array([[[round(180 * column / 12) % 180, 130, value + 20]]], np.uint8)
    return np.asarray(cv2.cvtColor(hue, cv2.COLOR_HSV2RGB)[0, 0], np.uint8)


def _text(
    picture: RgbPicture, text: str, centre: tuple[int, int], size: float, colour: tuple[int, int, int], weight: int
) -> None:
    (width, height), _ = cv2.getTextSize(text, _FONT, size, weight)
    at = (centre[0] - width // 2, centre[1] + height // 2)
    cv2.putText(picture, text, at, _FONT, size, colour, weight, cv2.LINE_AA)
