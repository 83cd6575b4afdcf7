"""A sheet with a picture of everybody in a movie: name, and how long they are seen and speak."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panscan.direct.people import SeenPerson
    from panscan.model.media import Media

_TILE_PX, _GAP_PX, _TEXT_PX = 240, 16, 18  # side of a picture, space between them, height of letters
_LINES = 2  # of text under a picture
_COLUMNS = 5  # as many as are seen at one look on a screen 1280 px wide
_AROUND = 2.2  # face heights: head and shoulders
_SOURCE_PX = 1280  # long side of the pictures that faces are cut from: a face of a twentieth still has 64 px
_GROUND, _INK = (18, 21, 26), (233, 237, 243)
_QUALITY = 88  # of a JPEG: no marks of the coder at this size


def people_sheet(media: Media, people: Sequence[SeenPerson], suffix: str) -> bytes:
    """The sheet as a PNG or a JPEG."""
    from PIL import Image as Pillow

    columns = min(_COLUMNS, len(people))
    rows = -(-len(people) // columns)
    cell = _TILE_PX + _GAP_PX, _TILE_PX + _LINES * (_TEXT_PX + 6) + _GAP_PX
    sheet = Pillow.new("RGB", (columns * cell[0] + _GAP_PX, rows * cell[1] + _GAP_PX), _GROUND)
    faces = _faces(media, people)
    for number, (one, face) in enumerate(zip(people, faces, strict=True)):
        row, column = divmod(number, columns)
        left, top = _GAP_PX + column * cell[0], _GAP_PX + row * cell[1]
        sheet.paste(face, (left, top))
        _write(sheet, one, (left, top + _TILE_PX + 6))
    file = io.BytesIO()
    sheet.save(file, "PNG") if suffix == ".png" else sheet.save(file, "JPEG", quality=_QUALITY)
    return file.getvalue()


def _faces(media: Media, people: Sequence[SeenPerson]) -> list[Any]:
    """Head and shoulders of everybody, each a square picture."""
    from PIL import Image as Pillow

    from panscan.ingest import stills

    frames = sorted({one.best.frame for one in people})
    pictures = dict(zip(frames, stills(media, frames, _SOURCE_PX), strict=True))
    found = []
    for one in people:
        picture = Pillow.fromarray(pictures[one.best.frame])
        face = picture.crop(_square(one.best.box, picture.size))
        found.append(face.resize((_TILE_PX, _TILE_PX), Pillow.Resampling.LANCZOS))
    return found


def _square(box: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The square around a face, inside the picture as far as it fits."""
    left, top, width, height = (share * side for share, side in zip(box, (*size, *size), strict=True))
    side = round(min(_AROUND * max(width, height), *size))
    x = min(max(0, round(left + width / 2 - side / 2)), size[0] - side)
    y = min(max(0, round(top + height / 2 - side / 2)), size[1] - side)
    return x, y, x + side, y + side


def _write(sheet: Any, one: SeenPerson, place: tuple[int, int]) -> None:
    from PIL import ImageDraw, ImageFont

    named = f"{one.called} ({one.name})" if one.called else one.name
    spoken = f", speaks {one.speaking_s:.0f} s" if one.speaking_s else ""
    text = f"{named}\nseen {one.screen_s:.0f} s{spoken}"
    ImageDraw.Draw(sheet).multiline_text(place, text, fill=_INK, font=ImageFont.load_default(_TEXT_PX), spacing=4)
