"""Scripts from outside in front of documents: scenes that the tests of the Python scripts share."""

from __future__ import annotations

import json

from hosts import resolve_fake, resolve_scenes, timelines
from panscan.deliver import deliver
from panscan_resolve.host import Session


def plan_of(timeline, **options):
    """The plan of a document, as JSON says it."""
    files = deliver(timeline, "resolve-plan", folder=timelines.FOLDER, options=options).files
    return json.loads(files[".resolve-plan.json"])


def session(root, said=None):
    """A session that waits for nothing; `said` gets its messages."""
    return Session(root, say=(said if said is not None else []).append, sleep=lambda seconds: None)


def opened(timeline, more=(), **rules):
    """A Resolve with the clips of a document, and `more`, in its current timeline."""
    return resolve_fake.open_resolve([*resolve_scenes.items(timeline), *more], **rules)


def copy_of(root):
    """The newest timeline."""
    return root._manager._project._timelines[-1]


def untouched(root):
    """The editor's own timeline, its clips and its size."""
    original = root._manager._project._timelines[0]
    assert original._px == (1920, 1080) and not original._markers and original._tracks == 1
    assert all(i._values == resolve_fake.DEFAULTS and not i._comps and not i._markers for i in original._items)
