"""Reading a photo: upright, as the camera meant it, with all that a crop of it must keep."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from panscan.errors import CapabilityError, InputError
from panscan.model.geometry import Size
from panscan.model.media import StillFacts

Image = npt.NDArray[np.uint8]

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".tif", ".tiff", ".webp", ".avif", ".bmp", ".heic", ".heif"})
RAW_SUFFIXES = frozenset(
    {".arw", ".cr2", ".cr3", ".dng", ".nef", ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".srw", ".x3f"}
)
_MIN_SIDE_PX = 32  # of a photo: in a smaller one no detector finds anything, and no crop of it can be shown
_MAX_PIXELS = 400_000_000  # larger than any camera's: one more likely is a file that is meant to fill the memory
_ORIENTATION, _FIRST_ON_ITS_SIDE = 274, 5  # EXIF tag, and the first of its values that swaps width and height
_MODES_OF_PROFILES = {"1": "L", "L": "L", "LA": "L", "CMYK": "CMYK"}  # Pillow's: what a profile counts in; else RGB
_REDUCING_GAP = 2.0  # large photos are first made smaller by whole numbers, to twice the size: nobody sees it
_LOOK_PX = 1280  # longer side of the picture that is looked at: faces of 20 px of it are found


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photo as it is seen: its EXIF rotation is applied.

    Attributes
    ----------
    path : Path
    size : Size
        Upright, px.
    format : str
        Pillow's name of the file format, such as "JPEG".
    bits : int
        Of each channel, as stored.
    stored : PIL.Image.Image
        All pixels, upright, in the mode of the file.
    metadata : dict
        What a crop keeps, as Pillow's `save` takes it: "exif", "icc_profile", "xmp", "dpi".
    turn : int
        How the stored picture is shown upright, as EXIF numbers it.
    notes : tuple of str
        What a person should know: only the first picture of an animation is used.
    """

    path: Path
    size: Size
    format: str
    bits: int
    stored: Any
    metadata: dict[str, Any]
    turn: int = 1
    notes: tuple[str, ...] = ()

    @property
    def still_facts(self) -> StillFacts:
        """What it asks of the programs that show it in a movie."""
        return StillFacts(self.turn, _profile_name(self.metadata.get("icc_profile")), _is_transparent(self.stored))

    def view(self, long_side_px: int = _LOOK_PX) -> Image:
        """The photo in colour on white, no larger than asked for: RGB (h, w, 3)."""
        scale = min(1.0, long_side_px / max(self.size.width, self.size.height))
        size = tuple(max(1, round(side * scale)) for side in (self.size.width, self.size.height))
        image = self.stored if scale == 1 else self.stored.resize(size, reducing_gap=_REDUCING_GAP)
        return np.ascontiguousarray(np.asarray(_on_ground(image, "white"), np.uint8))

    def as_movie_shows_it(self) -> Image:
        """All pixels in the colours of sRGB, on black as in editors: RGB (h, w, 3)."""
        colours = _in_srgb(self.stored, self.metadata.get("icc_profile"))
        return np.ascontiguousarray(np.asarray(_on_ground(colours, "black"), np.uint8))


def photo_header(path: Path) -> tuple[Size, StillFacts] | None:
    """Upright size of a photo and what it asks of programs, without its pixels; None where `read_photo` refuses it."""
    try:
        with opened_photo(path) as file:
            turn = _turn(file)
            size = Size(*file.size[::-1]) if turn >= _FIRST_ON_ITS_SIDE else Size(*file.size)
            return size, StillFacts(turn, _profile_name(file.info.get("icc_profile")), _is_transparent(file))
    except (OSError, SyntaxError, ValueError, CapabilityError):
        return None


def read_photo(path: Path) -> Photo:
    """Read a photo.

    Raises
    ------
    InputError
        It is not there, no photo, damaged, empty, too small or too large.
    CapabilityError
        Its format needs a package that is not installed.
    """
    from PIL import ImageOps

    try:
        with opened_photo(path) as upright:
            name, bits, turn = str(upright.format), _bits(upright), _turn(upright)
            frames = getattr(upright, "n_frames", 1)
            notes = (f"only the first of {frames} pictures is used",) if frames > 1 else ()
            upright.seek(0)
            upright.load()
            ImageOps.exif_transpose(upright, in_place=True)  # all pixels once more only where they are turned
    except InputError:  # of another size than can be used
        raise
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise InputError(f"{path} cannot be read", why=str(error.strerror), fix="Check the path.") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise InputError(
            f"{path.name} is no photo that can be read",
            why=str(error).splitlines()[0],
            fix="Open it in an image editor and save it as JPEG, PNG or TIFF.",
        ) from error
    kept = {key: upright.info[key] for key in ("icc_profile", "xmp", "dpi") if upright.info.get(key)}
    exif = upright.getexif()
    if exif:
        kept["exif"] = exif.tobytes()
    return Photo(path, Size(*upright.size), name, bits, upright, kept, turn, notes)


