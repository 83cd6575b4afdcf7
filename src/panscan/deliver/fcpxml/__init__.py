"""FCPXML for Final Cut Pro and DaVinci Resolve."""

from panscan.deliver.fcpxml.exporter import VERSIONS, FcpxmlExporter, FcpxmlOptions
from panscan.deliver.fcpxml.resources import fcpxml_time

__all__ = ["VERSIONS", "FcpxmlExporter", "FcpxmlOptions", "fcpxml_time"]
