"""What is done with a damaged input, in the process of `apart`: through the parts that meet such files first."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from commandline import Ran, panscan
from panscan import ingest
from panscan.deliver import deliver
from panscan.ingest.crops.read import edl_and_csv, read_crops
from panscan.ingest.cuts.read import read_editor_cut
from panscan.request.overrides import load_overrides
from panscan.request.presets import load_preset
from panscan.timeline.files import read_timeline
from structures import reading

_SMALL = ("-r", "9:16", "--canvas", "90x160", "--to", "otio", "--fresh")


def media(path: str, to: str) -> int:
    """Probed, every picture and all sound decoded, and one picture found by seeking."""
    found = ingest.probe(Path(path))
    heard = sum(len(block) for block in ingest.mono_blocks(found))
    seen = [int(np.mean(picture.view(64, "gray"))) for picture in ingest.PictureDecoder(found)]
    ingest.stills(found, [found.frame_count // 2], 64)
    return heard + len(seen)


def movie(path: str, to: str) -> Ran:
    """Reframed, rendered and verified."""
    return panscan("reframe", path, *_SMALL, "--render", "-o", Path(path).parent / "made")


def cut(path: str, to: str) -> int:
    """Read, framed and delivered."""
    framed = reading.framed(read_editor_cut(Path(path), skip_offline=True))
    return len(deliver(framed.timeline, to, folder=Path(path).parent).files)


def command(path: str, to: str) -> Ran:
    """A cut reframed by the command line."""
    return panscan("reframe", path, *_SMALL, "--skip-offline", "-o", Path(path).parent / "made")


def framed(path: str, to: str) -> int:
    """A timeline of panscan's own, delivered."""
    return len(deliver(read_timeline(Path(path)), to, folder=Path(path).parent).files)


def crops(path: str, to: str) -> int:
    """An edit list with its table of crops."""
    edl, csv = edl_and_csv(Path(path))
    return len(deliver(read_crops(edl, csv), to, folder=edl.parent).files)


def overrides(path: str, to: str) -> int:
    """Decisions made by hand for a movie of 60 frames."""
    return len(load_overrides(Path(path), Fraction(25), 60))


def preset(path: str, to: str) -> str:
    """A preset file."""
    return repr(load_preset(path))
