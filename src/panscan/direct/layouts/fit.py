"""The whole picture inside the canvas, where cropping would hurt: screen recordings, text across, crowds."""

from __future__ import annotations

import numpy as np

from panscan.direct.layouts.proposal import Layout, LayoutInput
from panscan.direct.scene import ShotContext
from panscan.model.perception import FloatArray, ScreenContent, Text
from panscan.model.plan import CellPlan

_DRAWN = 0.5
_WIDER = 1.05  # windows: what is only a little wider is cropped
_TEXT_SHARE = 0.5  # of the shot that such text stands
_CROWD = 5
_CROWD_ALIKE = 0.6
_CROWD_SPREAD = 1.8  # windows
_LEAST_S = 2.0


def fit(proposal: LayoutInput) -> Layout | None:
    """The whole picture, if the user insists or cropping would hurt."""
    why = "as asked" if proposal.is_forced else reason_not_to_crop(proposal.context)
    if not why:
        return None
    cell = CellPlan(0, 0, proposal.canvas, proposal.choice.aim, fit=True)
    return Layout("fit", (cell,), why, background=proposal.context.preset.background)


def reason_not_to_crop(scene: ShotContext) -> str:
    """Why this shot should not be cropped, or nothing."""
    drawn = screen_content_box(scene)
    if drawn is not None and _too_large(drawn, scene):
        return "screen content wider than a crop: all of it"
    text = scene.perception.get(Text)
    if text is not None:
        for n in np.flatnonzero(text.kind == 0):
            stands = min(int(text.end[n]), scene.shot.end) - max(int(text.first[n]), scene.shot.first)
            if stands >= _TEXT_SHARE * scene.shot.frame_count and text.box_px[n, 2] > _WIDER * scene.window[0]:
                return "text across the picture stands most of the shot: all of it"
    return _reason_crowd(scene)


def screen_content_box(scene: ShotContext) -> FloatArray | None:
    """What holds the letters and lines of a shot of screen content (4,), or None where a camera was there."""
    screen = scene.perception.get(ScreenContent)
    if screen is None:
        return None
    rows = np.flatnonzero((screen.looked >= scene.shot.first) & (screen.looked < scene.shot.end))
    if not rows.size or float(np.median(screen.confidence[rows])) < _DRAWN:
        return None
    box = screen.box_px[rows]
    left, top = np.median(box[:, :2], axis=0)
    right, bottom = np.median(box[:, :2] + box[:, 2:], axis=0)
    return np.array([left, top, right - left, bottom - top])


def _too_large(box: FloatArray, scene: ShotContext) -> bool:
    return bool(box[2] > _WIDER * scene.window[0] or box[3] > _WIDER * scene.window[1])


def _reason_crowd(scene: ShotContext) -> str:
    """Whether many people of like importance spread over more than a crop, and nobody speaks."""
    people = scene.of_kind("person")
    if len(people) < _CROWD or scene.duration_s < _LEAST_S:
        return ""
    speaker = scene.speaker
    if speaker is not None:
        _, likely = speaker.probabilities(np.array([s.track for s in people]), scene.shot.first, scene.shot.end)
        if likely.size and float(likely.max()) > 0.5:
            return ""
    looks = max(len(s.frame) for s in people)
    weight = np.array([len(s.frame) / looks * np.median(s.box_px[:, 3]) * np.mean(s.score) for s in people])
    alike = weight >= _CROWD_ALIKE * weight.max()
    x = np.array([float(np.median(s.keep_px[:, 0] + s.keep_px[:, 2] / 2)) for s in people])[alike]
    if int(alike.sum()) < _CROWD or float(np.ptp(x)) < _CROWD_SPREAD * scene.window[0]:
        return ""
    return f"{int(alike.sum())} people of like importance across the picture: all of them"
