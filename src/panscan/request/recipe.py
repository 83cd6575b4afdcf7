"""All that a request asks for as plain JSON, for the recipe that a timeline keeps of the run that made it; and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from panscan import __version__
from panscan.errors import UsageError
from panscan.model.request import Request
from panscan.request.options import request_for
from panscan.request.overrides import of_shape, overrides_recipe
from panscan.request.presets import load_preset, timeline_recipe
from panscan.request.styles import style_of_recipe, style_recipe

# What else the recipe of a timeline tells: what it was made of, and what was decided by hand.
_NOT_SETTINGS = ("version", "overrides", "media_overrides", "people", "media_people", "media", "perception", "cut")


def request_recipe(request: Request) -> dict[str, Any]:
    """Equal requests give equal recipes. Timelines of those who want nothing special keep the recipe they have."""
    wanted: dict[str, Any] = {} if request.deinterlace == "auto" else {"deinterlace": request.deinterlace}
    if request.lead_s is not None:
        wanted["lead_s"] = request.lead_s
    if style := style_recipe(request.style):
        wanted["style"] = style
    if request.segments:
        wanted["segments"] = [asdict(segment) for segment in request.segments]
    if request.people:
        wanted["people"] = [asdict(person) for person in request.people]
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


def request_of_recipe(recipe: Mapping[str, Any]) -> Request | None:
    """The request that a timeline was made with, without what was decided by hand.

    None where it was made with settings that are not known here: a preset that was changed since, or segments.
    """
    try:
        preset = load_preset(recipe["preset"]["name"])
        width, height = recipe["canvas_px"]
        own: dict[str, Any] = {
            name: recipe[name] if recipe[name] != usual else None
            for name, usual in (
                ("method", preset.method),
                ("mode", preset.mode),
                ("layouts", list(preset.layouts)),
                ("prompt", list(preset.prompt)),
                ("avoid", list(preset.avoid)),
            )
        }
        found = request_for(
            recipe["ratio"],
            canvas=f"{width}x{height}",
            preset=preset,
            speaker=recipe["speaker"],
            tolerance_px=recipe["tolerance_px"],
            lead_s=recipe.get("lead_s"),
            style=style_of_recipe(recipe.get("style", {})),
            deinterlace=recipe.get("deinterlace", "auto"),
            **own,
        )
    except (KeyError, TypeError, ValueError, UsageError):
        return None
    return found if _settings(request_recipe(found)) == _settings(recipe) else None


def _settings(recipe: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in recipe.items() if key not in _NOT_SETTINGS}
