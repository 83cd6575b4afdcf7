"""What a job is asked to do: JSON in, a checked `JobSpec` out, and back."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import PurePath
from typing import Any, get_args

from panscan import registry
from panscan.errors import UsageError
from panscan.model.geometry import Ratio
from panscan.model.media import Deinterlace
from panscan.model.request import Request
from panscan.model.style import Style
from panscan.request.config_files import ConfigTable
from panscan.request.options import MOST_LEAD_S, requests_for
from panscan.request.presets import preset_names, preset_of_table
from panscan.request.styles import LOOKS, load_style, restyled, style_names
from panscan.service.spec_parts import DestinationSpec, SourceSpec, WebhookSpec, known_keys

STREAMS = ("hls", "dash")  # folders of segments, in place of one movie
PRIORITIES = (10, 20, 25, 30)  # the higher goes first
_MAX_PAYLOAD_BYTES = 1024  # a client's own word: an id of theirs, no store
_MAX_TEXT_LETTERS = 1000  # of an option: names, words to look for
_MAX_OVERRIDES_BYTES = 1024 * 1024  # decisions for many hours of shots
_MAX_RATIOS = 8  # each costs a movie
_MAX_RETENTION_H = 24 * 365  # a year: longer is an archive
_PARTS = ("source", "destination", "webhook")  # which may hold secrets
_OPTIONS = ("preset", "method", "mode", "layouts", "prompt", "avoid")


@dataclass(frozen=True, slots=True)
class JobSpec:
    """What a job is asked to do.

    Attributes
    ----------
    source : SourceSpec
    ratios : tuple of str
        Shapes, e.g. "9:16"; one timeline each.
    outputs : tuple of str
        "mp4", "hls", "dash", or names of exporters; the timelines (.otio) are always written.
    canvas : str, optional
        "WxH" in px, of the one ratio.
    preset : str or mapping, optional
        A name, or the values of an own preset.
    method, mode, layouts, prompt, avoid : str, optional
        As in `panscan reframe`.
    style, tilt, corners, padding, background : str, optional
        How the picture is staged, as in `panscan reframe`.
    shadow : bool, optional
        Whether it throws a shadow.
    lead_s : float, optional
        Seconds by which the camera of a screen recording sets off before something happens.
    deinterlace : str
        "auto", "off" or "on".
    overrides : str, optional
        The text of a file of overrides, TOML.
    speaker : bool
        Whether it matters who speaks.
    include_subjects : bool
        Whether crops-json names the layout and the subjects.
    include_non_active_layouts : bool
        Whether crops hold the layouts without speaker too, from a timeline of their own.
    return_video : bool
        Whether movies are made; without it the job ends with its timelines and editor files.
    destination : DestinationSpec, optional
        Where results go; None keeps them in the job's folder.
    webhook : WebhookSpec, optional
        Who is told about this job alone.
    payload : str, optional
        The client's own word, given back as it is.
    priority : int, optional
        10, 20, 25 or 30; None for the plan's.
    allow_soft_fail : bool
        Whether the job is completed, with a warning, where one of several outputs failed.
    retention_h : int
        Hours for which results are kept after the end.
    """

    source: SourceSpec
    ratios: tuple[str, ...] = ("9:16",)
    outputs: tuple[str, ...] = ("mp4",)
    canvas: str | None = None
    preset: str | Mapping[str, Any] | None = None
    method: str | None = None
    mode: str | None = None
    layouts: str | None = None
    prompt: str | None = None
    avoid: str | None = None
    style: str | None = None
    tilt: str | None = None
    corners: str | None = None
    padding: str | None = None
    background: str | None = None
    shadow: bool | None = None
    lead_s: float | None = None
    deinterlace: Deinterlace = "auto"
    overrides: str | None = None
    speaker: bool = True
    include_subjects: bool = False
    include_non_active_layouts: bool = False
    return_video: bool = True
    destination: DestinationSpec | None = None
    webhook: WebhookSpec | None = None
    payload: str | None = None
    priority: int | None = None
    allow_soft_fail: bool = False
    retention_h: int = field(default=24)

    @property
    def movies(self) -> tuple[str, ...]:
        """What is rendered: of "mp4", "hls" and "dash" those that are asked for."""
        return tuple(name for name in self.outputs if name in ("mp4", *STREAMS)) if self.return_video else ()

    @property
    def exports(self) -> tuple[str, ...]:
        """Files for editors that are written beside each timeline."""
        return tuple(name for name in self.outputs if name not in ("mp4", *STREAMS, "otio"))

    @property
    def is_both(self) -> bool:
        """Whether each timeline is made with and without the speaker."""
        return self.include_non_active_layouts and self.speaker

    def requests(self) -> list[tuple[Request, str]]:
        """The request of each shape, with what its files are called after the movie's name; two where both are made.

        Raises
        ------
        UsageError
            An option is wrong.
        """
        preset = self.preset
        return requests_for(
            self.ratios,
            both=self.is_both,
            canvas=self.canvas,
            preset=preset_of_table(preset, "custom") if isinstance(preset, Mapping) else preset,
            method=self.method,
            mode=self.mode,
            layouts=self.layouts,
            speaker=self.speaker,
            prompt=self.prompt,
            avoid=self.avoid,
            style=self._style(),
            lead_s=self.lead_s,
            deinterlace=self.deinterlace,
        )

    def _style(self) -> Style:
        said = {name: value for name in LOOKS if (value := getattr(self, name)) is not None}
        return restyled(load_style(self.style) if self.style else Style(), ConfigTable("job", said))

    def to_json(self, *, secrets: bool = False) -> dict[str, Any]:
        """The same as JSON; secrets are shown as "***" unless they are wanted."""
        plain: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(self)}
        plain |= {"ratios": list(self.ratios), "outputs": list(self.outputs)}
        for name in _PARTS:
            part = plain[name]
            plain[name] = part and part.to_json(secrets=secrets)
        if isinstance(self.preset, Mapping):
            plain["preset"] = dict(self.preset)
        return plain

    def secrets(self) -> dict[str, dict[str, str]]:
        """The secrets that the request brought, to be sealed: by part ("source", ...) and name."""
        found = {name: part.secrets() for name in _PARTS if (part := getattr(self, name))}
        return {name: values for name, values in found.items() if values}

    def with_secrets(self, secrets: Mapping[str, Mapping[str, str]]) -> JobSpec:
        """The same with its secrets in their places again."""
        return replace(self, **{name: replace(getattr(self, name), **values) for name, values in secrets.items()})


def parse_job_spec(given: object, *, warnings: list[str] | None = None) -> JobSpec:
    """Read what a job is asked to do.

    Parameters
    ----------
    given : object
        JSON of a request.
    warnings : list of str, optional
        Where unknown keys are told; without it they are refused.

    Raises
    ------
    UsageError
        It is not understood, or an option is wrong.
    """
    if not isinstance(given, Mapping):
        raise UsageError("the job is no JSON object", why=f"It is {type(given).__name__}.", fix="Send an object.")
    table = ConfigTable("job", {key: value for key, value in given.items() if value is not None})
    known_keys(table, [one.name for one in fields(JobSpec)], warnings)
    spec = JobSpec(
        SourceSpec.of(table, warnings),
        **_lists(table),
        **_choices(table),
        **_staging(table),
        **_flags(table),
        **_limits(table),
        destination=DestinationSpec.of(table, warnings),
        webhook=WebhookSpec.of(table, warnings),
    )
    spec.requests()  # which refuses what does not fit together
    unused = sorted(set(spec.destination.names) - set(spec.ratios)) if spec.destination else []
    if unused:
        why = f"The job makes {', '.join(spec.ratios)}."
        raise UsageError(f"job, destination: no movie is {unused[0]}", why=why, fix="Correct `names`.")
    return spec


def _lists(table: ConfigTable) -> dict[str, Any]:
    ratios = table.text_list("ratios") or ("9:16",)
    if len(ratios) > _MAX_RATIOS:
        raise table.value_error("ratios", f"a list of {_MAX_RATIOS} shapes at most")
    outputs = table.text_list("outputs") or ("mp4",)
    known = ("mp4", *STREAMS, *registry.names("exporters"))
    for name in outputs:
        if name not in known:
            raise table.value_error("outputs", f"a list of {', '.join(known)}")
    shapes = dict.fromkeys(str(Ratio.parse(ratio)) for ratio in ratios)  # 18:32 is 9:16
    return {"ratios": tuple(shapes), "outputs": outputs}


def _choices(table: ConfigTable) -> dict[str, Any]:
    inline = table.values.get("preset")
    if isinstance(inline, Mapping):
        preset_of_table(inline, "custom")
    words = {name: _short(table, name) for name in ("canvas", *_OPTIONS) if not (name == "preset" and inline)}
    if not isinstance(inline, Mapping):
        words["preset"] = table.choice("preset", preset_names())  # a file's name would be read from anywhere
    return {
        **words,
        **({"preset": dict(inline)} if isinstance(inline, Mapping) else {}),
        "overrides": _overrides(table),
    }


def _staging(table: ConfigTable) -> dict[str, Any]:
    texts = {name: _short(table, name) for name in LOOKS if name != "shadow"}
    return {
        **texts,
        "shadow": table.flag("shadow"),
        "style": table.choice("style", style_names()),  # a file's name would be read from anywhere
        "lead_s": table.number("lead_s", 0, MOST_LEAD_S),
        "deinterlace": table.choice("deinterlace", get_args(Deinterlace)) or "auto",
    }


def _short(table: ConfigTable, name: str) -> str | None:
    text = table.text(name)
    if text is not None and len(text) > _MAX_TEXT_LETTERS:
        raise table.value_error(name, f"text of {_MAX_TEXT_LETTERS} letters at most")
    return text


def _overrides(table: ConfigTable) -> str | None:
    text = table.text("overrides")
    if text is not None and len(text.encode()) > _MAX_OVERRIDES_BYTES:
        raise table.value_error("overrides", f"the text of a file of {_MAX_OVERRIDES_BYTES} bytes at most")
    try:
        tomllib.loads(text or "")
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        reason = str(error) or "It is nested too deeply."
        raise UsageError(
            "job: overrides are no TOML", why=reason, fix="Correct it there; text goes in quotes."
        ) from error
    return text


def _flags(table: ConfigTable) -> dict[str, Any]:
    names = ("speaker", "include_subjects", "include_non_active_layouts", "return_video", "allow_soft_fail")
    return {name: value for name in names if (value := table.flag(name)) is not None}


def _limits(table: ConfigTable) -> dict[str, Any]:
    payload = table.text("payload")
    if payload is not None and len(payload.encode()) > _MAX_PAYLOAD_BYTES:
        raise table.value_error("payload", f"text of {_MAX_PAYLOAD_BYTES} bytes at most")
    priority = table.integer("priority", PRIORITIES[0])
    if priority is not None and priority not in PRIORITIES:
        raise table.value_error("priority", f"one of {', '.join(map(str, PRIORITIES))}")
    hours = table.integer("retention_h", 1)
    if hours is not None and hours > _MAX_RETENTION_H:
        raise table.value_error("retention_h", f"a number of hours, {_MAX_RETENTION_H} at most")
    return {"payload": payload, "priority": priority} | ({"retention_h": hours} if hours else {})


def file_stem(source_name: str) -> str:
    """What files of a job are called: the source's name without folders and ending."""
    return PurePath(source_name.replace("\\", "/")).stem.lstrip(".") or "movie"
