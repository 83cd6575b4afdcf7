"""The report of a fit, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass

import numpy as np

from fitting.clips import SHARES
from fitting.search import NAMES, Floats
from panscan.direct.importance import ImportanceParameters

KINDS = {
    "one person": (
        *("baby_reading_640", "gesture_test_video", "hair_brush_webcam_720p", "man_beside_title_640"),
        *("news_minute_lower_third", "standing_speaker_cspan_720p", "talking_head_512_a", "talking_head_square_vfr"),
        *("variety_interview_captions", "cliff_person_aerial"),
    ),
    "several people": (
        *("class_table_three_1024", "debate_split_640", "derived_interview_two_shot_cuts", "golf_talk_walk_640"),
        *("office_broll_1080p", "office_meeting_pan_640", "one_by_one_person_10fps", "party_confetti_dark"),
        *("stage_rap_multicut_audio", "two_men_white_958", "two_shot_then_ots_640"),
    ),
    "animals": (
        *("bear_walk", "birds_on_snow", "dog_and_woman_fetch", "dogs_far_cctv", "elephants_herd", "gannets_dive"),
        "horses_run_pan",
    ),
    "sport and dance": (
        *("arm_wrestling_oddsar", "breakdance_crowd", "dance_bw_studio", "figure_skater_pan", "football_juggle"),
        *("hockey_goal_cuts", "runner_silhouette", "soccer_broadcast_720p", "surf_waves", "swing_dance_couples_640"),
    ),
    "hands and things": (
        *("blocks_hands_topview", "boat_crosses_sea", "coffee_pour_no_face", "cooking_knife_macro"),
        *("object_test_video", "woodwork_hands_600"),
    ),
    "film and animation": (
        *("animation_bbb", "anime_two_characters", "chaplin_pillarbox", "film_goldeneye_vfr_drop3"),
        "film_three_heroes_letterbox",
    ),
}


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """All clips framed with some parameters.

    Attributes
    ----------
    name : str
        Which.
    figures : ndarray (sets, clips, 4)
        By shape and eyes: the shares of `SHARES` in per cent, NaN where the truth has none, and the worth in points.
    """

    name: str
    figures: Floats


def kind_of(clip: str) -> str:
    """The kind of a clip by its name."""
    return next((kind for kind, names in KINDS.items() if clip in names), "other")


def sets_table(variants: Sequence[Variant], sets: Sequence[str]) -> str:
    """Means of all clips, a row for each variant in each set."""
    lines = [_row("set", "values", *SHARES, "worth"), "|---|---|" + "---|" * 4]
    for n, name in enumerate(sets):
        lines += [_row(name, v.name, *_means(v.figures[n])) for v in variants]
    return "\n".join(lines)


def kinds_table(variants: Sequence[Variant], clips: Sequence[str]) -> str:
    """Means of each kind of clips, over all sets: must, any, speaker of each variant."""
    kinds = np.array([kind_of(clip) for clip in clips])
    lines = [_row("kind", "clips", *(v.name for v in variants)), "|---|---|" + "---|" * len(variants)]
    for kind in [*dict.fromkeys(kinds.tolist()), "**all**"]:
        rows = kinds == kind if kind != "**all**" else np.ones(len(kinds), np.bool_)
        cells = [", ".join(_means(v.figures[:, rows].reshape(-1, 4))[:3]) for v in variants]
        lines.append(_row(kind, str(int(rows.sum())), *cells))
    return "\n".join(lines)


def parameters_table(
    today: ImportanceParameters,
    fitted: ImportanceParameters,
    folds: Sequence[ImportanceParameters],
    changes: Mapping[str, tuple[Floats, Floats]],
) -> str:
    """A row for each parameter: its values, their range over the folds, and what less and more do to each clip."""
    spread = np.array([astuple(fold) for fold in folds])
    lines = [_row("parameter", "today", "fitted", "over folds", "/ 1.5", "x 1.5"), "|---" * 6 + "|"]
    for n, name in enumerate(NAMES):
        low, high = spread[:, n].min(), spread[:, n].max()
        values = (f"{getattr(today, name):.2f}", f"{getattr(fitted, name):.2f}", f"{low:.2f} to {high:.2f}")
        lines.append(_row(name, *values, *(_with_error(change) for change in changes[name])))
    return "\n".join(lines)


def _with_error(values: Floats) -> str:
    """Mean and its standard error."""
    return f"{values.mean():+.1f} ± {values.std(ddof=1) / np.sqrt(len(values)):.1f}"


def _means(figures: Floats) -> list[str]:
    """Means (4,) of rows of figures, "-" where there is nothing."""
    known = [column[~np.isnan(column)] for column in figures.T]
    return [f"{column.mean():.1f}" if column.size else "-" for column in known]


def _row(*cells: str) -> str:
    return "| " + " | ".join(cells) + " |"
