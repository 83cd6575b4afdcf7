"""Which encoder of this machine writes a codec, in which pixel format and with which options."""

from __future__ import annotations

import os
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import av.error

from panscan.errors import CapabilityError, UsageError, did_you_mean
from panscan.render.picture.hdr_metadata import HdrMetadata, encoder_parameters
from panscan.render.picture.planes import PLANAR_FORMATS
from panscan.render.processor import AVX2, AVX512, has_vector_unit
from panscan.render.settings import RenderSettings

# Encoders by codec: FFmpeg's software encoder, and the first part of the names of hardware encoders.
_SOFTWARE = {"h264": "libx264", "h265": "libx265", "av1": "libsvtav1", "prores": "prores_ks"}
_STEMS = {"h264": "h264", "h265": "hevc", "av1": "av1", "prores": "prores"}
FAMILIES = ("nvenc", "videotoolbox", "qsv", "amf", "vaapi")

# The speed presets of hardware encoders that have any.
_PRESETS = {
    "nvenc": ("p1", "p2", "p3", "p4", "p5", "p6", "p7"),
    "qsv": ("veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"),
}

# What the movie's container is allowed to hold.
_SUFFIXES = {"h264": (".mp4", ".mov", ".mkv"), "h265": (".mp4", ".mov", ".mkv"), "av1": (".mp4", ".mkv")}
_SUFFIXES["prores"] = (".mov", ".mkv")
CONTAINERS = (".mp4", ".mov", ".mkv")

_PROBE_SIZE = (256, 256)  # px; some hardware encoders refuse smaller pictures
_PRORES_4444 = 4  # the encoder's number of the profile
_WORST_CRF = 51  # of x264's scale, which the settings use
_VIDEOTOOLBOX_STEPS = 118  # FF_QP2LAMBDA: FFmpeg's steps per unit of VideoToolbox's quality


@dataclass(frozen=True, slots=True)
class Encoder:
    """An encoder of this machine.

    Attributes
    ----------
    name : str
        FFmpeg's.
    software : bool
        It runs on the processor.
    accepts : tuple of str
        Its own pixel formats.
    """

    name: str
    software: bool
    accepts: tuple[str, ...]


def check_container(codec: str, output: Path) -> None:
    """Refuse a codec that a container cannot hold.

    Raises
    ------
    UsageError
        With a container that can.
    """
    suffix = output.suffix.lower()
    if suffix not in CONTAINERS:
        raise UsageError(
            f"cannot write {output.name}",
            why=f"The suffix {suffix or '(none)'} names no container for a rendered movie.",
            fix=f"Use one of {', '.join(CONTAINERS)}.",
        )
    if suffix not in _SUFFIXES[codec]:
        raise UsageError(
            f"cannot write {output.name}: {codec} does not go into {suffix}",
            why="Players and editors would not read it.",
            fix=f"Use {' or '.join(_SUFFIXES[codec])}.",
        )


def encoder_for(settings: RenderSettings) -> Encoder:
    """The encoder that the settings ask for.

    Raises
    ------
    CapabilityError
        It is not on this machine; the message names what is.
    UsageError
        It is a hardware encoder that does not know the preset.
    """
    if not settings.hardware:
        name = _SOFTWARE[settings.codec]
        accepts = _formats(name)
        if accepts is None:
            raise CapabilityError(
                f"{settings.codec} video cannot be written here",
                why=f"PyAV was built without {name}.",
                fix="Install PyAV from its binary wheel, or choose another --codec.",
            )
        return Encoder(name, True, accepts)
    families = FAMILIES if settings.hardware == "auto" else (settings.hardware,)
    for family in families:
        name = f"{_STEMS[settings.codec]}_{family}"
        if _works(name):
            _check_preset(name, family, settings.preset)
            return Encoder(name, False, _formats(name) or ())
    wanted = "hardware" if settings.hardware == "auto" else settings.hardware
    working = [name for name in hardware_encoders() if not name.startswith(_STEMS[settings.codec])]
    raise CapabilityError(
        f"no {wanted} encoder for {settings.codec} works here",
        why=f"Hardware encoders that work: {', '.join(working) or 'none'}. Software: {', '.join(software_codecs())}.",
        fix="Leave --hardware out, or choose a codec from that list.",
    )


def _check_preset(name: str, family: str, preset: str) -> None:
    known = _PRESETS.get(family, ())
    if preset and preset not in known:
        raise UsageError(
            f"{name} has no preset {preset!r}",
            why=f"Its presets are {', '.join(known)}." if known else "It has one speed.",
            fix=(did_you_mean(preset, known) or "Choose one of these.") if known else "Leave the preset out.",
        )


def hardware_encoders() -> list[str]:
    """Names of all hardware encoders that really encode a picture here."""
    names = [f"{stem}_{family}" for stem in _STEMS.values() for family in FAMILIES]
    return [name for name in names if _works(name)]


def software_codecs() -> list[str]:
    """The codecs that can be written without hardware."""
    return [codec for codec, name in _SOFTWARE.items() if _formats(name) is not None]


