"""Packages that are also the function they are named after: `panscan.render(...)`, `panscan.render.RenderSettings`."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    def __call__(self, *arguments: Any, **named: Any) -> Any:
        return getattr(self, self.__name__.rpartition(".")[2])(*arguments, **named)


def make_callable(package: str) -> None:
    """Let calling a package call its function of the same name.

    Without this `panscan.render` would be the function at first, and the package as soon as somebody imported
    `panscan.render.settings`.
    """
    sys.modules[package].__class__ = _CallablePackage
