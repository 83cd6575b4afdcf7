"""The connection to a running Resolve Studio, and small helpers for its objects.

Objects of Resolve are remote: every attribute seems to exist, and what a version lacks is None. Hence `has_method`.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from fusionscript import Project, Resolve, Timeline

T = TypeVar("T")
Remote = Any
"""An object of Fusion, which nobody has published types of, or any object of Resolve."""

PAUSE_S = 0.3  # between changes: Resolve has been seen to hang when scripts change timelines in tight loops
PRECISION = 1e-4  # relative, of a number that Resolve has kept in its own precision
UNIT_GAINS: Mapping[str, float] = {"pan": 1.0, "tilt": 1.0, "zoom": 1.0}
"""How much stronger than documented a version draws a unit, where that was not measured."""

SCRIPT_FOLDERS: Mapping[str, tuple[str, str]] = {  # Resolve's README: RESOLVE_SCRIPT_API and RESOLVE_SCRIPT_LIB
    "darwin": (
        "/Library/Application Support/Blackmagic Design/DaVinci Resolve/Developer/Scripting",
        "/Applications/DaVinci Resolve/DaVinci Resolve.app/Contents/Libraries/Fusion/fusionscript.so",
    ),
    "win32": (
        r"%PROGRAMDATA%\Blackmagic Design\DaVinci Resolve\Support\Developer\Scripting",
        r"C:\Program Files\Blackmagic Design\DaVinci Resolve\fusionscript.dll",
    ),
    "linux": ("/opt/resolve/Developer/Scripting", "/opt/resolve/libs/Fusion/fusionscript.so"),
}


class ScriptError(Exception):
    """What stops a task, in words for the person who started it."""


@dataclass
class Session:
    """Resolve as a task works with it.

    Attributes
    ----------
    root : Resolve
    pause_s : float
        How long to wait after a change.
    say : callable (str)
        Where a line for the person goes.
    sleep : callable (float)
        Waits so many seconds.
    gains : mapping of "pan", "tilt", "zoom" to float
        How much stronger than documented this version draws a unit.
    """

    root: Resolve
    pause_s: float = PAUSE_S
    say: Callable[[str], None] = print
    sleep: Callable[[float], None] = time.sleep
    gains: Mapping[str, float] = field(default_factory=lambda: UNIT_GAINS)

    def wait(self, factor: float = 1.0) -> None:
        """Let Resolve finish a change; `factor`: how many times the usual pause."""
        if self.pause_s > 0:
            self.sleep(self.pause_s * factor)

    def project(self) -> Project:
        """The open project."""
        project = self.root.GetProjectManager().GetCurrentProject()
        if project is None:
            raise ScriptError("no project is open")
        return project


def connect() -> Resolve:
    """The root object of the Resolve that runs on this machine.

    Raises
    ------
    ScriptError
        Its scripting module is missing, or Resolve does not answer.
    """
    folder, library = SCRIPT_FOLDERS.get(sys.platform, SCRIPT_FOLDERS["linux"])
    api = os.environ.setdefault("RESOLVE_SCRIPT_API", os.path.expandvars(folder))
    os.environ.setdefault("RESOLVE_SCRIPT_LIB", os.path.expandvars(library))
    modules = str(Path(api) / "Modules")
    if modules not in sys.path:
        sys.path.append(modules)
    try:
        root: Resolve | None = import_module("DaVinciResolveScript").scriptapp("Resolve")
    except ImportError as error:
        raise ScriptError(f"Resolve's scripting module is not in {modules}: {error}") from error
    if root is None:
        raise ScriptError(
            "Resolve does not answer. Scripts from outside need Resolve Studio, running, with Preferences > System > "
            "General > External scripting using: Local. In the free edition use Workspace > Scripts instead."
        )
    return root


def has_method(remote: Remote, name: str) -> bool:
    """Whether an object has a method: hasattr is always true on remote objects."""
    return getattr(remote, name, None) is not None


def count_of_clips(count: int) -> str:
    """A number of clips, in words."""
    return f"{count} clip{'' if count == 1 else 's'}"


def as_list(found: Sequence[T] | Mapping[Any, T] | None) -> list[T]:
    """A list that came from Resolve, which may be None, a dict by number, or have holes."""
    if not found:
        return []
    rows = [found[key] for key in sorted(found)] if isinstance(found, Mapping) else list(found)
    return [row for row in rows if row is not None]


def is_close(found: Any, expected: float) -> bool:
    """Whether two numbers that went through Resolve's own precision are the same."""
    try:
        return abs(float(found) - expected) <= PRECISION * max(1.0, abs(expected))
    except (TypeError, ValueError):
        return False


def frame_rate(timeline: Timeline) -> tuple[float, bool]:
    """A timeline's frames per second, and whether its timecode drops numbers. Rates may be spelt "29.97 DF"."""
    text = str(timeline.GetSetting("timelineFrameRate"))
    found = re.match(r"[\d.]+", text)
    if found is None:
        raise ScriptError(f"Resolve says that the timeline has a rate of {text!r}")
    return float(found[0]), "DF" in text or str(timeline.GetSetting("timelineDropFrameTimecode")) == "1"


def parse_rows(text: str) -> list[list[float]]:
    """Rows of numbers, as plans write them."""
    return [[float(word) for word in line.split()] for line in text.splitlines()]


def timelines(project: Project) -> Iterator[Timeline]:
    """All timelines of a project."""
    for index in range(1, int(project.GetTimelineCount()) + 1):
        yield project.GetTimelineByIndex(index)