@lru_cache(maxsize=64)
def _formats(name: str) -> tuple[str, ...] | None:
    """Pixel formats that an encoder takes; None where there is no such encoder."""
    try:
        return tuple(f.name for f in av.codec.Codec(name, "w").video_formats or ())
    except ValueError:  # PyAV's UnknownCodecError is one
        return None


@lru_cache(maxsize=64)
def _works(name: str) -> bool:
    """Whether an encoder opens and takes a picture: many builds name encoders whose driver is missing."""
    accepts = _formats(name)
    if not accepts:
        return False
    try:
        context: Any = av.CodecContext.create(name, "w")
        context.width, context.height = _PROBE_SIZE
        context.pix_fmt = next((f for f in ("yuv420p", "nv12") if f in accepts), accepts[0])
        context.time_base = Fraction(1, 25)
        context.framerate = Fraction(25)
        # Some drivers open an encoder but not its constant quality, so the real options are tried.
        codec = next((codec for codec, stem in _STEMS.items() if name.startswith(stem)), "h264")
        settings = RenderSettings.of(codec, hardware="auto")
        context.options = options_for(Encoder(name, False, accepts), settings, context.pix_fmt, None)
        frame = av.VideoFrame(*_PROBE_SIZE, context.pix_fmt)
        frame.pts = 0
        context.encode(frame)
        context.encode(None)
    except (av.error.FFmpegError, ValueError, OSError):
        return False
    return True


def composed_format(working: str, encoder: Encoder) -> str:
    """The name of `planes.PLANAR_FORMATS` to compose in: the source's own, or the nearest that the encoder takes.

    Encoders of ProRes want ten bits and at least 4:2:2; SVT-AV1 takes 4:2:0 only.
    """
    fits = [name for name in PLANAR_FORMATS if name in encoder.accepts]
    if working in fits:
        return working
    wanted = PLANAR_FORMATS[working]

    def distance(name: str) -> tuple[bool, int, bool]:
        # First of all nothing may be lost; then as little as possible is added.
        fmt = PLANAR_FORMATS[name]
        loses = fmt.bits < wanted.bits or fmt.sub_x > wanted.sub_x or fmt.sub_y > wanted.sub_y
        size = (wanted.sub_x * wanted.sub_y) / (fmt.sub_x * fmt.sub_y)
        return loses, round(8 * abs(size - 1)), fmt.bits != wanted.bits

    if fits:
        return min(fits, key=distance)
    # The rest are hardware encoders of semi-planar 4:2:0; `coded_format` names the encoder's own format for it.
    return "yuv420p10le" if wanted.bits > 8 and {"p010le"} & set(encoder.accepts) else "yuv420p"


def coded_format(composed: str, encoder: Encoder) -> str:
    """The pixel format to give to the encoder for what was composed."""
    if composed in encoder.accepts or encoder.software:
        return composed
    return "p010le" if composed == "yuv420p10le" else "nv12"


def options_for(
    encoder: Encoder, settings: RenderSettings, composed: str, hdr_metadata: HdrMetadata | None
) -> dict[str, str]:
    """Encoder options: speed, quality, keyframes, HDR metadata."""
    crf, preset, gop = str(settings.crf), settings.preset, settings.gop_frames
    options: dict[str, str] = {"g": str(gop)} if gop else {}
    if not encoder.software and preset:
        options["preset"] = preset
    parameters = encoder_parameters(hdr_metadata, encoder.name)
    if encoder.name == "prores_ks":
        profile = _PRORES_4444 if composed.startswith("yuv444") else settings.crf
        return options | {"profile": str(profile), "vendor": "apl0"}
    if encoder.name == "libsvtav1":
        # SVT-AV1 writes to stderr, whatever FFmpeg's log level.
        os.environ.setdefault("SVT_LOG", "1")
        options |= {"preset": preset if preset.isdecimal() else "8", "crf": crf}
        if gop:
            parameters.append("scd=0")
    elif encoder.software:
        options |= {"preset": preset, "crf": crf}
        if gop:
            parameters += [f"keyint={gop}", f"min-keyint={gop}", "scenecut=0", "open-gop=0"]
        if encoder.name == "libx264" and settings.repeatable and has_vector_unit(AVX512):
            parameters.append(f"asm={AVX2}")  # with AVX-512, its ratings of blocks differ from run to run
        if encoder.name == "libx265":
            parameters.append("log-level=error")
    elif encoder.name == "prores_videotoolbox":
        options |= {"profile": crf}
    elif encoder.name.endswith("videotoolbox"):
        # Its quality goes up to 100, the best, and counts only with this flag.
        quality = 100 - round(100 * settings.crf / _WORST_CRF)
        options |= {"flags": "+qscale", "global_quality": str(_VIDEOTOOLBOX_STEPS * quality)}
    elif encoder.name.endswith("nvenc"):
        options |= {"rc": "vbr", "cq": crf, "b": "0"}
    elif encoder.name.endswith("amf"):
        options |= {"rc": "cqp", "qp_i": crf, "qp_p": crf}
    elif encoder.name.endswith("vaapi"):
        options |= {"qp": crf}
    else:
        options |= {"global_quality": crf}
    key = {"libx264": "x264-params", "libx265": "x265-params", "libsvtav1": "svtav1-params"}.get(encoder.name)
    return options | ({key: ":".join(parameters)} if key and parameters else {})
