"""What a media file holds, as the programs ffmpeg and ffprobe find it: shares no code with panscan.

A transport stream's clock is the one that ffmpeg shows, with its jumps bridged; edit lists are applied.
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

import banded
import needed

_SHOWN = re.compile(
    r"n: *(\d+) pts: *(-?\d+|NOPTS) pts_time:(\S+) .*fmt:(\S+) sar:(\d+)/(\d+) s:(\d+)x(\d+) i:(\w)", re.ASCII
)
_TIME_BASE = re.compile(r"config in time_base: (\d+)/(\d+)")


@dataclass(frozen=True)
class Sound:
    """One audio stream; packets: hash -> time on the file's clock, of those that occur once."""

    codec: str
    channels: int
    rate_hz: int
    start_s: float
    packets: dict[str, float]


@dataclass(frozen=True)
class Reading:
    """What a file holds.

    times_s: when each decoded picture is shown, after the first; numbers: what each shows (None: it is no upright
    picture of `banded`); last_s: how long the last one is shown, 0 where the file does not say; first_s: when the
    first one is shown, on the file's clock; size: upright, in square px; field_order: of the first picture, as ffmpeg's
    filters tell it (P, T or B).
    """

    times_s: list[float]
    numbers: list[int | None]
    combed: list[bool]
    last_s: float
    first_s: float
    size: tuple[int, int]
    field_order: str
    sounds: list[Sound]

    def number_at(self, time_s: float) -> int | None:
        """What is shown at a time after the first picture."""
        at = int(np.searchsorted(self.times_s, time_s + 0.002, side="right")) - 1
        return self.numbers[max(at, 0)]


def _tool(name: str, *arguments: object) -> tuple[bytes, str]:
    done = subprocess.run([needed.program(name), *map(str, arguments)], capture_output=True, timeout=60)
    return done.stdout, done.stderr.decode(errors="replace")


def read(path: Path) -> Reading:
    """Decode the first video stream, and list the packets of all known sound of its programme."""
    raw, log = _tool(
        "ffmpeg", "-v", "info", "-nostdin", "-threads", 1, "-i", path, "-map", "0:v:0", "-vf", "showinfo", "-fps_mode",
        "passthrough", "-enc_time_base", -1, "-pix_fmt", "gray", "-f", "rawvideo", "-",
    )  # fmt: skip
    shown = [m.groups() for m in _SHOWN.finditer(log)]
    if not shown:
        raise ValueError(f"ffmpeg decodes no picture of {path}:\n{log[-2000:]}")
    time_base = Fraction(*map(int, _TIME_BASE.search(log).groups()))  # type: ignore[union-attr]
    ticks = [int(row[1]) for row in shown]
    greys, at = [], 0
    for row in shown:
        width, height = int(row[6]), int(row[7])
        greys.append(np.frombuffer(raw, np.uint8, width * height, at).reshape(height, width))
        at += width * height
    facts = _facts(path)
    last = shown[0]
    return Reading(
        [float((tick - ticks[0]) * time_base) for tick in ticks],
        [_number(grey, row[8]) for grey, row in zip(greys, shown, strict=True)],
        [banded.is_combed(grey) for grey in greys],
        facts["last_s"],
        facts["first_s"],
        _square(int(last[6]), int(last[7]), Fraction(int(last[4]) or 1, int(last[5]) or 1)),
        last[8],
        facts["sounds"],
    )


def _number(grey: banded.Grey, field_order: str) -> int | None:
    """Of an interlaced picture that of the field shown first."""
    if field_order == "P":
        return banded.number(grey)
    return banded.number(banded.first_field(grey, top_first=field_order == "T"))


def _square(width: int, height: int, aspect: Fraction) -> tuple[int, int]:
    """In square px: the longer axis of a px is stretched."""
    return (round(width * aspect), height) if aspect >= 1 else (width, round(height / aspect))


def _facts(path: Path) -> dict[str, Any]:
    out, _ = _tool(
        "ffprobe", "-v", "quiet", "-of", "json", "-show_streams", "-show_programs", "-show_data_hash", "md5",
        "-show_entries", "packet=stream_index,pts_time,duration_time,data_hash,flags,size"
        ":frame=stream_index,best_effort_timestamp_time", path,
    )  # fmt: skip
    found = json.loads(out)
    streams = [s for s in found["streams"] if "codec_type" in s]
    pictures = next(s for s in streams if s["codec_type"] == "video")
    packets: dict[int, list[Any]] = {s["index"]: [] for s in streams}
    read = found["packets_and_frames"]
    for packet in (row for row in read if row["type"] == "packet"):
        if "pts_time" in packet and "D" not in packet["flags"] and int(packet["size"]):
            packets[packet["stream_index"]].append(packet)
    own = [{s["index"] for s in programme["streams"]} for programme in found.get("programs", [])]
    beside = next((streams for streams in own if pictures["index"] in streams), packets.keys())
    heard = [s for s in streams if s["codec_type"] == "audio" and s["index"] in beside and "codec_name" in s]
    seen = sorted(packets[pictures["index"]], key=lambda p: float(p["pts_time"]))
    shown = (row for row in read if row["type"] == "frame" and row["stream_index"] == pictures["index"])
    return {
        "first_s": float(next(shown)["best_effort_timestamp_time"]),
        "last_s": _last_s(seen[-1], pictures) if seen else 0.0,
        "sounds": [_without_headers(path, s, _sound(s, packets[s["index"]])) for s in heard],
    }


def _last_s(packet: Any, stream: Any) -> float:
    """How long the last picture is shown: as its packet says, or up to the end of its stream; 0 if neither does.

    Where pictures are decoded in another order, ffprobe takes the packet's duration from the frame rate.
    """
    end_s = float(stream.get("start_time", 0)) + float(stream.get("duration", 0))
    return max(float(packet.get("duration_time", 0)), end_s - float(packet["pts_time"]), 0.0)


def _without_headers(path: Path, stream: Any, sound: Sound) -> Sound:
    """AAC of a transport stream as other containers hold it: there each packet has a header."""
    if path.suffix != ".ts" or sound.codec != "aac":
        return sound
    asked = ("-map", f"0:{stream['index']}", "-c", "copy", "-bsf:a", "aac_adtstoasc", "-f", "framemd5", "-")
    out, _ = _tool("ffmpeg", "-v", "quiet", "-nostdin", "-copyts", "-i", path, *asked)
    lines = out.decode().splitlines()
    tick_s = next(float(Fraction(line.split()[2])) for line in lines if line.startswith("#tb 0:"))
    rows = [line.split(",") for line in lines if not line.startswith("#")]
    hashes = [row[5].strip() for row in rows]
    once = {f"MD5:{h}": int(row[2]) * tick_s for h, row in zip(hashes, rows, strict=True) if hashes.count(h) == 1}
    return replace(sound, packets=once)


def _sound(stream: Any, packets: list[Any]) -> Sound:
    hashes = [p["data_hash"] for p in packets]
    return Sound(
        stream.get("codec_name", ""),
        int(stream.get("channels", 0)),
        int(stream.get("sample_rate", 0)),
        float(stream.get("start_time", 0)),
        {p["data_hash"]: float(p["pts_time"]) for p in packets if hashes.count(p["data_hash"]) == 1},
    )
