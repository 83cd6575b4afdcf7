"""A movie and its timeline -> a verdict."""

from panscan.callable_package import make_callable
from panscan.verify.inspection import Inspection, inspect, verify
from panscan.verify.page.page import report_page
from panscan.verify.report import Finding, Report, Verdict

__all__ = ["Finding", "Inspection", "Report", "Verdict", "inspect", "report_page", "verify"]

make_callable(__name__)
