"""Measures what a media shows and says: as a whole, in the stretches that a cut shows, or, where it is long, in spans.

Long media is looked at in spans of about ten minutes, each from a hard cut on. Which spans these are follows from the
media alone, and each is measured without a look at the others. So the result is the same whoever measures which, one
process after another or many machines at once, and what is finished is not lost when a run is killed. Tracks, people
and speakers are made of all spans together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from panscan import ingest, registry
from panscan.ingest.media.frames import FrameRanges, Note
from panscan.model.media import Media
from panscan.model.perception import Perception, ShotBoundaries
from panscan.model.request import Models
from panscan.perceive.cache import PerceptionCache
from panscan.perceive.observe import Progress, observe
from panscan.perceive.signal import PictureSignal, SoundSignal, complete_signal_class
from panscan.request.options import models_of_environment

_FAST_RATE_FACTOR = 0.4
_WHOLE_SHARE = 0.6  # of a media: if that much is used, all of it is looked at
_SPAN_S = 10 * 60  # of one span, about: the search for its end costs a hundredth of it
# After the even edge of a span, in which a hard cut is looked for: most cuts come within seconds. Without one in the
# longer stretch there is no edge.
_SEARCHED_S = (20, 120)
_AIR_S = 2  # before that, for what finds cuts by comparing a picture with those before
_SOUND, _DECODED = "sound", "decoded-v1"  # a part; the cache's entry of what decoded


@dataclass(frozen=True, slots=True, eq=False)
class Decoder:
    """Opens the media only when a signal is missing in the cache."""

    media: Media
    fast: bool = False
    spans: FrameRanges | None = None
    note: Note | None = None
    counted: Callable[[ingest.DecodedCount], None] | None = None

    def pictures(self) -> ingest.PictureDecoder:
        """The pictures, decoded in order; only those in `spans` where these are given."""
        return ingest.PictureDecoder(self.media, fast=self.fast, spans=self.spans, note=self.note, counted=self.counted)

    def sound(self) -> Iterator[ingest.Samples]:
        """The sound in mono blocks."""
        return ingest.mono_blocks(self.media, self.note)


@dataclass(frozen=True, slots=True)
class AnalysisPart:
    """A part of the analysis of long media: its sound, or the pictures of one span.

    Attributes
    ----------
    name : str
        "sound", "span-1", "span-2", ...
    first, end : int
        Grid frames [first, end) of it.
    folder : Path
        The folder of the perception cache that it fills: all that another machine needs of it.
    """

    name: str
    first: int
    end: int
    folder: Path


def perceive(
    media: Media,
    spans: FrameRanges | None = None,
    *,
    models: Models | None = None,
    cache: bool = True,
    fast: bool = False,
    progress: Progress | None = None,
    note: Note | None = None,
) -> Perception:
    """Measure all signals of a probed media, from the cache where they are known.

    spans: grid frames [first, end) that are looked at, rising; all where they are most of the media. note: gets lines
    on pictures and sound that did not decode after all.
    """
    if spans is not None and sum(end - first for first, end in spans) >= _WHOLE_SHARE * media.frame_count:
        spans = None  # so that the next cut of the same media needs no look at all
    models = models if models is not None else models_of_environment()
    parts = analysis_spans(media, cache=cache) if spans is None else ()
    if len(parts) > 1:
        return _LongMedia(media, models, fast, cache, note).perceive(parts, progress)
    return observe(
        media,
        Decoder(media, fast, spans, note),
        cache=PerceptionCache(_key(media, spans)) if cache else None,
        rate_factor=_rate_factor(fast),
        models=models,
        progress=progress,
    )


def analysis_parts(media: Media) -> tuple[AnalysisPart, ...]:
    """The parts in which a media is measured, first its sound; none where it is measured as a whole.

    Each can be measured by another process or machine, and is complete with the files in its folder.
    """
    spans = analysis_spans(media)
    if len(spans) < 2:
        return ()
    sound = analysis_part(media, _SOUND, 0, media.frame_count)
    return sound, *(analysis_part(media, f"span-{number}", *span) for number, span in enumerate(spans, 1))


def analysis_part(media: Media, name: str, first: int, end: int) -> AnalysisPart:
    """One part of a media, as another process has told it: without a look for its edges."""
    key = _sound_key(media) if name == _SOUND else _key(media, ((first, end),))
    return AnalysisPart(name, first, end, PerceptionCache(key).folder)


def measure_part(
    media: Media,
    part: AnalysisPart,
    *,
    models: Models | None = None,
    fast: bool = False,
    progress: Progress | None = None,
) -> None:
    """Measure one part of long media into the cache; the sound too where a span's part needs it, and it is not there.

    progress: gets the frames of the part that are done, and all of them.
    """
    models = models if models is not None else models_of_environment()

    def step(done: int, total: int) -> None:
        if progress:
            progress(done - part.first, part.end - part.first)

    work = _LongMedia(media, models, fast, True, None)
    sound = work.sound()
    if part.name != _SOUND:
        work.span((part.first, part.end), sound, step, _not_judged)


def analysis_spans(media: Media, *, cache: bool = True) -> FrameRanges:
    """The grid frames [first, end) of the spans in which a media is looked at: one, where it is not long.

    They are even parts of it, each of which begins at the first hard cut after its edge. Where there is none for two
    minutes, two parts are one.
    """
    count = max(1, round(media.duration_s / _SPAN_S)) if media.is_long else 1
    starts = [0]
    for number in range(1, count):
        cut = _first_cut(media, media.frame_count * number // count, cache)
        if cut is not None and cut > starts[-1]:
            starts.append(cut)
    return tuple(zip(starts, [*starts[1:], media.frame_count], strict=True))


def _first_cut(media: Media, edge: int, cache: bool) -> int | None:
    """The first hard cut at or after an edge."""
    rate = float(media.video.rate)
    for searched_s in _SEARCHED_S:
        stretch = (max(0, edge - round(_AIR_S * rate)), min(media.frame_count, edge + round(searched_s * rate)))
        seen = observe(
            media,
            Decoder(media, spans=(stretch,), counted=_not_judged),
            signals=["cuts"],
            cache=PerceptionCache(_key(media, (stretch,))) if cache else None,
        )
        cuts = seen.need(ShotBoundaries).frame
        if len(found := cuts[cuts >= edge]):
            return int(found[0])
    return None


def _not_judged(_: ingest.DecodedCount) -> None:
    """What did not decode is told when the whole media is looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class _LongMedia:
    """Measures long media part by part.

    Attributes
    ----------
    media : Media
    models : Models
    fast : bool
    cache : bool
    note : callable (text), optional
    """

    media: Media
    models: Models
    fast: bool
    cache: bool
    note: Note | None

    def perceive(self, spans: FrameRanges, progress: Progress | None) -> Perception:
        """All signals, from those of the sound and of each span."""
        sound = self.sound()
        counts: list[ingest.DecodedCount] = []
        measured = [self.span(span, sound, progress, counts.append) for span in spans]
        if counts:
            ingest.judge_decoding(self.media, counts, self.note)
        joined = {
            name: signal.join([one[name] for one in measured], spans, self.media)
            for name, signal in _signals(PictureSignal).items()
        }
        names = list(registry.entries("signals"))
        found = self._observe(Decoder(self.media), names, _key(self.media, spans), {**sound, **joined})
        digest = blake2b(f"{found.digest} {spans}".encode(), digest_size=8).hexdigest()
        return replace(found, digest=digest)

    def sound(self) -> Mapping[str, Any]:
        """What is heard, of the whole media."""
        decoder = Decoder(self.media, note=self.note)
        return self._observe(decoder, list(_signals(SoundSignal)), _sound_key(self.media), {}).signals

    def span(
        self,
        span: tuple[int, int],
        sound: Mapping[str, Any],
        progress: Progress | None,
        counted: Callable[[ingest.DecodedCount], None],
    ) -> Mapping[str, Any]:
        """What is seen in one span; and how many of its pictures decode, whether they were decoded now or before."""
        key, now = _key(self.media, (span,)), list[ingest.DecodedCount]()
        decoder = Decoder(self.media, self.fast, (span,), counted=now.append)
        names = list(_signals(PictureSignal))
        seen = self._observe(decoder, names, key, sound, progress).signals
        kept = PerceptionCache(key) if self.cache else None
        if now and kept:
            kept.store(_DECODED, now[0])
        known = now[0] if now else kept.load(_DECODED, ingest.DecodedCount) if kept else None
        if known is not None:
            counted(known)
        return {name: seen[name] for name in names}

    def _observe(
        self,
        decoder: Decoder,
        names: Sequence[str],
        key: str,
        known: Mapping[str, Any],
        progress: Progress | None = None,
    ) -> Perception:
        return observe(
            self.media,
            decoder,
            signals=names,
            known=known,
            cache=PerceptionCache(key) if self.cache else None,
            rate_factor=_rate_factor(self.fast),
            models=self.models,
            progress=progress,
        )


def _signals(kind: type) -> dict[str, Any]:
    """The registered signals of a kind."""
    classes = {name: complete_signal_class(registry.load("signals", name)) for name in registry.entries("signals")}
    return {name: signal for name, signal in classes.items() if issubclass(signal, kind)}


def _key(media: Media, spans: FrameRanges | None) -> str:
    """Names what is measured of a media, or of some stretches of it, in the cache."""
    return media.key if spans is None else f"{media.key}-{blake2b(repr(spans).encode(), digest_size=6).hexdigest()}"


def _sound_key(media: Media) -> str:
    return f"{media.key}-sound"


def _rate_factor(fast: bool) -> float:
    return _FAST_RATE_FACTOR if fast else 1.0
