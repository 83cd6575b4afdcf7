"""MLT XML for melt and Shotcut, and projects for Kdenlive."""

from panscan.deliver.mlt.exporter import MltExporter, MltOptions

__all__ = ["MltExporter", "MltOptions"]
