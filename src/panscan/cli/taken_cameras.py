"""Takes cameras that were changed in an editor into a timeline of panscan's."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panscan.cli.console import say, short_path
from panscan.errors import UsageError

if TYPE_CHECKING:
    from panscan.deliver.host_values import CameraKey
    from panscan.ingest.cameras import EditorMotions, MotionKey
    from panscan.model.geometry import Size
    from panscan.timeline.edited_elsewhere import ShownElsewhere


def take_from_editor(timeline_file: Path, editor_file: Path) -> dict[str, Any]:
    """Change the timeline to what an editor's file shows, and say shot by shot what was taken; for --json, too.

    Raises
    ------
    UsageError
        The first file is no timeline of panscan's, or the second is of another size.
    InputError
        One of them cannot be read.
    """
    from dataclasses import asdict

    from panscan.cli.outputs import write_timeline_output
    from panscan.ingest.cameras import read_motions
    from panscan.timeline.cut import read_cut
    from panscan.timeline.edited_elsewhere import take_cameras
    from panscan.timeline.files import read_timeline
    from panscan.timeline.flatten import flatten_timeline

    if timeline_file.suffix.lower() != ".otio":
        raise UsageError(
            f"{timeline_file.name} takes no cameras",
            why="Cameras of an editor go into the timeline from which the editor's file was made.",
            fix="Name that timeline, for example talk.9x16.otio.",
        )
    timeline = read_timeline(timeline_file)
    if flatten_timeline(timeline) is not timeline:  # what is written must hold all that is there
        raise UsageError(
            f"{timeline_file.name} takes no cameras",
            why="Its framed clips lie in several tracks, and an editor's file does not say which clip is which.",
            fix="Write what was changed into the overrides file: see docs/overrides.md, `keys`.",
        )
    cut = read_cut(timeline, folder=timeline_file.parent)
    motions = read_motions(editor_file)
    if motions.canvas != cut.canvas:
        sizes = [f"{size.width}x{size.height}" for size in (motions.canvas, cut.canvas)]
        raise UsageError(
            f"{editor_file.name} is of another size than {timeline_file.name}",
            why=f"Its timeline has {sizes[0]} px, that of panscan {sizes[1]}.",
            fix="Name the timeline of the same shape.",
        )
    unread = sorted({f"{clip.name!r}: {clip.unread}" for clip in motions.clips if clip.unread})
    sources = {clip.path: clip.framing.source for clip in cut.clips}
    taken = take_cameras(timeline, timeline_file.parent, _shown(motions, sources, cut.rate, editor_file.parent))
    if taken.taken:
        write_timeline_output(timeline, timeline_file)
    _say(
        taken.taken, f"taken from {editor_file.name} into {short_path(timeline_file)}", nothing="no camera was changed"
    )
    _say(taken.several_cells, "left as they were: several cells are not read back")
    _say(taken.missing, f"left as they were: {editor_file.name} does not show them at their speed, or in two ways")
    for text in unread:
        say(f"  note: left out, {text}")
    if any(clip.is_eased for clip in motions.clips if not clip.unread):
        say("  note: the editor eases between keys; the camera moves straight from one to the next")
    if taken.taken:
        say("A run of reframe with other settings makes entries of them, which last.")
    return {"timeline": str(timeline_file), "from": str(editor_file), **asdict(taken), "unread": unread}


def _say(numbers: Sequence[int], what: str, nothing: str = "") -> None:
    if numbers:
        say(f"cameras of shots {', '.join(map(str, numbers))}: {what}")
    elif nothing:
        say(nothing)


def _shown(motions: EditorMotions, sources: dict[Path, Size], rate: Fraction, folder: Path) -> list[ShownElsewhere]:
    """What the editor's clips show, on pictures of their media; those of other media are left out."""
    import numpy as np

    from panscan.model.framing import Camera
    from panscan.timeline.edited_elsewhere import ShownElsewhere, same_file
    from panscan.timeline.paths import media_path

    found = []
    for clip in motions.clips:
        path = same_file(media_path(clip.url, folder), sources)
        first, end = round(clip.first_s * rate), round(clip.end_s * rate)
        if path is None or clip.unread or end <= first:
            continue
        keys = [_key(motions, one, sources[path]) for one in clip.keys]
        times, frames = [float(one.at_s * rate) for one in clip.keys], np.arange(first, end)
        columns = [[getattr(key, name) for key in keys] for name in ("scale", "x_px", "y_px")]
        samples = (tuple(np.interp(frames, times, column).tolist()) for column in columns)
        found.append(ShownElsewhere(path, first, end, Camera(tuple(frames.tolist()), *samples)))
    return found


def _key(motions: EditorMotions, key: MotionKey, source: Size) -> CameraKey:
    from panscan.deliver.host_space import from_fcpxml_transform, from_xmeml_motion
    from panscan.deliver.host_values import FcpxmlTransform, XmemlMotion

    if motions.kind == "fcpxml":
        return from_fcpxml_transform(FcpxmlTransform(key.scale, key.x, key.y), source, motions.canvas)
    return from_xmeml_motion(XmemlMotion(key.scale, key.x, key.y), source)
