"""All that a request asks for as plain JSON, for the recipe that a timeline keeps of the run that made it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from panscan import __version__
from panscan.model.request import Request
from panscan.request.overrides import of_shape, overrides_recipe
from panscan.request.presets import timeline_recipe


def request_recipe(request: Request) -> dict[str, Any]:
    """Equal requests give equal recipes. Timelines of those who want nothing special keep the recipe they have."""
    wanted: dict[str, Any] = {} if request.deinterlace == "auto" else {"deinterlace": request.deinterlace}
    if request.lead_s is not None:
        wanted["lead_s"] = request.lead_s
    if request.segments:
        wanted["segments"] = [asdict(segment) for segment in request.segments]
    return wanted | {
        "version": __version__,
        "ratio": str(request.ratio),
        "canvas_px": [request.canvas.width, request.canvas.height],
        "preset": timeline_recipe(request.preset),
        "method": request.method or request.preset.method,
        "mode": request.mode or request.preset.mode,
        "layouts": list(request.layouts or request.preset.layouts),
        "speaker": request.with_speaker,
        "prompt": list(request.prompt or request.preset.prompt),
        "avoid": list(request.avoid or request.preset.avoid),
        "overrides": overrides_recipe(of_shape(request.overrides, request.ratio)),
        "tolerance_px": request.tolerance_px,
    }
