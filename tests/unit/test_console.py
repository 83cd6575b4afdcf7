"""Progress of a run of several parts, and what is said where it shall be quiet."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stderr

import pytest

from panscan.cli.console import progress_bar, quiet, say, say_wrong, whole_run


class Terminal(io.StringIO):
    """Takes what is drawn on a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def colourful(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")


def shares(drawn):
    """The percentages that were drawn, each once."""
    return list(dict.fromkeys(int(n) for n in re.findall(r"(\d+)%", drawn.getvalue())))


def test_bars_of_a_run_go_on_where_the_one_before_ended():
    with redirect_stderr(Terminal()) as drawn, whole_run({"looking": 1, "rendering": 3}):
        with progress_bar("looking", "looking") as progress:
            progress(10, 10)
        for _ in range(2):
            with progress_bar("rendering", "rendering", 1 / 2) as progress:
                progress(5, 10)
                progress(10, 10)
    assert shares(drawn) == sorted(shares(drawn)) and {25, 62, 100} <= set(shares(drawn))


def test_a_bar_of_its_own_goes_from_end_to_end():
    with redirect_stderr(Terminal()) as drawn, progress_bar("looking", "looking") as progress:
        progress(10, 10)
    assert shares(drawn)[-1] == 100


def test_quiet_leaves_what_is_wrong():
    with redirect_stderr(Terminal()) as drawn, quiet(), progress_bar("looking") as progress:
        progress(1, 2)
        say("all is well")
        say_wrong("error: it is not")
    assert drawn.getvalue() == "error: it is not\n"
