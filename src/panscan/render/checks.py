"""What is refused before anything is rendered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from panscan.errors import UsageError
from panscan.render.container.codecs import check_container, encoder_for
from panscan.render.picture.corner_pin import CornerPin, check_corner_pins
from panscan.render.settings import RenderSettings
from panscan.render.sources import check_sources
from panscan.timeline.cut import Cut
from panscan.timeline.files import recipe_of
from panscan.timeline.flatten import renderable_cut
from panscan.timeline.otio_types import Timeline


def checked_cut(
    timeline: Timeline,
    output: Path,
    folder: Path,
    settings: RenderSettings,
    digest: Callable[[Path], str] | None,
    corner_pins: Sequence[CornerPin],
) -> Cut:
    """What is rendered of a timeline.

    Raises
    ------
    InputError, UsageError, CapabilityError
        As `panscan.render.render`.
    """
    cut = renderable_cut(timeline, folder=folder)
    _check_output(cut, output, settings)
    check_sources(cut, recipe_of(timeline), digest)
    check_corner_pins(tuple(corner_pins), cut)
    return cut


def check_output(timeline: Timeline, output: Path, *, folder: Path = Path(), settings: RenderSettings) -> None:
    """Refuse an output that `render` would refuse, before any work.

    Raises
    ------
    InputError
        The timeline carries no camera.
    UsageError
        The output's suffix cannot be written, or it is one of the sources.
    CapabilityError
        The encoder is not on this machine.
    """
    _check_output(renderable_cut(timeline, folder=folder), output, settings)


def _check_output(cut: Cut, output: Path, settings: RenderSettings) -> None:
    check_container(settings.codec, output)
    encoder_for(settings)
    for path in {clip.path for clip in cut.clips} | {sound.path for sound in cut.sounds}:
        if output.exists() and path.exists() and output.samefile(path):
            raise UsageError(
                f"{output} is one of the sources", why="Rendering would replace it.", fix="Choose another name with -o."
            )
