"""What editors write about a sound clip: its channels, level, place between left and right, and fades.

Each editor keeps it in metadata of its own; `said_by_editor` reads it into the words of docs/format.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from lxml import etree

from panscan.timeline.effect import plain_metadata
from panscan.timeline.otio_time import MAX_DENOMINATOR, exact_rate, exact_seconds

SILENT_DB = -120.0  # below the noise of 16 bits: what editors write as nothing, or as minus infinity
_FCPXML, _XMEML, _RESOLVE, _EDIT_LIST = "fcpxml", "fcp_xml", "Resolve_OTIO", "cmx_3600"
_LEVEL, _PAN = "audiolevels", "audiopan"  # effect ids of FCP7 XML
_EQUAL_POWER = "easeIn"  # Final Cut's fade "+3dB"
_PAN_PERCENT = 100  # Final Cut's panner goes from -100, left, to 100, right
_TIME = re.compile(r"\s*(-?\d+)(?:/(\d+))?s\s*")
_DB = re.compile(r"\s*([-+]?[\d.]+(?:e[-+]?\d+)?|-inf)\s*dB\s*", re.IGNORECASE)


def said_by_editor(clip: Any, streams: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """What a sound clip says of its sound, for metadata["panscan"]["sound"]; empty where it says nothing.

    Parameters
    ----------
    clip : otio.schema.Clip
        Its media's available_range is right.
    streams : sequence of (int, int)
        Channels and samples per second of each sound stream of its media.
    """
    metadata = plain_metadata(clip.metadata)
    said: dict[str, Any] = {}
    if _FCPXML in metadata:
        said |= _of_fcpxml(metadata[_FCPXML], clip, streams)
    if _XMEML in metadata:
        said |= _of_xmeml(metadata[_XMEML], clip, streams)
    if isinstance(metadata.get(_RESOLVE), dict):
        said |= _of_resolve(metadata[_RESOLVE], streams)
    if isinstance(metadata.get(_EDIT_LIST), dict):
        said |= _of_edit_list(metadata[_EDIT_LIST], clip)
    return _louder(said, _level_of_nests_db(clip))


def _level_of_nests_db(clip: Any) -> float:
    """The level of the compound clips that hold a clip; one that changes counts as it is at its start."""
    level_db, parent = 0.0, clip.parent()
    while parent is not None:
        own = parent.metadata.get(_FCPXML)
        texts = [str(text) for text in own.get("elements", ())] if own is not None else []
        for volume in (etree.fromstring(text) for text in texts if text.startswith("<adjust-volume")):
            level_db += _first_db(_fcpxml_volume(volume, Fraction(0)))
        for effect in parent.effects:
            level_db += _first_db(_xmeml_filter(effect, Fraction(1)))
        parent = parent.parent()
    return level_db


def _first_db(said: dict[str, Any]) -> float:
    level = said.get("gain_db", 0.0)
    return float(level[0][2] if isinstance(level, list) else level)


def _louder(said: dict[str, Any], more_db: float) -> dict[str, Any]:
    if not more_db:
        return said
    level = said.get("gain_db", 0.0)
    if isinstance(level, list):
        return said | {"gain_db": [[n, d, db + more_db] for n, d, db in level]}
    return said | {"gain_db": level + more_db}


def unread_effects(clip: Any) -> Iterator[str]:
    """Names of what else an editor does to a sound, which only the editor can."""
    for effect in clip.effects:
        own = effect.metadata.get(_XMEML)
        is_read = own is not None and str(own.get("effectid", "")).lower() in (_LEVEL, _PAN, "timeremap")
        if not is_read and effect.schema_name() == "Effect":
            yield str(effect.effect_name or effect.name or "effect")
    own = clip.metadata.get(_FCPXML)
    for text in own.get("elements", ()) if own is not None else ():
        if "<filter-audio" in str(text):
            yield str(etree.fromstring(str(text)).get("name", "filter"))


def solo_tracks(timeline: Any) -> list[Any]:
    """Switch off the sound tracks that are silent because others are on solo, and return them."""
    tracks = list(timeline.audio_tracks())
    solo = [t for t in tracks if isinstance(t.metadata.get(_RESOLVE), Mapping) and t.metadata[_RESOLVE].get("SoloOn")]
    silent = [t for t in tracks if solo and not any(t is other for other in solo) and t.enabled]
    for track in silent:
        track.enabled = False
    return silent


def _of_resolve(own: dict[str, Any], streams: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Resolve names stream and channel of each channel of a clip, both from 0."""
    chosen = [
        (int(entry.get("Source Track ID", 0)), int(entry.get("Source Channel ID", 0)))
        for entry in own.get("Channels", [])
        if isinstance(entry, dict)
    ]
    return _choice(chosen, streams)


