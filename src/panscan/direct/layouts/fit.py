"""The whole picture inside the canvas, where cropping would hurt: screen recordings and text across."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from panscan.direct.captions import share_of_wide_captions
from panscan.direct.layouts.proposal import Layout, LayoutInput
from panscan.direct.shot_context import ShotContext
from panscan.direct.titles import is_title
from panscan.model.perception import FloatArray, ScreenContent, Text
from panscan.model.plan import CellPlan, Subject

_DRAWN = 0.5  # confidence from which a shot is screen content rather than not
_WIDER = 1.05  # windows: what is only a little wider is cropped
_TITLE_SAFE = 0.9  # of the window, that a title may fill: the title-safe area of SMPTE ST 2046-1
_TEXT_SHARE = 0.5  # of the shot that such text stands: shorter titles may be cut off
_READ_S = 1.5  # seconds that a title stands at least: shorter, nobody reads it anew
_APART_S = 1.0  # seconds between a title and the shot's end, less of which belongs to the title
_SURE = 0.5  # mean score of a face that is surely one: drawn and blurred ones have less
_FACED = 0.3  # of the looks at a person that must show the face: backs of heads lead nobody's eye away from a title


def fit(proposal: LayoutInput) -> Layout | None:
    """The whole picture, if the user insists or cropping would hurt."""
    why = "as asked" if proposal.is_forced else reason_not_to_crop(proposal.context, proposal.choice.subjects)
    if not why:
        return None
    cell = CellPlan(0, 0, proposal.canvas, proposal.choice.aim, fit=True)
    background = proposal.context.preset.background
    return Layout("fit", (cell,), why, background=background, shows="whole picture")


def reason_not_to_crop(context: ShotContext, leads: Sequence[Subject] = ()) -> str:
    """Why this shot should not be cropped, or nothing; `leads`: whom it would be cropped to."""
    drawn = screen_content_box(context)
    if drawn is not None and _too_large(drawn, context):
        return "screen content wider than a crop"
    wide = wide_text_boxes(context)
    # People look at a face rather than at a title, unless the title is laid over it or is asked for.
    if len(wide) and ("text" in context.preferences.liked or not _face_beside(wide, leads)):
        return "text across it"
    # Mostly, who wants captions of a crop makes them anew: the subject goes before them, unless somebody asks for them.
    wants_text = "text" in context.preferences.liked
    if wants_text and share_of_wide_captions(context, _WIDER * context.window[0]) >= _TEXT_SHARE:
        return "captions wider than a crop"
    return ""


def wide_text_boxes(context: ShotContext) -> FloatArray:
    """Boxes (n, 4) of the titles that stand most of the shot and are wider than a crop."""
    text = context.perception.get(Text)
    if text is None:
        return np.zeros((0, 4))
    stands = np.minimum(text.end, context.shot.end) - np.maximum(text.first, context.shot.first)
    is_long = stands >= _TEXT_SHARE * context.shot.frame_count
    return np.asarray(text.box_px[_is_wide_title(text, context) & is_long])


def title_spans(context: ShotContext) -> list[tuple[int, int]]:
    """Frames [first, end) inside the shot in which a title wider than a crop stands long enough to be read."""
    text = context.perception.get(Text)
    spans: list[tuple[int, int]] = []
    if text is None:
        return spans
    rows = np.flatnonzero(_is_wide_title(text, context))
    for n in rows[np.argsort(text.first[rows], kind="stable")]:
        first, end = max(int(text.first[n]), context.shot.first), min(int(text.end[n]), context.shot.end)
        if end - first < _READ_S * context.rate:
            continue
        first = context.shot.first if first - context.shot.first < _APART_S * context.rate else first
        end = context.shot.end if context.shot.end - end < _APART_S * context.rate else end
        if spans and first - spans[-1][1] < _APART_S * context.rate:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((first, end))
    return spans


def _is_wide_title(text: Text, context: ShotContext) -> npt.NDArray[np.bool_]:
    """Which overlays are titles wider than what is safe for titles in a crop."""
    return np.asarray(is_title(text, context.bounds) & (text.box_px[:, 2] > _TITLE_SAFE * context.window[0]))


def face_leads(leads: Sequence[Subject]) -> bool:
    """Whether a face that is surely one is among those that lead."""
    return any(
        lead.kind == "person" and float(np.mean(lead.basis == 0)) >= _FACED and float(np.mean(lead.score)) >= _SURE
        for lead in leads
    )


def _face_beside(text: FloatArray, leads: Sequence[Subject]) -> bool:
    """Whether somebody's face leads the shot whose head no text touches."""
    for lead in leads:
        if not face_leads((lead,)):
            continue
        left, top, width, height = np.median(lead.keep_px, axis=0)
        apart = (
            (text[:, 0] >= left + width)
            | (text[:, 0] + text[:, 2] <= left)
            | (text[:, 1] >= top + height)
            | (text[:, 1] + text[:, 3] <= top)
        )
        if apart.all():
            return True
    return False


def screen_content_box(context: ShotContext) -> FloatArray | None:
    """What holds the letters and lines of a shot of screen content (4,), or None where a camera was there."""
    screen = context.perception.get(ScreenContent)
    if screen is None:
        return None
    rows = np.flatnonzero((screen.looked >= context.shot.first) & (screen.looked < context.shot.end))
    if not rows.size or float(np.median(screen.confidence[rows])) < _DRAWN:
        return None
    box = screen.box_px[rows]
    left, top = np.median(box[:, :2], axis=0)
    right, bottom = np.median(box[:, :2] + box[:, 2:], axis=0)
    return np.array([left, top, right - left, bottom - top])


def _too_large(box: FloatArray, context: ShotContext) -> bool:
    return bool(box[2] > _WIDER * context.window[0] or box[3] > _WIDER * context.window[1])
