"""The pictures of a clip in the order in which it shows them, forwards or backwards."""

from __future__ import annotations

from collections.abc import Iterator

from panscan.render.source import MediaReader, TimedPicture
from panscan.timeline.cut import FramedClip

# Decoders run forwards only: to play backwards, pictures are kept in memory, up to this size but at least this many.
_KEPT_BYTES = 256 * 1024 * 1024
_MIN_KEPT_PICTURES = 8
_BYTES_PER_PX = 3  # of a decoded picture in 4:2:0 with 10 bits


def held_pictures(reader: MediaReader, clip: FramedClip, offsets: range) -> Iterator[TimedPicture]:
    """The picture that a clip shows on each of its frames `offsets`, counted from its first one.

    Raises
    ------
    RenderError
        The pictures end before the clip does.
    """
    if not clip.is_retimed:
        yield from reader.held([clip.first + offset - clip.available_first for offset in offsets])
        return
    grids = [clip.source_picture_number(offset) for offset in offsets]
    if clip.speed >= 0:
        yield from reader.held(grids)
        return
    size = clip.facts.size
    at_once = max(_MIN_KEPT_PICTURES, _KEPT_BYTES // (_BYTES_PER_PX * size.width * size.height))
    for first in range(0, len(grids), at_once):
        yield from reversed(list(reader.held(grids[first : first + at_once][::-1])))
