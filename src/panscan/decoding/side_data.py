"""What decoded frames carry beside their samples."""

from __future__ import annotations

from typing import Any


def side_data_of(frame: Any) -> dict[str, bytes]:
    """The side data of a decoded frame, by FFmpeg's name of its kind.

    Empty where PyAV does not know one of the kinds (EXIF of photos, in version 18): it then gives none.
    """
    try:
        return {data.type.name: bytes(data) for data in frame.side_data}
    except ValueError:
        return {}
