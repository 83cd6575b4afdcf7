"""Facts about each media, kept in metadata["panscan"] of its reference so that no file is probed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, get_args

from panscan.errors import DocumentError
from panscan.model.framing import Framing
from panscan.model.geometry import Size
from panscan.model.media import Fields, Media, StillFacts
from panscan.timeline.effect import NAMESPACE, plain_metadata

_UNSPECIFIED = [2, 2, 2]  # primaries, transfer and matrix: "unspecified" in ITU-T H.273

# Far beyond any movie; a damaged file must not ask for a picture that no memory holds.
_MAX_SIDE_PX = 100_000
_MAX_RATE_HZ = 10_000


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What a delivery must know of a media file.

    Attributes
    ----------
    size : Size
        Of the upright picture in display px.
    rate : Fraction
        Frames of its grid per second.
    audio : tuple of (int, int)
        Channels and samples per second of each stream.
    timecode : str, optional
        Of the first picture.
    is_vfr : bool
        Its pictures stray from the grid.
    colour : tuple of three int, optional
        Primaries, transfer and matrix as ITU-T H.273 numbers them; None where the file does not say.
    fields : Fields
        What of it is deinterlaced.
    still : StillFacts, optional
        Of a photo: one picture that can stand on any number of frames.
    """

    size: Size
    rate: Fraction
    audio: tuple[tuple[int, int], ...]
    timecode: str | None
    is_vfr: bool
    colour: tuple[int, int, int] | None = None
    fields: Fields = "progressive"
    still: StillFacts | None = None

    @property
    def is_still(self) -> bool:
        """Whether it is a photo."""
        return self.still is not None


def still_payload(still: StillFacts, size: Size, rate: Fraction) -> dict[str, Any]:
    """The JSON-ready dictionary of a photo's facts; `rate`: of the timeline, for a photo has none."""
    return {
        "size_px": [size.width, size.height],
        "rate": [rate.numerator, rate.denominator],
        "vfr": False,
        "audio": [],
        "timecode": None,
        "still": still_words(still),
    }


def still_words(still: StillFacts) -> dict[str, Any]:
    """What is kept of a photo, JSON-ready."""
    return {"turn": still.turn, "profile": still.profile, "transparent": still.is_transparent}


def facts_payload(media: Media) -> dict[str, Any]:
    """The JSON-ready dictionary of a media's facts (docs/format.md)."""
    video = media.video
    colour = [video.colour.primaries, video.colour.transfer, video.colour.matrix]
    fields = {"fields": video.fields} if video.fields != "progressive" else {}
    return (
        {
            "size_px": [video.display_size.width, video.display_size.height],
            "rate": [video.rate.numerator, video.rate.denominator],
            "vfr": video.is_vfr,
            "audio": [{"channels": a.channels, "rate_hz": a.rate_hz} for a in media.audio],
            "timecode": media.timecode,
        }
        | ({"colour": colour} if colour != _UNSPECIFIED else {})
        | fields
        | ({"still": still_words(media.still)} if media.still is not None else {})
    )


def facts_of(reference: Any, framing: Framing) -> MediaFacts:
    """The facts on an OTIO media reference; size and rate are the framing's where there are none.

    Raises
    ------
    DocumentError
        They are damaged.
    """
    kept = plain_metadata(reference.metadata).get(NAMESPACE, {})
    try:
        width, height = (_count(v) for v in kept.get("size_px", [framing.source.width, framing.source.height]))
        numerator, denominator = (
            _count(v) for v in kept.get("rate", [framing.rate.numerator, framing.rate.denominator])
        )
        still = _still(kept["still"]) if kept.get("still") is not None else None
        rate = Fraction(numerator, denominator) if still is None else framing.rate  # a photo has none of its own
        timecode, colour = kept.get("timecode"), kept.get("colour")
        if max(width, height) > _MAX_SIDE_PX or not 0 < rate <= _MAX_RATE_HZ:
            raise ValueError(f"{width}x{height} px at {rate} fps is no movie")
        fields = kept.get("fields", "progressive")
        if fields not in get_args(Fields):
            raise ValueError(f"{fields!r} says nothing about fields")
        if not (timecode is None or isinstance(timecode, str)):
            raise ValueError(f"{timecode!r} is no timecode")
        return MediaFacts(
            size=Size(width, height),
            rate=rate,
            audio=_streams(kept),
            timecode=timecode,
            is_vfr=bool(kept.get("vfr", False)),
            colour=(_count(colour[0]), _count(colour[1]), _count(colour[2])) if colour else None,
            fields=fields,
            still=still,
        )
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as wrong:
        raise _damaged(wrong) from wrong


def _still(said: Mapping[str, Any]) -> StillFacts:
    turn, profile = said.get("turn", 1), said.get("profile", "")
    if turn not in range(1, 9) or not isinstance(profile, str):
        raise ValueError(f"{said!r} says nothing of a photo")
    return StillFacts(turn, profile, bool(said.get("transparent", False)))


def sound_streams_of(reference: Any) -> tuple[tuple[int, int], ...]:
    """Channels and samples per second of each sound stream that an OTIO media reference tells of; () where none.

    Raises
    ------
    DocumentError
        It is damaged.
    """
    try:
        return _streams(plain_metadata(reference.metadata).get(NAMESPACE, {}))
    except (TypeError, ValueError, LookupError, AttributeError) as wrong:
        raise _damaged(wrong) from wrong


def _streams(kept: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    return tuple((_count(stream["channels"]), _count(stream["rate_hz"])) for stream in kept.get("audio", []))


def _damaged(wrong: Exception) -> DocumentError:
    return DocumentError(
        "what this timeline keeps of its media is damaged",
        why=f"{wrong}.",
        fix="Compare it with docs/format.md, or make the timeline again with `panscan reframe`.",
    )


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} should be a whole number")
    return value
