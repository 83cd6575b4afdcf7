"""Clips that stand still: values of the Inspector, set and read back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from panscan_resolve.host import ScriptError, Session, is_close

if TYPE_CHECKING:
    from fusionscript import TimelineItem

# Resolve's number of Scaling "Fit": pan and tilt count in the fitted picture, so every other scaling would be wrong.
SCALE_TO_FIT = 2
_SAME_FOR_ALL: Mapping[str, Any] = {
    "Scaling": SCALE_TO_FIT,
    "ZoomGang": True,
    "AnchorPointX": 0,
    "AnchorPointY": 0,
    "CropSoftness": 0,
    "CropRetain": False,
}
_OWN = ("ZoomX", "ZoomY", "Pan", "Tilt", "CropLeft", "CropRight", "CropTop", "CropBottom")
_GAIN = {"ZoomX": "zoom", "ZoomY": "zoom", "Pan": "pan", "Tilt": "tilt"}

NEUTRAL: Mapping[str, float] = {name: 1.0 if name in ("ZoomX", "ZoomY") else 0.0 for name in _OWN}
"""For a clip whose Fusion comp makes the picture: nothing is added to it."""


def set_values(session: Session, item: TimelineItem, values: Mapping[str, float]) -> None:
    """Set Inspector values of the plan on a clip of the current timeline.

    What a version draws stronger than documented is set that much weaker. Some setters say false though the value
    stuck, others clip it silently: only reading back tells.

    Raises
    ------
    ScriptError
        Resolve kept another value.
    """
    values_to_set = expected_values(session, values)
    for name, value in values_to_set.items():
        item.SetProperty(name, value)
    session.wait()
    for name, value in values_to_set.items():
        found = item.GetProperty(name)
        if not is_close(found, float(value)):
            raise ScriptError(f"Resolve kept {name} at {found} instead of {value}")


def expected_values(session: Session, values: Mapping[str, float]) -> dict[str, Any]:
    """Everything that is set on a clip for the plan's `values`."""
    values_to_set: dict[str, Any] = dict(_SAME_FOR_ALL)
    for name in _OWN:
        gain = session.gains[_GAIN[name]] if name in _GAIN and values is not NEUTRAL else 1.0
        values_to_set[name] = values[name] / gain
    return values_to_set
