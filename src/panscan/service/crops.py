"""Crops of every frame of a job, as JSON: of its timeline, and of the one without speaker where both are asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from panscan.deliver import deliver
from panscan.timeline.files import read_timeline

WITHOUT_SPEAKER = ".no-speaker.otio"  # ending of the timeline beside another that is made without the speaker
_FORMAT, _SUFFIX = "crops-json", ".crops.json"


def crops_of(timeline: Path) -> Iterator[bytes]:
    """The crops of a timeline with layouts and subjects, one frame a line; of both versions where there are two."""
    own, other = _frames(timeline), timeline.with_name(f"{timeline.name.removesuffix('.otio')}{WITHOUT_SPEAKER}")
    return _joined(own, _frames(other)) if other.is_file() else own


def with_other_version(crops: bytes, other: Path, *, include_subjects: bool) -> bytes:
    """A file of crops, with those of another timeline of the same media added to each frame."""
    frames = _joined(_lines(crops), _frames(other, include_subjects=include_subjects))
    return b"[\n" + b",\n".join(line.rstrip() for line in frames) + b"\n]\n"


def _frames(timeline: Path, *, include_subjects: bool = True) -> Iterator[bytes]:
    options = {"include_subjects": include_subjects}
    return _lines(deliver(read_timeline(timeline), _FORMAT, folder=timeline.parent, options=options).files[_SUFFIX])


def _lines(crops: bytes) -> Iterator[bytes]:
    """The frames without the list around them."""
    for line in crops.splitlines():
        if line.startswith(b"{"):
            yield line.rstrip(b",") + b"\n"


def _joined(frames: Iterator[bytes], others: Iterator[bytes]) -> Iterator[bytes]:
    for line, other in zip(frames, others, strict=True):
        frame = json.loads(line)
        frame["crops"] |= json.loads(other)["crops"]
        yield json.dumps(frame).encode() + b"\n"
