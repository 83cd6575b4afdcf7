"""Preparing a movie that is rendered in segments, where others encode some of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from panscan.files import claimed, hidden
from panscan.render.checks import checked_cut
from panscan.render.container import mux
from panscan.render.frame_jobs import plan_decoding
from panscan.render.picture.corner_pin import CornerPin
from panscan.render.segments.orders import TIMELINE, SegmentedMovie, removed_after, segmented_movie
from panscan.render.settings import RenderSettings
from panscan.timeline.files import read_timeline, write_timeline
from panscan.timeline.layout import clips_of
from panscan.timeline.otio_types import Timeline


def prepare_segments(
    timeline: Timeline,
    *,
    output: Path,
    parts_folder: Path,
    folder: Path = Path(),
    settings: RenderSettings | None = None,
    digest: Callable[[Path], str] | None = None,
    corner_pins: Sequence[CornerPin] = (),
) -> SegmentedMovie:
    """The segments of a movie, before any is encoded: `encode_segment` does it, in any process on any machine.

    `render` with the same `parts_folder` encodes those that are missing, and joins all.

    Parameters
    ----------
    timeline, output, folder, settings, digest, corner_pins
        As of `panscan.render.render`.
    parts_folder : Path
        Gets the segments. Those of this movie that are there stay, and are not encoded again.

    Raises
    ------
    InputError, UsageError, CapabilityError, RenderError
        As `panscan.render.render`.
    """
    settings = settings or RenderSettings()
    cut = checked_cut(timeline, output, folder, settings, digest, corner_pins)
    with ExitStack() as stack:
        plan = replace(plan_decoding([cut], stack, settings), corner_pins=(tuple(corner_pins),))
        return segmented_movie(
            timeline, plan, folder=parts_folder, media_folder=folder.resolve(), settings=settings, digest=digest
        )


def relocate_media(folder: Path, media: Mapping[str, Path]) -> None:
    """Let `encode_segment` find media on another machine, where they lie elsewhere.

    Parameters
    ----------
    folder : Path
        That of the orders there, with copies of the files `SegmentOrder.timeline` and `SegmentOrder.index`.
    media : mapping of str to Path
        Where each media lies there, by its address in the timeline.
    """
    timeline = read_timeline(folder / TIMELINE)
    for clip in clips_of(timeline):
        url = str(getattr(clip.media_reference, "target_url", ""))
        if url in media:
            clip.media_reference.target_url = media[url].resolve().as_uri()
    write_timeline(timeline, folder / TIMELINE)


@contextmanager
def segments_folder(output: Path, given: Path | None) -> Iterator[Path]:
    """The folder of a movie's segments: as given, or a hidden one beside the output that goes when the block ends well.

    The hidden one is for this process alone; after an error it stays if any segment is finished.
    """
    if given is not None:
        yield given
        return
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(claimed(hidden(output, ".parts")))
        except OSError as error:
            raise mux.unwritable(output, error) from error
        with removed_after(folder):
            yield folder
