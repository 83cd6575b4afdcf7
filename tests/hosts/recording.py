"""A screen recording as the director frames it: bars, an eased move in, a pan, and out again."""

from __future__ import annotations

from typing import Any

import documents as make
from panscan import direct, operate
from panscan.model.geometry import Size
from scenes import perception, request, screen_events

SOURCE = Size(1204, 920)
HAPPENS = (("typing", 2, 6, 100, 150, 360, 30), ("click", 6.8, 11, 800, 700, 120, 40))


def recording() -> Any:
    """Its timeline, from just before the move in to the end."""
    media = make.media("/media/screen.mp4", size=SOURCE, frame_count=360, audio=())
    seen = perception(events=screen_events(*HAPPENS), frame_count=360)
    plan = direct.plan(media, seen, request(make.SQUARE, "screen", layouts=("single",)))
    framing = operate.frame_shot(plan.shots[0], plan, SOURCE, make.PAL)
    assert len(framing.cells[0].rests) == 4
    return make.timeline((35, 360, framing), of=media)
