"""Names -> implementations. Built-ins first, then entry points of installed packages ("panscan.signals", ...).

Strings keep imports lazy: naming a thing loads nothing, using it loads only that thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Any

from panscan.errors import UsageError

SIGNALS: Mapping[str, str] = {
    "border": "panscan.perceive.signals.border:Border",
    "cuts": "panscan.perceive.signals.cuts:Cuts",
    "faces": "panscan.perceive.signals.faces:Faces",
    "objects": "panscan.perceive.signals.objects.signal:Objects",
    "pose": "panscan.perceive.signals.pose:Pose",
    "text": "panscan.perceive.signals.text:Text",
    "flow": "panscan.perceive.signals.flow:Flow",
    "saliency": "panscan.perceive.signals.saliency:Saliency",
    "screen": "panscan.perceive.signals.screen:Screen",
    "panels": "panscan.perceive.signals.panels:Panels",
    "loudness": "panscan.perceive.signals.loudness:Loudness",
    "speech": "panscan.perceive.signals.speech:Speech",
    "words": "panscan.perceive.signals.words:Words",
    "lips": "panscan.perceive.signals.lips:Lips",
    "cepstrum": "panscan.perceive.speaking.asd.signals:Cepstrum",
    "asd": "panscan.perceive.speaking.asd.signals:ActiveSpeaker",
    "appearance": "panscan.perceive.signals.appearance:Appearance",
    "tracks": "panscan.perceive.tracking.tracks:Tracks",
    "speaker": "panscan.perceive.speaking.speaker:Speaker",
}

METHODS: Mapping[str, str] = {
    "adaptive": "panscan.direct.methods:adaptive",
    "single_object": "panscan.direct.methods:single_object",
    "talking_person": "panscan.direct.methods:talking_person",
    "max_weight": "panscan.direct.methods:max_weight",
    "max_movement": "panscan.direct.methods:max_movement",
    "gravity": "panscan.direct.methods:gravity",
}

# How willingly the camera moves.
MODES: Mapping[str, str] = {
    "stable": "panscan.operate.modes:STABLE",
    "balanced": "panscan.operate.modes:BALANCED",
    "responsive": "panscan.operate.modes:RESPONSIVE",
}

# In the order in which "auto" tries them; those of installed packages come after panscan's, "single" last of all.
LAYOUTS: Mapping[str, str] = {
    "pip": "panscan.direct.layouts.pip:pip",
    "fit": "panscan.direct.layouts.fit:fit",
    "split-2": "panscan.direct.layouts.split:split_2",
    "split-3": "panscan.direct.layouts.split:split_3",
    "split-4": "panscan.direct.layouts.split:split_4",
    "single": "panscan.direct.layouts.single:single",
}

EXPORTERS: Mapping[str, str] = {
    "otio": "panscan.deliver.otio.plain:Otio",
    "otio-resolve": "panscan.deliver.otio.resolve:OtioResolve",
    "resolve-plan": "panscan.deliver.plans.resolve:ResolvePlan",
    "otio-premiere": "panscan.deliver.otio.premiere:OtioPremiere",
    "premiere-plan": "panscan.deliver.plans.premiere:PremierePlan",
    "xmeml": "panscan.deliver.xmeml.exporter:Xmeml",
    "edl": "panscan.deliver.tables.edl:Edl",
    "fcpxml": "panscan.deliver.fcpxml.exporter:Fcpxml",
    "mlt": "panscan.deliver.mlt.exporter:Mlt",
    "fusion": "panscan.deliver.compositors.fusion:Fusion",
    "aftereffects": "panscan.deliver.compositors.after_effects:AfterEffects",
    "nuke": "panscan.deliver.compositors.nuke:Nuke",
    "blender": "panscan.deliver.compositors.blender:Blender",
    "ffmpeg": "panscan.deliver.ffmpeg.exporter:Ffmpeg",
    "crops-json": "panscan.deliver.tables.crops_json:CropsJson",
    "fdl": "panscan.deliver.tables.fdl:Fdl",
}

KINDS: Mapping[str, Mapping[str, str]] = {
    "signals": SIGNALS,
    "methods": METHODS,
    "modes": MODES,
    "layouts": LAYOUTS,
    "exporters": EXPORTERS,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One registered name: its kind, where it lives ("module:object") and which distribution brought it."""

    kind: str
    name: str
    target: str
    source: str


def entries(kind: str) -> dict[str, Entry]:
    """All entries of a kind ("signals", "methods", "modes", "layouts", "exporters"), built-ins first.

    Raises
    ------
    UsageError
        An installed package registers a name that is taken.
    """
    return dict(_entries(kind))


def names(kind: str) -> tuple[str, ...]:
    """The names of a kind, built-ins first."""
    return tuple(_entries(kind))


@lru_cache
def _entries(kind: str) -> dict[str, Entry]:
    # Once per run: looking through all installed packages takes ten milliseconds, and a director asks for every shot.
    found = {name: Entry(kind, name, target, "panscan") for name, target in KINDS[kind].items()}
    for point in entry_points(group=f"panscan.{kind}"):
        source = point.dist.name if point.dist else "unknown"
        if point.name in found:
            raise UsageError(
                f"two packages register the {kind[:-1]} {point.name!r}",
                why=f"Both {found[point.name].source} and {source} name it.",
                fix=f"Uninstall {source}, or ask its authors to rename it.",
            )
        found[point.name] = Entry(kind, point.name, point.value, source)
    return found


def forget() -> None:
    """Look for installed packages again at the next call."""
    _entries.cache_clear()


def load(kind: str, name: str) -> Any:
    """The object registered under a name.

    Raises
    ------
    UsageError
        The name is unknown; the message lists the known ones.
    """
    known = entries(kind)
    if name not in known:
        raise UsageError(
            f"unknown {kind[:-1]} {name!r}",
            why=f"panscan knows {', '.join(known)}.",
            fix="Use one of these names, or install the package that brings it.",
        )
    module, _, attribute = known[name].target.partition(":")
    return getattr(import_module(module), attribute)
