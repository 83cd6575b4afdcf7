"""What all objects of the strict DaVinci Resolve of resolve_fake share: its rules, and what a remote object is.

It models what is documented or was measured and published: a name that no version has is None (and hasattr is always
true); a documented one that is not modelled here is an error; names of timelines are unique; settings are texts;
overlapping appends are dropped; pan and tilt of a timeline that is not current count in the project's picture; values
out of range are clipped silently; setters may say False though the value stuck; in the free edition a call that only
Studio has opens a dialog, and while one is open nothing can be changed.
"""

from __future__ import annotations

import json
from pathlib import Path

NAMES = json.loads(Path(__file__).with_name("resolve_names.json").read_text(encoding="utf-8"))
START = 90000
DEFAULTS = {
    "Pan": 0, "Tilt": 0, "ZoomX": 1, "ZoomY": 1, "ZoomGang": True, "RotationAngle": 0, "AnchorPointX": 0,
    "AnchorPointY": 0, "Pitch": 0, "Yaw": 0, "FlipX": False, "FlipY": False, "CropLeft": 0, "CropRight": 0,
    "CropTop": 0, "CropBottom": 0, "CropSoftness": 0, "CropRetain": False, "Scaling": 0,
}  # fmt: skip


STUDIO_ONLY = {"SmartReframe", "CreateMagicMask", "Stabilize", "TranscribeAudio", "DetectSceneCuts"}
CHANGES = ("Add", "Append", "Create", "Delete", "Duplicate", "Export", "Import", "Rename", "Set", "Update")


class Crashed(BaseException):
    """Resolve is gone: not an Exception, so that no script can go on."""


class World:
    """What all objects of one Resolve share: its rules for this test, and whether it still runs."""

    def __init__(self, **rules):
        self.fps, self.project_px, self.render_start = 25, (1920, 1080), 1001
        self.end_is_exclusive, self.crash_at, self.version = False, None, "21.0.3.7"
        self.lacks: frozenset[str] = frozenset()
        self.gains = {"pan": 1.0, "tilt": 1.0, "zoom": 1.0}  # how much stronger than documented it draws
        self.is_studio = True  # scripts from outside need it
        self.draw = None  # (project, path, timeline, frame): writes a still
        for name, value in rules.items():
            assert hasattr(self, name), name
            setattr(self, name, value)
        self.calls, self.modal, self.asked_for, self.imported = 0, False, set(), None
        self.last_id = 0

    def opens_a_dialog(self, *_):
        self.modal = True
        return False

    def step(self):
        """Something is about to change."""
        self.calls += 1
        if self.crash_at is not None and self.calls >= self.crash_at:
            raise Crashed


class Remote:
    """A remote object: what a version lacks is None."""

    def __init__(self, world):
        self._world, self._gone = world, False

    def __getattribute__(self, name):
        if name.startswith("_"):
            return object.__getattribute__(self, name)
        kind, world = type(self).__name__, self._world
        if self._gone or name in world.lacks:
            return None
        if name in STUDIO_ONLY & set(NAMES[kind]) and not world.is_studio:
            return world.opens_a_dialog
        if world.modal and name.startswith(CHANGES):
            return lambda *_: False
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            if name in NAMES[kind]:
                raise AssertionError(f"{kind}.{name} is not modelled") from None
            world.asked_for.add(name)
            return None


class Marked(Remote):
    """Something with markers."""

    def AddMarker(self, frame, colour, name, note, duration, data=""):
        self._world.step()
        assert all(isinstance(text, str) for text in (colour, name, note, data)) and duration == 1
        if frame in self._markers or not self._holds(frame):
            return False
        self._markers[frame] = {"color": colour, "name": name, "note": note, "duration": 1, "customData": data}
        return True

    def GetMarkers(self):
        return {frame: dict(marker) for frame, marker in self._markers.items()}

    def UpdateMarkerCustomData(self, frame, data):
        self._world.step()
        if frame not in self._markers:
            return False
        self._markers[frame]["customData"] = data
        return True

    def DeleteMarkerAtFrame(self, frame):
        self._world.step()
        return self._markers.pop(frame, None) is not None
