"""Commands in a process of their own: a crash inside a library ends with a message and exit code 70.

The process that a person started passes on signals and the exit code. Standard input, output and errors are shared.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

# Those that read media or timelines, or try out libraries. `panscan serve` starts a process for each job.
COMMANDS = frozenset(
    ("reframe", "perceive", "deliver", "render", "verify", "people", "edits", "calibrate", "doctor", "shots", "work")
)
_CODES = (0, 1, 2, 3, 4, 70, 75, 130)  # that commands end with; libraries may end a process with any other
_STOPPED = 130  # exit code after Ctrl-C
_IMPATIENT_S = 1.0  # a second Ctrl-C that comes so long after the first ends the process at once
_STOPS = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]

# What the new process does. Until the command line listens to signals, one ends it without a word.
_CODE = """
import signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
sys.path[:] = {path!a}
from panscan.cli import run
from panscan.cli.supervised import prepare
prepare({parent}, {folder!a})
run()
"""
_UNFINISHED, _STACK = "unfinished", "stack"  # files of the folder that both processes know
_LINE = re.compile(r'File ".*?([^/\\"]+[/\\][^/\\"]+)", line (\d+)')


def is_wanted(arguments: Sequence[str]) -> bool:
    """Whether a command line is to run in a process of its own."""
    is_possible = bool(sys.executable) and not getattr(sys, "frozen", False)
    return is_possible and bool(arguments) and arguments[0] in COMMANDS and not {"-h", "--help"} & set(arguments)


def run(arguments: Sequence[str]) -> None:
    """Run a command line in a process of its own, and end with its exit code.

    Raises
    ------
    InternalError
        The process crashed. What it left half-written is removed.
    SystemExit
        The command ended with another code than 0.
    """
    from panscan.files import remove_unfinished
    from panscan.processes import crash_error

    with tempfile.TemporaryDirectory(prefix="panscan-") as folder:
        path = [str(entry) for entry in sys.path]
        code = _CODE.format(path=path, parent=os.getpid(), folder=folder)
        exit_code, is_stopped = _exit_code([sys.executable, "-c", code, *arguments])
        if exit_code in _CODES:
            raise SystemExit(exit_code)
        remove_unfinished(Path(folder) / _UNFINISHED)
        if is_stopped:
            raise SystemExit(_STOPPED)
        _restore_terminal()
        at = _place(Path(folder) / _STACK)
    kept = "Run the same command again: finished analysis is kept."
    raise crash_error(f"panscan {arguments[0]}", exit_code, at=at, fix=kept)


def prepare(parent: int, folder: str) -> None:
    """In the new process: end with the first one, and leave in `folder` what it needs after a crash."""
    import faulthandler

    from panscan.files import UNFINISHED_LIST
    from panscan.processes import end_with_parent

    end_with_parent(parent)
    # NumPy's sums are short: more threads only wait for the next one, as busily as if they worked.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ[UNFINISHED_LIST] = str(Path(folder) / _UNFINISHED)
    faulthandler.enable(os.open(Path(folder) / _STACK, os.O_WRONLY | os.O_CREAT))


def _exit_code(command: Sequence[str]) -> tuple[int, bool]:
    """Run a command; its exit code, and whether a signal asked it to stop."""
    stopped_s: list[float] = []
    process: subprocess.Popen[bytes] | None = None

    def stop(number: int, frame: object) -> None:
        stopped_s.append(time.monotonic())
        if process is not None and stopped_s[-1] - stopped_s[0] > _IMPATIENT_S:
            process.kill()
        elif process is not None and sys.platform != "win32":  # where a console sends Ctrl-C to both
            process.send_signal(number)

    for number in _STOPS:
        if signal.getsignal(number) != signal.SIG_IGN:  # as `nohup` wants it
            signal.signal(number, stop)
    process = subprocess.Popen(command)
    if stopped_s:
        process.terminate()
    return process.wait(), bool(stopped_s)


def _restore_terminal() -> None:
    """Show the cursor again, which a progress bar hides."""
    if sys.stderr.isatty() and os.name == "posix":
        sys.stderr.write("\x1b[?25h\n")


def _place(stack: Path) -> str:
    """Where the process crashed, innermost first: the library's line, and panscan's."""
    text = stack.read_text(encoding="utf-8", errors="replace") if stack.is_file() else ""
    if os.environ.get("PANSCAN_DEBUG"):
        sys.stderr.write(text)
    current = text.partition("Current thread")[2].partition("\n\n")[0] or text
    places = [line for line in current.splitlines() if _LINE.search(line)]
    inmost = places[:1] + [line for line in places[1:] if re.search(r"[/\\]panscan[/\\]", line)][:1]
    return ", called at ".join(_LINE.search(line).expand(r"\1:\2") for line in inmost)  # type: ignore[union-attr]
