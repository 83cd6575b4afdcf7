"""Which media of a timeline are deinterlaced: decided anew for one rendering."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from panscan.model.media import Fields
from panscan.timeline.cut import is_framed
from panscan.timeline.effect import NAMESPACE, plain_metadata
from panscan.timeline.otio_types import Timeline
from panscan.timeline.paths import media_path


def with_fields(timeline: Timeline, folder: Path, fields_of: Callable[[Path], Fields]) -> Timeline:
    """A copy of a timeline that says anew which of its media are deinterlaced.

    folder: where relative paths of media start; fields_of: asked once for each media of a framed clip.
    """
    copy = timeline.deepcopy()
    found: dict[Path, Fields] = {}
    for reference in (clip.media_reference for clip in copy.find_clips() if is_framed(clip)):
        path = media_path(reference.target_url, folder)
        if path not in found:
            found[path] = fields_of(path)
        facts = plain_metadata(reference.metadata).get(NAMESPACE, {})
        facts.pop("fields", None)
        reference.metadata[NAMESPACE] = facts if found[path] == "progressive" else facts | {"fields": found[path]}
    return copy
