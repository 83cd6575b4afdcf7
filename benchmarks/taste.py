"""What editors complain of: `python benchmarks/taste.py --truths FOLDER TIMELINE ... [--clips] [--where]`.

Timelines of one shape make a row. The judge reads nothing of a timeline but its crops, and looks for itself: at the
hand-made truth (`NAME.truth.json`: what must be shown, cuts, turns of speech, where the whole picture is wanted) and,
at five pictures a second, with networks of its own. What it saw is kept in `--evidence`, so that the next timelines of
the same movies take seconds. The networks lie in $PANSCAN_MODELS_DIR or where `panscan models pull` puts them.

Percent of the looks, mean of the clips:

heads cut     an edge of a crop runs through a head: 15 to 90 % of it is in, of its width or its height (of a head
              larger than the crop: of what would fit). Faces of at least 10 % of the crop's height and half the largest
              one in the crop count, unless the source cuts them itself
half people   one edge runs through the middle half of a person, and the crop holds neither the face nor what the truth
              wants of that person. Persons higher than wide, of at least 25 % of the crop's height and half the
              tallest one count, unless the source's side cuts them
empty         no crop shows a quarter of anything to look at, although the source has it: of any person, animal or ball
              that is seen, or of the truth's boxes within 0.6 s
text cut      an edge runs through a line, half a letter or more on both sides, while it is read: from its coming until
              it was read twice at 15 characters a second. Lines count that come or go inside a shot or stay over a cut,
              stand still and have 3 % of the height, and all where the truth wants the whole picture; not what stands
              through the whole movie (logos, strips of the channel)
subject out   the truth's subject (each `must`, else one `any_of`; its middle 60 %) is in no crop; percent of the frames
              between samples that are 2.5 s apart or less

Events a minute, of all clips together:

late          the subject is out for more than 0.3 s while the camera moves, or from when it is there at all
jumps         the crop is elsewhere (4 % of the source's width) or of another size (10 %) from one frame to the next,
              and the truth has no cut there, no turn of speech (0.6 s) and no other subject
layouts       cells or bars change where nothing happens (nor text coming or going), or to bars without a wide text,
              the truth's wish or subjects further apart than a window, or to several cells without several people
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import platformdirs

from judge.complaints import cut_heads, cut_texts, empty_frames, half_people, share_of_looks, spans_s
from judge.detectors import Networks
from judge.evidence import Looker, evidence_of
from judge.framings import read_framings
from judge.moves import jumps, layout_changes, out_of_picture
from judge.showing import Showing
from judge.truths import read_truth

SHARES = {
    "heads_cut": "heads cut %",
    "half_people": "half people %",
    "empty": "empty %",
    "text_cut": "text cut %",
    "subject_out": "subject out %",
}
EVENTS = {"late": "late /min", "jumps": "jumps /min", "layouts": "layouts /min"}
STILLS = {
    "heads_cut": cut_heads,
    "half_people": half_people,
    "empty": empty_frames,
    "text_cut": cut_texts,
}
CHANGES = {"jumps": jumps, "layouts": layout_changes}


@dataclass(frozen=True, slots=True)
class Complaints:
    """What is wrong with one timeline.

    Attributes
    ----------
    clip, shape : str
        Name of the movie, and the shape that was made of it.
    minutes : float
        Length.
    shares_pct : dict
        Shares of time by kind.
    events : dict
        How often, by kind.
    where_s : dict
        First and last second of everything that was counted, by kind.
    """

    clip: str
    shape: str
    minutes: float
    shares_pct: dict[str, float]
    events: dict[str, int]
    where_s: dict[str, list[tuple[float, float]]]


def complaints_of(clip: str, showing: Showing) -> Complaints:
    """Everything that is wrong with a timeline."""
    width, height = showing.stretches[0].canvas_px
    divisor = int(np.gcd(width, height))
    stills = {key: find(showing) for key, find in STILLS.items()}
    shares = {key: share_of_looks(showing, looks) for key, looks in stills.items()}
    shares["subject_out"], late = out_of_picture(showing)
    spans = {"late": late, **{key: [(n, n) for n in find(showing)] for key, find in CHANGES.items()}}
    times = {key: spans_s(showing, looks) for key, looks in stills.items()}
    times |= {key: [(a / showing.rate, b / showing.rate) for a, b in frames] for key, frames in spans.items()}
    events = {key: len(spans[key]) for key in EVENTS}
    return Complaints(clip, f"{width // divisor}:{height // divisor}", showing.minutes, shares, events, times)


def where(row: Complaints) -> str:
    """When each complaint is due, one line per kind."""
    kinds = {key.replace("_", " "): spans for key, spans in row.where_s.items() if spans}
    times = {kind: ", ".join(f"{a:.1f}-{b:.1f}" if b > a else f"{a:.1f}" for a, b in s) for kind, s in kinds.items()}
    return "\n".join(f"{row.clip} {row.shape} {kind}: {text} s" for kind, text in times.items())


def judge(timeline: Path, truths: Path, evidence: Path, make_looker: Callable[[], Looker]) -> Complaints:
    """Read one timeline and all that is known of its movie."""
    stretches = read_framings(timeline)
    movie = stretches[0].media
    path = truths / f"{movie.stem}.truth.json"
    if not path.exists():
        raise SystemExit(f"{timeline.name} cannot be judged: there is no {path.name} in {truths}, so leave it out")
    truth = read_truth(path, stretches[0].source_px, stretches[0].rate)
    return complaints_of(movie.stem, Showing(stretches, truth, evidence_of(movie, evidence, make_looker)))


def table(rows: Sequence[Complaints], with_clips: bool) -> str:
    """The rows as Markdown: each clip, if wanted, and each shape."""
    lines = [
        "| | " + " | ".join([*SHARES.values(), *EVENTS.values()]) + " |",
        "|---" * (1 + len(SHARES | EVENTS)) + "|",
    ]
    shapes = list(dict.fromkeys(row.shape for row in rows))
    if with_clips:
        lines += [_line(f"{row.clip} {row.shape}", [row]) for row in rows]
    for shape in shapes:
        chosen = [row for row in rows if row.shape == shape]
        lines.append(_line(f"**{shape}**, {len(chosen)} clips", chosen))
    return "\n".join(lines)


def _line(name: str, rows: Sequence[Complaints]) -> str:
    minutes = sum(row.minutes for row in rows)
    shares = [float(np.mean([row.shares_pct[key] for row in rows])) for key in SHARES]
    events = [sum(row.events[key] for row in rows) / minutes for key in EVENTS]
    return f"| {name} | " + " | ".join(f"{value:.1f}" for value in [*shares, *events]) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("timelines", nargs="+", type=Path, metavar="TIMELINE")
    parser.add_argument("--truths", type=Path, required=True, help="folder of NAME.truth.json")
    kept = Path(platformdirs.user_cache_dir("panscan", appauthor=False)) / "taste"
    parser.add_argument("--evidence", type=Path, default=kept, help=f"where looks are kept ({kept})")
    parser.add_argument("--clips", action="store_true", help="a row for each clip, too")
    parser.add_argument("--where", action="store_true", help="the times of all complaints, to look at in sheets")
    parser.add_argument("--json", type=Path, help="write the rows of all clips")
    args = parser.parse_args()
    make_looker = cache(Networks)
    rows = [judge(timeline, args.truths, args.evidence, make_looker) for timeline in args.timelines]
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    if args.where:
        print("\n".join(text for text in map(where, rows) if text))
    print(table(rows, args.clips))


if __name__ == "__main__":
    main()
