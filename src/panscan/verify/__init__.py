"""A movie and its timeline -> a verdict."""

from panscan.verify.checks import verify
from panscan.verify.report import Finding, Report, Verdict

__all__ = ["Finding", "Report", "Verdict", "verify"]
