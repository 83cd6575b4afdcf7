"""Decisions: shots -> subjects -> who is shown, in which layout, with which effect, and why."""

from panscan.direct.director import plan

__all__ = ["plan"]
