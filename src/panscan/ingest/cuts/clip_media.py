"""What a clip says of its media: addresses and names, and OTIO's plug-ins that know where media lie."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import opentimelineio as otio

from panscan.ingest.edl.reader import media_names_of
from panscan.timeline.layout import clips_of

_LINKER_VARIABLE = "OTIO_DEFAULT_MEDIA_LINKER"  # by which users of OTIO name their plug-in
_MEDIA_REP = re.compile(r'<media-rep\b[^>]*\bsrc="([^"]+)"')


def url_of(clip: Any) -> str | None:
    """The URL of a clip's media; None where it has none."""
    return getattr(clip.media_reference, "target_url", None) or None


def names_of(clip: Any) -> list[str]:
    """Further addresses of a clip's media, and names that its file may have, the most certain first."""
    reference = clip.media_reference
    stated = [reference.name] if reference is not None and reference.name else []
    is_fcpxml = bool(stated) and "fcpxml" in reference.metadata  # there the asset has the name of its file
    names = [*stated, *media_names_of(clip)] if is_fcpxml else [*media_names_of(clip), *stated]
    return list(dict.fromkeys([*_other_urls(clip), *names]))


def link_by_plugin(timeline: Any) -> None:
    """Let the media linker that OTIO's environment variable names find media that the timeline does not name.

    For timelines that are not read by OTIO itself, which asks it for every clip.
    """
    linker = os.environ.get(_LINKER_VARIABLE)
    for clip in clips_of(timeline) if linker else ():
        if url_of(clip) is None:
            clip.media_reference = otio.media_linker.linked_media_reference(clip, linker) or clip.media_reference


def _other_urls(clip: Any) -> Iterator[str]:
    """The URLs of further references of a clip, such as proxies, and of further files of an FCPXML asset."""
    own = url_of(clip)
    references = [reference for reference in clip.media_references().values() if reference is not None]
    for reference in references:
        url = getattr(reference, "target_url", None)
        if url and url != own:
            yield url
    for reference in references:
        kept = reference.metadata.get("fcpxml")
        for element in kept.get("elements", []) if hasattr(kept, "get") else ():
            yield from (unescape(url) for url in _MEDIA_REP.findall(str(element)) if unescape(url) != own)
