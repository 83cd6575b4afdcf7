"""What the shell offers when a name is typed: presets, methods, deliveries and the like."""

from __future__ import annotations

from collections.abc import Callable, Iterable


def _offering(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    def offer(incomplete: str) -> list[str]:
        return [name for name in names() if name.startswith(incomplete)]

    return offer


def _presets() -> Iterable[str]:
    from panscan.request.presets import preset_names

    return preset_names()


def _of_kind(kind: str) -> Callable[[], Iterable[str]]:
    def names() -> Iterable[str]:
        from panscan import registry

        return registry.names(kind)

    return names


def _deliveries() -> Iterable[str]:
    from panscan import registry

    return registry.delivery_names()


def _ratios() -> Iterable[str]:
    return ("9:16", "1:1", "4:5", "16:9", "2:3", "4:3")  # the shapes that platforms ask for


def _styles() -> Iterable[str]:
    from panscan.request.styles import style_names

    return style_names()


def _tilts() -> Iterable[str]:
    from panscan.request.styles import TILT_NAMES

    return TILT_NAMES


presets = _offering(_presets)
styles = _offering(_styles)
tilts = _offering(_tilts)
methods = _offering(_of_kind("methods"))
modes = _offering(_of_kind("modes"))
layouts = _offering(lambda: ("auto", *_of_kind("layouts")()))
deliveries = _offering(_deliveries)
ratios = _offering(_ratios)
