"""The plain document as a delivery: for every reader of OpenTimelineIO, and for panscan itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import opentimelineio as otio

from panscan.deliver.artifact import ALL_OF_STILLS, ALL_SOUND_FEATURES, Artifact, Capabilities
from panscan.timeline.bounds import with_image_bounds


@dataclass(frozen=True, slots=True)
class OtioOptions:
    """The plain document has no options."""


class OtioExporter:
    """OpenTimelineIO as it is: nothing is left out, nothing is converted, pictures say where they lie."""

    name: ClassVar[str] = "otio"
    title: ClassVar[str] = "OpenTimelineIO"
    suffix: ClassVar[str] = ".otio"
    opens_in: ClassVar[tuple[str, ...]] = ("panscan", "any OpenTimelineIO tool (cuts only)")
    how_to_import: ClassVar[str] = "Give it to `panscan deliver`, `panscan render` or `panscan verify`."
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True,
        backgrounds=frozenset({"black", "colour", "gradient", "blur"}),
        tilts=True,
        corners=True,
        shadows=True,
        sound_tracks=ALL_SOUND_FEATURES,
        transitions=True,
        fades="any",
        black_end=True,
        markers=True,
        retimes=True,
        start_timecode=True,
        stills=ALL_OF_STILLS,
        media_urls=True,
    )
    options: ClassVar[type[OtioOptions]] = OtioOptions

    def export(self, timeline: Any, *, folder: Path, options: OtioOptions) -> Artifact:
        """The text of the document, with a newline at its end."""
        text = otio.adapters.write_to_string(with_image_bounds(timeline), "otio_json") + "\n"
        return Artifact({self.suffix: text.encode("utf-8")})
