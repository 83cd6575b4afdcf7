"""Transitions: finding them, their kind, and the handles that they show.

A transition lies at a cut between two items of a track and takes no time of its own. It shows the item before it for
`out_offset` longer and the item after it `in_offset` earlier; these extra parts are the handles of the two items.

OTIO names one kind, the dissolve. A fade is a dissolve with nothing on one side. Dips, wipes and all other kinds are
`CUSTOM` and known by the name that the editor gave them. What a dissolve shows is told in `panscan.timeline.dissolves`.

Objects are known by their schema name, so nothing of OTIO is imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any

from panscan.timeline.otio_time import exact_seconds

# `transition_type` as OTIO spells it.
DISSOLVE = "SMPTE_Dissolve"
CUSTOM = "Custom_Transition"

# What editors call a dip: to go out to a colour, and to come in from it.
_DIP_NAMES = re.compile(r"\bdip\b|\bfade\b.*\b(black|white|colou?r|fade)\b", re.IGNORECASE)
_WHITE = "#ffffff"

CROSS_DISSOLVE_ID = "4731E73A-8DAC-4113-9A30-AE85B1761265"  # Final Cut's effect, whatever its name in other languages


def is_transition(item: Any) -> bool:
    """Whether an OTIO object is a transition."""
    return bool(item.schema_name() == "Transition")


def find_transitions(composition: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Each transition in a track or stack, the item before it and the item after it; None where there is no item."""
    children = list(composition)
    for before, child, after in zip([None, *children], children, [*children[1:], None], strict=False):
        if is_transition(child):
            yield child, before, after


def label_of(transition: Any) -> str:
    """What to call a transition in a message: its name, else its type."""
    return str(transition.name or transition.transition_type)


def names_a_dissolve(names: Iterable[str]) -> bool:
    """Whether one of the names and ids that an editor gives to a transition's effect is that of a dissolve."""
    return any("dissolve" in name.lower() or CROSS_DISSOLVE_ID in name for name in names)


def dip_colour(transition: Any) -> str:
    """The colour through which a transition leads by its name, "black" or "#ffffff"; empty for all other kinds."""
    if not _DIP_NAMES.search(label_of(transition)):
        return ""
    return _WHITE if "white" in label_of(transition).lower() else "black"


def handles_s(children: Sequence[Any], number: int) -> tuple[Fraction, Fraction]:
    """Seconds of a child of a track that transitions show before its start and after its end."""
    before = children[number - 1] if number else None
    after = children[number + 1] if number + 1 < len(children) else None
    return (
        exact_seconds(before.in_offset) if before is not None and is_transition(before) else Fraction(0),
        exact_seconds(after.out_offset) if after is not None and is_transition(after) else Fraction(0),
    )
