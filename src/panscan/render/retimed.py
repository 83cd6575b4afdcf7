"""The pictures of a clip in the order in which it shows them, forwards or backwards."""

from __future__ import annotations

from collections.abc import Iterator

from panscan.render.photo_reader import ClipReader
from panscan.render.source import TimedPicture
from panscan.timeline.cut import FramedClip

# Decoders run forwards only: to play backwards, pictures are kept in memory, up to this size but at least this many.
_KEPT_BYTES = 256 * 1024 * 1024
_MIN_KEPT_PICTURES = 8
_BYTES_PER_PX = 3  # of a decoded picture in 4:2:0 with 10 bits


def held_pictures(reader: ClipReader, clip: FramedClip, offsets: range) -> Iterator[TimedPicture]:
    """The picture that a clip shows on each of its frames `offsets`, counted from its first one.

    Offsets beside the clip are handles that a dissolve shows: there, media that ends too early stands still.

    Raises
    ------
    RenderError
        The pictures end before the clip does.
    """
    grids = [_grid_frame(clip, offset) for offset in offsets]
    is_handle = [not 0 <= offset < clip.frame_count for offset in offsets]
    grids = [min(grid, reader.last_grid_frame) if held else grid for grid, held in zip(grids, is_handle, strict=True)]
    if not clip.is_retimed or clip.speed >= 0:
        yield from reader.held(grids)
        return
    size = clip.facts.size
    at_once = max(_MIN_KEPT_PICTURES, _KEPT_BYTES // (_BYTES_PER_PX * size.width * size.height))
    for first in range(0, len(grids), at_once):
        yield from reversed(list(reader.held(grids[first : first + at_once][::-1])))


def _grid_frame(clip: FramedClip, offset: int) -> int:
    if clip.is_retimed:
        return clip.source_picture_number(offset)
    return clip.first + offset - clip.available_first
