"""The single pass: one decode of the pictures and one of the sound serve all signals; results are cached."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from panscan import registry
from panscan.model.media import Media
from panscan.model.perception import Perception
from panscan.model.request import Models
from panscan.perceive.cache import PerceptionCache, signal_key
from panscan.perceive.signal import PictureLike
from panscan.perceive.worker import SignalThread, release_freed_memory

Progress = Callable[[int, int], None]

_GIVE_BACK_EVERY = 300  # pictures


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
    cache: PerceptionCache | None = None,
    pace: float = 1.0,
    models: Models | None = None,
    progress: Progress | None = None,
) -> Perception:
    """Measure the named signals (all registered ones by default).

    Parameters
    ----------
    media : Media
    source : Source
        Decodes on demand: not touched when every signal is in the cache.
    signals : sequence of str, optional
        Names in the registry.
    cache : Cache, optional
        Where results are kept; nothing is kept without one.
    pace : float
        1, or less for a quicker, coarser look.
    models : Models, optional
        Weights that signals run on which use any; without them, those that were pulled.
    progress : callable (frames done, frames in all), optional
    """
    names = list(signals) if signals is not None else list(registry.entries("signals"))
    kinds = {name: registry.load("signals", name) for name in names}
    ordered = _in_order(kinds)
    keys: dict[str, str] = {}
    for name in ordered:
        keys[name] = signal_key(
            name, kinds[name], pace, [keys[n] for n in _dependencies(kinds[name]) if n in keys], models
        )
    values: dict[str, Any] = {}
    if cache:
        found = {name: cache.load(keys[name], kinds[name].produces) for name in names}
        values = {name: value for name, value in found.items() if value is not None}
    missing = {name: _made(kinds[name], media, pace, models) for name in names if name not in values}
    watching = {name: s for name, s in missing.items() if hasattr(s, "see")}
    listening = {name: s for name, s in missing.items() if hasattr(s, "hear")}

    def keep(finished: dict[str, Any]) -> None:
        for name, signal in finished.items():
            values[name] = signal.finish()
            if cache:
                cache.store(keys[name], values[name])

    if any(not getattr(s, "idle", False) for s in listening.values()):
        for samples in decoder.sound():
            for signal in listening.values():
                signal.hear(samples)
    keep(listening)
    if watching:
        for signal in watching.values():
            if hasattr(signal, "attend"):
                signal.attend({n: watching.get(n, values.get(n)) for n in signal.after if n in watching or n in values})
        looking = {name: s for name, s in watching.items() if not getattr(s, "idle", False)}
        if looking:
            _watch(media, decoder, looking, progress)
        keep(watching)
    for name in ordered:
        if name not in values:
            values[name] = missing[name].derive({n: values[n] for n in missing[name].after if n in values})
            if cache:
                cache.store(keys[name], values[name])
    digest = hashlib.blake2b(" ".join([media.digest, *sorted(keys.values())]).encode(), digest_size=8).hexdigest()
    return Perception(media.digest, digest, {name: values[name] for name in names})


def _watch(media: Media, source: DecoderLike, signals: dict[str, Any], progress: Progress | None) -> None:
    """Show every picture to every signal: one worker thread per group of signals that consult each other.

    Light signals share a thread: handing a picture over costs more than most of their looks.
    """
    groups = _groups(signals)
    light = [group for group in groups if all(getattr(signal, "light", False) for signal in group)]
    heavy = [group for group in groups if group not in light]
    with _undisturbed():
        _show([*heavy, *([[signal for group in light for signal in group]] if light else [])], media, source, progress)


def _show(groups: list[list[Any]], media: Media, source: DecoderLike, progress: Progress | None) -> None:
    workers = [SignalThread(group) for group in groups]
    try:
        for number, picture in enumerate(source.pictures(), 1):
            for worker in workers:
                worker.submit(picture)
            if number % _GIVE_BACK_EVERY == 0:
                release_freed_memory()
            if progress:
                progress(min(picture.frame + 1, media.frame_count), media.frame_count)
    finally:
        for worker in workers:
            worker.close()
    for worker in workers:
        worker.check()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Keep OpenCV in the threads it is called from, and the garbage collector away from what was there before.

    The signals fill the cores: OpenCV's own threads would only wait for their turn. Results pile up by the thousand,
    so the collector runs often, and each time would walk through every object of the imported libraries.
    """
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        cv2.setNumThreads(before)


def _groups(signals: dict[str, Any]) -> list[list[Any]]:
    """Signals that consult each other, in the order in which they must look; the rest one by one."""
    ordered = _in_order(signals)
    group_of: dict[str, list[Any]] = {}
    groups: list[list[Any]] = []
    for name in ordered:
        group: list[Any] = []
        for other in _dependencies(signals[name]):
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


def _made(kind: Any, media: Media, pace: float, models: Models | None) -> Any:
    return kind(media, pace, models) if getattr(kind, "uses_models", False) else kind(media, pace)


def _dependencies(signal: Any) -> tuple[str, ...]:
    return getattr(signal, "after", ())


def _in_order(signals: dict[str, Any]) -> list[str]:
    ordered: list[str] = []

    def place(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            raise ValueError(f"the signals {' -> '.join((*path, name))} wait for each other")
        for other in _dependencies(signals[name]):
            if other in signals:
                place(other, (*path, name))
        if name not in ordered:
            ordered.append(name)

    for name in signals:
        place(name, ())
    return ordered
