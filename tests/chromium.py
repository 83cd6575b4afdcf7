"""A headless Chromium for tests and for pictures of pages, driven over its debugging pipe: no package is needed.

with Chromium(program, width=340) as page:
    page.open(path.as_uri())
    page.click("#apply")
    page.until("document.title === 'finished'")
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time
from pathlib import Path
from typing import Any

# The same engine in two programs that differ in what they ask for and draw: a page must be right in both.
NAMES = {
    "headless-shell": ("chromium-headless-shell", "chrome-headless-shell"),
    "full": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
}
FLAGS = (
    "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
    "--force-color-profile=srgb", "--font-render-hinting=none",
)  # fmt: skip
PATIENCE_S = 60.0


def flavours() -> dict[str, str]:
    """The programs by flavour: what $PANSCAN_BROWSER names, else of each flavour the first on the path."""
    if named := os.environ.get("PANSCAN_BROWSER"):
        return {"named": named}
    found = {flavour: next(filter(None, map(shutil.which, names)), None) for flavour, names in NAMES.items()}
    return {flavour: program for flavour, program in found.items() if program is not None}


def find() -> str | None:
    """One program: any flavour will do."""
    return next(iter(flavours().values()), None)


class Chromium:
    """One page in a browser of its own. `faults`: what went wrong in it; `asked`: every address that it asked for."""

    def __init__(self, program: str, *, width: int = 1200, height: int = 800, scale: float = 1.0, dark: bool = True):
        self.faults: list[str] = []
        self.asked: list[str] = []
        self._number, self._rest, self._session = 0, b"", None
        self._profile = tempfile.mkdtemp(prefix="chromium")
        theirs_in, self._write = os.pipe()
        self._read, theirs_out = os.pipe()
        # Chromium reads commands from descriptor 3 and writes answers to 4: copies beyond ten are never those two.
        high_in, high_out = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in (theirs_in, theirs_out))
        actions = [
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, high_in, 3),
            (os.POSIX_SPAWN_DUP2, high_out, 4),
        ]
        command = [program, *FLAGS, f"--user-data-dir={self._profile}", "about:blank"]
        self._pid = os.posix_spawn(program, command, os.environ, file_actions=actions, setpgroup=0)
        for fd in (theirs_in, theirs_out, high_in, high_out):
            os.close(fd)
        try:
            self._attach(width, height, scale, dark)
        except BaseException:
            self.close()
            raise

    def _attach(self, width: int, height: int, scale: float, dark: bool) -> None:
        (target, *_) = [t for t in self.ask("Target.getTargets")["targetInfos"] if t["type"] == "page"]
        self._session = self.ask("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for part in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{part}.enable")
        self.size(width, height, scale)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])

    def __enter__(self) -> Chromium:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the browser and leave nothing of it."""
        with contextlib.suppress(OSError):
            os.killpg(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._write)
        os.close(self._read)
        shutil.rmtree(self._profile, ignore_errors=True)

    def size(self, width: int, height: int, scale: float = 1.0) -> None:
        """The window, in CSS px; scale: px of a picture per CSS px."""
        measures = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": False}
        self.ask("Emulation.setDeviceMetricsOverride", **measures)

    def open(self, address: str) -> None:
        """Open a page and wait until it is loaded."""
        self.run("document.title = 'leaving'")
        told = self.ask("Page.navigate", url=address)
        if "errorText" in told:
            raise AssertionError(f"{address}: {told['errorText']}")
        self.until("document.readyState === 'complete' && document.title !== 'leaving'")

    def run(self, code: str) -> Any:
        """The value of an expression in the page; promises are waited for."""
        told = self.ask("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise AssertionError(told["exceptionDetails"].get("exception", {}).get("description", code))
        return told["result"].get("value")

    def until(self, code: str) -> None:
        """Wait until an expression is true."""
        end = time.monotonic() + PATIENCE_S
        while not self.run(code):
            if time.monotonic() > end:
                raise AssertionError(f"never true: {code}; faults: {self.faults}")
            time.sleep(0.02)

    def click(self, selector: str) -> None:
        """Click where a person would; a button that is disabled or covered is an error."""
        found = json.dumps(selector)
        box = self.run(
            f"(() => {{ const e = document.querySelector({found}), b = e.getBoundingClientRect();"
            " const x = b.x + b.width / 2, y = b.y + b.height / 2;"
            " return e.disabled || !e.contains(document.elementFromPoint(x, y)) ? null : [x, y]; })()"
        )
        assert box is not None, f"{selector} cannot be clicked"
        for kind in ("mousePressed", "mouseReleased"):
            at = {"x": box[0], "y": box[1], "button": "left", "clickCount": 1}
            self.ask("Input.dispatchMouseEvent", type=kind, **at)

    def picture(self, path: Path) -> Path:
        """A PNG of the window."""
        path.write_bytes(base64.b64decode(self.ask("Page.captureScreenshot", format="png")["data"]))
        return path

    def ask(self, method: str, **given: Any) -> dict[str, Any]:
        """One command of the DevTools protocol."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": given}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE_S
        while True:
            told = self._next(end)
            if told.get("id") == self._number:
                if "error" in told:
                    raise AssertionError(f"{method}: {told['error']}")
                return dict(told["result"])
            self._hear(told)

    def _next(self, end: float) -> dict[str, Any]:
        while b"\0" not in self._rest:
            ready, _, _ = select.select([self._read], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self._read, 1 << 20) if ready else b""
            if not data:
                raise AssertionError("the browser ended" if ready else "the browser does not answer")
            self._rest += data
        text, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(text))

    def _hear(self, event: dict[str, Any]) -> None:
        kind, told = event.get("method"), event.get("params", {})
        if kind == "Network.requestWillBeSent":
            self.asked.append(told["request"]["url"])
        elif kind == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.faults.append(details.get("exception", {}).get("description", details["text"]))
        elif kind == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.faults.append(told["entry"]["text"])
