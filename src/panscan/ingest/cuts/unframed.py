"""Why a clip of a cut gets no camera."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from panscan.ingest.cuts.usage import LinkedClip
from panscan.timeline.editorial import Note
from panscan.timeline.layout import PlacedClip


def why_outside_media(item: LinkedClip) -> str:
    """Why a clip of which no frame lies in its media gets no camera."""
    start_s, media = item.placed.media_at(item.placed.start_s), item.media
    clock_s = media.start_frame / media.video.rate
    return (
        f"It begins at {float(start_s):.2f} s, outside its media, which has {float(clock_s):.2f} s to "
        f"{float(clock_s + media.duration_s):.2f} s; the timecode in the file may be lost."
    )


def why_unframed(item: PlacedClip) -> str | None:
    """Why a clip gets no camera; None if it may get one."""
    clip = item.clip
    if not item.is_enabled:
        return "It is disabled."
    kind = clip.media_reference.schema_name()
    if kind == "GeneratorReference":
        return "It is a title or generator, made by the editor itself."
    if kind == "MissingReference" and _is_compound(clip):
        return "It is a compound clip whose content is not in the file."
    if kind == "MissingReference" and re.match(r"adjustment (layer|clip)", clip.name, re.IGNORECASE):
        return "It is an adjustment layer, which has no picture of its own."
    if kind not in ("ExternalReference", "ImageSequenceReference", "MissingReference"):
        return f"Its media is of an unknown kind ({kind})."
    return None


def _is_compound(clip: Any) -> bool:
    metadata = clip.metadata.get("fcpxml")
    return metadata is not None and str(metadata.get("element", "")) in ("ref-clip", "mc-clip")


def notes_on_other_items(stack: Any) -> Iterator[Note]:
    """Notes on tracks that are disabled, and on objects of an unknown kind."""
    for track in stack:
        if track.schema_name() == "Track" and track.kind == "Video" and not track.enabled and len(track):
            yield Note(f"track {track.name!r}", "It is disabled.")
        if track.schema_name() != "Track":
            continue
        if track.kind not in ("Video", "Audio") and len(track):
            why = (
                f"It holds neither pictures nor sound ({track.kind}): it stays in the timeline, no delivery writes it."
            )
            yield Note(f"track {track.name!r}", why)
        for child in track:
            if child.schema_name() not in ("Clip", "Gap", "Transition", "Stack", "Track"):
                yield Note(f"{child.schema_name()} {child.name!r}", "It is of an unknown kind.")
