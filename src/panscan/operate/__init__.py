"""The camera operator: one camera per cell and shot; hold first, move only when forced."""

from panscan.operate.modes import Mode
from panscan.operate.operator import frame_shot

__all__ = ["Mode", "frame_shot"]
