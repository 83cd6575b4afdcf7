"""DaVinci Resolve as it reads its own OTIO metadata: written from the host's side, apart from the exporter.

Media of another size are scaled to fit the timeline. Cropping cuts fractions off the media; Transform zooms the fitted
picture about its middle and shifts it by fractions of its fitted width and height, right and up. Keys count from the
clip's first frame in the record; without curve handles they are joined by straight lines. A clip with a
LinearTimeWarp shows, n frames after its start, the media frame at its range's start plus n times the scalar. A
transition takes no time of its own: so many frames before its cut the next clip is shown already, and so many after it
the one before, their keys at negative frames and past the last one.
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from urllib.parse import unquote

from hosts.placed import Mix, Placed, Run, line, mixed


def play(text: str, canvas: tuple[int, int], sizes: dict[str, tuple[int, int]]) -> list[dict[int, Placed]]:
    """One mapping of timeline frame to picture per video track; at a dissolve the picture changes at its cut.

    canvas: the timeline's resolution, which the user sets; sizes: pixels of each media by the end of its file name.
    """
    tracks = []
    for track in _video_tracks(text):
        shown: dict[int, Placed] = {}
        for run, _ in _runs(track, canvas, sizes):
            if run is not None:
                shown |= run.alone()
        tracks.append(shown)
    return tracks


def play_dissolves(text: str, canvas: tuple[int, int], sizes: dict[str, tuple[int, int]]) -> list[list[Mix]]:
    """The dissolves of each video track."""
    tracks = []
    for track in _video_tracks(text):
        runs = list(_runs(track, canvas, sizes))
        mixes = []
        for (before, _), (after, lead) in pairwise(runs):
            if lead is not None:
                assert before is not None and after is not None, "a transition joins two clips"
                mixes.append(mixed(before, after, after.start - lead[0], after.start + lead[1]))
        tracks.append(mixes)
    return tracks


def marks(text: str) -> set[tuple[int, int, str, str, str]]:
    """All markers: frame of the timeline, frames that they cover, name, note and colour.

    Those of a clip count its media; a timeline's count its own frames. Resolve keeps notes in its own metadata.
    """
    data = json.loads(text)
    found = [(0, marker) for marker in data["tracks"]["markers"]]
    for track in data["tracks"]["children"]:
        assert not track["markers"]
        record = 0
        for child in track["children"]:
            if child["OTIO_SCHEMA"] == "Transition.1":
                continue
            start, duration = (child["source_range"][part]["value"] for part in ("start_time", "duration"))
            speed = speed_of(child["effects"])[0]
            assert speed == 1.0 or not child["markers"]
            found += [(record - start, marker) for marker in child["markers"]]
            record += duration
    assert all(marker["OTIO_SCHEMA"] == "Marker.2" for _, marker in found)
    return {
        (
            int(shift + marker["marked_range"]["start_time"]["value"]),
            int(marker["marked_range"]["duration"]["value"]),
            marker["name"],
            marker["metadata"]["Resolve_OTIO"]["Note"],
            marker["color"],
        )
        for shift, marker in found
    }


def _video_tracks(text: str) -> list[dict]:
    return [track for track in json.loads(text)["tracks"]["children"] if track["kind"] == "Video"]


def _runs(track, canvas, sizes):
    """Each clip of a track (None: a gap, or switched off) and the dissolve into it: frames before and after its cut."""
    children = track["children"]
    record = 0
    for index, child in enumerate(children):
        if child["OTIO_SCHEMA"] == "Transition.1":
            assert child["transition_type"] == "SMPTE_Dissolve"
            assert child["metadata"]["Resolve_OTIO"]["Transition Type"] == "Cross Dissolve"
            continue
        into, out = (_offsets(children[n]) if 0 <= n < len(children) else None for n in (index - 1, index + 1))
        duration = child["source_range"]["duration"]["value"]
        assert duration == int(duration)
        duration = int(duration)
        run = None
        if child["OTIO_SCHEMA"] == "Clip.2" and child["enabled"]:
            frames = range(-(into[0] if into else 0), duration + (out[1] if out else 0))
            run = Run(record, record + duration, _frames(child, frames, record, canvas, sizes))
        yield run, into
        record += duration


def _offsets(child) -> tuple[int, int] | None:
    if child["OTIO_SCHEMA"] != "Transition.1":
        return None
    before, after = (child[part]["value"] for part in ("in_offset", "out_offset"))
    assert before == int(before) >= 0 and after == int(after) >= 0 < before + after
    return int(before), int(after)


def _frames(child, frames, record, canvas, sizes) -> dict[int, Placed]:
    start = child["source_range"]["start_time"]["value"]
    media = child["media_references"]["DEFAULT_MEDIA"]
    url = unquote(media["target_url"])
    width, height = next(size for name, size in sizes.items() if url.endswith(name))
    fitted = min(canvas[0] / width, canvas[1] / height)
    speed, others = speed_of(child["effects"])
    effects = [effect["metadata"]["Resolve_OTIO"] for effect in others]
    assert all(effect["effect_name"] == "Resolve Effect" for effect in others)
    first, count = (media["available_range"][part]["value"] for part in ("start_time", "duration"))
    shown = {}
    for frame in frames:
        values = {p["Parameter ID"]: _value(p, frame) for effect in effects for p in effect["Parameters"]}
        zoom = values.get("transformationZoomX", 1.0)
        assert zoom == values.get("transformationZoomY", 1.0)
        scale = fitted * zoom
        middle_x = canvas[0] / 2 + values.get("transformationPan", 0.0) * fitted * width
        middle_y = canvas[1] / 2 - values.get("transformationTilt", 0.0) * fitted * height
        left, top, right, bottom = (values.get(f"crop{side}", 0.0) for side in SIDES)
        media_frame = math.floor(start + frame * speed + 0.01)
        assert first <= media_frame < first + count
        shown[record + frame] = Placed(
            url,
            media_frame,
            scale,
            middle_x - scale * width / 2,
            middle_y - scale * height / 2,
            (left * width, top * height, (1 - right) * width, (1 - bottom) * height),
        )
    return shown


SIDES = ("Left", "Top", "Right", "Bottom")


def speed_of(effects) -> tuple[float, list]:
    """Media frames per frame of the timeline, and the effects that do not change it."""
    warps = [effect for effect in effects if effect["OTIO_SCHEMA"] in ("LinearTimeWarp.1", "FreezeFrame.1")]
    assert len(warps) < 2
    return (warps[0]["time_scalar"] if warps else 1.0), [effect for effect in effects if effect not in warps]


def _value(parameter, frame) -> float:
    keys = sorted((int(at), key) for at, key in parameter["Key Frames"].items())
    for value in (parameter["Parameter Value"], *(key["Value"] for _, key in keys)):
        assert isinstance(value, float), "Resolve tells 1 from 1.0"
        assert parameter["minValue"] <= value <= parameter["maxValue"]
    assert not any("InBez" in key or "OutBez" in key for _, key in keys)
    return line([(at, key["Value"]) for at, key in keys] or [(0, parameter["Parameter Value"])], frame)
