"""OTIO hook "panscan_reframe": frames a timeline before any adapter writes it, when asked by its argument.

    otioconvert -i cut.otio -o cut.9x16.otio -H panscan_ratio=9:16 -H panscan_preset=podcast

It is attached to `pre_adapter_write`, which runs for everything that OTIO writes wherever panscan is installed, and
twice where an adapter only writes strings: without `panscan_ratio` it returns what it was given and loads nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_PREFIX = "panscan_"


def hook_function(in_timeline: Any, argument_map: Mapping[str, Any] | None = None) -> Any:
    """The timeline with cameras for the shape `panscan_ratio`; the same object where nothing is asked or to be done.

    Parameters
    ----------
    in_timeline : otio.schema.Timeline
        OTIO passes it by this name.
    argument_map : mapping, optional
        `panscan_ratio`, and with it `panscan_preset`, `panscan_method`, `panscan_mode`, `panscan_layouts`,
        `panscan_canvas`, `panscan_relink` and `panscan_folder`; entries of other hooks are not looked at.

    Raises
    ------
    TypeError
        An argument that begins with "panscan_" is unknown.
    UsageError
        `panscan_ratio` is missing beside another argument, or a value is wrong.
    InputError
        It is no timeline, or its media cannot be used.
    """
    asked = {
        key.removeprefix(_PREFIX): str(value) for key, value in (argument_map or {}).items() if key.startswith(_PREFIX)
    }
    if not asked:
        return in_timeline
    from otio_panscan.framing import reframed

    return reframed(in_timeline, **asked)
