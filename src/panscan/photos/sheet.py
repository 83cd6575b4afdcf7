"""A contact sheet: the photo with its crops drawn in, and each crop beside it with its line."""

from __future__ import annotations

import io
from collections.abc import Sequence
from textwrap import wrap
from typing import Any

from panscan.decoding.photo import Photo
from panscan.photos.perception import PhotoPerception
from panscan.photos.planner import ShotSet
from panscan.photos.preview import Preview
from panscan.photos.words import why

_TILE_PX, _GAP_PX = 420, 16  # side of the room for a picture, and the space between
_TEXT_PX, _LINES = 15, 6  # height of letters, and lines under a picture
_LETTERS = 52  # in a line
_COLOURS = {"establishing": (64, 196, 255), "medium": (255, 176, 32), "close-up": (255, 96, 160)}
_GROUND, _INK = (18, 21, 26), (233, 237, 243)
_QUALITY = 88


def contact_sheet(photo: Photo, seen: Preview, perception: PhotoPerception, sets: Sequence[ShotSet]) -> bytes:
    """The sheet as a JPEG: a row for each shape."""
    from PIL import Image as Pillow

    cell = (_TILE_PX + _GAP_PX, _TILE_PX + _LINES * (_TEXT_PX + 4) + _GAP_PX)
    sheet = Pillow.new("RGB", (cell[0] * 4 + _GAP_PX, cell[1] * len(sets) + _GAP_PX), _GROUND)
    for row, found in enumerate(sets):
        top = _GAP_PX + row * cell[1]
        _paste(sheet, _with_boxes(seen, found), (_GAP_PX, top), f"{photo.path.name}, {photo.size}, {found.ratio}")
        for column, shot in enumerate(("establishing", "medium", "close-up"), 1):
            place = (_GAP_PX + column * cell[0], top)
            planned = next((s for s in found.shots if s.shot == shot), None)
            if planned is None:
                _write(sheet, (place[0], place[1]), f"{shot}: {found.absent.get(shot, 'not made')}")
            else:
                _paste(sheet, seen.crop(planned.box_px), place, f"{shot}: {why(planned, perception)}")
    file = io.BytesIO()
    sheet.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def _with_boxes(seen: Preview, found: ShotSet) -> Any:
    from PIL import ImageDraw

    small = seen.image.copy()
    small.thumbnail((_TILE_PX, _TILE_PX))
    scale = seen.scale * small.size[0] / seen.image.size[0]
    draw = ImageDraw.Draw(small)
    for shot in found.shots:
        x0, y0, x1, y1 = (round(edge * scale) for edge in shot.box_px)
        draw.rectangle((x0, y0, x1 - 1, y1 - 1), outline=_COLOURS[shot.shot], width=3)
    return small


def _paste(sheet: Any, picture: Any, place: tuple[int, int], text: str) -> None:
    from PIL import Image as Pillow

    scale = min(_TILE_PX / picture.size[0], _TILE_PX / picture.size[1])
    size = tuple(max(1, round(side * scale)) for side in picture.size)
    shown = picture if size == picture.size else picture.resize(size, Pillow.Resampling.LANCZOS)
    sheet.paste(shown, place)
    _write(sheet, (place[0], place[1] + size[1] + 6), text)


def _write(sheet: Any, place: tuple[int, int], text: str) -> None:
    from PIL import ImageDraw, ImageFont

    font = ImageFont.load_default(_TEXT_PX)
    lines = wrap(text, _LETTERS)[:_LINES]
    ImageDraw.Draw(sheet).multiline_text(place, "\n".join(lines), fill=_INK, font=font, spacing=4)
