"""The cut as the OTIO files of Resolve 18.5 to 20 and of Premiere Pro 25 and 26, with the metadata of either."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from editor_exports.truth import DISSOLVE, FPS, FRAMES, HOUR, LENGTH, MUSIC_FRAMES, PICTURES, TITLE

Json = dict[str, Any]


def text(m: Mapping[str, Path], editor: str) -> str:
    """editor: "resolve" or "premiere"."""
    return json.dumps(_timeline(m, editor == "resolve"), indent=4)


def _timeline(m: Mapping[str, Path], resolve: bool) -> Json:
    pictures: list[Json] = []
    for index, (stem, _, count, first) in enumerate(PICTURES):
        if index == 1:
            pictures.append(_transition("Cross Dissolve"))
        warp = [_freeze(resolve)] if stem == "2" else []
        pictures.append(_clip(m, stem, first, count, resolve, warp))
    pictures.append(_title(resolve))
    rows = [
        [_clip(m, "0", 10, 50, resolve), _transition("Cross Fade 0 dB" if resolve else "Constant Power"),
         _clip(m, "1", 20, 40, resolve), _gap(8), _clip(m, "3", 13, 57, resolve), _clip(m, "4", 15, 35, resolve)],
        [_clip(m, "music", 0, LENGTH, resolve)],
    ]  # fmt: skip
    tracks = [_track("Video 1", "Video", pictures, resolve)]
    tracks += [_track(f"Audio {n + 1}", "Audio", row, resolve) for n, row in enumerate(rows)]
    sequence = {
        "VideoFrameRate": 25.0, "VideoResolution": {"width": 320, "height": 180},
        "PixelAspectRatio": {"numerator": 1.0, "denominator": 1.0}, "AudioFrameRate": 48000.0,
    }  # fmt: skip
    version = {"Resolve OTIO Meta Version": "1.0"} if resolve else {"MetadataVersion": "1.0"}
    stack = {
        "OTIO_SCHEMA": "Stack.1",
        "name": "",
        "children": tracks,
        **_item({} if resolve else _own(False, sequence)),
    }
    return {
        "OTIO_SCHEMA": "Timeline.1", "metadata": _own(resolve, version), "name": "finished",
        "global_start_time": _time(HOUR * FPS), "tracks": stack,
    }  # fmt: skip


def _own(resolve: bool, said: Json) -> Json:
    return {"Resolve_OTIO" if resolve else "PremierePro_OTIO": said}


def _item(metadata: Json, used: Json | None = None, effects: Iterable[Json] = ()) -> Json:
    return {
        "metadata": metadata, "source_range": used, "effects": list(effects), "markers": [], "enabled": True,
        "color": None,
    }  # fmt: skip


def _track(name: str, kind: str, children: list[Json], resolve: bool) -> Json:
    said: Json = {"Locked": False} | ({"Audio Type": "Stereo", "SoloOn": False} if kind == "Audio" else {})
    return {
        "OTIO_SCHEMA": "Track.1", "name": name, "kind": kind, "children": children,
        **_item(_own(resolve, said) if resolve else {}),
    }  # fmt: skip


def _clip(
    m: Mapping[str, Path], stem: str, first: int, count: int, resolve: bool, effects: Iterable[Json] = ()
) -> Json:
    channels = [{"Source Channel ID": n, "Source Track ID": 0} for n in range(2)]
    link = 1 + list(m).index(stem)
    said = {"Link Group ID": link, "Channels": channels} if resolve else {
        "LinkID": link, "OriginalChannelGroupIndex": 0, "SourceClipIndex": 0}  # fmt: skip
    reference = {
        "OTIO_SCHEMA": "ExternalReference.1", "metadata": {}, "name": m[stem].name, "available_image_bounds": None,
        "available_range": _range(0, MUSIC_FRAMES if stem == "music" else FRAMES),
        "target_url": str(m[stem]) if resolve else m[stem].as_uri(),
    }  # fmt: skip
    return {
        "OTIO_SCHEMA": "Clip.2", "name": m[stem].name, "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA", **_item(_own(resolve, said), _range(first, count), effects),
    }  # fmt: skip


def _freeze(resolve: bool) -> Json:
    return {
        "OTIO_SCHEMA": "FreezeFrame.1", "metadata": {}, "name": "" if resolve else "Frame Hold",
        "effect_name": "FreezeFrame", "time_scalar": 0.0, "enabled": True,
    }  # fmt: skip


def _title(resolve: bool) -> Json:
    first, end = TITLE
    reference = {
        "OTIO_SCHEMA": "GeneratorReference.1", "metadata": _own(resolve, {"Generator Type": "Rich"}), "name": "Text",
        "available_range": None, "available_image_bounds": None, "generator_kind": "Rich", "parameters": {},
    }  # fmt: skip
    return {
        "OTIO_SCHEMA": "Clip.2", "name": "The End", "media_references": {"DEFAULT_MEDIA": reference},
        "active_media_reference_key": "DEFAULT_MEDIA", **_item({}, _range(0, end - first)),
    }  # fmt: skip


def _transition(name: str) -> Json:
    _, before, after = DISSOLVE
    return {
        "OTIO_SCHEMA": "Transition.1", "metadata": {}, "name": name, "in_offset": _time(before),
        "out_offset": _time(after), "transition_type": "SMPTE_Dissolve",
    }  # fmt: skip


def _gap(count: int) -> Json:
    return {"OTIO_SCHEMA": "Gap.1", "name": "", **_item({}, _range(0, count))}


def _time(frames: int) -> Json:
    return {"OTIO_SCHEMA": "RationalTime.1", "rate": float(FPS), "value": float(frames)}


def _range(first: int, count: int) -> Json:
    return {"OTIO_SCHEMA": "TimeRange.1", "duration": _time(count), "start_time": _time(first)}
