"""Movies whose packets, headers or clocks tell something else than what decodes: made by ffmpeg and by hand.

All of them are pieces of one film: 100 pictures at 25 fps with key pictures 0 and 50, and sound.
"""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import numpy as np

import needed

TS_PACKET_BYTES = 188
ANNEX_B = ("-c", "copy", "-bsf:v", "h264_mp4toannexb", "-f", "mpegts")


def ffmpeg(*arguments: object) -> None:
    """Run ffmpeg; arguments as on its command line."""
    command = [needed.program("ffmpeg"), "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, check=True, timeout=60)


def film(path: Path, *, seconds: int = 4) -> Path:
    """The whole film."""
    pictures, sound = f"testsrc2=s=320x180:r=25:d={seconds}", f"sine=f=440:d={seconds}"
    codecs = ("-c:v", "libx264", "-g", 50, "-bf", 2, "-crf", 28, "-c:a", "aac", "-b:a", "48k")
    ffmpeg("-f", "lavfi", "-i", pictures, "-f", "lavfi", "-i", sound, *codecs, path)
    return path


def trimmed(path: Path) -> Path:
    """Cut without encoding: an edit list hides the 33 pictures before the cut."""
    ffmpeg("-ss", 1.32, "-i", film(path.with_name("film.mp4")), "-c", "copy", path)
    return path


def transport_stream(path: Path, start_s: float = 0) -> Path:
    """The film as a transport stream whose clock starts late; the clock wraps at 95443.7 s."""
    ffmpeg("-i", film(path.with_name("film.mp4")), *ANNEX_B, "-output_ts_offset", start_s, path)
    return path


def between_keys(path: Path) -> Path:
    """A recording that starts after its first key picture."""
    whole = transport_stream(path.with_name("whole.ts")).read_bytes()
    path.write_bytes(whole[len(whole) // TS_PACKET_BYTES * 3 // 10 * TS_PACKET_BYTES :])
    return path


def jumping(path: Path, second_start_s: float = 500) -> Path:
    """Two recordings, one after the other: the first begins at 10 s on its clock, the second somewhere else."""
    first = transport_stream(path.with_name("first.ts"), 10)
    second = transport_stream(path.with_name("second.ts"), second_start_s)
    path.write_bytes(first.read_bytes() + second.read_bytes())
    return path


def interrupted(path: Path) -> Path:
    """A fragmented recording that ends in the middle of a picture."""
    flags = "frag_keyframe+empty_moov+default_base_moof"
    whole = path.with_name("whole.mp4")
    ffmpeg("-i", film(path.with_name("film.mp4")), "-an", "-c", "copy", "-movflags", flags, whole)
    data = whole.read_bytes()
    path.write_bytes(data[: len(data) * 7 // 10])
    return path


def cut_off(path: Path, share: float = 0.7) -> Path:
    """A file whose header comes first and promises more than is there."""
    whole = path.with_name("whole.mp4")
    ffmpeg("-i", film(path.with_name("film.mp4")), "-c", "copy", "-movflags", "+faststart", whole)
    data = whole.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def noisy(path: Path, size_bytes: int = 9000) -> Path:
    """Noise over a part of the pictures; nothing in the container tells of it."""
    data = bytearray(film(path).read_bytes())
    noise = np.random.default_rng(1).integers(0, 256, size_bytes, np.uint8).tobytes()
    data[len(data) // 2 : len(data) // 2 + size_bytes] = noise
    path.write_bytes(data)
    return path


def gap(path: Path) -> Path:
    """A transport stream that lacks a stretch of its pictures from the middle of one on, as after bad reception."""
    data = transport_stream(path.with_name("whole.ts")).read_bytes()
    packets = [data[at : at + TS_PACKET_BYTES] for at in range(0, len(data), TS_PACKET_BYTES)]
    # How sound lies between the pictures is another at each run: what is lost is counted in packets of the pictures.
    pictures = [n for n, packet in enumerate(packets) if (packet[1] & 0x1F, packet[2]) == (1, 0)]
    inside = next(k for k in range(len(pictures) // 2, len(pictures)) if not packets[pictures[k]][1] & 0x40)
    lost = {*pictures[inside : inside + 60]}
    path.write_bytes(b"".join(packet for n, packet in enumerate(packets) if n not in lost))
    return path


def long_last(path: Path) -> Path:
    """A variable rate whose last picture stays for two seconds."""
    chosen = "select='lt(n,60)+eq(n,74)+eq(n,124)'"
    clock = ("-vsync", "vfr", "-enc_time_base", "1:90000", "-video_track_timescale", 90000)
    whole = path.with_name("whole.mp4")
    source = "testsrc2=s=320x180:r=25:d=5"
    ffmpeg("-f", "lavfi", "-i", source, "-vf", chosen, *clock, "-c:v", "libx264", "-crf", 28, "-bf", 0, whole)
    ffmpeg("-i", whole, "-c", "copy", "-t", 3.5, path)
    return path


def held(path: Path, seconds: int) -> Path:
    """A constant rate whose last picture stays; others are decoded after it."""
    last = f"setts=pts=PTS:dts=DTS:duration=if(eq(N\\,99)\\,{seconds}/TB\\,DURATION)"
    ffmpeg("-i", film(path.with_name("film.mp4")), "-an", "-c", "copy", "-bsf:v", last, path)
    return path


def two_programmes(path: Path) -> Path:
    """A transport stream with two programmes of one picture and one sound each."""
    sources = [
        part
        for source in ("testsrc2=s=320x180:r=25:d=2", "sine=f=440:d=2", "testsrc=s=160x120:r=25:d=2", "sine=f=880:d=2")
        for part in ("-f", "lavfi", "-i", source)
    ]
    maps = [part for n in range(4) for part in ("-map", n)]
    programmes = ("-program", "title=a:st=0:st=1", "-program", "title=b:st=2:st=3")
    ffmpeg(*sources, *maps, "-c:v", "libx264", "-c:a", "aac", *programmes, path)
    return path


def dropped(path: Path, missing: tuple[int, ...] = (10, 11, 30)) -> Path:
    """An AVI with empty packets for pictures that the recorder dropped."""
    whole = path.with_name("whole.avi")
    ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=2", "-c:v", "mpeg4", "-g", 1, whole)
    data = whole.read_bytes()
    index = data.rfind(b"idx1")
    count = struct.unpack_from("<I", data, index + 4)[0] // 16
    movi = data.rfind(b"movi", 0, index)
    chunks, entries = b"", b""
    for number in range(count):
        tag, flags, offset, size = struct.unpack_from("<4sIII", data, index + 8 + 16 * number)
        at = movi + offset + 8
        content = b"" if number in missing else data[at : at + size]
        entries += tag + struct.pack("<III", flags, 4 + len(chunks), len(content))
        chunks += tag + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)
    head = bytearray(data[:movi])
    struct.pack_into("<I", head, movi - 4, 4 + len(chunks))
    made = bytes(head) + b"movi" + chunks + b"idx1" + struct.pack("<I", len(entries)) + entries
    path.write_bytes(made[:4] + struct.pack("<I", len(made) - 8) + made[8:])
    return path
