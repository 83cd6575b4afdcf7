"""The finding about fields: every picture whole, also of a source whose pictures are made of two moments each."""

from __future__ import annotations

from typing import Any

import numpy as np

from panscan.verify.checks.container import DecodeResult
from panscan.verify.measure.field_looks import FieldSampler
from panscan.verify.report import Finding
from panscan.verify.thresholds import COMBS_FAIL


def fields(decoded: DecodeResult, sampler: FieldSampler, *, keeps_combs: bool) -> Finding:
    """Whether pictures are whole, and flagged so; `keeps_combs`: the timeline was made with the wish to keep combs."""
    combs = [look.combs for look in sampler.looks if look.combs is not None]
    wrong = [look.wrong_order for look in sampler.looks if look.wrong_order is not None]
    measured: dict[str, Any] = {
        "flagged": decoded.interlaced_count,
        "source_orders": {path.name: order for path, order in sampler.orders.items()},
        "looks": len(combs),
        "combs": float(np.median(combs)) if combs else None,
        "wrong_order": float(np.median(wrong)) if wrong else None,
    }
    if decoded.interlaced_count:
        what = f"{decoded.interlaced_count} pictures are flagged as interlaced: players would make them softer"
        return Finding("fields", "fail", what, measured)
    if not sampler.orders:
        return Finding("fields", "pass", "the pictures of the source are whole", measured)
    if combs and np.median(combs) > COMBS_FAIL:
        if keeps_combs:
            return Finding("fields", "pass", "the source is interlaced, and its combs are kept, as asked for", measured)
        return Finding("fields", "fail", "the source is interlaced, and its combs are in the movie", measured)
    if wrong and np.median(wrong) > COMBS_FAIL:
        return Finding("fields", "fail", "the source's fields are in the wrong order: motion goes to and fro", measured)
    if not combs:
        return Finding("fields", "pass", "no evidence: the source is interlaced, but too little moves", measured)
    return Finding("fields", "pass", "the source is interlaced, its pictures are made whole", measured)
