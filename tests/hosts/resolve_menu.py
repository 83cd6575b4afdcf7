"""The menu entries in front of documents: scenes that the tests of the Lua scripts share."""

from __future__ import annotations

import documents as make
from hosts import resolve_lua, resolve_scenes, timelines
from panscan.deliver import deliver


def still_split():
    """Two cameras that stand still, over two clips."""
    return make.timeline((10, 40, make.two_cells()), (40, 60, make.two_cells()))


def stills():
    """Two cameras that stand still, one after the other."""
    return make.timeline(
        (0, 12, make.framing(((0, 2.0, 12.5, -40.0),))), (12, 30, make.framing(((0, 2.4, 324.0, 240.0),)))
    )


CASES = {**timelines.CASES, "still_split": still_split, "stills": stills}


def planned(folder, timeline, name="plan", **options):
    """The path of a document's plan."""
    path = folder / f"{name}.lua"
    path.write_bytes(deliver(timeline, "resolve-plan", folder=timelines.FOLDER, options=options).main)
    return str(path)


def applied(folder, timeline, *, program="lua5.1", more=(), **scene):
    """What *apply a plan* makes of the clips of a document, and of `more`."""
    globals_ = {"PANSCAN_PLAN": planned(folder, timeline)}
    scene = {"items": [*resolve_scenes.items(timeline), *more], "globals": globals_, **scene}
    return resolve_lua.run(folder, scene, program=program)


def untouched(report):
    """The editor's own timeline, its clips and its size."""
    assert report.timelines[1] == {"name": "Interview", "canvas": (1920, 1080), "tracks": 1}
    assert 1 not in report.notes and all(item[5] == item[6] == 0 for item in report.items[1])


def mixed():
    """A move, a still split and a still clip: every way of setting."""
    move = make.framing(((0, 1.8, 100.0, 0.0), (5, 2.2, -100.0, 20.0)))
    still = make.framing(timelines.ZOOM[:1])
    return make.timeline((0, 6, move), (6, 10, make.two_cells()), (10, 14, still))
