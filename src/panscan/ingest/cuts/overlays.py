"""Whether a clip's settings leave the tracks below it visible: smaller than the frame, transparent or blended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_NUMBER = r"-?\d+(?:\.\d+)?"
_SCALE = re.compile(rf'<adjust-transform\b[^>]*\bscale="({_NUMBER}) ({_NUMBER})"')
_AMOUNT = re.compile(rf'<adjust-blend\b[^>]*\bamount="({_NUMBER})"')
_MODE = re.compile(r'<adjust-blend\b[^>]*\bmode="(?!0")')
_FULL = 0.999  # share of full size or opacity: editors write 0.9999 for 1


def reveals_lower_tracks(clip: Any) -> bool:
    """Whether the clip is set to less than its full size or opacity, or to another blend mode than the normal one.

    Read are the settings of FCPXML, of the OTIO files of Resolve and Premiere, the opacity of FCP7 XML, and the keys of
    edit lists. A scale in FCP7 XML and in Premiere counts native pixels, so it does not say whether the picture fills
    the frame.
    """
    return _in_fcpxml(clip) or _in_edit_list(clip) or any(_in_effect(effect) for effect in clip.effects)


def _in_fcpxml(clip: Any) -> bool:
    metadata = _get(clip.metadata, "fcpxml", {})
    text = " ".join(str(element) for element in _get(metadata, "elements", []))
    scale, amount = _SCALE.search(text), _AMOUNT.search(text)
    is_smaller = scale is not None and min(abs(float(scale[1])), abs(float(scale[2]))) < _FULL
    return is_smaller or (amount is not None and float(amount[1]) < _FULL) or _MODE.search(text) is not None


def _in_edit_list(clip: Any) -> bool:
    return str(_get(_get(clip.metadata, "cmx_3600", {}), "edit", "")).startswith("K")


def _in_effect(effect: Any) -> bool:
    resolve = _get(effect.metadata, "Resolve_OTIO", None)
    if resolve is not None and _get(resolve, "Enabled", True):
        values = {str(_get(p, "Parameter ID", "")): _get(p, "Parameter Value", None) for p in _parameters(resolve)}
        zooms = [values.get("transformationZoomX"), values.get("transformationZoomY")]
        if any(_below(zoom, _FULL) for zoom in zooms) or _below(values.get("opacity"), 100 * _FULL):
            return True
        return values.get("composite mode", 0) not in (0, None)
    premiere = _get(effect.metadata, "PremierePro_OTIO", None)
    if premiere is not None:
        return any(
            _below(_get(_get(p, "StartValue", {}), "Value", None), 100 * _FULL)
            for p in _parameters(premiere)
            if _get(p, "DisplayName", "") == "Opacity"
        )
    fcp7 = _get(effect.metadata, "fcp_xml", None)
    if fcp7 is not None and str(_get(fcp7, "effectid", "")) == "opacity":
        return any(
            _below(_get(p, "value", None), 100 * _FULL)
            for p in _parameters(fcp7, "parameter")
            if _get(p, "parameterid", "") == "opacity"
        )
    return False


def _parameters(owner: Any, name: str = "Parameters") -> Iterator[Any]:
    listed = _get(owner, name, [])
    yield from [listed] if hasattr(listed, "keys") else listed


def _get(owner: Any, name: str, default: Any) -> Any:
    """A value of a mapping; the default if there is none or `owner` is no mapping: metadata may hold anything."""
    found = owner.get(name, default) if hasattr(owner, "get") else default
    return default if found is None else found


def _below(value: Any, limit: float) -> bool:
    try:
        return value is not None and float(value) < limit
    except (TypeError, ValueError):
        return False
