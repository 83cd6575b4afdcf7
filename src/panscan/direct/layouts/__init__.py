"""Layouts: how the canvas is divided for one shot; each is a function of a `LayoutInput` and a line in the registry."""

from panscan.direct.layouts.proposal import Layout, LayoutInput, choose_layout

__all__ = ["Layout", "LayoutInput", "choose_layout"]
