"""The finding about bit depth and HDR metadata: whether highlights and gradients look as in the source."""

from __future__ import annotations

from typing import Any

from panscan.verify.expectation import Expectation
from panscan.verify.picture_tags import LightLevels, Tags
from panscan.verify.report import Finding

_HDR_TRANSFERS = {16: "PQ", 18: "HLG"}  # by ITU-T H.273
_HDR_BITS = 10  # ITU-R BT.2100 has no fewer: with 8, gradients show steps
_ENCODED_BITS = 10  # the most that encoders are given; sources may have 12
_WITHOUT_LIGHT = ("prores",)  # codecs whose encoders write no light levels
# By how much encoders round: AV1 counts coordinates in 1/65536, and cd/m2 in 1/256 and 1/16384.
_PRIMARIES_SLACK, _LUMINANCE_SLACK_NITS = 0.001, 0.01


def depth(tags: Tags, expectation: Expectation) -> Finding:
    """Whether samples have the bits of the source, and HDR its mastering display and light levels."""
    source = expectation.sources[expectation.cut.clips[0].path].tags
    measured: dict[str, Any] = {
        "bits": tags.bits,
        "expected_bits": source.bits,
        "light": _as_json(tags.light),
        "expected_light": _as_json(source.light),
    }
    if tags.bits < min(source.bits, _ENCODED_BITS) and not source.is_rgb:
        what = f"{tags.bits} bits a sample instead of {source.bits}"
        hdr = _HDR_TRANSFERS.get(tags.transfer) if tags.bits < _HDR_BITS else None
        if hdr:
            return Finding("depth", "fail", f"{what}, which are too few for {hdr}", measured)
        return Finding("depth", "flag", what, measured)
    lost, changed = _wrong_light(tags.light, source.light)
    if changed:
        return Finding("depth", "fail", f"HDR metadata differ from the source: {', '.join(changed)}", measured)
    if lost and tags.codec not in _WITHOUT_LIGHT:
        return Finding("depth", "flag", f"HDR metadata of the source are missing: {', '.join(lost)}", measured)
    return Finding("depth", "pass", f"{tags.bits} bits a sample, HDR metadata as in the source", measured)


def _as_json(light: LightLevels) -> dict[str, list[float]]:
    return {
        "primaries": list(light.primaries),
        "luminance_nits": list(light.luminance_nits),
        "content_nits": list(light.content_nits),
    }


def _wrong_light(found: LightLevels, wanted: LightLevels) -> tuple[list[str], list[str]]:
    """What of the light levels is lost, and what is changed or made up."""
    lost, changed = [], []
    # Encoders take a mastering display only whole.
    is_whole = bool(wanted.primaries and wanted.luminance_nits)
    for name, a, b, slack in (
        ("mastering display", found.primaries, wanted.primaries if is_whole else (), _PRIMARIES_SLACK),
        ("its light", found.luminance_nits, wanted.luminance_nits if is_whole else (), _LUMINANCE_SLACK_NITS),
        ("light levels", found.content_nits, wanted.content_nits, 0),
    ):
        if b and not a:
            lost.append(name)
        elif a and any(abs(x - y) > slack for x, y in zip(a, b or [0.0] * len(a), strict=True)):
            changed.append(name)
    return lost, changed
