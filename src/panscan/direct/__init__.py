"""Decisions: shots -> subjects -> who is shown, in which layout, with which effect, and why."""

from panscan.direct.director import Brief, plan
from panscan.direct.scene import Taste

__all__ = ["Brief", "Taste", "plan"]
