"""Panscan: choose the framing, solve the camera, and hand it to the editor people already use.

    import panscan

    analysis = panscan.analyse("talk.mp4")
    timeline = panscan.reframe(analysis, panscan.request_for("9:16"))

What is listed in `__all__` is the public surface; `docs/python.md` shows it at work and says what is stable.
Importing this package loads no heavy library: each name is fetched from its module when it is first used.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from panscan import moved_modules

# Nothing is reported to anyone: libraries that would read these when they are first imported, by whomever.
for _switch in ("ORT_DISABLE_TELEMETRY", "HF_HUB_DISABLE_TELEMETRY"):
    os.environ.setdefault(_switch, "1")

if TYPE_CHECKING:
    from panscan.deliver import Artifact, deliver
    from panscan.errors import (
        CapabilityError,
        DocumentError,
        InputError,
        PanscanError,
        RenderError,
        UsageError,
    )
    from panscan.model.request import Models, Override, Preset, Request, SignalWeights
    from panscan.pipeline import CutAnalysis, MovieAnalysis, analyse, analyse_cut, reframe, reframe_cut
    from panscan.render import RenderResult, RenderSettings, render
    from panscan.request.options import request_for
    from panscan.request.presets import load_preset
    from panscan.timeline.conform import ReframedCut
    from panscan.timeline.files import read_timeline, write_timeline
    from panscan.timeline.otio_types import Timeline
    from panscan.verify import Report, Verdict, verify

__version__ = "0.1.0"

__all__ = [
    "Artifact",
    "CapabilityError",
    "CutAnalysis",
    "DocumentError",
    "InputError",
    "Models",
    "MovieAnalysis",
    "Override",
    "PanscanError",
    "Preset",
    "ReframedCut",
    "RenderError",
    "RenderResult",
    "RenderSettings",
    "Report",
    "Request",
    "SignalWeights",
    "Timeline",
    "UsageError",
    "Verdict",
    "__version__",
    "analyse",
    "analyse_cut",
    "deliver",
    "load_preset",
    "read_timeline",
    "reframe",
    "reframe_cut",
    "render",
    "request_for",
    "verify",
    "write_timeline",
]

# Where each public name lives. `deliver`, `render` and `verify` are packages that can be called.
_HOMES = {
    "panscan.deliver": ("Artifact",),
    "panscan.errors": ("CapabilityError", "DocumentError", "InputError", "PanscanError", "RenderError", "UsageError"),
    "panscan.model.request": ("Models", "Override", "Preset", "Request", "SignalWeights"),
    "panscan.pipeline": ("CutAnalysis", "MovieAnalysis", "analyse", "analyse_cut", "reframe", "reframe_cut"),
    "panscan.render": ("RenderResult", "RenderSettings"),
    "panscan.request.options": ("request_for",),
    "panscan.request.presets": ("load_preset",),
    "panscan.timeline.conform": ("ReframedCut",),
    "panscan.timeline.files": ("read_timeline", "write_timeline"),
    "panscan.timeline.otio_types": ("Timeline",),
    "panscan.verify": ("Report", "Verdict"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

moved_modules.install()


def __getattr__(name: str) -> Any:
    if name in ("deliver", "render", "verify"):
        return import_module(f"panscan.{name}")
    if name in _HOME_OF:
        found = getattr(import_module(_HOME_OF[name]), name)
        globals()[name] = found
        return found
    raise AttributeError(f"module 'panscan' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
