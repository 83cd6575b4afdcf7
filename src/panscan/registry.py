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

from panscan.errors import CapabilityError, UsageError, unknown_name

SIGNALS: Mapping[str, str] = {
    "border": "panscan.perceive.signals.border:BorderSignal",
    "cuts": "panscan.perceive.signals.cuts:ShotBoundariesSignal",
    "faces": "panscan.perceive.signals.faces:FacesSignal",
    "objects": "panscan.perceive.signals.objects.signal:ObjectsSignal",
    "hands": "panscan.perceive.signals.hands:HandsSignal",
    "pose": "panscan.perceive.signals.pose:PoseSignal",
    "text": "panscan.perceive.signals.text:TextSignal",
    "flow": "panscan.perceive.signals.flow:FlowSignal",
    "saliency": "panscan.perceive.signals.saliency:SaliencySignal",
    "screen": "panscan.perceive.signals.screen:ScreenContentSignal",
    "screen_events": "panscan.perceive.signals.screen_activity.signal:ScreenEventsSignal",
    "panels": "panscan.perceive.signals.panels:PanelsSignal",
    "loudness": "panscan.perceive.signals.loudness:LoudnessSignal",
    "speech": "panscan.perceive.signals.speech:SpeechSignal",
    "words": "panscan.perceive.signals.words:WordsSignal",
    "lips": "panscan.perceive.signals.lips:LipsSignal",
    "cepstrum": "panscan.perceive.speaking.asd.signals:CepstrumSignal",
    "asd": "panscan.perceive.speaking.asd.signals:ActiveSpeakerSignal",
    "appearance": "panscan.perceive.signals.appearance:AppearanceSignal",
    "tracks": "panscan.perceive.tracking.tracks:TracksSignal",
    "speaker": "panscan.perceive.speaking.speaker:SpeakerSignal",
}

METHODS: Mapping[str, str] = {
    "adaptive": "panscan.direct.methods:adaptive",
    "single_object": "panscan.direct.methods:single_object",
    "talking_person": "panscan.direct.methods:talking_person",
    "max_weight": "panscan.direct.methods:max_weight",
    "max_movement": "panscan.direct.methods:max_movement",
    "gravity": "panscan.direct.methods:gravity",
    "screen": "panscan.direct.screen.methods:screen",
    "motion_centroid": "panscan.direct.screen.methods:motion_centroid",
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
    "stack": "panscan.direct.layouts.stack:stack",
    "fit": "panscan.direct.layouts.fit:fit",
    "split-2": "panscan.direct.layouts.split:split_2",
    "split-3": "panscan.direct.layouts.split:split_3",
    "split-4": "panscan.direct.layouts.split:split_4",
    "single": "panscan.direct.layouts.single:single",
}

EXPORTERS: Mapping[str, str] = {
    "otio": "panscan.deliver.otio.plain:OtioExporter",
    "otio-resolve": "panscan.deliver.otio.resolve:OtioResolveExporter",
    "resolve-plan": "panscan.deliver.plans.resolve:ResolvePlanExporter",
    "otio-premiere": "panscan.deliver.otio.premiere:OtioPremiereExporter",
    "premiere-plan": "panscan.deliver.plans.premiere:PremierePlanExporter",
    "xmeml": "panscan.deliver.xmeml.exporter:XmemlExporter",
    "edl": "panscan.deliver.tables.edl:EdlExporter",
    "fcpxml": "panscan.deliver.fcpxml.exporter:FcpxmlExporter",
    "mlt": "panscan.deliver.mlt.exporter:MltExporter",
    "fusion": "panscan.deliver.compositors.fusion:FusionExporter",
    "aftereffects": "panscan.deliver.compositors.after_effects:AfterEffectsExporter",
    "nuke": "panscan.deliver.compositors.nuke:NukeExporter",
    "blender": "panscan.deliver.compositors.blender:BlenderExporter",
    "ffmpeg": "panscan.deliver.ffmpeg.exporter:FfmpegExporter",
    "crops-json": "panscan.deliver.tables.crops_json:CropsJsonExporter",
    "segments": "panscan.deliver.tables.segments:SegmentsExporter",
    "fdl": "panscan.deliver.tables.fdl:FdlExporter",
}

# What each editor is best given, by the names that people call editors.
EDITORS: Mapping[str, str] = {
    "premiere": "xmeml",
    "resolve": "otio-resolve",
    "final-cut": "fcpxml",
    "avid": "edl",
    "kdenlive": "mlt",
    "shotcut": "mlt",
    "after-effects": "aftereffects",
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


def delivery_names() -> tuple[str, ...]:
    """What can be delivered: to editors by their names, and as formats."""
    return (*EDITORS, *names("exporters"))


@lru_cache
def _entries(kind: str) -> dict[str, Entry]:
    # Once per run: looking through all installed packages takes ten milliseconds, and a director asks for every shot.
    found = {name: Entry(kind, name, target, "panscan") for name, target in KINDS[kind].items()}
    for point in entry_points(group=f"panscan.{kind}"):
        source = point.dist.name if point.dist else "unknown"
        if point.name in found:
            fix = f"Uninstall {source}, or ask its authors to rename it."
            raise _taken(kind, point.name, found[point.name].source, source, fix)
        found[point.name] = Entry(kind, point.name, point.value, source)
    return found


def _taken(kind: str, name: str, first: str, second: str, fix: str) -> UsageError:
    return UsageError(
        f"two packages register the {kind[:-1]} {name!r}", why=f"Both {first} and {second} name it.", fix=fix
    )


def register(kind: str, name: str, target: str) -> None:
    """Add an entry for this process; packages that are installed use an entry point instead.

    Parameters
    ----------
    kind : str
        "signals", "methods", "modes", "layouts" or "exporters".
    name : str
    target : str
        "module:object".

    Raises
    ------
    UsageError
        The name is taken.
    """
    known = _entries(kind)
    if name in known and known[name].target != target:
        raise _taken(kind, name, known[name].source, "this process", "Choose another name.")
    known[name] = Entry(kind, name, target, "this process")


def refresh() -> None:
    """Look for installed packages again at the next call; what was registered in this process is forgotten."""
    _entries.cache_clear()


def load(kind: str, name: str) -> Any:
    """The object registered under a name.

    Raises
    ------
    UsageError
        The name is unknown; the message lists the known ones.
    CapabilityError
        The installed package that brings it is broken.
    """
    known = entries(kind)
    if name not in known:
        fix = "Use one of these names, or install the package that brings it."
        raise unknown_name(kind[:-1], name, known, fix=fix)
    entry = known[name]
    module, _, attribute = entry.target.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        if entry.source in ("panscan", "this process"):
            raise
        raise CapabilityError(
            f"the {kind[:-1]} {name!r} of {entry.source} cannot be loaded",
            why=f"{entry.target}: {error}.",
            fix=f"Update {entry.source} for this version of panscan, or uninstall it.",
        ) from error
