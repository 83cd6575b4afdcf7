"""What a client of Qencode asks for -> what a job of ours is asked for. Their names and defaults, our words for jobs.

A task of theirs lists formats. Those that differ only in shape, kind of file or tag become one job; where mode, method,
size or destination differ, each has a job of its own, and the client is told so.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from typing import Any

from panscan import registry
from panscan.model.geometry import Ratio, canvas_for
from panscan.service.api.qencode_codes import BAD_FORMAT, FIELD_REQUIRED, PAYLOAD_TOO_LONG, QUERY_REQUIRED, QencodeError
from panscan.service.api.qencode_places import (
    USED_BY_DESTINATION,
    read_destination,
    read_source,
    with_names,
    without_name,
)
from panscan.service.records.qencode_tasks import TaskFormat

OUTPUTS = {"mp4": "mp4", "advanced_hls": "hls", "advanced_dash": "dash"}
_RATIO, _MODE, _METHOD = "9:16", "responsive", "adaptive"  # theirs, where a format names none
_MAX_FORMATS = 20  # of a task: each may become a movie
_MAX_PAYLOAD_BYTES = 1024  # as in a job of ours
_MAX_TAG_LETTERS = 255  # a client's own word: an id of theirs, no store
_MAX_DENOMINATOR = 100  # of a shape that is written as a number: 0.5625 is 9:16, 0.56 is 14:25
_USED_BY_QUERY = {"source", "format", "callback_url", "encoder_version", "retry_on_error"}
_USED_BY_FORMAT = {
    "output", "smart_crop", "smart_crop_mode", "smart_crop_method", "aspect_ratio", "destination", "size", "width",
    "height", "resolution", "allow_soft_fail", "tag",
}  # fmt: skip


# What must not be left out silently: the movie would be another one, or open to everybody.
_IMPOSSIBLE = dict.fromkeys(("start_time", "duration", "rotate"), "panscan makes whole movies, as they are.")
_IMPOSSIBLE |= dict.fromkeys(("cenc_drm", "fps_drm", "encryption"), "panscan protects no movies.")
_IMPOSSIBLE |= {"audio_mute": "panscan keeps the sound.", "logo": "panscan draws nothing into the picture."}


@dataclass(frozen=True, slots=True)
class QencodeTask:
    """A task, read.

    Attributes
    ----------
    jobs : tuple of dict
        Job specifications, in the order in which their formats first appear.
    formats : tuple of TaskFormat
        The formats in their order, each with its job.
    warnings : tuple of dict
        Message and details of what is done otherwise than a client may think.
    """

    jobs: tuple[dict[str, Any], ...]
    formats: tuple[TaskFormat, ...]
    warnings: tuple[dict[str, str], ...]


_Shapes = dict[str, str | None]  # and what the movie of each is called, where the client names it


@dataclass(frozen=True, slots=True)
class _Format:
    """One of a task's formats: a shape, a kind of file and its name, and all else that a job of ours says once."""

    ratio: str
    output: str
    name: str | None
    rest: str = field(repr=False)  # with secrets
    tag: str | None


def read_task(query: Any, payload: str | None = None) -> QencodeTask:
    """The jobs of a task.

    Parameters
    ----------
    query : any
        JSON, or its text: the object itself, or {"query": the object}.
    payload : str, optional
        What the client wants to see again in callbacks.

    Raises
    ------
    QencodeError
        It is not understood, or asks for what panscan does not make.
    """
    asked = _unwrapped(query)
    formats = asked.get("format")
    formats = [formats] if isinstance(formats, dict) else formats
    if not isinstance(formats, list) or not formats or not all(isinstance(one, dict) for one in formats):
        raise QencodeError(FIELD_REQUIRED, "format is required", why="It lists what is to be made.")
    if len(formats) > _MAX_FORMATS:
        raise QencodeError(BAD_FORMAT, f"{len(formats)} formats are too many", why=f"{_MAX_FORMATS} are the most.")
    if payload is not None and len(payload.encode()) > _MAX_PAYLOAD_BYTES:
        raise QencodeError(PAYLOAD_TOO_LONG, "payload is too long", why=f"{_MAX_PAYLOAD_BYTES} bytes are the most.")
    common = {"source": read_source(asked), "payload": payload}
    if asked.get("callback_url"):
        common["webhook"] = {"qencode": str(asked["callback_url"])}
    read = [_format(number, one) for number, one in enumerate(formats, 1)]
    jobs, numbers = _joined(read)
    made = [TaskFormat(number, one.ratio, one.output, one.tag) for number, one in zip(numbers, read, strict=True)]
    warnings = _warnings(asked, formats, len(jobs))
    return QencodeTask(tuple({**common, **job} for job in jobs), tuple(made), tuple(warnings))


