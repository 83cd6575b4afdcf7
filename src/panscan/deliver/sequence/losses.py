"""What of a timeline a format cannot store, and what it would show wrongly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import opentimelineio as otio

from panscan.deliver.artifact import Capabilities, Loss
from panscan.deliver.host_space import VISIBLE_PX
from panscan.errors import DocumentError, InputError
from panscan.model.backgrounds import gradient_of
from panscan.model.framing import Camera, Framing
from panscan.timeline.cut import FramedClip
from panscan.timeline.effect import EFFECT_NAME, NAMESPACE

_USUAL_PHOTOS = frozenset({".jpg", ".jpeg", ".png", ".tif", ".tiff"})  # endings of photos that all programs read


def check_clip(child: Any, clip: FramedClip, capabilities: Capabilities) -> None:
    """Refuse a clip that the format would show wrongly.

    Parameters
    ----------
    child : otio.schema.Clip
    clip : FramedClip
        The same clip as it was read.
    capabilities : Capabilities
        What the format can store.

    Raises
    ------
    InputError
        It refers to a web address, does not say where its media starts, shows frames that are not there, changes its
        speed on the way, or is retimed where the format cannot store that.
    DocumentError
        Its camera was made for another picture.
    """
    scheme = urlsplit(child.media_reference.target_url).scheme
    if len(scheme) > 1 and scheme != "file":
        raise InputError(
            f"clip {clip.name!r} refers to {child.media_reference.target_url}",
            why="Editors import local media only.",
            fix="Download the media and point the clip to the file.",
        )
    if child.media_reference.available_range is None:
        raise InputError(
            f"clip {clip.name!r} does not say where its media starts and ends",
            why="Its media reference has no available_range, so a media frame cannot be found in the file.",
            fix="Run `panscan reframe` on the timeline again where the media can be read.",
        )
    if clip.is_ramped:
        raise InputError(
            f"clip {clip.name!r} is retimed with a speed that changes on the way",
            why="Editors disagree about the curve between two speeds; the picture would be wrong.",
            fix="Render the retimed clip to a movie of its own and use that, or give it one speed.",
        )
    if clip.is_retimed and not capabilities.retimes:
        raise InputError(
            f"clip {clip.name!r} is retimed (speed {float(clip.speed):g})",
            why="The programs that read this format disagree about speed changes; the picture would be wrong.",
            fix="Deliver another format, or render the retimed clip to a movie of its own and use that.",
        )
    if clip.shows_missing_frames:
        shown = [clip.media_frame(0), clip.media_frame(clip.frame_count - 1)]
        available_end = clip.available_first + clip.available_count
        raise InputError(
            f"clip {clip.name!r} shows frames that its media does not have",
            why=f"It uses [{min(shown)}, {max(shown) + 1}) of [{clip.available_first}, {available_end}) at "
            f"{clip.framing.rate} fps.",
            fix="Count the clip's range from the media's timecode, or trim the clip to the media.",
        )
    if clip.facts.size != clip.framing.source:
        raise DocumentError(
            f"clip {clip.name!r} was framed on another picture",
            why=f"The camera counts in a source of {clip.framing.source} px, the media is {clip.facts.size} px.",
            fix="Run `panscan reframe` again on this media.",
        )


def timeline_losses(timeline: Any, picture_track: Any, capabilities: Capabilities) -> Iterator[Loss]:
    """Losses of everything that is not on the picture's own track."""
    start = timeline.global_start_time
    if start is not None and start.value and not capabilities.start_timecode:
        yield Loss("the start timecode of the timeline", "The written timeline starts at zero.")
    if not capabilities.markers and (len(timeline.tracks.markers) or len(picture_track.markers)):
        yield Loss("the markers of the timeline", "Only picture, cameras and sound are written.")
    for track in timeline.tracks:
        if getattr(track, "kind", "Video") not in ("Video", "Audio"):
            yield Loss(f"track {track.name!r}", f"It holds {track.kind}; only pictures and sound are written.")
    for track in timeline.video_tracks():
        if track is not picture_track and track.find_clips():
            what = f"video track {track.name!r}" if track.enabled else f"the disabled video track {track.name!r}"
            yield Loss(what, f"Only the picture of track {picture_track.name!r} is written.")


def other_child_losses(child: Any) -> Iterator[Loss]:
    """Losses of a child of the track that is neither clip nor transition."""
    if not isinstance(child, otio.schema.Gap):
        yield Loss(f"the nested {type(child).__name__.lower()} {child.name!r}", "Its place stays empty.")


def clip_losses(child: Any, capabilities: Capabilities) -> Iterator[Loss]:
    """Losses of a clip's effects and markers."""
    for effect in child.effects:
        ours = effect.effect_name == EFFECT_NAME and NAMESPACE in effect.metadata
        if not ours and not isinstance(effect, otio.schema.TimeEffect):
            name = effect.effect_name or effect.name or type(effect).__name__
            yield Loss(f"the effect {name!r} of clip {child.name!r}", "Only the camera is written.")
    if len(child.markers) and not capabilities.markers:
        yield Loss(f"the markers of clip {child.name!r}", "Only picture, cameras and sound are written.")


