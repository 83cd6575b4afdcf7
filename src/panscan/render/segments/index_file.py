"""The file that tells which pictures a media has: to read all of a long media takes time, over a network above all."""

from __future__ import annotations

import json
from dataclasses import fields
from fractions import Fraction
from pathlib import Path

import numpy as np

from panscan.files import write_text
from panscan.model.media import PictureIndex


def write_index(index: PictureIndex, path: Path) -> None:
    """Write it whole or not at all."""
    values = {field.name: getattr(index, field.name) for field in fields(index)}
    write_text(json.dumps(values | {"time_base": str(index.time_base), "pts": index.pts.tolist()}), path)


def load_index(path: Path) -> PictureIndex:
    """Read what `write_index` wrote."""
    values = json.loads(path.read_text(encoding="utf-8"))
    values |= {name: tuple(values[name]) for name in ("clock_offsets", "notes")}
    return PictureIndex(
        **values | {"time_base": Fraction(values["time_base"]), "pts": np.array(values["pts"], np.int64)}
    )