def _unwrapped(query: Any) -> dict[str, Any]:
    """The query without the object around it."""
    if isinstance(query, str):
        try:
            query = json.loads(query)
        except (ValueError, RecursionError) as error:
            raise QencodeError(QUERY_REQUIRED, "query is no JSON", why=type(error).__name__) from error
    inner = query.get("query", query) if isinstance(query, dict) else None
    if not isinstance(inner, dict) or not inner:
        raise QencodeError(QUERY_REQUIRED, "query field is required", why="It holds source and format.")
    return inner


def _format(number: int, asked: Mapping[str, Any]) -> _Format:
    where = f"format {number}"
    output = asked.get("output")
    if not output:
        raise QencodeError(FIELD_REQUIRED, f"{where}: output is required", why=f"It is one of {', '.join(OUTPUTS)}.")
    if not isinstance(output, str) or output not in OUTPUTS:
        raise _refused(where, "output", output, OUTPUTS)
    if not _is_on(asked.get("smart_crop")):
        why = "panscan makes other shapes of movies, and no plain copies."
        raise QencodeError(BAD_FORMAT, f"{where}: smart_crop is off", why=why, fix='Ask for "smart_crop": 1.')
    _refuse_impossible(where, asked)
    ratio, canvas = _shape(where, asked)
    if canvas == str(canvas_for(Ratio.parse(ratio))):
        canvas = None  # as without one: so shapes of the usual size are made together
    destination, name = without_name(read_destination(where, asked.get("destination")))
    rest = {
        "mode": _choice(where, "smart_crop_mode", asked, _MODE, registry.names("modes")),
        "method": _choice(where, "smart_crop_method", asked, _METHOD, registry.names("methods")),
        "canvas": canvas,
        "destination": destination,
        "allow_soft_fail": _is_on(asked.get("allow_soft_fail")),
    }
    return _Format(ratio, OUTPUTS[output], name, json.dumps(rest, sort_keys=True), _tag(where, asked.get("tag")))


def _refuse_impossible(where: str, asked: Mapping[str, Any]) -> None:
    streams = asked.get("stream")
    for one in [asked, *(streams if isinstance(streams, list) else [])]:
        key = next((key for key in _IMPOSSIBLE if isinstance(one, Mapping) and _is_given(one.get(key))), None)
        if key is not None:
            fix = "Do it before or after with another tool."
            raise QencodeError(BAD_FORMAT, f"{where}: {key} is not possible", why=_IMPOSSIBLE[key], fix=fix)


def _is_given(value: Any) -> bool:
    return bool(value) and str(value) not in ("0", "0.0")


def _tag(where: str, asked: Any) -> str | None:
    if asked is None:
        return None
    if not isinstance(asked, str | int) or len(str(asked)) > _MAX_TAG_LETTERS:
        why = f"It is text of {_MAX_TAG_LETTERS} letters at most."
        raise QencodeError(BAD_FORMAT, f"{where}: tag is not understood", why=why)
    return str(asked)


def _joined(formats: list[_Format]) -> tuple[list[dict[str, Any]], list[int]]:
    """Job specifications whose shapes times kinds of file are exactly the formats, and the job of each format."""
    groups: dict[tuple[str, str, bool, int], _Shapes] = {}
    for one in formats:
        _add(one, groups)
    outputs: dict[tuple[str, tuple[tuple[str, str | None], ...]], list[str]] = {}
    for (rest, output, *_), shapes in groups.items():
        # A size is of one shape.
        for wanted in [shapes] if json.loads(rest)["canvas"] is None else [{one: shapes[one]} for one in shapes]:
            outputs.setdefault((rest, tuple(wanted.items())), []).append(output)
    jobs = [_job(json.loads(rest), dict(shapes), kinds) for (rest, shapes), kinds in outputs.items()]
    numbers = [
        next(
            number
            for number, ((rest, shapes), kinds) in enumerate(outputs.items())
            if rest == one.rest and (one.ratio, one.name) in shapes and one.output in kinds
        )
        for one in formats
    ]
    return jobs, numbers


def _add(one: _Format, groups: dict[tuple[str, str, bool, int], _Shapes]) -> None:
    """Add a format to the first group that makes its shape under no other name."""
    for turn in count():
        shapes = groups.setdefault((one.rest, one.output, one.name is None, turn), {})
        if shapes.setdefault(one.ratio, one.name) == one.name:
            return


