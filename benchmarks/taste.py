"""What editors complain of: `python benchmarks/taste.py --truths FOLDER TIMELINE ... [--clips] [--json FILE]`.

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

from judge.complaints import cut_heads, cut_texts, empty_frames, half_people, share_of_looks
from judge.detectors import Networks
from judge.evidence import Looker, evidence_of
from judge.framings import read_framings
from judge.moves import jumps, layout_changes, out_of_picture
from judge.showing import Showing
from judge.truths import read_truth

SHARES = {
    "heads_cut_pct": "heads cut %",
    "half_people_pct": "half people %",
    "empty_pct": "empty %",
    "text_cut_pct": "text cut %",
    "subject_out_pct": "subject out %",
}
EVENTS = {"late": "late /min", "jumps": "jumps /min", "layouts": "layouts /min"}


@dataclass(frozen=True, slots=True)
class Complaints:
    """What is wrong with one timeline.

    Attributes
    ----------
    clip, shape : str
        Name of the movie, and the shape that was made of it.
    minutes : float
        Length.
    heads_cut_pct, half_people_pct, empty_pct, text_cut_pct, subject_out_pct : float
        Shares of time.
    late, jumps, layouts : int
        Events.
    """

    clip: str
    shape: str
    minutes: float
    heads_cut_pct: float
    half_people_pct: float
    empty_pct: float
    text_cut_pct: float
    subject_out_pct: float
    late: int
    jumps: int
    layouts: int


def complaints_of(clip: str, showing: Showing) -> Complaints:
    """Everything that is wrong with a timeline."""
    width, height = showing.stretches[0].canvas_px
    divisor = int(np.gcd(width, height))
    out_pct, late = out_of_picture(showing)
    return Complaints(
        clip=clip,
        shape=f"{width // divisor}:{height // divisor}",
        minutes=showing.minutes,
        heads_cut_pct=share_of_looks(showing, cut_heads(showing)),
        half_people_pct=share_of_looks(showing, half_people(showing)),
        empty_pct=share_of_looks(showing, empty_frames(showing)),
        text_cut_pct=share_of_looks(showing, cut_texts(showing)),
        subject_out_pct=out_pct,
        late=late,
        jumps=jumps(showing),
        layouts=layout_changes(showing),
    )


def judge(timeline: Path, truths: Path, evidence: Path, make_looker: Callable[[], Looker]) -> Complaints:
    """Read one timeline and all that is known of its movie."""
    stretches = read_framings(timeline)
    movie = stretches[0].media
    truth = read_truth(truths / f"{movie.stem}.truth.json", stretches[0])
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
    shares = [float(np.mean([getattr(row, key) for row in rows])) for key in SHARES]
    events = [sum(getattr(row, key) for row in rows) / minutes for key in EVENTS]
    return f"| {name} | " + " | ".join(f"{value:.1f}" for value in [*shares, *events]) + " |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("timelines", nargs="+", type=Path, metavar="TIMELINE")
    parser.add_argument("--truths", type=Path, required=True, help="folder of NAME.truth.json")
    kept = Path(platformdirs.user_cache_dir("panscan", appauthor=False)) / "taste"
    parser.add_argument("--evidence", type=Path, default=kept, help=f"where looks are kept ({kept})")
    parser.add_argument("--clips", action="store_true", help="a row for each clip, too")
    parser.add_argument("--json", type=Path, help="write the rows of all clips")
    args = parser.parse_args()
    make_looker = cache(Networks)
    rows = [judge(timeline, args.truths, args.evidence, make_looker) for timeline in args.timelines]
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))
    print(table(rows, args.clips))


if __name__ == "__main__":
    main()
