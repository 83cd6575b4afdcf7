"""A stand-in for a long movie: its parts take a moment each, and write down who began and who ended them."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from panscan import measure
from panscan.model import media
from panscan.service.sharing import hand_in, share_out
from panscan.service.states import STAGES
from panscan.service.work_order import SharedPart, WorkOrder, WorkReport

COUNT = 6
_PART_S = 0.3
_HELD_S = 60.0  # a part that is held ends by itself after that: the test has failed then


def shorten_spans(span_s: int) -> None:
    """Let media be looked at and rendered in parts of so many seconds, and be long where it has more than two."""
    from panscan.service import rendering  # takes a second, which the other jobs shall not

    media.LONG_S, measure._SPAN_S, rendering._PART_S = 2 * span_s, span_s, span_s


def shared_work(order: WorkOrder, report: WorkReport, wish: str, folder: Path) -> str:
    """A job of parts; its payload says what happens in them, and where they are written down.

    "shared": nothing. "shared-poison": the second part ends its process. "shared-held": all parts wait for a file "go"
    in the folder. "shared-leader-held": those do that the job's own worker does.
    """
    order.part.mkdir(parents=True)
    if order.shared is not None:
        hand_in(order, order.shared.name, _made(order, order.shared))
        return ""
    report.progress("ingest")
    report.confirm(60.0)
    report.progress("analyse")
    what = {"wish": wish, "folder": str(folder)}
    parts = [SharedPart(f"analyse-{number}", "analyse", what) for number in range(COUNT)]
    products: dict[str, str] = {}

    def make(part: SharedPart) -> Path:
        product = _made(order, part)
        products[part.name] = product.read_text()
        return product

    def take(part: SharedPart, file: Path) -> None:
        products[part.name] = file.read_text()

    share_out(order, report, parts, make, take)
    for stage in STAGES[2:]:
        report.progress(stage)
    order.output.mkdir(exist_ok=True)
    (order.output / "result.txt").write_text(" ".join(products[part.name] for part in parts))
    return "completed"


def _made(order: WorkOrder, part: SharedPart) -> Path:
    wish, folder = part.what["wish"], Path(part.what["folder"])
    _note(folder / "begun.txt", order, part)
    if wish == "shared-poison" and part.name == "analyse-1":
        os.kill(os.getpid(), signal.SIGSEGV)
    if wish == "shared-held" or (wish == "shared-leader-held" and order.shared is None):
        end_s = time.monotonic() + _HELD_S
        while not (folder / "go").exists() and time.monotonic() < end_s:
            time.sleep(0.05)
    time.sleep(_PART_S)
    _note(folder / "done.txt", order, part)
    product = order.part / f"{part.name}.made"
    product.write_text(f"made:{part.name}")
    return product


def _note(file: Path, order: WorkOrder, part: SharedPart) -> None:
    """A line with the part, the process, and the name of the worker's data folder; lines of two do not mix."""
    worker = next(folder.parent.name for folder in order.folder.parents if folder.name == "jobs")
    with file.open("a", encoding="utf-8") as lines:
        lines.write(f"{part.name} {os.getpid()} {worker}\n")
