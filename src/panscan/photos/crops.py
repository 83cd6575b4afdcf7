"""Writing crops of a photo: in its own format, with its colours, metadata and bit depth."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from panscan.decoding.photo import Photo
from panscan.errors import InputError

_QUALITY = {"JPEG": 95, "WEBP": 95, "AVIF": 90, "HEIF": 90, "MPO": 95}  # a second generation that nobody can tell
_SUFFIX = {
    "JPEG": ".jpg",
    "MPO": ".jpg",
    "PNG": ".png",
    "TIFF": ".tif",
    "WEBP": ".webp",
    "AVIF": ".avif",
    "HEIF": ".heic",
}
_ORIENTATION = 274  # EXIF tag: crops are upright
_EXIF_SIZES = (256, 257, 40962, 40963)  # EXIF tags that give the size of the picture they came from


def crop_suffix(photo: Photo) -> str:
    """The ending of a crop's name: the photo's own format, or PNG for what cannot be written."""
    return _SUFFIX.get(photo.format, ".png")


def crop_bytes(photo: Photo, box_px: tuple[int, int, int, int]) -> bytes:
    """A crop (left, top, right, bottom) as a file.

    Raises
    ------
    InputError
        The format cannot be written.
    """
    if photo.bits > 8 and photo.stored.mode in ("RGB", "RGBA"):
        return _deep_bytes(photo, box_px)
    format_name = {"MPO": "JPEG"}.get(photo.format, photo.format if photo.format in _SUFFIX else "PNG")
    options: dict[str, Any] = {k: v for k, v in photo.metadata.items() if not (k == "dpi" and format_name == "AVIF")}
    if format_name in _QUALITY:
        options["quality"] = _QUALITY[format_name]
    if format_name == "JPEG":
        options |= {"subsampling": 0, "optimize": True}
    cropped = photo.stored.crop(box_px)
    if format_name == "JPEG" and cropped.mode not in ("L", "RGB", "CMYK"):
        cropped = cropped.convert("RGB")
    if "exif" in options:
        options["exif"] = _upright_exif(photo)
    file = io.BytesIO()
    try:
        cropped.save(file, format_name, **options)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"crops of {photo.path.name} cannot be written as {format_name}",
            why=str(error).splitlines()[0],
            fix="Convert the photo to JPEG or PNG first.",
        ) from error
    return file.getvalue()


def _upright_exif(photo: Photo) -> bytes:
    """The photo's EXIF without its orientation and sizes, which a crop has of its own."""
    from PIL import Image as Pillow

    exif = Pillow.Exif()
    exif.load(photo.metadata["exif"])
    for tag in (_ORIENTATION, *_EXIF_SIZES):
        exif.pop(tag, None)
    return exif.tobytes()


def _deep_bytes(photo: Photo, box_px: tuple[int, int, int, int]) -> bytes:
    """A crop with 16 bits per channel, which Pillow does not know in colour: read and written by OpenCV."""
    import cv2

    flags = cv2.IMREAD_UNCHANGED | cv2.IMREAD_IGNORE_ORIENTATION
    levels = cv2.imdecode(np.fromfile(photo.path, np.uint8), flags)
    if levels is None or levels.dtype != np.uint16:
        raise InputError(
            f"all {photo.bits} bits of {photo.path.name} cannot be read",
            why="OpenCV does not read this kind of file.",
            fix="Save it as a 16-bit PNG.",
        )
    left, top, right, bottom = box_px
    part = np.ascontiguousarray(_upright(levels, photo)[top:bottom, left:right])
    kinds, parts = [], []
    for kind, key in ((cv2.IMAGE_METADATA_ICCP, "icc_profile"), (cv2.IMAGE_METADATA_EXIF, "exif")):
        if key in photo.metadata:
            data = _upright_exif(photo) if key == "exif" else photo.metadata[key]
            kinds.append(kind)
            parts.append(np.frombuffer(data.removeprefix(b"Exif\0\0"), np.uint8))
    if photo.format == "TIFF":
        done, data = cv2.imencode(".tiff", part)
    else:
        done, data = cv2.imencodeWithMetadata(".png", part, kinds, parts)
    assert done  # both formats take 16 bits
    return bytes(data.tobytes())


def _upright(levels: Any, photo: Photo) -> Any:
    """Levels as they are stored, turned as the photo is."""
    from PIL import Image as Pillow

    with Pillow.open(photo.path) as file:
        turn = int(file.getexif().get(_ORIENTATION, 1))
    if turn in (2, 4, 5, 7):
        levels = levels[:, ::-1]
    quarter = {1: 0, 2: 0, 3: 2, 4: 2, 5: 1, 6: 3, 7: 3, 8: 1}.get(turn, 0)
    return np.rot90(levels, quarter)


def crop_path(photo: Photo, folder: Path, name: str) -> Path:
    """Where a crop goes: STEM.RATIO.SHOT with the photo's own kind of ending."""
    return folder / f"{photo.path.stem}.{name}{crop_suffix(photo)}"
