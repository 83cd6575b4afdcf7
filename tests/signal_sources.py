"""What the value of a signal depends on in this project: digests of its sources, and its name in the cache.

Comments, docstrings, annotations, formatting and the places of modules do not count; a new name of a local variable
does, which is accepted.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import panscan
from panscan import registry
from panscan.model.media import Media
from panscan.model.request import Models
from panscan.perceive.observe import observe

SOURCE = Path(panscan.__file__).parent
ROOMS = ("perceive", "model", "arrays", "ingest/media")
# Signals do not import what decodes for them.
DECODERS = {"see": "ingest/media/frames.py", "hear": "ingest/media/audio.py"}


def modules_of(signal: str) -> tuple[str, ...]:
    """The modules that a signal's value depends on: its own, the decoder, and all that these import of `ROOMS`."""
    kind = registry.load("signals", signal)
    own = _module_file(registry.entries("signals")[signal].target.partition(":")[0])
    found: list[str] = []
    waiting = [own, *(decoder for how, decoder in DECODERS.items() if hasattr(kind, how))]
    while waiting:
        module = waiting.pop()
        if module is not None and module not in found and module.startswith(ROOMS):
            found.append(module)
            waiting += _imported(module)
    return tuple(sorted(found))


@cache
def module_digest(module: str) -> str:
    """A digest of what a module does."""
    text = "".join(_meaning(_tree(module)))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def signal_keys(media: Media) -> dict[str, str]:
    """The name of every registered signal in the cache, without weights that a user chose."""
    keys: list[str] = []

    class Everything:
        """A cache in which every signal lies."""

        def load(self, key: str, produces: type) -> object:
            keys.append(key)
            return object()

    observe(media, None, cache=Everything(), models=Models())  # type: ignore[arg-type]
    return dict(zip(registry.names("signals"), keys, strict=True))


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse((SOURCE / module).read_text(encoding="utf-8"))


def _module_file(name: str) -> str | None:
    """The file of a module "panscan.a.b", None where there is none."""
    path = name.removeprefix("panscan.").replace(".", "/")
    files = (f"{path}.py", f"{path}/__init__.py") if name.startswith("panscan.") else ()
    return next((file for file in files if (SOURCE / file).is_file()), None)


def _imported(module: str) -> Iterator[str | None]:
    for node in ast.walk(_tree(module)):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                yield _module_file(f"{node.module}.{alias.name}") or _module_file(node.module)
        elif isinstance(node, ast.Import):
            yield from (_module_file(alias.name) for alias in node.names)


def _meaning(node: Any) -> Iterator[str]:
    """The tree as text, the same for every Python: without what changes no value."""
    if isinstance(node, ast.AST):
        yield type(node).__name__ + "("
        for name, value in ast.iter_fields(node):
            if name in _left_out(node) or value is None or value == []:
                continue
            yield name + "="
            yield from _meaning(_without_docstring(value) if name == "body" else value)
        yield ")"
    elif isinstance(node, list):
        for item in node:
            yield from _meaning(item)
    else:
        yield repr(node) + ","


def _left_out(node: ast.AST) -> tuple[str, ...]:
    """Fields that change no value: annotations, and where a module of ours lies."""
    if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("panscan"):
        return ("module",)
    return ("annotation", "returns", "type_comment", "type_params", "ctx")


def _without_docstring(body: Any) -> Any:
    if not isinstance(body, list):  # of a lambda or a choice
        return body
    return [n for n in body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
