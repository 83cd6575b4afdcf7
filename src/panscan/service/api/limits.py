"""How often one account may ask: a bucket that fills again, and an error that says when to come back."""

from __future__ import annotations

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

from panscan.service.api.problem import HttpError

_MAX_KEYS = 10_000  # of which buckets are kept; the one that rests longest goes first, and is full again anyway


class RateLimit:
    """A bucket of requests for each key; safe to use from several threads.

    Each process of the service counts for itself.
    """

    def __init__(self, per_minute: int, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_s, self._burst, self._clock = per_minute / 60, burst, clock
        self._lock = threading.Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # requests left, and when that was

    def check(self, key: str) -> None:
        """Take one request out of a key's bucket.

        Raises
        ------
        HttpError
            429: it is empty.
        """
        with self._lock:
            now = self._clock()
            left, before = self._buckets.pop(key, (float(self._burst), now))
            left = min(float(self._burst), left + (now - before) * self._per_s)
            self._buckets[key] = (left - 1 if left >= 1 else left, now)
            if len(self._buckets) > _MAX_KEYS:
                self._buckets.popitem(last=False)
        if left < 1:
            wait_s = math.ceil((1 - left) / self._per_s)
            raise HttpError(
                429,
                "too many requests",
                why=f"{round(self._per_s * 60)} in a minute are the most.",
                fix=f"Ask again in {wait_s} s, and let events tell you instead of asking.",
                headers={"Retry-After": str(wait_s)},
            )
