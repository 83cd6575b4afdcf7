"""Static metadata of HDR10: mastering display and content light, read from a picture, passed to an encoder."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from panscan.decoding.side_data import side_data_of

# Sizes and order as in FFmpeg's AVMasteringDisplayMetadata (ten rationals, two flags) and AVContentLightMetadata.
_RATIONALS = 10
# Steps per unit in which encoders write primaries and cd/m2 (SMPTE ST 2086).
_CHROMA_STEPS, _LUMA_STEPS = 50_000, 10_000


@dataclass(frozen=True, slots=True)
class HdrMetadata:
    """Mastering display and content light of an HDR10 picture; None where the picture does not say.

    Attributes
    ----------
    primaries : tuple of eight Fraction, optional
        x and y of red, green, blue and white.
    luminance : tuple of two Fraction, optional
        Darkest and brightest in cd/m2.
    content_light : tuple of two int, optional
        MaxCLL (the brightest px) and MaxFALL (the highest mean of a picture) in cd/m2.
    """

    primaries: tuple[Fraction, ...] | None = None
    luminance: tuple[Fraction, Fraction] | None = None
    content_light: tuple[int, int] | None = None


def hdr_metadata_of(frame: Any) -> HdrMetadata | None:
    """The HDR metadata of a decoded picture; None if it has none."""
    primaries: tuple[Fraction, ...] | None = None
    luminance: tuple[Fraction, Fraction] | None = None
    content_light: tuple[int, int] | None = None
    for name, data in side_data_of(frame).items():
        if name == "MASTERING_DISPLAY_METADATA":
            raw = (ctypes.c_int * (2 * _RATIONALS + 2)).from_buffer_copy(data)
            values = [Fraction(raw[2 * n], raw[2 * n + 1] or 1) for n in range(_RATIONALS)]
            if raw[2 * _RATIONALS]:
                primaries = tuple(values[:8])
            if raw[2 * _RATIONALS + 1]:
                luminance = (values[8], values[9])
        elif name == "CONTENT_LIGHT_LEVEL":
            pair = (ctypes.c_uint * 2).from_buffer_copy(data)
            content_light = (int(pair[0]), int(pair[1]))
    if primaries is None and content_light is None:
        return None
    return HdrMetadata(primaries, luminance, content_light)


def mastering_text(hdr_metadata: HdrMetadata, *, fractions: bool) -> str | None:
    """G(x,y)B(..)R(..)WP(..)L(max,min) as encoders read it: whole steps (x264, x265), or decimals (SVT-AV1)."""
    if hdr_metadata.primaries is None or hdr_metadata.luminance is None:
        return None

    def number(value: Fraction, step: int) -> str:
        return f"{float(value):.5f}" if fractions else str(round(value * step))

    red, green, blue, white = (hdr_metadata.primaries[n : n + 2] for n in (0, 2, 4, 6))
    parts = [
        f"{name}({number(at[0], _CHROMA_STEPS)},{number(at[1], _CHROMA_STEPS)})"
        for name, at in (("G", green), ("B", blue), ("R", red), ("WP", white))
    ]
    darkest, brightest = hdr_metadata.luminance
    return "".join(parts) + f"L({number(brightest, _LUMA_STEPS)},{number(darkest, _LUMA_STEPS)})"


def encoder_parameters(hdr_metadata: HdrMetadata | None, encoder: str) -> list[str]:
    """The parameters (key=value) that make an encoder write the metadata; none where it cannot."""
    if hdr_metadata is None or encoder not in ("libx264", "libx265", "libsvtav1"):
        return []
    display_key, level_key = {
        "libx264": ("mastering-display", "cll"),
        "libx265": ("master-display", "max-cll"),
        "libsvtav1": ("mastering-display", "content-light"),
    }[encoder]
    found = []
    display = mastering_text(hdr_metadata, fractions=encoder == "libsvtav1")
    if display:
        found.append(f"{display_key}={display}")
    if hdr_metadata.content_light:
        found.append(f"{level_key}={hdr_metadata.content_light[0]},{hdr_metadata.content_light[1]}")
    return [*found, "hdr10=1", "repeat-headers=0"] if found and encoder == "libx265" else found
