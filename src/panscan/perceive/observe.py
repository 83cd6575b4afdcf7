"""The single pass: one decode of the pictures and one of the sound serve all signals; results are cached."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from panscan import registry
from panscan.model.media import Media
from panscan.model.perception import Perception
from panscan.perceive.cache import Cache, signal_key
from panscan.perceive.signal import PictureLike

Progress = Callable[[int, int], None]


class Source(Protocol):
    """Where pictures and sound come from; opened only if something is missing in the cache."""

    def pictures(self) -> Iterable[PictureLike]:
        """The pictures of the media, once, in order."""

    def sound(self) -> Iterator[npt.NDArray[np.float32]]:
        """The sound of the media in mono blocks."""


def observe(
    media: Media,
    source: Source,
    *,
    signals: Sequence[str] | None = None,
    cache: Cache | None = None,
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
    progress : callable (frames done, frames in all), optional
    """
    names = list(signals) if signals is not None else list(registry.entries("signals"))
    kinds = {name: registry.load("signals", name) for name in names}
    keys = {name: signal_key(name, kind) for name, kind in kinds.items()}
    values: dict[str, Any] = {}
    if cache:
        found = {name: cache.load(keys[name], kinds[name].produces) for name in names}
        values = {name: value for name, value in found.items() if value is not None}
    missing = {name: kinds[name](media) for name in names if name not in values}
    watching = {name: s for name, s in missing.items() if hasattr(s, "see")}
    listening = {name: s for name, s in missing.items() if hasattr(s, "hear")}

    def keep(finished: dict[str, Any]) -> None:
        for name, signal in finished.items():
            values[name] = signal.finish()
            if cache:
                cache.store(keys[name], values[name])

    if listening:
        for samples in source.sound():
            for signal in listening.values():
                signal.hear(samples)
        keep(listening)
    if watching:
        for picture in source.pictures():
            for signal in watching.values():
                signal.see(picture)
            if progress:
                progress(min(picture.frame + 1, media.frame_count), media.frame_count)
        keep(watching)
    digest = hashlib.blake2b(" ".join([media.digest, *sorted(keys.values())]).encode(), digest_size=8).hexdigest()
    return Perception(media.digest, digest, {name: values[name] for name in names})
