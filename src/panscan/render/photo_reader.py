"""A photo as the pictures of a clip: decoded once, in the colours of HD movies, and shown as long as is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import av

from panscan.decoding.photo import read_photo
from panscan.model.geometry import Size
from panscan.model.media import Colour
from panscan.render.picture.picture_format import PictureFormat
from panscan.render.picture.planes import PLANAR_FORMATS
from panscan.render.source import MediaReader, TimedPicture

_BT709, _LIMITED = 1, 1  # FFmpeg's numbers: primaries, transfer and matrix of HD movies, and their range
# What every player shows. The photo itself is kept in full colour resolution: small parts of it are enlarged.
_PLAIN_FORMAT, _BITS = "yuv420p", 8
_KEPT_PHOTOS = 2  # in memory: two are seen at once in a dissolve


class PhotoReader:
    """The one picture of a photo, with what is asked of the pictures of any media.

    Attributes
    ----------
    path : Path
    picture_format : PictureFormat
    changed_count : int
        No picture differs from the first.
    last_grid_frame : int
        Of its only picture.
    """

    changed_count = 0
    last_grid_frame = 0

    def __init__(self, path: Path, *, composed: Callable[[str], str] = lambda name: name) -> None:
        """Read a photo.

        Parameters
        ----------
        path : Path
        composed : callable, optional
            From the name of the nearest pixel format that can be composed to the name of the one that is wanted.

        Raises
        ------
        InputError
            It cannot be read.
        """
        self.path = path
        composed_format = composed(_PLAIN_FORMAT)
        self._coded_format = "yuv444p10le" if PLANAR_FORMATS[composed_format].bits > _BITS else "yuv444p"
        frame = _frame(path, self._coded_format)
        colour, size = Colour(_BT709, _BT709, _BT709, _LIMITED), Size(frame.width, frame.height)
        self.picture_format = PictureFormat(composed_format, size, 0, colour, False, coded_format=self._coded_format)

    def close(self) -> None:
        """Nothing is open."""

    def held(self, grids: Sequence[int]) -> Iterator[TimedPicture]:
        """The photo, once for each grid frame."""
        picture = TimedPicture(0, 0, 1, _frame(self.path, self._coded_format))
        return (picture for _ in grids)


ClipReader = MediaReader | PhotoReader


def _frame(path: Path, pixel_format: str) -> Any:
    """The photo as a frame; it is decoded once for each state of the file."""
    changed_ns = path.stat().st_mtime_ns if path.exists() else 0
    return _decoded(path, pixel_format, changed_ns)


@lru_cache(maxsize=_KEPT_PHOTOS)
def _decoded(path: Path, pixel_format: str, _changed_ns: int) -> Any:
    shown = av.VideoFrame.from_ndarray(read_photo(path).as_movie_shows_it(), format="rgb24")
    return shown.reformat(format=pixel_format, dst_colorspace=_BT709, dst_color_range=_LIMITED)
