"""Sound of any shape: heard where it belongs, copied and cut with all its channels, and never a crash.

All shapes go through one process of their own: a fault in a native library would end it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass

import av
import numpy as np
import pytest

import needed
import sound_shapes

LIMIT_S = 0.001
SECONDS = 1.2
PICTURE = ("-f", "lavfi", "-i", "testsrc=s=64x36:r=10:d=1.7")
COUNTS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 16, 24)
RATES_HZ = (8000, 22050, 44100, 96000, 192000)
# A subwoofer's channel keeps its low part alone in lossy codecs: it is where it belongs, and hardly alike.
LIKE, SUBWOOFER_LIKE = 0.9, 0.3


@dataclass(frozen=True)
class Shape:
    name: str
    suffix: str
    codec: str
    channels: int = 2
    rate_hz: int = 48000
    before: tuple[str, ...] = ()  # options of the sound
    before_picture: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    windows: tuple[sound_shapes.Window, ...] = ((0.0, SECONDS, 0.0),)
    trim: tuple[int, int] = (3, 9)
    suffixes: tuple[str, ...] = ()  # of the renders; its own
    damaged_s: tuple[float, float] | None = None

    def inputs(self):
        return self.channels, self.rate_hz, self.before, self.before_picture


GAP = ("-af", "asetpts=PTS+if(gte(T\\,0.5)\\,0.5/TB\\,0)")
TWO = ("-map", "1:a", "-metadata:s:a:0", "language=deu", "-metadata:s:a:1", "language=eng")
SHAPES = [
    *(Shape("s16", ".mov", "pcm_s16le", n) for n in COUNTS),
    *(Shape("s24", ".mkv", "pcm_s24le", n) for n in COUNTS if n % 2 == 0),
    *(Shape("f32", ".mov", "pcm_f32le", n, suffixes=(".mov", ".mp4")) for n in (1, 7, 8, 24)),
    *(Shape("aac", ".mp4", "aac", n) for n in COUNTS if n <= 8),
    *(Shape("flac", ".mkv", "flac", n) for n in COUNTS if n <= 8),
    *(Shape("opus", ".mkv", "libopus", n) for n in (2, 6, 8)),
    *(Shape("rate", ".mov", "pcm_s16le", 2, hz) for hz in RATES_HZ),
    *(Shape("rate", ".mp4", "aac", 2, hz) for hz in RATES_HZ if hz <= 96000),
    *(Shape("rate", ".mkv", "flac", 8, hz) for hz in RATES_HZ[::2]),
    *(
        Shape("late", s, c, before=("-itsoffset", "0.35"), windows=((0.35, 1.5, 0.0),))
        for s, c in ((".mkv", "pcm_s16le"), (".mp4", "aac"))
    ),
    Shape("early", ".mkv", "pcm_s16le", before_picture=("-itsoffset", "0.35"), windows=((0.0, 0.8, 0.35),)),
    *(
        Shape("gap", s, c, n, options=GAP, windows=((0.0, 0.5, 0.0), (1.0, 1.7, 0.5)), trim=(2, 14))
        for s, c, n in ((".mkv", "pcm_s16le", 2), (".mkv", "flac", 8))
    ),
    *(
        Shape("damaged", ".mp4", "aac", n, windows=((0.0, 0.45, 0.0), (0.8, 1.2, 0.8)), damaged_s=(0.5, 0.7))
        for n in (2, 8)
    ),
    Shape("two", ".mp4", "aac", 2, options=TWO),
    Shape("two", ".mov", "pcm_s16le", 8, options=TWO),
]


def label(shape):
    return f"{shape.name}_{shape.codec}_{shape.channels}_{shape.rate_hz}{shape.suffix}"


def damage(path, start_s, end_s):
    """Noise in the place of packets of sound."""
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as container:
        packets = [(p.pos, p.size, p.pts * p.time_base) for p in container.demux(audio=0) if p.size]
    for first, size, at_s in packets:
        if start_s <= at_s < end_s:
            data[first : first + size] = np.random.default_rng(first).bytes(size)
    path.write_bytes(data)


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    """What became of each shape; the reason instead where the process ended before."""
    folder = tmp_path_factory.mktemp("sound")
    ffmpeg = needed.program("ffmpeg")
    for kind in dict.fromkeys(shape.inputs() for shape in SHAPES):
        channels, rate_hz, before, before_picture = kind
        raw = sound_shapes.write_raw(folder / "raw", channels, rate_hz, SECONDS)
        command = [ffmpeg, "-v", "error", "-y", *before_picture, *PICTURE, *before]
        command += ["-f", "f32le", "-ar", str(rate_hz), "-ac", str(channels), "-i", str(raw)]
        for shape in SHAPES:
            if shape.inputs() == kind:
                coded = ["-c:v", "mpeg4", "-c:a", shape.codec, "-b:a", f"{96 * channels}k"]
                command += ["-map", "0:v", "-map", "1:a", *shape.options, *coded, str(folder / label(shape))]
        subprocess.run(command, check=True, capture_output=True)
    for shape in SHAPES:
        if shape.damaged_s:
            damage(folder / label(shape), *shape.damaged_s)
    asked = [
        json.dumps(
            {
                "path": str(folder / label(shape)),
                "windows": shape.windows,
                "trim": shape.trim,
                "suffixes": shape.suffixes or [shape.suffix],
            }
        )
        for shape in SHAPES
    ]
    command = [sys.executable, sound_shapes.__file__]
    done = subprocess.run(command, input="\n".join(asked), capture_output=True, text=True)
    lines = done.stdout.splitlines()
    lost = f"the process ended with {done.returncode}: {done.stderr[-800:]}"
    return {label(shape): json.loads(lines[n]) if n < len(lines) else lost for n, shape in enumerate(SHAPES)}


def speakers(one):
    return {speaker for speaker, _, _ in one["channels"]}


def is_in_place(lag_and_likeness, wanted_s, *, of):
    lag_s, likeness = lag_and_likeness
    return abs(lag_s - wanted_s) <= LIMIT_S and likeness >= (SUBWOOFER_LIKE if "LFE" in speakers(of) else LIKE)


def are_in_place(output, wanted_s):
    return all(is_in_place(row[1:], wanted_s, of={"channels": [row]}) for row in output["channels"])


@pytest.mark.parametrize("shape", SHAPES, ids=label)
def test_sound_is_where_it_belongs(shape, answers):
    found = answers[label(shape)]
    assert isinstance(found, dict), found
    source, outputs = found["source"], found["outputs"]
    assert found["probed_channels"] == len(source["channels"]) == shape.channels
    offset_s = source["channels"][0][1]  # some containers keep times in whole milliseconds
    assert is_in_place(found["mono"], offset_s, of=source), found["mono"]
    for name, output in outputs.items():
        is_mixed = len(output["channels"]) != shape.channels
        assert "mixed to stereo" in str(output["notes"]) if is_mixed else are_in_place(output, offset_s), (name, output)
        assert shape.damaged_s or max(output["gaps"], default=0) < 0.01, (name, output)
    if shape.damaged_s:
        lost = re.compile(r"(\d+) sound packet\(s\) \(0\.\d\d s\) do not decode: at 0\.\d\d")
        assert lost.match(found["told"][0]) and len(found["told"]) == 1, found["told"]
        assert all(found["told"][0] in "".join(output["notes"]) for output in outputs.values()), outputs
    else:
        assert found["told"] == []
    kept = outputs[f"whole{shape.suffix}"]
    assert kept["sound"] == "copied" and kept["layout"] == source["layout"], kept
    assert speakers(outputs[f"trimmed{shape.suffix}"]) == speakers(source) or "NONE" in speakers(source)
