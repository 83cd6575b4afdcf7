"""Options of commands that belong together: a dataclass whose annotated fields are options of the command line."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Annotated, Any, get_args, get_origin, get_type_hints


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one option per annotated field of the dataclasses among its parameters.

    It gets the fields of each together, as that dataclass. Of options with the same name, the command's own goes first,
    then that of the dataclass that comes first.
    """
    hints = get_type_hints(command, include_extras=True)
    groups = {name: kind for name, kind in hints.items() if is_dataclass(kind) and isinstance(kind, type)}
    taken = set(hints) - set(groups)
    own: dict[str, list[str]] = {}  # group -> its options
    parameters: list[inspect.Parameter] = []
    for name, parameter in inspect.signature(command).parameters.items():
        if name in groups:
            found = [one for one in _options_of(groups[name]) if one.name not in taken]
            own[name] = [one.name for one in found]
            taken.update(own[name])
            parameters += found
        else:
            kind = inspect.Parameter.KEYWORD_ONLY
            parameters.append(parameter.replace(annotation=hints[name], kind=kind))

    @wraps(command)
    def wrapper(**given: Any) -> None:
        made = {name: kind(**{one: given.pop(one) for one in own[name]}) for name, kind in groups.items()}
        command(**given, **made)

    vars(wrapper)["__signature__"] = inspect.Signature(parameters)
    wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
    return wrapper


def kinds_of(group: type) -> dict[str, Any]:
    """The types of a dataclass's options, by their names."""
    return {one.name: get_args(one.annotation)[0] for one in _options_of(group)}


def _options_of(group: type) -> list[inspect.Parameter]:
    """The annotated fields of a dataclass as parameters of a command."""
    hints = get_type_hints(group, include_extras=True)
    kind = inspect.Parameter.KEYWORD_ONLY
    return [
        inspect.Parameter(field.name, kind, default=field.default, annotation=hints[field.name])
        for field in fields(group)
        if get_origin(hints[field.name]) is Annotated
    ]
