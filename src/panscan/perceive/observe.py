"""Measures all signals in one pass: the pictures are decoded once, the sound once, and results are cached."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from panscan import registry
from panscan.libraries import single_threaded_opencv
from panscan.model.media import Media
from panscan.model.perception import Perception
from panscan.model.request import Models
from panscan.perceive.cache import PerceptionCache, signal_key
from panscan.perceive.signal import (
    DerivedSignal,
    PictureLike,
    PictureSignal,
    Signal,
    SoundSignal,
    complete_signal_class,
)
from panscan.perceive.worker import SignalThread, release_freed_memory

Progress = Callable[[int, int], None]

# About ten seconds of movie: seldom enough to cost nothing, often enough that memory does not grow.
_RELEASE_MEMORY_EVERY_PICTURES = 300


class DecoderLike(Protocol):
    """Where pictures and sound come from; opened only if something is missing in the cache."""

    def pictures(self) -> Iterable[PictureLike]:
        """The pictures of the media, once, in order."""

    def sound(self) -> Iterator[npt.NDArray[np.float32]]:
        """The sound of the media in mono blocks."""


def observe(
    media: Media,
    decoder: DecoderLike,
    *,
    signals: Sequence[str] | None = None,
    known: Mapping[str, Any] | None = None,
    cache: PerceptionCache | None = None,
    rate_factor: float = 1.0,
    models: Models | None = None,
    progress: Progress | None = None,
) -> Perception:
    """Measure the named signals (all registered ones by default).

    Parameters
    ----------
    media : Media
    decoder : DecoderLike
        Decodes on demand: not touched when every signal is in the cache.
    signals : sequence of str, optional
        Names in the registry.
    known : mapping of str, optional
        Values that were measured before: the others may consult them, and they are part of the result.
    cache : PerceptionCache, optional
        Where results are kept; nothing is kept without one.
    rate_factor : float
        Multiplies the sampling rate of every signal: less than 1 samples fewer pictures and is faster.
    models : Models, optional
        Weights for the signals that use any; without them, those that were pulled.
    progress : callable (frames done, frames in all), optional
    """
    given = dict(known or {})
    asked = signals if signals is not None else registry.entries("signals")
    names = list(dict.fromkeys([*asked, *given]))
    classes = {name: complete_signal_class(registry.load("signals", name)) for name in names}
    ordered = _dependency_order(classes)
    keys: dict[str, str] = {}
    for name in ordered:
        consulted = [keys[other] for other in classes[name].depends_on if other in keys]
        keys[name] = signal_key(name, classes[name], rate_factor, consulted, models)
    values = dict(given)
    if cache:
        found = {name: cache.load(keys[name], classes[name].produces) for name in names if name not in given}
        values |= {name: value for name, value in found.items() if value is not None}
    missing = {name: _create(classes[name], media, rate_factor, models) for name in names if name not in values}
    on_pictures = {name: signal for name, signal in missing.items() if isinstance(signal, PictureSignal)}
    on_sound = {name: signal for name, signal in missing.items() if isinstance(signal, SoundSignal)}

    def keep(name: str, value: Any) -> None:
        values[name] = value
        if cache:
            cache.store(keys[name], value)

    if any(not signal.idle for signal in on_sound.values()):
        for samples in decoder.sound():
            for listener in on_sound.values():
                listener.hear(samples)
    for name, listener in on_sound.items():
        keep(name, listener.finish())
    answering = {**values, **on_pictures}
    for watcher in on_pictures.values():
        watcher.consult({other: answering[other] for other in watcher.depends_on if other in answering})
    busy = {name: signal for name, signal in on_pictures.items() if not signal.idle}
    if busy:
        _run_picture_signals(media, decoder, busy, progress)
    for name, watcher in on_pictures.items():
        keep(name, watcher.finish())
    for name in ordered:
        derived = missing.get(name)
        if isinstance(derived, DerivedSignal):
            keep(name, derived.derive({other: values[other] for other in derived.depends_on if other in values}))
    digest = hashlib.blake2b(" ".join([media.digest, *sorted(keys.values())]).encode(), digest_size=8).hexdigest()
    return Perception(media.digest, digest, {name: values[name] for name in names})


def _run_picture_signals(
    media: Media, decoder: DecoderLike, signals: dict[str, PictureSignal], progress: Progress | None
) -> None:
    """Give every picture to every signal: one thread per group of signals that consult each other.

    Lightweight signals share a thread: handing a picture over costs more than most of their samples.
    """
    groups = _thread_groups(signals)
    light = [group for group in groups if all(signal.lightweight for signal in group)]
    heavy = [group for group in groups if group not in light]
    shared = [[signal for group in light for signal in group]] if light else []
    with single_threaded_opencv():
        _feed_pictures([*heavy, *shared], media, decoder, progress)


def _feed_pictures(
    groups: list[list[PictureSignal]], media: Media, decoder: DecoderLike, progress: Progress | None
) -> None:
    threads = [SignalThread(group) for group in groups]
    try:
        for number, picture in enumerate(decoder.pictures(), 1):
            for thread in threads:
                thread.submit(picture)
            if number % _RELEASE_MEMORY_EVERY_PICTURES == 0:
                release_freed_memory()
            if progress:
                progress(min(picture.frame + 1, media.frame_count), media.frame_count)
    finally:
        for thread in threads:
            thread.close()
    for thread in threads:
        thread.raise_error()


def _thread_groups(signals: dict[str, PictureSignal]) -> list[list[PictureSignal]]:
    """Signals that consult each other, in the order in which they must sample; each other signal alone."""
    group_of: dict[str, list[PictureSignal]] = {}
    groups: list[list[PictureSignal]] = []
    for name in _dependency_order(signals):
        group: list[PictureSignal] = []
        for other in signals[name].depends_on:
            joined = group_of.get(other)
            if joined is not None and joined is not group:
                joined += group
                groups = [g for g in groups if g is not group]
                group_of = {n: joined if g is group else g for n, g in group_of.items()}
                group = joined
        if group not in groups:
            groups.append(group)
        group.append(signals[name])
        group_of[name] = group
    return groups


def _create(signal_class: type[Signal], media: Media, rate_factor: float, models: Models | None) -> Signal:
    given: tuple[Any, ...] = (models,) if signal_class.uses_models else ()
    return signal_class(media, rate_factor, *given)


def _dependency_order(signals: Mapping[str, Signal | type[Signal]]) -> list[str]:
    """The names of signals, each after those it depends on."""
    ordered: list[str] = []

    def place(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(f"the signals {' -> '.join((*path, name))} wait for each other")
        for other in signals[name].depends_on:
            if other in signals:
                place(other, (*path, name))
        if name not in ordered:
            ordered.append(name)

    for name in signals:
        place(name, ())
    return ordered
