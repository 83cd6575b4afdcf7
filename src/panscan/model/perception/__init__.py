"""Everything measured on one media, before any decision.

Each signal's value is one frozen dataclass of arrays. All frames are grid frames counted from the media's first
picture (`model.time`); all boxes are left, top, width, height in display px.
"""

from panscan.model.bodies import FloatArray
from panscan.model.perception.people import (
    HAND_LABEL,
    ActiveSpeaker,
    Appearance,
    Faces,
    Hands,
    Lips,
    Objects,
    Pose,
    Speaker,
    Tracks,
)
from panscan.model.perception.pictures import (
    Border,
    Flow,
    Panels,
    Saliency,
    ScreenContent,
    ShotBoundaries,
    Text,
)
from panscan.model.perception.result import Perception
from panscan.model.perception.screen_events import ScreenEvent, ScreenEventKind, ScreenEvents
from panscan.model.perception.sound import Cepstrum, Loudness, Speech, Words
from panscan.model.time import IntArray

__all__ = [
    "HAND_LABEL",
    "ActiveSpeaker",
    "Appearance",
    "Border",
    "Cepstrum",
    "Faces",
    "FloatArray",
    "Flow",
    "Hands",
    "IntArray",
    "Lips",
    "Loudness",
    "Objects",
    "Panels",
    "Perception",
    "Pose",
    "Saliency",
    "ScreenContent",
    "ScreenEvent",
    "ScreenEventKind",
    "ScreenEvents",
    "ShotBoundaries",
    "Speaker",
    "Speech",
    "Text",
    "Tracks",
    "Words",
]
