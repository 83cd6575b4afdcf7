"""Findings from the pictures compared at full size: place, camera, colour planes, sharpness."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from panscan.verify.measure.frame_match import CellComparison
from panscan.verify.report import Finding, Grade
from panscan.verify.thresholds import FLAG_RATE, LATE_FRAMES, OFFSET_FLAG_PX, PASS_RATE, SHARP_PASS

_MOST_WEIGHT = 25.0  # squared levels: one strong picture is not to outvote all others
_LEAST_WEIGHT = 0.02
_LEAST_MOVING = 3
_LEAST_STEADY = 5
_MOST_NAMED = 10


def grade_of(rate: float) -> Grade:
    """The grade of a match rate."""
    return "pass" if rate >= PASS_RATE else "flag" if rate >= FLAG_RATE else "fail"


def position(observations: Sequence[CellComparison]) -> Finding:
    """Whether the pixels come from the expected crop."""
    telling = [o for o in observations if o.matches is not None]
    measured: dict[str, Any] = {"compared": len(observations), "with_evidence": len(telling)}
    if not telling:
        return Finding("position", "flag", "no evidence: the pictures are too flat to tell positions", measured)
    matched = [o for o in telling if o.matches]
    rate = len(matched) / len(telling)
    offsets = np.array([o.offset_px for o in telling if o.offset_px is not None])
    measured["match_rate"] = rate
    steady = 0.0
    if len(offsets):
        units = np.array([o.unit_px for o in telling if o.offset_px is not None])
        measured["offset_px"] = {
            "mean_x": float(offsets[:, 0].mean()),
            "mean_y": float(offsets[:, 1].mean()),
            "rms": float(np.sqrt((offsets**2).sum(axis=1).mean())),
        }
        zooms = np.array([o.zoom_error_px for o in telling if o.zoom_error_px is not None])
        measured["zoom_px"] = {"median_x": float(np.median(zooms[:, 0])), "median_y": float(np.median(zooms[:, 1]))}
        if len(offsets) >= _LEAST_STEADY:
            steady = float(np.abs(np.median(offsets / units[:, None], axis=0)).max())
    lost = lost_cells(telling)
    measured["lost_clips"] = sorted({clip + 1 for clip, _ in lost})
    measured["misses"] = [comparison_json(o) for o in telling if not o.matches][:_MOST_NAMED]
    grade: Grade = "fail" if lost else grade_of(rate)
    what = f"{len(matched)} of {len(telling)} compared cells show the expected crop"
    if lost:
        what += f"; none of {_named(lost)} does"
    elif grade == "pass" and steady > OFFSET_FLAG_PX:
        return Finding("position", "flag", f"{what}, but all lie {steady:.1f} px beside it", measured)
    return Finding("position", grade, what, measured)


def lost_cells(telling: Sequence[CellComparison]) -> list[tuple[int, int]]:
    """Clips and their cells that never match: in a long cut they would drown in the overall rate."""
    by_cell: dict[tuple[int, int], list[bool]] = {}
    for o in telling:
        by_cell.setdefault((o.clip, o.cell), []).append(bool(o.matches))
    return [place for place, hits in by_cell.items() if len(hits) >= 2 and not any(hits)]


def _named(lost: Sequence[tuple[int, int]]) -> str:
    """Clips, with their cells where one beside the first is lost."""
    clips = sorted({clip for clip, _ in lost})
    names = [
        f"{clip + 1}"
        + (f" (cell {', '.join(str(n + 1) for c, n in lost if c == clip)})" if (clip, 0) not in lost else "")
        for clip in clips[:_MOST_NAMED]
    ]
    return f"clip {', '.join(names)}"


def comparison_json(o: CellComparison) -> dict[str, Any]:
    """An observation for the report."""
    return {
        "picture": o.number,
        "clip": o.clip + 1,
        "better": list(o.better),
        "offset_px": list(o.offset_px) if o.offset_px else None,
        "likeness": o.likeness,
    }


def camera(observations: Sequence[CellComparison]) -> Finding:
    """Whether the camera moves when it should: a slow one is late by less than any single picture shows."""
    telling = [o for o in observations if o.late_weight >= _LEAST_WEIGHT]
    measured: dict[str, Any] = {"moving": len(telling)}
    if len(telling) < _LEAST_MOVING:
        return Finding("camera", "pass", "it does not move visibly in the compared pictures", measured)
    weights = np.minimum([o.late_weight for o in telling], _MOST_WEIGHT)
    late = float(np.average([np.clip(o.late_frames, -2, 2) for o in telling], weights=weights))
    measured["late_frames"] = late
    if abs(late) <= LATE_FRAMES:
        what = f"{late:+.2f} frames late where it moves, in {len(telling)} compared cells"
        return Finding("camera", "pass", what, measured)
    word = "late" if late > 0 else "early"
    return Finding("camera", "fail", f"it moves {abs(late):.1f} frames too {word}", measured)


def sharpness(observations: Sequence[CellComparison]) -> Finding:
    """How much of the expected fine detail is there."""
    found = [o.sharpness for o in observations if o.sharpness is not None and o.matches]
    measured: dict[str, Any] = {"with_evidence": len(found)}
    if not found:
        what = "no evidence: the source has no fine detail, or another part of it is shown"
        return Finding("sharpness", "pass", what, measured)
    median = max(0.0, float(np.median(found)))
    measured |= {"median": median, "lowest": float(min(found))}
    grade: Grade = "pass" if median >= SHARP_PASS else "flag"
    return Finding("sharpness", grade, f"{median:.0%} of the source's fine detail is there", measured)