def _of_edit_list(own: dict[str, Any], clip: Any) -> dict[str, Any]:
    """Edit lists: levels in dB at frames of the media's timecode."""
    rate = exact_rate(clip.trimmed_range().start_time.rate)
    available = clip.media_reference.available_range
    zero_s = Fraction(0) if available is None else exact_seconds(available.start_time)
    levels = [(Fraction(_float(at)) / rate - zero_s, _float(db)) for at, db in own.get("levels", [])]
    return _gain(levels) if levels else {}


def _choice(chosen: Sequence[tuple[int, int]], streams: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """A choice of (stream, channel): one stream and its channels, or several whole streams."""
    if not chosen or any(number >= len(streams) or channel >= streams[number][0] for number, channel in chosen):
        return {}  # nothing, or of another version of the file: as if nothing was said
    numbers = sorted({number for number, _ in chosen})
    if len(numbers) > 1:
        return {"streams": numbers}
    stream = numbers[0]
    channels = sorted({channel for _, channel in chosen})
    said: dict[str, Any] = {"stream": stream} if stream else {}
    return said | ({"channels": channels} if len(channels) < streams[stream][0] else {})


def _numbered(channel: int, streams: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """(stream, channel) of a channel that is counted from 0 over all streams."""
    for number, (count, _) in enumerate(streams):
        if channel < count:
            return number, channel
        channel -= count
    return len(streams), channel


def _of_xmeml(own: dict[str, Any], clip: Any, streams: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """FCP7 XML: `sourcetrack` counts channels from 1; levels are factors, keyed in frames of the media."""
    source = own.get("sourcetrack")
    track = str(source.get("trackindex", "")) if isinstance(source, dict) else ""
    # Premiere writes both sides of a stereo sound; of the two tracks the adapter reads the first.
    sides = 2 if own.get("@premiereChannelType") == "stereo" else 1
    chosen = range(int(track) - 1, int(track) - 1 + sides) if track.isdigit() and int(track) > 0 else ()
    said = _choice([_numbered(channel, streams) for channel in chosen], streams)
    rate = exact_rate(clip.trimmed_range().start_time.rate)
    for effect in clip.effects:
        said |= _xmeml_filter(effect, rate)
    return said


def _xmeml_filter(effect: Any, rate: Fraction) -> dict[str, Any]:
    """What a filter for level or pan says; `rate`: frames per second of its keys."""
    written = effect.metadata.get(_XMEML)
    kind = str(written.get("effectid", "")).lower() if written is not None else ""
    said: dict[str, Any] = {}
    if kind not in (_LEVEL, _PAN):
        return said
    listed = plain_metadata(written).get("parameter", [])
    for parameter in listed if isinstance(listed, list) else [listed]:
        name = str(parameter.get("parameterid", "")).lower()
        if kind == _LEVEL and name == "level":
            said |= _xmeml_level(parameter, rate)
        elif kind == _PAN and name == "pan":
            said |= _pan(_float(parameter.get("value")))
    return said


def _xmeml_level(parameter: dict[str, Any], rate: Fraction) -> dict[str, Any]:
    keys = parameter.get("keyframe", [])
    found = [
        (Fraction(_float(key.get("when"))).limit_denominator(MAX_DENOMINATOR) / rate, _db(_float(key.get("value"))))
        for key in (keys if isinstance(keys, list) else [keys])
        if key.get("when") is not None
    ]
    return _gain(found or [(Fraction(0), _db(_float(parameter.get("value"), 1.0)))])


def _of_fcpxml(own: dict[str, Any], clip: Any, streams: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """FCPXML: levels in dB, keyed on the clip's local time; channels are counted from 1."""
    attributes = own.get("attributes", {})
    # A clip brings all channels of its asset; streams of several channels are versions, such as languages.
    is_split = len(streams) > 1 and all(count == 1 for count, _ in streams)
    everything = {"streams": list(range(len(streams)))} if is_split else {}
    said = _choice(_channels(attributes.get("srcCh", ""), streams), streams) or everything
    available = clip.media_reference.available_range
    zero_s = Fraction(0) if available is None else exact_seconds(available.start_time)
    local = attributes.get("audioStart") or attributes.get("start")
    begins_s = exact_seconds(clip.trimmed_range().start_time)
    shift_s = begins_s - zero_s - (_time_s(local) if local else begins_s)
    heard: list[tuple[int, int]] = []
    off: list[tuple[int, int]] = []
    for text in own.get("elements", []):
        element = etree.fromstring(text)
        if element.tag == "adjust-volume":
            said |= _fcpxml_volume(element, shift_s)
        elif element.tag == "adjust-panner":
            said |= _pan(_float(element.get("amount")) / _PAN_PERCENT)
        elif element.tag == "audio-channel-source":
            is_off = "0" in (element.get("enabled"), element.get("active"))
            (off if is_off else heard).extend(_channels(element.get("srcCh", ""), streams))
            for volume in element.iterfind("adjust-volume") if not is_off else ():
                said |= _fcpxml_volume(volume, shift_s)
    every = [(number, channel) for number, (count, _) in enumerate(streams) for channel in range(count)]
    if off and not heard:
        heard = [channel for channel in every if channel not in off]
        if not heard:
            return said | {"gain_db": SILENT_DB}
    return said | _choice(heard, streams)


def _channels(text: str, streams: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Channels as Final Cut counts them: from 1, over all streams."""
    return [_numbered(int(number) - 1, streams) for number in re.findall(r"\d{1,4}", text) if int(number) > 0]


def _fcpxml_volume(element: etree._Element, shift_s: Fraction) -> dict[str, Any]:
    said: dict[str, Any] = {}
    keys = [
        (_time_s(key.get("time", "0s")) + shift_s, _parsed_db(key.get("value", "0dB")))
        for key in element.iterfind("param/keyframeAnimation/keyframe")
    ]
    said |= _gain(keys or [(Fraction(0), _parsed_db(element.get("amount", "0dB")))])
    for end, tag in (("fade_in", "fadeIn"), ("fade_out", "fadeOut")):
        fade = element.find(f"param/{tag}")
        if fade is not None:
            length_s = _time_s(fade.get("duration", "0s"))
            said[end] = [length_s.numerator, length_s.denominator]
            if fade.get("type") == _EQUAL_POWER:
                said["fade_shape"] = "equal-power"
    return said


def _gain(keys: Sequence[tuple[Fraction, float]]) -> dict[str, Any]:
    levels = {db for _, db in keys}
    if levels == {0.0}:
        return {}
    if len(levels) == 1:
        return {"gain_db": levels.pop()}
    return {"gain_db": [[time_s.numerator, time_s.denominator, db] for time_s, db in sorted(keys)]}


def _pan(value: float) -> dict[str, Any]:
    return {"pan": min(max(value, -1.0), 1.0)} if value else {}


def _db(factor: float) -> float:
    return max(20 * math.log10(factor), SILENT_DB) if factor > 0 else SILENT_DB


def _parsed_db(text: str) -> float:
    match = _DB.fullmatch(text)
    if match is None:
        return 0.0
    return max(float(match[1]), SILENT_DB)


def _time_s(text: str) -> Fraction:
    match = _TIME.fullmatch(text)
    return Fraction(int(match[1]), int(match[2] or 1) or 1) if match else Fraction(0)


def _float(value: Any, default: float = 0.0) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return default
    return number if math.isfinite(number) else default
