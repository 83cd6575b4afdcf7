"""The resources of an FCPXML file: formats, assets, effects and compound clips, each written once."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from lxml import etree

from panscan.deliver.sequence import DEFAULT_SOUND_HZ, SoundMedia
from panscan.deliver.xml_text import xml_safe
from panscan.model.geometry import Size
from panscan.timeline.cut import FramedClip
from panscan.timeline.transitions import CROSS_DISSOLVE_ID

# Final Cut's project rates in frames per second, as its format names and conform-rate spell them.
PROJECT_RATES: dict[Fraction, tuple[str, str]] = {
    Fraction(24000, 1001): ("2398", "23.98"),
    Fraction(24): ("24", "24"),
    Fraction(25): ("25", "25"),
    Fraction(30000, 1001): ("2997", "29.97"),
    Fraction(30): ("30", "30"),
    Fraction(50): ("50", "50"),
    Fraction(60000, 1001): ("5994", "59.94"),
    Fraction(60): ("60", "60"),
}
# Picture sizes that have a format name of their own in Final Cut's exports.
_SIZE_NAMES = {
    Size(1280, 720): "720p",
    Size(1920, 1080): "1080p",
    Size(3840, 2160): "3840x2160p",
    Size(4096, 2160): "4096x2160p",
}
_CUSTOM_FORMAT = "FFVideoFormatRateUndefined"  # Final Cut's name for every other size and rate
REC_709 = "1-1-1 (Rec. 709)"
# Primaries, transfer and matrix, with the names that Apple's DTD lists. The transfer curves 14 and 15 are that of
# Rec. 709 at 10 and 12 bits (ITU-T H.273).
_COLOURS = {
    (1, 1, 1): REC_709,
    (9, 1, 9): "9-1-9 (Rec. 2020)",
    (9, 14, 9): "9-1-9 (Rec. 2020)",
    (9, 15, 9): "9-1-9 (Rec. 2020)",
    (9, 16, 9): "9-16-9 (Rec. 2020 PQ)",
    (9, 18, 9): "9-18-9 (Rec. 2020 HLG)",
}
# Name and uid of Final Cut's own effects, as its exports have them.
MAX_DENOMINATOR = 2**31 - 1  # of a time: Final Cut's have 32 bits, with a sign
CROSS_DISSOLVE = ("Cross Dissolve", f"FxPlug:{CROSS_DISSOLVE_ID}")
AUDIO_CROSSFADE = ("Audio Crossfade", "FFAudioTransition")


def fcpxml_time(frames: int, rate: Fraction) -> str:
    """A time of whole frames as Final Cut spells it: "3s", or multiples of the frame's own fraction ("1001/30000s")."""
    ticks = frames * rate.denominator
    return f"{ticks // rate.numerator}s" if ticks % rate.numerator == 0 else f"{ticks}/{rate.numerator}s"


def seconds_time(value_s: Fraction, rate: Fraction) -> str:
    """A time that need not be whole frames; one that is is spelt as such."""
    frames = value_s * rate
    if frames.denominator == 1:
        return fcpxml_time(int(frames), rate)
    value = value_s.limit_denominator(MAX_DENOMINATOR)
    return f"{value.numerator}s" if value.denominator == 1 else f"{value.numerator}/{value.denominator}s"


def colour_space(clip: FramedClip) -> str:
    """The colour space of a clip's media among those that projects have; Rec. 709 where its file names no other."""
    return _COLOURS.get(clip.facts.colour or (1, 1, 1), REC_709)


def _sound_attributes(streams: Sequence[tuple[int, int]]) -> dict[str, str]:
    return {
        "hasAudio": "1",
        "audioSources": str(len(streams)),
        "audioChannels": str(max(channels for channels, _ in streams)),
        "audioRate": str(streams[0][1]),
    }


