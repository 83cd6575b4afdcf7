"""DaVinci Resolve as it reads its own OTIO metadata: written from the host's side, apart from the exporter.

Media of another size are scaled to fit the timeline. Cropping cuts fractions off the media; Transform zooms the fitted
picture about its middle and shifts it by fractions of its fitted width and height, right and up. Keys count from the
clip's first frame in the record; without curve handles they are joined by straight lines. A clip with a
LinearTimeWarp shows, n frames after its start, the media frame at its range's start plus n times the scalar.
"""

from __future__ import annotations

import json
import math
from urllib.parse import unquote

from hosts.placed import Placed, line


def play(text: str, canvas: tuple[int, int], sizes: dict[str, tuple[int, int]]) -> list[dict[int, Placed]]:
    """One mapping of timeline frame to picture per video track.

    canvas: the timeline's resolution, which the user sets; sizes: pixels of each media by the end of its file name.
    """
    timeline = json.loads(text)
    tracks = []
    for track in timeline["tracks"]["children"]:
        if track["kind"] != "Video":
            continue
        shown: dict[int, Placed] = {}
        record = 0
        for child in track["children"]:
            start, duration = (child["source_range"][part]["value"] for part in ("start_time", "duration"))
            assert duration == int(duration)
            duration = int(duration)
            if child["OTIO_SCHEMA"] == "Clip.2" and child["enabled"]:
                media = child["media_references"]["DEFAULT_MEDIA"]
                assert media["available_range"]["start_time"]["value"] <= start
                url = unquote(media["target_url"])
                width, height = next(size for name, size in sizes.items() if url.endswith(name))
                fitted = min(canvas[0] / width, canvas[1] / height)
                speed, others = speed_of(child["effects"])
                effects = [effect["metadata"]["Resolve_OTIO"] for effect in others]
                assert all(effect["effect_name"] == "Resolve Effect" for effect in others)
                for frame in range(duration):
                    values = {p["Parameter ID"]: _value(p, frame) for effect in effects for p in effect["Parameters"]}
                    zoom = values.get("transformationZoomX", 1.0)
                    assert zoom == values.get("transformationZoomY", 1.0)
                    scale = fitted * zoom
                    middle_x = canvas[0] / 2 + values.get("transformationPan", 0.0) * fitted * width
                    middle_y = canvas[1] / 2 - values.get("transformationTilt", 0.0) * fitted * height
                    left, top, right, bottom = (values.get(f"crop{side}", 0.0) for side in SIDES)
                    shown[record + frame] = Placed(
                        url,
                        math.floor(start + frame * speed + 0.01),
                        scale,
                        middle_x - scale * width / 2,
                        middle_y - scale * height / 2,
                        (left * width, top * height, (1 - right) * width, (1 - bottom) * height),
                    )
            record += duration
        tracks.append(shown)
    return tracks


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
