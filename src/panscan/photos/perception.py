"""What is seen in a photo: people with heads, faces and joints, and things; all boxes are left, top, right, bottom."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from panscan.model.geometry import Size

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class PhotoPerson:
    """A person in a photo.

    Attributes
    ----------
    name : str
        Such as "person-1", from left to right.
    body_px : ndarray (4,)
        All that is seen of the person.
    head_px : ndarray (4,) or None
        The head with hair; None where the photo cuts it off.
    face_px : ndarray (4,) or None
        From the hairline to the chin; None where it is turned away.
    points_px : ndarray (6, 2) or None
        Right eye, left eye, nose tip, mouth, right ear, left ear of the face.
    joints_px : ndarray (33, 2) or None
        MediaPipe's points of the body.
    visibility : ndarray (33,) or None
        How surely each joint is seen, 0..1.
    score : float
        How surely this is a person, 0..1.
    sharpness : float
        Of the face, 0..1; 1 where no face is seen.
    smile : float or None
        How far the corners of the mouth are drawn up, None where the face is too small to say.
    """

    name: str
    body_px: FloatArray
    head_px: FloatArray | None = None
    face_px: FloatArray | None = None
    points_px: FloatArray | None = None
    joints_px: FloatArray | None = None
    visibility: FloatArray | None = None
    score: float = 1.0
    sharpness: float = 1.0
    smile: float | None = None

    @property
    def yaw(self) -> float:
        """Where the face is turned: 0 towards the camera, -1 and 1 in profile towards the left and right."""
        if self.points_px is None or self.face_px is None:
            return 0.0
        ears = self.points_px[4:6, 0].mean()
        width = float(self.face_px[2] - self.face_px[0])
        return float(np.clip(2 * (self.points_px[2, 0] - ears) / width, -1.0, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class PhotoThing:
    """An animal, a vehicle or another thing.

    Attributes
    ----------
    name : str
        Its class with a number, such as "dog-1".
    label : str
        Its class.
    box_px : ndarray (4,)
    score : float
        0..1.
    """

    name: str
    label: str
    box_px: FloatArray
    score: float


@dataclass(frozen=True, slots=True)
class Horizon:
    """A nearly level line across the photo, where sky or wall ends and sea, ground or floor begins.

    Attributes
    ----------
    y_px : float
        Its height at the photo's middle, from the top.
    tilt_deg : float
        Positive where its right end is lower.
    """

    y_px: float
    tilt_deg: float

    def height_at(self, x_px: FloatArray | float, size: Size) -> FloatArray:
        """Its height, px, at some columns of a photo."""
        return np.asarray(self.y_px + np.tan(np.radians(self.tilt_deg)) * (np.asarray(x_px) - size.width / 2))


@dataclass(frozen=True, slots=True, eq=False)
class PhotoPerception:
    """All that is seen in a photo.

    Attributes
    ----------
    size : Size
        Of the photo, px.
    people : tuple of PhotoPerson
        Most important first.
    things : tuple of PhotoThing
        Most important first.
    detail : ndarray (h, w)
        How much there is to look at in a small version of the photo: fine, sharp contrast, 0..1.
    looked_with : tuple of str
        The detectors that were used.
    texts_px : ndarray (k, 4)
        Words that can be read in the photo.
    horizon : Horizon or None
        None where no line is sure.
    """

    size: Size
    people: tuple[PhotoPerson, ...]
    things: tuple[PhotoThing, ...]
    detail: FloatArray
    looked_with: tuple[str, ...] = field(default=())
    texts_px: FloatArray = field(default_factory=lambda: np.zeros((0, 4)))
    horizon: Horizon | None = None

    @property
    def heads(self) -> FloatArray:
        """All heads (n, 4)."""
        found = [p.head_px for p in self.people if p.head_px is not None]
        return np.array(found, np.float64).reshape(-1, 4)
