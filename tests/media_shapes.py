"""Small movies of every shape that media come in: container, codec, timing, orientation, fields, sound and damage.

Each shows `banded` pictures. `SHAPES` names them; the ffmpeg program makes them, and bytes are changed by hand where
no program writes what cameras and broken disks do.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import banded
import media_damage as damage
import needed

RATE = 25
FRAMES = 25
Make = Callable[[Path], object]

_QUICK = "-preset ultrafast -crf 20"
H264 = f"libx264 {_QUICK} -g 12 -bf 2"
H264_OPEN = "libx264 -preset veryfast -crf 20 -x264-params open-gop=1:keyint=10:min-keyint=10:bframes=2:b-adapt=0"
HEVC = f"libx265 {_QUICK} -x265-params log-level=none:keyint=12:bframes=2:pools=none"
MPEG2 = "mpeg2video -q:v 3 -g 10 -bf 2"
AAC, MP2, OPUS = "aac -b:a 96k", "mp2 -b:a 128k", "libopus -b:a 96k"


@dataclass(frozen=True)
class Shape:
    """One movie. damaged: some of its pictures are lost or broken; refused: it can only be refused."""

    suffix: str
    make: Make
    damaged: bool = False
    refused: bool = False


def _ffmpeg(*arguments: object, feed: bytes = b"") -> None:
    command = [needed.program("ffmpeg"), "-v", "error", "-y", *map(str, arguments)]
    subprocess.run(command, input=feed, check=True, timeout=60)


def _coded(turn: str, frame: int) -> banded.Grey:
    """A picture as it lies in a file whose display matrix shows it upright."""
    _, back, sideways = damage.TURNS[turn]
    return np.ascontiguousarray(back(banded.picture(frame, banded.PORTRAIT if sideways else banded.LANDSCAPE)))


def _pictures(frames: int, first: int, turn: str, fields: str) -> bytes:
    if fields:
        woven = partial(banded.interlaced, top_first=fields == "tff")
        return b"".join(woven(first + n).tobytes() for n in range(frames))
    return b"".join(_coded(turn, first + n).tobytes() for n in range(frames))


def film(
    path: Path,
    video: str = H264,
    audio: str | None = AAC,
    *,
    frames: int = FRAMES,
    rate: str = str(RATE),
    first: int = 0,
    turn: str = "upright",
    fields: str = "",
    channels: int = 2,
    sound_hz: int = banded.SOUND_HZ,
    sound_s: float | None = None,
    before_picture: str = "",
    before_sound: str = "",
    more: str = "",
) -> Path:
    """Encode numbered pictures and, unless `audio` is None, a tone per channel; the words are ffmpeg's options.

    first: number of the first picture; fields: tff, bff or "" for progressive.
    """
    width, height = banded.LANDSCAPE
    pictures = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{width}x{height}", "-r", rate, "-i", "-"]
    command = [*before_picture.split(), *pictures]
    heard = path.with_suffix(".pcm")
    if audio is not None:
        heard.write_bytes(banded.sound(channels, sound_s or frames / RATE, sound_hz).tobytes())
        command += [*before_sound.split(), "-f", "s16le", "-ar", sound_hz, "-ac", channels, "-i", heard]
    pixels = [] if "-pix_fmt" in video else ["-pix_fmt", "yuv420p"]
    command += ["-map", "0", *(["-map", "1", "-c:a", *audio.split()] if audio else []), "-c:v", *video.split(), *pixels]
    command += ["-threads", "1", "-fflags", "+bitexact", *more.split(), path]  # Matroska has a random number otherwise
    _ffmpeg(*command, feed=_pictures(frames, first, turn, fields))
    heard.unlink(missing_ok=True)
    return path


def _copied(path: Path, before: str, after: str = "", *, source: Make = film, suffix: str = ".mp4") -> Path:
    """The packets of another movie written again with ffmpeg's options before and after the input."""
    whole = path.with_name(f"{path.stem}-whole{suffix}")
    source(whole)
    _ffmpeg(*before.split(), "-i", whole, "-map", "0", "-c", "copy", *after.split(), path)
    whole.unlink()
    return path


def _changed(path: Path, change: Callable[[bytes], bytes], *, source: Make = film) -> Path:
    """Another movie with its bytes changed."""
    source(path)
    path.write_bytes(change(path.read_bytes()))
    return path


def _joined(path: Path, offsets_s: tuple[float, float]) -> Path:
    """Two transport streams one after the other, each with a clock of its own."""
    parts = [
        film(path.with_name(f"{path.stem}-{n}.ts"), H264, MP2, first=n * FRAMES, more=f"-output_ts_offset {offset}")
        for n, offset in enumerate(offsets_s)
    ]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    for part in parts:
        part.unlink()
    return path


