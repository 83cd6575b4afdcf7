"""Findings from the pictures that are compared at full size: position and camera."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from panscan.verify.measure.frame_match import CellComparison
from panscan.verify.report import Finding, Grade
from panscan.verify.thresholds import FLAG_RATE, LATE_FRAMES, OFFSET_FLAG_PX, PASS_RATE

# Evidence of one cell for the time of the camera, squared levels: fainter is noise, and one cell must not outvote all.
_MIN_WEIGHT, _MAX_WEIGHT = 0.02, 25.0
_MAX_LATE_FRAMES = 2  # of one cell: a larger number is noise
_MIN_MOVING_CELLS = 3  # to judge the time of the camera
_MIN_OFFSETS = 5  # to judge the median offset
_MIN_CELLS = 2  # to say that a cell of a clip never matches
_MAX_LISTED = 10  # of a kind in the report


def grade_of(rate: float) -> Grade:
    """The grade of a match rate."""
    return "pass" if rate >= PASS_RATE else "flag" if rate >= FLAG_RATE else "fail"


def position(comparisons: Sequence[CellComparison]) -> Finding:
    """Whether the pixels come from the expected crop."""
    with_evidence = [o for o in comparisons if o.matches is not None]
    measured: dict[str, Any] = {"compared": len(comparisons), "with_evidence": len(with_evidence)}
    if not with_evidence:
        return Finding("position", "flag", "no evidence: the pictures are too flat to tell positions", measured)
    matched = [o for o in with_evidence if o.matches]
    rate = len(matched) / len(with_evidence)
    offsets = np.array([o.offset_px for o in with_evidence if o.offset_px is not None])
    measured["match_rate"] = rate
    median_offset = 0.0
    if len(offsets):
        units = np.array([o.unit_px for o in with_evidence if o.offset_px is not None])
        measured["offset_px"] = {
            "mean_x": float(offsets[:, 0].mean()),
            "mean_y": float(offsets[:, 1].mean()),
            "rms": float(np.sqrt((offsets**2).sum(axis=1).mean())),
        }
        zooms = np.array([o.zoom_error_px for o in with_evidence if o.zoom_error_px is not None])
        measured["zoom_px"] = {"median_x": float(np.median(zooms[:, 0])), "median_y": float(np.median(zooms[:, 1]))}
        if len(offsets) >= _MIN_OFFSETS:
            median_offset = float(np.abs(np.median(offsets / units[:, None], axis=0)).max())
    lost = lost_cells(with_evidence)
    measured["lost_clips"] = sorted({clip + 1 for clip, _ in lost})
    measured["misses"] = [comparison_json(o) for o in with_evidence if not o.matches][:_MAX_LISTED]
    grade: Grade = "fail" if lost else grade_of(rate)
    what = f"{len(matched)} of {len(with_evidence)} compared cells show the expected crop"
    if lost:
        what += f"; none of {_named(lost)} does"
    elif grade == "pass" and median_offset > OFFSET_FLAG_PX:
        return Finding("position", "flag", f"{what}, but all lie {median_offset:.1f} px beside it", measured)
    return Finding("position", grade, what, measured)


def lost_cells(with_evidence: Sequence[CellComparison]) -> list[tuple[int, int]]:
    """Clips and their cells that never match. In a long cut they would hardly change the overall rate."""
    by_cell: dict[tuple[int, int], list[bool]] = {}
    for o in with_evidence:
        by_cell.setdefault((o.clip, o.cell), []).append(bool(o.matches))
    return [place for place, hits in by_cell.items() if len(hits) >= _MIN_CELLS and not any(hits)]


def _named(lost: Sequence[tuple[int, int]]) -> str:
    """Names of the clips; with their cells if the first cell is not among those that never match."""
    clips = sorted({clip for clip, _ in lost})
    names = [
        f"{clip + 1}"
        + (f" (cell {', '.join(str(n + 1) for c, n in lost if c == clip)})" if (clip, 0) not in lost else "")
        for clip in clips[:_MAX_LISTED]
    ]
    return f"clip {', '.join(names)}"


def comparison_json(o: CellComparison) -> dict[str, Any]:
    """A comparison for the report."""
    return {
        "picture": o.number,
        "clip": o.clip + 1,
        "better": list(o.better),
        "offset_px": list(o.offset_px) if o.offset_px else None,
        "likeness": o.likeness,
    }


def camera(comparisons: Sequence[CellComparison]) -> Finding:
    """Whether the camera moves when it should. No single picture shows by how much a slow camera is late."""
    with_evidence = [o for o in comparisons if o.late_weight >= _MIN_WEIGHT]
    measured: dict[str, Any] = {"moving": len(with_evidence)}
    if len(with_evidence) < _MIN_MOVING_CELLS:
        return Finding("camera", "pass", "it does not move visibly in the compared pictures", measured)
    weights = np.minimum([o.late_weight for o in with_evidence], _MAX_WEIGHT)
    late = float(
        np.average(
            [np.clip(o.late_frames, -_MAX_LATE_FRAMES, _MAX_LATE_FRAMES) for o in with_evidence], weights=weights
        )
    )
    measured["late_frames"] = late
    if abs(late) <= LATE_FRAMES:
        what = f"{late:+.2f} frames late where it moves, in {len(with_evidence)} compared cells"
        return Finding("camera", "pass", what, measured)
    word = "late" if late > 0 else "early"
    return Finding("camera", "fail", f"it moves {abs(late):.1f} frames too {word}", measured)
