"""The calibration kit: a numbered grid, a cut of it for every editor, and the pictures each editor must show."""

from panscan.calibrate.kit import CalibrationKit, files_of_kit, make_kit

__all__ = ["CalibrationKit", "files_of_kit", "make_kit"]
