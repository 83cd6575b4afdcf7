"""Sound strips for Blender, on channels of their own; their volume is keyed in straight lines of its factor."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from panscan.deliver.host_values import to_blender_volume
from panscan.deliver.sequence import ClipSequence, SoundItem, level_at, level_keys
from panscan.timeline.sound import Fade

# How the script makes a sound strip of its row, and one whose volume has keys.
PLAIN_SOUND = 'trim(strips.new_sound(row["name"], row["path"], row["channel"], head), row)'
LEVELLED_SOUND = """strip = strips.new_sound(row["name"], row["path"], row["channel"], head)
        trim(strip, row)
        animate(scene, strip, "volume", row.get("volume", [[row["start"], 1.0]]), "LINEAR")"""
_DECIMALS = 6  # of a factor


def sound_strips(clip_sequence: ClipSequence, *, first_channel: int) -> Iterator[dict[str, Any]]:
    """The rows of the script's data for all sounds in tracks of their own."""
    rate = clip_sequence.rate
    rows = [row for track in clip_sequence.sound_tracks for row in track.rows()]
    number = 0
    for channel, row in enumerate(rows, start=first_channel):
        for item in row:
            number += 1
            first, end = item.record_frames(rate)
            strip = {
                # Numbers first: Blender shortens names to 63 bytes.
                "name": f"{number:03d} track {item.media.path.name}",
                "path": str(item.media.path.absolute()),
                "channel": channel,
                "start": first + 1,
                "count": end - first,
                "skip": round(item.sound.media_s * rate),
                "mute": False,
            }
            yield strip | _volume(item, first + 1, rate)


def _volume(item: SoundItem, start: int, rate: Fraction) -> dict[str, list[tuple[int, float]]]:
    """Frames and factors: on every frame where they bend, else where fades begin and end."""
    sound = item.sound
    count = round(sound.length_s * rate)
    fades = [(round(fade.length_s * rate), fade) for fade in (sound.fade_in, sound.fade_out)]
    if not (sound.gain or any(length for length, _ in fades)):
        return {}
    bends = len(level_keys(sound)) > 1 or any(fade.shape == "equal-power" for length, fade in fades if length)
    ends = {0, fades[0][0], count - fades[1][0], count}
    keys = []
    for frame in range(count + 1) if bends else sorted(frame for frame in ends if 0 <= frame <= count):
        factor = to_blender_volume(level_at(sound, frame / rate))
        for (length, fade), into in zip(fades, (frame, count - frame), strict=True):
            factor *= _faded(fade, into / length) if length else 1
        keys.append((start + frame, round(factor, _DECIMALS)))
    return {"volume": keys}


def _faded(fade: Fade, part: float) -> float:
    part = min(part, 1.0)
    return math.sin(math.pi / 2 * part) if fade.shape == "equal-power" else part
