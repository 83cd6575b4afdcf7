"""Decisions: shots -> subjects -> who is shown, in which layout, with which effect, and why."""

from panscan.direct.director import plan, planned_shots

__all__ = ["plan", "planned_shots"]
