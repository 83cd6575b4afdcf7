"""The calibration kit: a numbered grid, a cut of it for every editor, and the pictures each editor must show."""

from panscan.calibrate.kit import Kit, make

__all__ = ["Kit", "make"]