def _two_programmes(path: Path) -> Path:
    parts = [film(path.with_name(f"{path.stem}-{n}.ts"), H264, MP2, first=40 * n) for n in range(2)]
    inputs = [word for part in parts for word in ("-i", part)]
    maps = "-map 0 -map 1 -c copy -program title=one:st=0:st=1 -program title=two:st=2:st=3"
    _ffmpeg(*inputs, *maps.split(), path)
    for part in parts:
        part.unlink()
    return path


def _radio_beside(path: Path) -> Path:
    """A programme that is sound alone, then one of picture and sound."""
    part = film(path.with_name(f"{path.stem}-part.ts"), H264, MP2)
    radio = "-f lavfi -i sine=f=900:r=32000:d=1"
    maps = "-map 1:v -map 1:a -map 0 -c copy -c:a:1 mp2 -program title=radio:st=2 -program title=one:st=0:st=1"
    _ffmpeg(*radio.split(), "-i", part, *maps.split(), path)
    part.unlink()
    return path


def _unknown_sound(path: Path) -> Path:
    """Sound under a name that no decoder has."""
    return _changed(path, lambda content: content.replace(b"mp4a", b"????").replace(b"esds", b"????"))


def _animated(path: Path, durations_ms: list[int]) -> Path:
    """A GIF or WebP, whose pictures last as long as each says."""
    from PIL import Image

    first, *others = [Image.fromarray(banded.picture(n)) for n in range(len(durations_ms))]
    first.save(path, save_all=True, append_images=others, duration=durations_ms, loop=0)
    return path


def _plain(video: str, audio: str | None, **named: Any) -> Make:
    return partial(film, video=video, audio=audio, **named)


def _timed(expression: str, video: str = H264, **named: Any) -> Make:
    """Pictures at times of a formula for ffmpeg's `setpts`, or with some left out."""
    return _plain(video, AAC, more=f"-vf {expression} -fps_mode vfr -enc_time_base 1:90000", **named)


_UNEVEN = "setpts=(N+0.4*mod(N\\,3))/25/TB"
_LONG_STEP = "select=lt(n\\,18)+eq(n\\,24)"
_LONG_LAST = f"setts=duration=if(eq(N\\,{FRAMES - 1})\\,DURATION*20\\,DURATION)"
_no_b = _plain(f"libx264 {_QUICK} -bf 0", AAC, sound_s=1.76)
_PCM = "pcm_s16le"
_TFF, _BFF = "-flags +ilme+ildct -top 1", "-flags +ilme+ildct -top 0"

CODECS: Mapping[str, Shape] = {
    "h264": Shape(".mp4", film),
    "h264_open_gop": Shape(".mp4", _plain(H264_OPEN, AAC)),
    "h264_open_gop_ts": Shape(".ts", _plain(H264_OPEN, MP2)),
    "h264_fragments": Shape(".mp4", _plain(H264, AAC, more="-movflags frag_keyframe+empty_moov+default_base_moof")),
    "h264_matroska": Shape(".mkv", _plain(H264, AAC)),
    "h264_flv": Shape(".flv", _plain(H264, AAC, sound_hz=44100)),
    "hevc": Shape(".mp4", _plain(HEVC + " -tag:v hvc1", AAC)),
    "hevc_open_gop": Shape(".mkv", _plain(HEVC.replace("keyint=12", "keyint=12:open-gop=1"), AAC)),
    "mpeg2_ts": Shape(".ts", _plain(MPEG2, MP2)),
    "mpeg2_ps": Shape(".mpg", _plain(MPEG2, MP2)),
    "mpeg2_mxf": Shape(".mxf", _plain(MPEG2, _PCM)),
    "mpeg4_avi": Shape(".avi", _plain("mpeg4 -q:v 3", "mp2 -b:a 128k")),
    "mpeg4_b": Shape(".mp4", _plain("mpeg4 -q:v 3 -bf 2", AAC)),
    "mjpeg_mov": Shape(".mov", _plain("mjpeg -q:v 3 -pix_fmt yuvj420p", _PCM)),
    "mjpeg_avi": Shape(".avi", _plain("mjpeg -q:v 3 -pix_fmt yuvj420p", _PCM)),
    "vp8": Shape(".webm", _plain("libvpx -deadline realtime -cpu-used 8 -b:v 1M", "libvorbis")),
    "vp9": Shape(".webm", _plain("libvpx-vp9 -deadline realtime -cpu-used 8 -b:v 1M", OPUS)),
    "av1": Shape(".mp4", _plain("libaom-av1 -cpu-used 8 -usage realtime -b:v 1M", AAC)),
    "prores": Shape(".mov", _plain("prores_ks -profile:v 0 -pix_fmt yuv422p10le", "pcm_s24le")),
    "ffv1": Shape(".mkv", _plain("ffv1", "flac")),
    "gif": Shape(".gif", _plain("gif -pix_fmt gray", None)),
    "ntsc": Shape(".mp4", _plain(H264, AAC, rate="30000/1001")),
    "fast_matroska": Shape(".mkv", _plain(H264, AAC, rate="60000/1001")),
}

