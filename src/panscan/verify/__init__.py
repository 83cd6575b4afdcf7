"""A movie and its timeline -> a verdict."""

from panscan.verify.checks import Inspection, inspect, verify
from panscan.verify.page import page
from panscan.verify.report import Finding, Report, Verdict

__all__ = ["Finding", "Inspection", "Report", "Verdict", "inspect", "page", "verify"]
