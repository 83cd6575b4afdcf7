"""How a recording is staged: the tilt of its picture, what surrounds it, how close and how fast the camera comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from panscan.model.corners import Corners
from panscan.model.geometry import Size

NO_TILT, FOCUS_TILT = "none", "focus"


@dataclass(frozen=True, slots=True)
class TiltAngles:
    """A picture turned in space, seen by a camera straight before it.

    Attributes
    ----------
    pitch_deg : float
        About its horizontal axis; positive: its lower side is nearer.
    yaw_deg : float
        About its vertical axis; positive: its right side is nearer.
    distance : float
        From the camera to its middle, in longer sides of its cell.
    """

    pitch_deg: float
    yaw_deg: float
    distance: float = 2.0  # as a lens of 70 mm on a full frame shows it: depth is seen, and nothing bulges


# Tilts by the side that comes nearer. At 12 degrees depth is plain and text is read as before.
TILTS: Mapping[str, TiltAngles] = {
    "left": TiltAngles(0.0, -12.0),
    "right": TiltAngles(0.0, 12.0),
    "up": TiltAngles(-12.0, 0.0),
    "down": TiltAngles(12.0, 0.0),
    # The angles of technical drawing, which shorten three axes alike; so far away that parallels stay parallel.
    "isometric": TiltAngles(-35.26, 45.0, 100.0),
}


@dataclass(frozen=True, slots=True)
class Style:
    """How a picture is staged. As it stands, it changes nothing.

    Attributes
    ----------
    name : str
        Of the style that it comes from; empty where there is none.
    tilt : str or Corners
        "none", a name of `TILTS`, "focus" (towards what the camera comes closer to), or where the corners of the cell
        go.
    tilt_deg : float
        How far "focus" tilts.
    corner_px, corner_share : float
        Radius of round corners: source px, and a share of the picture's shorter side; they add up.
    shadow : bool
        Whether the picture throws a shadow.
    padding : float
        Space around the whole picture, as a share of the cell's shorter side.
    background : str, optional
        What shows there; None: the preset's.
    closest : float
        The smallest part of a screen's longer side that is ever shown: closer, nobody knows where on the screen it is.
    move_time : float
        How long moves of the camera take, times the usual.
    """

    name: str = ""
    tilt: str | Corners = NO_TILT
    tilt_deg: float = 3.0  # plain to see while it moves, and no letter leaves its line
    corner_px: float = 0.0
    corner_share: float = 0.0
    shadow: bool = False
    padding: float = 0.0
    background: str | None = None
    closest: float = 0.35
    move_time: float = 1.0

    def corner_radius_px(self, picture: Size) -> float:
        """Radius of the corners of a picture, its px; half of its shorter side at most."""
        side = min(picture.width, picture.height)
        return min(self.corner_px + self.corner_share * side, side / 2)
