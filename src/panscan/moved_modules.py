"""Import paths of version 0.1 that the documentation named: they work for one release, with a DeprecationWarning.

Remove this file, and the line of `panscan/__init__.py` that installs it, in version 0.3.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, cast

# Old module -> its names -> where each is now, "module:name".
MOVED: Mapping[str, Mapping[str, str]] = {
    "panscan.deliver.spine": {
        "Spine": "panscan.deliver.sequence:ClipSequence",
        "Piece": "panscan.deliver.sequence:ClipItem",
        "read_spine": "panscan.deliver.sequence:read_sequence",
    },
    "panscan.document": {},
    "panscan.document.conform": {
        "Attached": "panscan.timeline.conform:ReframedCut",
        "attach": "panscan.timeline.conform:attach_framings",
    },
    "panscan.document.flat": {
        "flattened": "panscan.timeline.flatten:flatten_timeline",
        "lost_in_flattening": "panscan.timeline.flatten:lost_in_flattening",
    },
    "panscan.document.schema": {"schema": "panscan.timeline.schema:schema"},
    "panscan.document.timeline": {
        "Cut": "panscan.timeline.cut:Cut",
        "FramedClip": "panscan.timeline.cut:FramedClip",
        "build": "panscan.timeline.build:build_timeline",
        "in_record_frames": "panscan.timeline.cut:clip_in_record_frames",
        "read": "panscan.timeline.files:read_timeline",
        "read_cut": "panscan.timeline.cut:read_cut",
        "recipe_of": "panscan.timeline.files:recipe_of",
        "text_of": "panscan.timeline.files:timeline_text",
        "write": "panscan.timeline.files:write_timeline",
        "write_bytes": "panscan.files:write_bytes",
        "write_text": "panscan.files:write_text",
    },
    "panscan.ingest.timelines": {
        "media_of": "panscan.ingest.cuts.read:used_ranges",
        "read_timeline": "panscan.ingest.cuts.read:read_editor_cut",
    },
}

# Module that is still there -> its old names -> its new names.
RENAMED: Mapping[str, Mapping[str, str]] = {
    "panscan.perceive.signal": {"Clock": "panscan.perceive.signal:SampleSchedule"},
    "panscan.render": {
        "Settings": "panscan.render.settings:RenderSettings",
        "Tilt": "panscan.render.picture.corner_pin:CornerPin",
        "native": "panscan.render.scaled:at_native_size",
    },
}


def renamed(module: str, name: str) -> Any:
    """What a module that is still there called `name` before; for its `__getattr__`.

    Raises
    ------
    AttributeError
        It never had that name.
    """
    return _found(module, name, RENAMED[module], stacklevel=4)


def _found(module: str, name: str, names: Mapping[str, str], stacklevel: int) -> Any:
    if name not in names:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    home, _, new = names[name].partition(":")
    warnings.warn(
        f"{module}.{name} is now {home}.{new}; the old name goes in version 0.3",
        DeprecationWarning,
        stacklevel=stacklevel,
    )
    return getattr(import_module(home), new)


class _OldModule(ModuleType):
    """Stands for a module that is gone: its names lead to where they are now."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        return _found(self.__name__, name, MOVED[self.__name__], stacklevel=3)


class _Finder:
    """Finds the modules of `MOVED`; asked only where no real module has the name."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name not in MOVED:
            return None
        return ModuleSpec(name, cast(Any, self), is_package=any(other.startswith(f"{name}.") for other in MOVED))

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _OldModule(spec.name, f"Gone: see `{__name__}`.")

    def exec_module(self, module: ModuleType) -> None:
        """There is nothing to run."""


def install() -> None:
    """Make the old paths importable."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.append(cast(Any, _Finder()))
