"""Canvases whose memory is used again."""

from __future__ import annotations

from collections import deque
from typing import Any

import av

from panscan.model.geometry import Size


class Canvases:
    """Makes the pictures of one movie. Safe to use from several threads at once.

    The system clears all memory that it hands out, which costs as much as a crop itself. So a picture that was encoded
    is drawn on again.
    """

    def __init__(self, size: Size, pixel_format: str) -> None:
        """`pixel_format`: a name of `planes.PLANAR_FORMATS`."""
        self._size, self._pixel_format = size, pixel_format
        self._done: deque[Any] = deque()

    def take(self) -> Any:
        """A picture with any content."""
        try:
            canvas = self._done.popleft()
        except IndexError:
            return av.VideoFrame(self._size.width, self._size.height, self._pixel_format)
        canvas.make_writable()  # encoders with frame threads may still read it: it then gets memory of its own
        return canvas

    def give_back(self, canvas: Any) -> None:
        """Hand in a picture that was encoded."""
        self._done.append(canvas)
