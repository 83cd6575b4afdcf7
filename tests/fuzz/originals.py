"""The sound inputs that `mutate` damages, one list per kind."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import documents
import media_shapes
import numbered
from panscan.deliver import deliver
from panscan.request.presets import preset_source
from structures import as_edl, as_fcpxml, as_xmeml, footage
from structures.cuts import CUTS

# Documents name media here; the place of a run's media is put in after the damage, so that it does not depend on it.
PLACE = "/the-place-of-the-footage"

OVERRIDES = """\
[[shot]]
shot = 1
subject = "person-2"

[[shot]]
from = "00:00.5"
to = "00:01.2"
layout = "split-2"

[[shot]]
from = "00:00:01:00"
fit = true

[[shot]]
shot = 1
ratio = "9:16"
center = [0.72, 0.40]
hold = true
zoom = 1.3
"""
OVERRIDES_YAML = """\
shot:
  - shot: 1
    subject: person-2
    hold: true
  - from: "00:00.5"
    to: "00:01.2"
    center: [0.3, 0.5]
    zoom: 1.2
"""


@dataclass(frozen=True)
class Original:
    """A sound input. job: what is done with it, a function of `fuzz.jobs`; beside: other files that belong to it."""

    suffix: str
    content: bytes
    job: str
    beside: Mapping[str, bytes] | None = None


def _media(folder: Path) -> list[Original]:
    """Half a second of each container, as a movie that is read; and two that are reframed."""
    kinds = ("h264", "h264_matroska", "mpeg2_ts", "mjpeg_avi", "prores", "vp9", "h264_fragments", "gif")
    made = []
    for name in kinds:
        shape = media_shapes.SHAPES[name]
        short = partial(shape.make, frames=10)  # type: ignore[call-arg]
        path = folder / f"{name}{shape.suffix}"
        short(path)
        made.append(Original(shape.suffix, path.read_bytes(), "media"))
        if name in ("h264", "mpeg2_ts"):
            made.append(Original(shape.suffix, path.read_bytes(), "movie"))
    return made


def _framed() -> list[Original]:
    """Panscan's own timelines."""
    moving = documents.framing(((0, 1.777778, 811.1111, 0.0), (49, 2.4, 324.0, 240.0)))
    timeline = documents.timeline((0, 30, moving), (30, 50, documents.two_cells()))
    texts = [timeline.to_json_string(), documents.dissolve(timeline, 1, (3, 3)).to_json_string()]
    return [Original(".otio", text.encode(), "framed") for text in texts]


def _crops() -> list[Original]:
    moving = documents.framing(((0, 1.777778, 811.1111, 0.0), (29, 2.4, 324.0, 240.0)))
    files = deliver(documents.timeline((0, 30, moving)), "edl", folder=Path("/projects")).files
    edl, csv = files[".edl"], files[".crops.csv"]
    return [Original(".edl", edl, "crops", {".crops.csv": csv}), Original(".crops.csv", csv, "crops", {".edl": edl})]


def _cuts(suffix: str, texts: list[str]) -> list[Original]:
    """Editors' cuts: each is read, framed and delivered; the first also goes through the command line."""
    made = [Original(suffix, text.encode(), "cut") for text in texts]
    return [*made, Original(suffix, made[0].content, "command")]


def _named(seen: footage.Footage) -> footage.Footage:
    """The footage as documents name it."""
    return {stem: Path(PLACE) / path.name for stem, path in seen.items() if stem != "lost"} | {
        "lost": Path(PLACE) / "moved" / "lost.mp4"
    }


def _otio(media: footage.Footage) -> list[str]:
    """Every structure, as short JSON."""
    made = [numbered.timeline(numbered.track(numbered.clip(media["a"], 5, 10), numbered.clip(media["b"], 2, 9)))]
    made += [make(media).timeline for make in CUTS.values()]
    return [json.dumps(json.loads(timeline.to_json_string())) for timeline in made]


def originals(folder: Path) -> dict[str, list[Original]]:
    """All inputs by kind; the footage that documents show is made in `folder`."""
    media = _named(footage.shoot(folder))
    fcpxml = [as_fcpxml.text(media, name, "1.10") for name in CUTS if name not in as_fcpxml.ABSENT]
    xmeml = [as_xmeml.text(media, name) for name in CUTS if name not in as_xmeml.ABSENT]
    edl = [as_edl.text(media, name) for name in CUTS if name not in as_edl.ABSENT]
    presets = [preset_source(name).encode() for name in ("default", "podcast", "cinematic")]
    return {
        "media": _media(folder),
        "otio": _cuts(".otio", _otio(media)),
        "framed": _framed(),
        "fcpxml": _cuts(".fcpxml", fcpxml),
        "xmeml": _cuts(".xml", xmeml),
        "edl": _cuts(".edl", edl) + _crops(),
        "toml": [Original(".panscan.toml", OVERRIDES.encode(), "overrides")]
        + [Original(".panscan.yaml", OVERRIDES_YAML.encode(), "overrides")]
        + [Original(".toml", text, "preset") for text in presets],
    }