@contextmanager
def opened_photo(path: Path) -> Iterator[Any]:
    """A photo of a kind and size that can be used, opened; its pixels are not read.

    Raises
    ------
    InputError, CapabilityError
        As `read_photo`.
    OSError, SyntaxError
        It is no photo, or damaged.
    """
    from PIL import Image as Pillow

    _check_suffix(path)
    usual_limit, Pillow.MAX_IMAGE_PIXELS = Pillow.MAX_IMAGE_PIXELS, None  # ours is higher: cameras reach it
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Pillow.open(path) as file:
                _check_size(path, Size(*file.size))
                yield file
    finally:
        Pillow.MAX_IMAGE_PIXELS = usual_limit


def _check_suffix(path: Path) -> None:
    suffix = path.suffix.lower()
    if suffix in RAW_SUFFIXES:
        raise InputError(
            f"{path.name} is a raw file of a camera",
            why="A raw file has to be developed first: how bright and in which colours is somebody's choice.",
            fix="Develop it (darktable, RawTherapee, Lightroom) and give the JPEG or TIFF.",
        )
    if suffix in (".heic", ".heif"):
        try:
            import pillow_heif
        except ImportError as error:
            raise CapabilityError(
                f"{path.name} cannot be read", why="HEIC needs a package of its own.", fix="pip install pillow-heif"
            ) from error
        pillow_heif.register_heif_opener()


def _check_size(path: Path, size: Size) -> None:
    if min(size.width, size.height) < _MIN_SIDE_PX:
        raise InputError(
            f"{path.name} is too small for three shots",
            why=f"It has {size} px; each side needs {_MIN_SIDE_PX} at least.",
            fix="Give the photo in its full size.",
        )
    if size.width * size.height > _MAX_PIXELS:
        raise InputError(
            f"{path.name} is too large",
            why=f"It has {size} px, more than {_MAX_PIXELS // 10**6} megapixels.",
            fix="Give a smaller version.",
        )


def _turn(file: Any) -> int:
    """How an opened file is shown upright, as EXIF numbers it."""
    turn = file.getexif().get(_ORIENTATION, 1)
    return turn if turn in range(1, 9) else 1


def _bits(file: Any) -> int:
    """Bits of each channel of an opened file, before its pixels are read."""
    if file.mode.startswith("I;16") or file.mode == "I":
        return 16
    if file.format == "PNG" and getattr(file, "png", None) is not None:
        return 16 if "16" in str(file.tile[0][3] if file.tile else "") else 8
    if file.format == "TIFF":
        return int(max(file.tag_v2.get(258, (8,))))
    return 32 if file.mode == "F" else 8


def _in_srgb(image: Any, profile: bytes | None) -> Any:
    """The image with its colour profile applied, keeping transparency; itself where it has none that can be used."""
    from PIL import ImageCms

    if not _profile_name(profile):
        return image
    levels = _in_8_bits(image)
    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))
        plain = levels.convert(_MODES_OF_PROFILES.get(levels.mode, "RGB"))
        made = ImageCms.profileToProfile(plain, own, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError):  # a damaged profile, or one of another kind of picture
        return image
    if made is not None and _is_transparent(image):
        made.putalpha(image.convert("RGBA").getchannel("A"))
    return made


def _profile_name(profile: bytes | None) -> str:
    """The name of a colour profile; "" for sRGB, and where there is none that can be read."""
    from PIL import ImageCms

    try:
        own = ImageCms.ImageCmsProfile(io.BytesIO(profile or b""))
        name = str(ImageCms.getProfileName(own)).strip() or "without a name"
    except (ImageCms.PyCMSError, OSError, ValueError):
        return ""
    return "" if "srgb" in name.lower() else name


def _is_transparent(image: Any) -> bool:
    return "A" in image.getbands() or "transparency" in image.info


def _on_ground(image: Any, colour: str) -> Any:
    """A picture in RGB; what is transparent shows a colour behind it."""
    from PIL import Image as Pillow

    if _is_transparent(image):
        shown = image.convert("RGBA")
        ground = Pillow.new("RGBA", shown.size, colour)
        ground.alpha_composite(shown)
        return ground.convert("RGB")
    return _in_8_bits(image).convert("RGB")


def _in_8_bits(image: Any) -> Any:
    """A grey picture of 16 bits with 8; any other as it is."""
    from PIL import Image as Pillow

    if not image.mode.startswith("I"):
        return image
    return Pillow.fromarray(np.clip(np.asarray(image, np.int64) // 257, 0, 255).astype(np.uint8))