def framing_losses(clip: FramedClip, cameras: Iterable[Camera], capabilities: Capabilities) -> Iterator[Loss]:
    """Losses of a clip's framing; `cameras`: those of its cells, trimmed to the clip."""
    framing = clip.framing
    cell = framing.cells[0]
    cameras = list(cameras)
    if not capabilities.moving and not all(camera.is_static for camera in cameras):
        yield Loss(f"the movement of the camera of clip {clip.name!r}", "The file holds one position per clip.")
    if capabilities.layers:
        pass
    elif len(framing.cells) > 1:
        yield Loss(
            f"{len(framing.cells) - 1} of {len(framing.cells)} cells of clip {clip.name!r} (layout {framing.layout})",
            "The file holds one camera per clip: the first cell is in its place and its picture is not cut off at "
            "the cell's edge.",
        )
    elif (cell.left_px, cell.top_px, cell.size) != (0, 0, framing.canvas):
        yield Loss(
            f"the edge of the cell of clip {clip.name!r}",
            "The picture is in its place, but not cut off where the cell ends.",
        )
    is_tilted = any(camera.is_tilted for camera in cameras)
    if background_kind(framing.background) not in capabilities.backgrounds and (
        shows_background(clip, cameras) or (is_tilted and capabilities.tilts)
    ):
        plain = with_plain_background(framing, capabilities).background
        shown = plain if background_kind(plain) in capabilities.backgrounds else "black"
        yield Loss(f"the background {framing.background!r} of clip {clip.name!r}", f"It is {shown} around the picture.")
    if is_tilted and not capabilities.tilts:
        yield Loss(f"the tilt of clip {clip.name!r}", "Its picture stands upright.")
    if framing.corner_radius_px and not capabilities.corners:
        yield Loss(f"the round corners of clip {clip.name!r}", "They are square.")
    if framing.has_shadow and not capabilities.shadows:
        yield Loss(f"the shadow of clip {clip.name!r}", "The picture throws none.")


def with_plain_background(framing: Framing, capabilities: Capabilities) -> Framing:
    """The framing with one colour behind it, the upper one, where a format has colours and no gradients."""
    if background_kind(framing.background) != "gradient" or "gradient" in capabilities.backgrounds:
        return framing
    return replace(framing, background=gradient_of(framing.background)[0])


def still_losses(clip: FramedClip, capabilities: Capabilities) -> Iterator[Loss]:
    """What of a photo other programs may show otherwise."""
    still = clip.facts.still
    if still is None:
        return
    name, fix = clip.path.name, "if they do not, save a copy of the photo"
    if clip.path.suffix.lower() not in _USUAL_PHOTOS and "kind" not in capabilities.stills:
        yield Loss(f"the photo {name!r}", f"Not all programs read {clip.path.suffix}; {fix} as JPEG or PNG.")
    if still.turn != 1 and "turn" not in capabilities.stills:
        yield Loss(f"the rotation of {name!r}", f"Not all programs turn photos as EXIF says; {fix} upright.")
    if still.profile and "profile" not in capabilities.stills:
        yield Loss(
            f"the colour profile of {name!r} ({still.profile})",
            f"Not all programs convert the colours of photos; {fix} in sRGB.",
        )
    if still.is_transparent and "transparency" not in capabilities.stills:
        yield Loss(f"the transparency of {name!r}", f"Not all programs show black behind it; {fix} without it.")


def background_kind(background: str) -> str:
    """A framing's background as `Capabilities.backgrounds` names it: "black", "blur", "colour" or "gradient"."""
    kinds = {"black": "black", "#000000": "black", "blur": "blur"}
    return kinds.get(background.lower(), "gradient" if ":" in background else "colour")


def shows_background(clip: FramedClip, cameras: Iterable[Camera]) -> bool:
    """Whether a cell is not filled by its picture, or the canvas not by its cells."""
    framing = clip.framing
    covered = sum(cell.size.width * cell.size.height for cell in framing.cells)
    if covered < framing.canvas.width * framing.canvas.height:
        return True
    source = framing.source
    for cell, camera in zip(framing.cells, cameras, strict=True):
        # Between keys the edges of the picture move linearly on the canvas, so looking at the keys is enough.
        crops = cell.crops(camera.frame, source)
        right, bottom = crops[:, 0] + crops[:, 2], crops[:, 1] + crops[:, 3]
        if (
            np.any(crops[:, :2] < -VISIBLE_PX)
            or np.any(right > source.width + VISIBLE_PX)
            or np.any(bottom > source.height + VISIBLE_PX)
        ):
            return True
    return False


def sound_losses(clip: FramedClip, used_streams: int, capabilities: Capabilities) -> Iterator[Loss]:
    """Losses of a clip's own sound; `used_streams`: how many streams of its media the cut uses."""
    streams = len(clip.facts.audio)
    if used_streams and not capabilities.sound:
        yield Loss(f"the sound of clip {clip.name!r}", "The file holds pictures only.")
        return
    if used_streams and not streams:
        yield Loss(f"the sound of clip {clip.name!r}", "The document does not say which sound its media has.")
    elif used_streams and clip.speed == 0:
        yield Loss(f"the sound of the freeze frame {clip.name!r}", "A picture that stands still has none.")
    elif 0 < used_streams < streams:
        yield Loss(
            f"the choice of sound streams of clip {clip.name!r}",
            f"The cut uses {used_streams} of the {streams} streams of its media; the clip brings them all.",
        )
