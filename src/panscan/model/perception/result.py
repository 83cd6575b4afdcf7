"""All that was measured on one media."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Perception:
    """All signals of one media.

    Attributes
    ----------
    media_digest : str
        Content hash of the media.
    digest : str
        Names exactly this analysis.
    signals : mapping of str
        Values by signal name.
    """

    media_digest: str
    digest: str
    signals: Mapping[str, Any]

    def get(self, kind: type[T]) -> T | None:
        """The value of type `kind`, or None where its signal was not measured."""
        return next((value for value in self.signals.values() if isinstance(value, kind)), None)

    def need(self, kind: type[T]) -> T:
        """The value of type `kind`.

        Raises
        ------
        LookupError
            It was not measured.
        """
        value = self.get(kind)
        if value is None:
            raise LookupError(
                f"this perception holds no {kind.__name__}; it has {', '.join(self.signals) or 'nothing'}"
            )
        return value