TIMINGS: Mapping[str, Shape] = {
    "variable": Shape(".mp4", _timed(_UNEVEN)),
    "variable_matroska": Shape(".mkv", _timed(_UNEVEN)),
    "pictures_missing": Shape(".mp4", _timed("select=mod(n\\,5)-3")),
    "long_step": Shape(".mp4", _timed(_LONG_STEP)),
    "long_last": Shape(".mp4", partial(_copied, before="", after=f"-bsf:v {_LONG_LAST}", source=_no_b)),
    "gif_uneven": Shape(".gif", partial(_animated, durations_ms=[40, 120, 40, 500, 80] * 3 + [900])),
    "webp_uneven": Shape(".webp", partial(_animated, durations_ms=[40, 120, 40, 500, 80]), refused=True),
    "trimmed": Shape(".mp4", partial(_copied, before="-ss 0.36")),
    "trimmed_mov": Shape(".mov", partial(_copied, before="-ss 0.6")),
    "trimmed_open_gop": Shape(".mp4", partial(_copied, before="-ss 0.52", source=_plain(H264_OPEN, AAC))),
    "trimmed_hevc": Shape(".mp4", partial(_copied, before="-ss 0.36", source=_plain(HEVC, AAC))),
    "trimmed_end": Shape(".mp4", partial(_copied, before="-ss 0.36 -t 0.4")),
    "mid_gop_ts": Shape(
        ".ts", partial(_changed, change=partial(damage.later_part, share=0.3), source=_plain(H264, MP2)), damaged=True
    ),
    "mid_gop_mpeg2": Shape(
        ".ts", partial(_changed, change=partial(damage.later_part, share=0.3), source=_plain(MPEG2, MP2)), damaged=True
    ),
    "mid_gop_aac": Shape(
        ".ts", partial(_changed, change=partial(damage.later_part, share=0.3), source=_plain(H264, AAC)), damaged=True
    ),
    "mid_gop_mp4": Shape(".mp4", partial(_copied, before="", after="-ss 0.28 -copyinkf"), damaged=True),
    "early_sound": Shape(".mp4", _plain(H264, AAC, before_sound="-itsoffset -0.3", sound_s=1.3)),
    "late_sound": Shape(".mp4", _plain(H264, AAC, before_sound="-itsoffset 0.4", sound_s=0.6)),
    "late_sound_matroska": Shape(".mkv", _plain(H264, AAC, before_sound="-itsoffset 0.4", sound_s=0.6)),
    "late_picture": Shape(".mp4", _plain(H264, AAC, before_picture="-itsoffset 0.4", sound_s=1.4)),
    "late_picture_ts": Shape(".ts", _plain(H264, MP2, before_picture="-itsoffset 0.4", sound_s=1.4)),
    "clock_forward": Shape(".ts", partial(_joined, offsets_s=(10, 500))),
    "clock_back": Shape(".ts", partial(_joined, offsets_s=(100, 3))),
    "clock_begins_late": Shape(".ts", _plain(H264, AAC, more="-output_ts_offset 5000")),
    "clock_wraps": Shape(".ts", _plain(H264, MP2, frames=50, more="-output_ts_offset 95442.0")),
    "two_programmes": Shape(".ts", _two_programmes),
    "radio_beside": Shape(".ts", _radio_beside),
    "dropped_avi": Shape(".avi", _plain("mpeg4 -q:v 3", "mp2 -b:a 128k", more="-vf select=mod(n\\,5)-3 -fps_mode vfr")),
}

TURNS: Mapping[str, Shape] = {
    f"turned_{name}": Shape(
        ".mp4", partial(_changed, change=partial(damage.with_matrix, turn=name), source=_plain(H264, AAC, turn=name))
    )
    for name in damage.TURNS
} | {
    "wide_pixels": Shape(".mp4", _plain(H264, AAC, more="-aspect 2:1")),
    "narrow_pixels_turned": Shape(
        ".mp4",
        partial(
            _changed,
            change=partial(damage.with_matrix, turn="quarter_right"),
            source=_plain(H264, AAC, turn="quarter_right", more="-aspect 4:3"),
        ),
    ),
}

