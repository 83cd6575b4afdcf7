"""Layouts: how the canvas is divided for one shot; each is a function of a `Proposal` and a line in the registry."""

from panscan.direct.layouts.proposal import Layout, Proposal, lay_out

__all__ = ["Layout", "Proposal", "lay_out"]