class Resources:
    """The resources element; the same format, asset or effect is written once."""

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self._ids: dict[object, str] = {}
        self._compound_clips: list[etree._Element] = []

    def _id(self, key: object) -> tuple[str, bool]:
        known = key in self._ids
        return self._ids.setdefault(key, f"r{len(self._ids) + 1}"), not known

    def format(self, size: Size, rate: Fraction | None, colour: str | None = None) -> str:
        """Id of a format; one of photos has no rate. Media get no colour: the file itself says it."""
        identifier, new = self._id(("format", size, rate, colour))
        if new:
            attributes = {"id": identifier, "name": _CUSTOM_FORMAT}
            if rate is not None:
                if size in _SIZE_NAMES and rate in PROJECT_RATES:
                    attributes["name"] = f"FFVideoFormat{_SIZE_NAMES[size]}{PROJECT_RATES[rate][0]}"
                attributes["frameDuration"] = fcpxml_time(1, rate)
            attributes |= {"width": str(size.width), "height": str(size.height)}
            if colour:
                attributes["colorSpace"] = colour
            etree.SubElement(self._element, "format", attributes)
        return identifier

    def asset(self, clip: FramedClip) -> tuple[str, str]:
        """Ids of a clip's asset and of the asset's own format."""
        facts, rate = clip.facts, clip.framing.rate
        media_format = self.format(facts.size, None if facts.is_still else facts.rate)
        # As in Final Cut's own exports, a photo has no length.
        first, count = (0, 0) if facts.is_still else (clip.available_first, clip.available_count)
        identifier, new = self._id(("asset", clip.path, first, count, facts))
        if new:
            attributes = {
                "id": identifier,
                "name": xml_safe(clip.path.name),  # with its extension: Resolve relinks by it
                "start": fcpxml_time(first, rate),
                "duration": fcpxml_time(count, rate),
                "hasVideo": "1",
                "format": media_format,
                "videoSources": "1",
            }
            if facts.audio:
                attributes |= _sound_attributes(facts.audio)
            asset = etree.SubElement(self._element, "asset", attributes)
            etree.SubElement(asset, "media-rep", kind="original-media", src=clip.path.absolute().as_uri())
        return identifier, media_format

    def sound_asset(self, media: SoundMedia, rate: Fraction) -> str:
        """Id of the asset of a sound: that of its picture, or one without a picture."""
        if media.clip is not None:
            return self.asset(media.clip)[0]
        identifier, new = self._id(("sound", media))
        if new:
            attributes = {
                "id": identifier,
                "name": xml_safe(media.path.name),
                "start": seconds_time(media.start_s, rate),
                "duration": seconds_time(media.length_s, rate),
                **_sound_attributes(media.streams or ((2, DEFAULT_SOUND_HZ),)),
            }
            asset = etree.SubElement(self._element, "asset", attributes)
            etree.SubElement(asset, "media-rep", kind="original-media", src=media.path.absolute().as_uri())
        return identifier

    def effect(self, name_and_uid: tuple[str, str]) -> str:
        """Id of one of Final Cut's own effects (name, uid), as its exports name them."""
        identifier, new = self._id(("effect", name_and_uid))
        if new:
            etree.SubElement(self._element, "effect", id=identifier, name=name_and_uid[0], uid=name_and_uid[1])
        return identifier

    def compound(self, name: str, attributes: dict[str, str]) -> tuple[str, etree._Element]:
        """Id and empty spine of a new compound clip whose sequence has these attributes."""
        identifier, _ = self._id(("compound", len(self._ids)))
        # Added by `append_compound_clips`: everything it refers to must come before it in the file.
        media = etree.Element("media", id=identifier, name=name)
        self._compound_clips.append(media)
        return identifier, etree.SubElement(etree.SubElement(media, "sequence", attributes), "spine")

    def append_compound_clips(self) -> None:
        """Put the compound clips after everything they refer to."""
        self._element.extend(self._compound_clips)
        self._compound_clips.clear()
