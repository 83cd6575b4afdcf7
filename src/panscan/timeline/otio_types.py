"""Types for OpenTimelineIO objects, which ship none: what panscan uses of them."""

from __future__ import annotations

from typing import Any, Protocol, Self


class Timeline(Protocol):
    """An OpenTimelineIO timeline (`opentimelineio.schema.Timeline`)."""

    name: str
    tracks: Any
    metadata: Any
    global_start_time: Any

    def video_tracks(self) -> list[Any]:
        """The tracks with pictures, lowest first."""

    def audio_tracks(self) -> list[Any]:
        """The tracks with sound."""

    def find_clips(self) -> list[Any]:
        """All clips, in every track and nest."""

    def deepcopy(self) -> Self:
        """A copy that shares nothing with this one."""
