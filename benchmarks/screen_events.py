"""What is seen in screen recordings: `python benchmarks/screen_events.py [--show] MOVIE [MOVIE ...]`.

Beside each movie lies its truth, `NAME.events.json`: `{"events": [{"t0", "t1", "roi": [x, y, w, h], "kind"}]}`, in
seconds and px, true to 0.15 s. Typing: share of the samples inside true typing in which the typing that is told lies in
the true region. Other kinds: found where an event of the kind, or of one that looks alike, overlaps in time and place;
how late its beginning is. False: events told with a confidence of 0.5 or more that no true event is near, per minute.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from panscan import ingest
from panscan.measure import Decoder
from panscan.model.media import Media
from panscan.model.perception import ScreenEvent, ScreenEvents
from panscan.perceive.observe import observe

RATE_HZ = 15  # of the samples in which typing is judged
NEAR_S = 0.3  # by which a hand-made truth and what is told may differ
INSIDE = 0.8  # share of the told box that lies in the true region, grown by a line of text
SURE = 0.5  # confidence from which an event may be a false one
ALIKE = {"click": "pointer", "window": "popup", "scroll": "popup"}  # kinds that count as each other
QUIET = "idle"  # kind of true stretches in which nothing happens

Box = Sequence[float]


@dataclass(frozen=True)
class Told:
    """An event in seconds: kind, from, to, box in px, confidence, height of a line of text."""

    kind: str
    t0: float
    t1: float
    box: Box
    confidence: float
    text_px: float


def told_of(media: Media) -> list[Told]:
    """What the signal tells of a movie."""
    seen = observe(media, Decoder(media), signals=["screen", "screen_events"])
    events: ScreenEvents = seen.signals["screen_events"]
    rate = float(media.video.rate)

    def told(event: ScreenEvent) -> Told:
        times = (event.first_frame / rate, event.end_frame / rate)
        return Told(str(event.kind), *times, event.box_px, event.confidence, event.text_height_px)

    return [told(event) for event in events]


def common_area(one: Box, other: Box) -> float:
    """Area of what two boxes have in common."""
    across = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    down = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return max(0.0, across) * max(0.0, down)


def is_inside(told: Told, region: Box) -> bool:
    """Whether a told box lies in a true region."""
    grown = told.text_px
    wide = (region[0] - grown, region[1] - grown, region[2] + 2 * grown, region[3] + 2 * grown)
    return common_area(told.box, wide) >= INSIDE * told.box[2] * told.box[3]


def same(told: Told, true: dict) -> bool:
    """Whether a told event may be the true one."""
    kinds = [ALIKE.get(kind, kind) for kind in (told.kind, true["kind"])]
    in_time = told.t0 - NEAR_S <= true["t1"] and true["t0"] <= told.t1 + NEAR_S
    return kinds[0] == kinds[1] and in_time and common_area(told.box, true["roi"]) > 0


def typing_samples(told: Sequence[Told], true: Sequence[dict]) -> tuple[int, int]:
    """Samples inside true typing, and those in which it is told at the right place."""
    typing = [event for event in told if event.kind == "typing"]
    wanted = found = 0
    for event in true:
        if event["kind"] == "typing":
            for at in np.arange(event["t0"], event["t1"], 1 / RATE_HZ):
                wanted += 1
                now = [e for e in typing if e.t0 - NEAR_S <= at < e.t1 + NEAR_S]
                found += any(is_inside(e, event["roi"]) for e in now)
    return wanted, found


def begin_errors(told: Sequence[Told], true: Sequence[dict]) -> dict[str, list[float | None]]:
    """By kind, how late each true event is told, s; None where it is not."""
    errors: dict[str, list[float | None]] = defaultdict(list)
    for event in true:
        if event["kind"] != QUIET:
            late = [t.t0 - event["t0"] for t in told if same(t, event)]
            errors[event["kind"]].append(min(late, key=abs) if late else None)
    return errors


def false_ones(told: Sequence[Told], true: Sequence[dict]) -> list[Told]:
    """Told events with no true one near in time and place, whatever its kind."""
    real = [event for event in true if event["kind"] != QUIET]
    return [
        t
        for t in told
        if t.confidence >= SURE
        and not any(
            t.t0 - NEAR_S <= e["t1"] and e["t0"] <= t.t1 + NEAR_S and common_area(t.box, e["roi"]) > 0 for e in real
        )
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--show", action="store_true", help="print every event that is told")
    parser.add_argument("movies", nargs="+", type=Path, metavar="MOVIE")
    args = parser.parse_args()
    print("| movie | typing samples | in place | found by kind (median begin error, s) | false per minute |")
    print("|---|---|---|---|---|")
    for path in args.movies:
        true = json.loads(path.with_suffix(".events.json").read_text("utf-8"))["events"]
        media = ingest.probe(path)
        told = told_of(media)
        wanted, found = typing_samples(told, true)
        kinds = []
        for kind, errors in begin_errors(told, true).items():
            late = [error for error in errors if error is not None]
            middle = f" ({np.median(late):+.2f})" if late else ""
            kinds.append(f"{kind} {len(late)}/{len(errors)}{middle}")
        false = false_ones(told, true)
        share = f"{found / wanted:.2f}" if wanted else "-"
        minutes = float(media.duration_s) / 60
        print(f"| {path.stem} | {wanted} | {share} | {', '.join(kinds)} | {len(false) / minutes:.1f} |")
        if args.show:
            for t in told:
                box = ", ".join(f"{side:.0f}" for side in t.box)
                mark = "  false" if t in false else ""
                print(f"  {t.t0:6.2f} {t.t1:6.2f} {t.kind:8} {t.confidence:.2f} [{box}] text {t.text_px:.0f}{mark}")


if __name__ == "__main__":
    main()
