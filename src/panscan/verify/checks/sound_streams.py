"""Whether the sound streams of a movie are called as those that they come from, and players choose the same one."""

from __future__ import annotations

from collections.abc import Sequence

from panscan.model.languages import same_language
from panscan.verify.measure.extras import Label
from panscan.verify.report import Grade

_CODE_LETTERS = 3  # of a language; containers drop what is longer or shorter


def label_problem(found: Sequence[Label], wanted: Sequence[Label | None]) -> tuple[Grade, str] | None:
    """What is wrong with the labels of the sound streams of a movie; None if nothing is.

    wanted: for each stream, that of the source's stream that it comes from; None where it comes from several.
    """
    for number, (a, b) in enumerate(zip(found, wanted, strict=True), 1):
        if b is None or len(b.language) != _CODE_LETTERS or same_language(a.language, b.language):
            continue
        if a.language:
            return "fail", f"sound {number} has the language {a.language} instead of {b.language}"
        if len(found) > 1:  # one stream alone needs none
            return "flag", f"sound {number} has no language instead of {b.language}"
    if None not in wanted and _chosen(found) != _chosen(wanted):
        return (
            "flag",
            f"players choose sound {_chosen(found) + 1}, of the source they choose sound {_chosen(wanted) + 1}",
        )
    return None


def _chosen(labels: Sequence[Label | None]) -> int:
    """Which stream players choose: the first one that is to be, or else the first one."""
    return next((number for number, label in enumerate(labels) if label is not None and label.is_default), 0)
