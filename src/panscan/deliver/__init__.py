"""Delivery: an OTIO timeline of framings in, the file of one editor out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from panscan import registry
from panscan.callable_package import make_callable
from panscan.deliver.artifact import Artifact, Exporter, Loss, distinct_losses
from panscan.errors import InputError, UsageError, did_you_mean
from panscan.timeline.flatten import flatten_timeline, lost_in_flattening
from panscan.timeline.otio_types import Timeline
from panscan.timeline.validation import validate_times

__all__ = ["Artifact", "Exporter", "Loss", "deliver", "distinct_losses"]


def deliver(
    timeline: Timeline,
    name: str,
    *,
    folder: Path = Path(),
    options: Mapping[str, Any] | None = None,
    strict: bool = False,
) -> Artifact:
    """Export a timeline with the exporter registered under `name`.

    Parameters
    ----------
    timeline : otio.schema.Timeline
        Its clips carry the framings.
    name : str
        An exporter of `panscan.registry`, e.g. "fcpxml".
    folder : Path
        Where relative media paths start: the folder of the .otio file.
    options : mapping, optional
        Fields of the exporter's options that differ from their defaults.
    strict : bool
        Refuse the whole timeline rather than leave out a clip that the format would show wrongly.

    Raises
    ------
    UsageError
        The exporter or one of the options is unknown.
    DocumentError
        Times, media or framings of the timeline are damaged.
    InputError
        The format would show the whole timeline wrongly or, with `strict`, one of its clips.
    """
    artifact = _exported(timeline, name, folder, options)
    left_out = next((loss for loss in artifact.losses if loss.is_left_out), None)
    if strict and left_out is not None:
        raise InputError(
            left_out.what,
            why=left_out.why,
            fix="Deliver another format, change the clip in the editor, or deliver the rest without --strict.",
        )
    return artifact


def _exported(timeline: Timeline, name: str, folder: Path, options: Mapping[str, Any] | None) -> Artifact:
    exporter: Exporter = registry.load("exporters", name)()
    known = [field.name for field in fields(exporter.options)]
    unknown = sorted(set(options or {}) - set(known))
    if unknown:
        raise UsageError(
            f"unknown option {unknown[0]!r} of the {name} delivery",
            why=f"It has {', '.join(known)}." if known else "It has no options.",
            fix=did_you_mean(unknown[0], known) or "Leave the option out, or use one of these.",
        )
    exporter_options = exporter.options(**(options or {}))
    validate_times(timeline)
    if not exporter.capabilities.media_urls:
        _check_media_names(timeline, exporter.title)
    if name == "otio":  # the document itself keeps the editor's tracks; editor files show what a viewer sees of them
        return exporter.export(timeline, folder=folder, options=exporter_options)
    flat = flatten_timeline(timeline)
    artifact = exporter.export(flat, folder=folder, options=exporter_options)
    if flat is timeline:
        return artifact
    lost = [Loss(what, why) for what, why in lost_in_flattening(timeline)]
    return replace(artifact, losses=distinct_losses([*lost, *artifact.losses]))


def _check_media_names(timeline: Timeline, title: str) -> None:
    for clip in timeline.find_clips():
        url = getattr(clip.media_reference, "target_url", None) or ""
        try:
            unquote(url, errors="strict")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{title} cannot name the media {unquote(url, errors='backslashreplace')}",
                why="Its name is no UTF-8 text.",
                fix="Rename the file, and make the timeline again.",
            ) from error


make_callable(__name__)
