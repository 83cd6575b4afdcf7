"""The process that `apart` starts: reads a job per line, and answers each with a line of JSON."""

from __future__ import annotations

import contextlib
import faulthandler
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any

import numpy as np


def _panscan(arguments: list[str]) -> dict[str, Any]:
    from commandline import panscan

    ran = panscan(*arguments)
    return {"code": ran.code, "out": ran.out, "err": ran.err}


def _facts(path: str) -> dict[str, Any]:
    """What panscan reads of a media file: the probe's facts, and each picture as the analysis gets it."""
    import banded
    from panscan import ingest

    found = ingest.probe(Path(path))
    video = found.video
    ticks = video.pts - video.pts[0]
    greys = [(picture.frame, np.array(picture.view(192, "gray"))) for picture in ingest.PictureDecoder(found)]
    return {
        "value": {
            "times_s": [float(tick * video.time_base) for tick in ticks.tolist()],
            "frames": [frame for frame, _ in greys],
            "numbers": [banded.number(grey) for _, grey in greys],
            "combed": [banded.is_combed(grey) for _, grey in greys],
            "grid": video.grid_frames().tolist(),
            "rate": float(video.rate),
            "frame_count": found.frame_count,
            "size": [video.display_size.width, video.display_size.height],
        }
    }


def _sounds(path: str) -> dict[str, Any]:
    """Codec, channels, rate and start after the first picture of each audio stream."""
    from panscan import ingest

    found = ingest.probe(Path(path))
    starts_s = [float(s.start_s - found.video.start_s) for s in found.audio]
    return {"value": [[s.codec, s.channels, s.rate_hz, at] for s, at in zip(found.audio, starts_s, strict=True)]}


def _read_cut(path: str) -> dict[str, Any]:
    from panscan.ingest.cuts.read import read_editor_cut

    return {"value": len(read_editor_cut(Path(path), skip_offline=True).clips)}


def _deliver(path: str, to: str) -> dict[str, Any]:
    from panscan.deliver import deliver
    from panscan.timeline.files import read_timeline

    return {"value": sum(map(len, deliver(read_timeline(Path(path)), to, folder=Path(path).parent).files.values()))}


def _preset(path: str) -> dict[str, Any]:
    from panscan.request.presets import load_preset

    return {"value": repr(load_preset(path))}


JOBS = {
    "panscan": _panscan,
    "facts": _facts,
    "sounds": _sounds,
    "read_cut": _read_cut,
    "deliver": _deliver,
    "preset": _preset,
}


def _answer(job: str, **what: Any) -> dict[str, Any]:
    from panscan.errors import PanscanError

    try:
        return JOBS[job](**what)
    except PanscanError as error:
        return {"code": error.exit_code, "err": f"error: {error}"}
    except BaseException:
        return {"code": 1, "traceback": traceback.format_exc()}


def _limit(memory_mib: int) -> None:
    with contextlib.suppress(ImportError):  # Windows
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory_mib << 20,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Answer until there are no more jobs; what libraries print goes to the parent's log."""
    _limit(int(sys.argv[1]))
    import commandline  # noqa: F401  (its imports take long)

    # Commands send descriptor 2 elsewhere while native libraries work, which is when they crash.
    faulthandler.enable(os.dup(2))
    with os.fdopen(os.dup(1), "wb", buffering=0) as answers:
        os.dup2(2, 1)
        answers.write(b"ready\n")
        for line in sys.stdin:
            answers.write(json.dumps(_answer(**json.loads(line))).encode() + b"\n")


if __name__ == "__main__":
    main()