def _job(rest: dict[str, Any], shapes: _Shapes, outputs: list[str]) -> dict[str, Any]:
    names = {ratio: name for ratio, name in shapes.items() if name is not None}
    destination = with_names(rest["destination"], names) if names else rest["destination"]
    return {"ratios": list(shapes), "outputs": outputs, **rest, "destination": destination}


def _choice(where: str, key: str, asked: Mapping[str, Any], default: str, known: tuple[str, ...]) -> str:
    value = asked.get(key) or default
    if value not in known:
        raise _refused(where, key, value, known)
    return str(value)


def _refused(where: str, key: str, value: Any, known: Any) -> QencodeError:
    why = f"It is one of {', '.join(known)}."
    return QencodeError(BAD_FORMAT, f"{where}: {key} {value!r} is not known", why=why, fix="Choose one of these.")


def _shape(where: str, asked: Mapping[str, Any]) -> tuple[str, str | None]:
    """Ratio and canvas ("WIDTHxHEIGHT", or None where no size is given)."""
    size = str(asked.get("size") or f"{asked.get('width') or ''}x{asked.get('height') or ''}")
    both = re.fullmatch(r"(\d{1,5})x(\d{1,5})", size)
    if both and min(map(int, both.groups())) > 0:
        width, height = map(int, both.groups())
        ratio = _ratio(where, asked.get("aspect_ratio") or Fraction(width, height))
        return f"{ratio.numerator}:{ratio.denominator}", size
    ratio = _ratio(where, asked.get("aspect_ratio") or _RATIO)
    name = f"{ratio.numerator}:{ratio.denominator}"
    side = next((key for key in ("resolution", "width", "height") if asked.get(key)), None)
    if side is None:
        if asked.get("size"):
            raise QencodeError(BAD_FORMAT, f"{where}: size {size!r} is not understood", why="It is WIDTHxHEIGHT.")
        return name, None
    return name, _canvas(where, side, asked[side], ratio)


def _canvas(where: str, side: str, value: Any, ratio: Fraction) -> str:
    """The canvas of which one side is given; even, as encoders want it."""
    if not re.fullmatch(r"\d{1,5}", str(value)) or int(value) == 0:
        raise QencodeError(BAD_FORMAT, f"{where}: {side} {value!r} is not understood", why="It is a number of px.")
    px = int(value)
    fixed_width = side == "width" or (side == "resolution" and ratio <= 1)
    width, height = (px, px / ratio) if fixed_width else (px * ratio, px)
    return f"{2 * round(width / 2)}x{2 * round(height / 2)}"


def _ratio(where: str, value: Any) -> Fraction:
    """A shape: "9:16", "0.5625" or a number."""
    try:
        if isinstance(value, str) and ":" in value:
            width, height = (int(part) for part in value.split(":"))
            ratio = Fraction(width, height)
        else:
            number = float(value)
            ratio = Fraction(number).limit_denominator(_MAX_DENOMINATOR) if math.isfinite(number) else Fraction(0)
    except (TypeError, ValueError, ArithmeticError):
        ratio = Fraction(0)
    if ratio <= 0:
        why = "It is WIDTH:HEIGHT, or a number."
        raise QencodeError(BAD_FORMAT, f"{where}: aspect_ratio {value!r} is not understood", why=why)
    return ratio


def _is_on(value: Any) -> bool:
    return str(value).lower() in ("1", "true")


def _warnings(asked: Mapping[str, Any], formats: list[dict[str, Any]], jobs: int) -> Iterator[dict[str, str]]:
    """What is asked for and not used, place by place; and that a task counts several times."""
    if jobs > 1:
        why = "A job makes all of its shapes as the same kinds of file. The source's minutes count once for each job."
        yield {"message": f"The task became {jobs} jobs", "details": why}
    places = [("query", asked, _USED_BY_QUERY)]
    for number, one in enumerate(formats, 1):
        places.append((f"format {number}", one, _USED_BY_FORMAT))
        destination = one.get("destination")
        first = destination[0] if isinstance(destination, list) and destination else destination
        if isinstance(first, dict):
            places.append((f"format {number}, destination", first, USED_BY_DESTINATION))
    for where, given, used in places:
        unknown = sorted(key for key in given if key not in used)
        if unknown:
            yield {"message": "Not used", "details": f"{where}: {', '.join(unknown)}"}
