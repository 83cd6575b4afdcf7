"""Decisions: shots -> subjects -> who is shown, in which layout, and why."""

from panscan.direct.director import Brief, plan

__all__ = ["Brief", "plan"]
