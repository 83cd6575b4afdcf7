"""Codes of languages: one language has several, and containers know different ones."""

from __future__ import annotations

# Codes of one language by ISO 639-2 (terminology and bibliography), last the one in FFmpeg's table of QuickTime's
# languages. A language that is not listed has one code.
_CODES = (
    ("sqi", "alb"),
    ("hye", "arm"),
    ("eus", "baq"),
    ("mya", "bur"),
    ("zho", "chi"),
    ("cze", "ces"),
    ("nld", "dut"),
    ("fre", "fra"),
    ("kat", "geo"),
    ("deu", "ger"),
    ("ell", "gre"),
    ("hrv", "hr "),
    ("isl", "ice"),
    ("mkd", "mac"),
    ("msa", "may"),
    ("pan", "pa "),
    ("rum", "ron"),
    ("slo", "slk"),
    ("srp", "sr "),
    ("swe", "sve"),
    ("bod", "tib"),
    ("cym", "wel"),
)
_QUICKTIME = {code: codes[-1] for codes in _CODES for code in codes}


def quicktime_code(code: str) -> str:
    """The code of the same language that FFmpeg can write into QuickTime files; as it is, if there is no other."""
    return _QUICKTIME.get(code, code)


def same_language(one: str, other: str) -> bool:
    """Whether two codes name the same language."""
    return quicktime_code(one).strip() == quicktime_code(other).strip()
