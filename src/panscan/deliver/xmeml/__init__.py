"""xmeml 4 (Final Cut Pro 7 XML) for Premiere Pro and DaVinci Resolve."""

from panscan.deliver.xmeml.exporter import XmemlExporter, XmemlOptions

__all__ = ["XmemlExporter", "XmemlOptions"]
