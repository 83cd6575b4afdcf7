"""A smaller version of a photo, for contact sheets and pages: large enough for the tightest crop that they show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from panscan.decoding.photo import Photo

_LONG_SIDE_PX = 2880  # crops have a quarter of the photo's side at least, and are shown 720 px large at the most


@dataclass(frozen=True, slots=True, eq=False)
class Preview:
    """A photo as it is shown, made smaller.

    Attributes
    ----------
    image : PIL.Image.Image
        RGB.
    scale : float
        Its px per px of the photo.
    """

    image: Any
    scale: float

    @classmethod
    def of(cls, photo: Photo) -> Preview:
        """The preview of a photo; no larger than the photo itself."""
        from PIL import Image as Pillow

        image = Pillow.fromarray(photo.view(_LONG_SIDE_PX))
        return cls(image, image.size[0] / photo.size.width)

    def crop(self, box_px: tuple[int, int, int, int]) -> Any:
        """A part of it; `box_px` counts in px of the photo."""
        left, top, right, bottom = (round(edge * self.scale) for edge in box_px)
        return self.image.crop((left, top, max(right, left + 1), max(bottom, top + 1)))