FIELDS: Mapping[str, Shape] = {
    "tff_h264": Shape(".mp4", _plain(f"{H264} {_TFF} -vf setfield=tff", AAC, fields="tff")),
    "bff_h264": Shape(".mp4", _plain(f"{H264} {_BFF} -vf setfield=bff", AAC, fields="bff")),
    "tff_mpeg2": Shape(".ts", _plain(f"{MPEG2} {_TFF}", MP2, fields="tff")),
    "bff_mpeg2": Shape(".mpg", _plain(f"{MPEG2} {_BFF}", MP2, fields="bff")),
    "tff_prores": Shape(".mov", _plain(f"prores_ks -profile:v 0 -pix_fmt yuv422p10le {_TFF}", _PCM, fields="tff")),
    "bff_ffv1": Shape(".mov", _plain(f"ffv1 {_BFF} -field_order bb", _PCM, fields="bff")),
}

SOUNDS: Mapping[str, Shape] = {
    "silent": Shape(".mp4", _plain(H264, None)),
    "mono": Shape(".mov", _plain(H264, "pcm_s24le", channels=1)),
    "packed_2_float": Shape(".mkv", _plain(H264, "pcm_f32le")),
    "packed_2_fast": Shape(".mov", _plain(H264, _PCM, sound_hz=96000)),
    "mp2_slow": Shape(".mkv", _plain(H264, "mp2 -b:a 64k", channels=1, sound_hz=16000)),
    "packed_6": Shape(".mov", _plain(H264, _PCM, channels=6)),
    "packed_8": Shape(".mov", _plain(H264, _PCM, channels=8)),
    "packed_16": Shape(".mov", _plain(H264, _PCM, channels=16)),
    "packed_24": Shape(".mov", _plain(H264, _PCM, channels=24)),
    "aac_1": Shape(".mp4", _plain(H264, AAC, channels=1)),
    "aac_6": Shape(".mp4", _plain(H264, "aac -b:a 256k", channels=6)),
    "aac_8": Shape(".mp4", _plain(H264, "aac -b:a 256k", channels=8)),
    "ac3_6": Shape(".ts", _plain(H264, "ac3 -b:a 256k", channels=6)),
    "flac_8": Shape(".mkv", _plain(H264, "flac", channels=8)),
    "opus_6": Shape(".mkv", _plain(H264, "libopus -b:a 256k -mapping_family 1", channels=6)),
    "unknown_sound": Shape(".mp4", _unknown_sound),
    "two_streams": Shape(".mov", _plain(H264, AAC, more="-map 1 -c:a:1 pcm_s16le")),
}

_NOISE = partial(damage.noise_in_packets, first=9, last=11)
DAMAGES: Mapping[str, Shape] = {
    "cut_ts": Shape(
        ".ts", partial(_changed, change=partial(damage.first_part, share=0.7), source=_plain(H264, MP2)), True
    ),
    "cut_matroska": Shape(
        ".mkv", partial(_changed, change=partial(damage.first_part, share=0.7), source=_plain(H264, AAC)), True
    ),
    "cut_avi": Shape(
        ".avi", partial(_changed, change=partial(damage.first_part, share=0.7), source=CODECS["mjpeg_avi"].make), True
    ),
    "cut_fragments": Shape(
        ".mp4",
        partial(_changed, change=partial(damage.first_part, share=0.7), source=CODECS["h264_fragments"].make),
        True,
    ),
    "cut_header_first": Shape(
        ".mp4",
        partial(
            _changed, change=partial(damage.first_part, share=0.7), source=_plain(H264, AAC, more="-movflags faststart")
        ),
        True,
    ),
    "cut_header_last": Shape(".mp4", partial(_changed, change=partial(damage.first_part, share=0.7)), refused=True),
    "zeros": Shape(".mp4", partial(_changed, change=damage.zeros_in_the_middle), True),
    "zeros_ts": Shape(".ts", partial(_changed, change=damage.zeros_in_the_middle, source=_plain(MPEG2, MP2)), True),
    "noise_h264": Shape(".mp4", partial(_NOISE, make=film), True),
    "noise_mjpeg": Shape(".mov", partial(_NOISE, make=CODECS["mjpeg_mov"].make), True),
    "noise_mpeg2": Shape(".ts", partial(_NOISE, make=CODECS["mpeg2_ts"].make), True),
    "noise_prores": Shape(".mov", partial(_NOISE, make=CODECS["prores"].make), True),
}

SHAPES: Mapping[str, Shape] = {**CODECS, **TIMINGS, **TURNS, **FIELDS, **SOUNDS, **DAMAGES}


def made(name: str, folder: Path) -> Path:
    """The movie of a name in a folder, made if it is not there yet."""
    shape = SHAPES[name]
    path = folder / f"{name}{shape.suffix}"
    if not path.exists():
        shape.make(path)
    return path
