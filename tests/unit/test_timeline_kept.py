"""Transitions and markers when tracks and nests are laid into one row: what is seen as in its own track stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

import documents as make
from panscan.timeline.flatten import flatten_timeline, hard_cuts_of, visible_cut

FOLDER = Path("/projects")
STILL = make.framing(((0, 2.0, 0.0, 0.0),))
Shown = tuple[int | None, int | None, int, int, int]


def _frames(count: float) -> Any:
    return otio.opentime.RationalTime(count, 25)


def _range(first: int, count: int) -> Any:
    return otio.opentime.TimeRange(_frames(first), _frames(count))


def _gap(count: int) -> Any:
    return otio.schema.Gap(duration=_frames(count))


def _clip(first: int, count: int) -> Any:
    return make.track(make.timeline((first, first + count, STILL)))[0].clone()


def _mix(before: int, after: int, kind: str = "SMPTE_Dissolve") -> Any:
    return otio.schema.Transition("mix", kind, _frames(before), _frames(after))


def _track(*children: Any) -> Any:
    track = otio.schema.Track(name="V", kind=otio.schema.TrackKind.Video)
    track.extend(children)
    return track


def _timeline(*tracks: Any) -> Any:
    timeline = otio.schema.Timeline("cut")
    timeline.tracks.extend(tracks)
    return timeline


def _pair() -> list[Any]:
    """Fifty frames each, with a dissolve of seven between them."""
    return [_clip(100, 50), _mix(3, 4), _clip(400, 50)]


def _shown(timeline: Any) -> list[Shown]:
    """The dissolves of what is seen: from and to which clip, the frame of the cut, frames before and after it."""
    cut = visible_cut(timeline, folder=FOLDER)
    return [(d.outgoing, d.incoming, d.edit_frame, d.in_frames, d.out_frames) for d in cut.dissolves]


def _nest(*children: Any, used: Any = None, speed: float = 1) -> Any:
    stack = otio.schema.Stack(name="nest", children=[_track(*children)], source_range=used)
    if speed != 1:
        stack.effects.append(otio.schema.LinearTimeWarp(time_scalar=speed))
    return stack


KEPT: dict[str, tuple[Any, list[Shown]]] = {
    "elsewhere a higher track": (
        lambda: _timeline(_track(*_pair()), _track(_gap(10), _clip(700, 20))), [(2, 3, 50, 3, 4)],
    ),
    "on a higher track": (lambda: _timeline(_track(_clip(700, 200)), _track(_gap(20), *_pair())), [(1, 2, 70, 3, 4)]),
    "in a nest": (lambda: _timeline(_track(_gap(5), _nest(*_pair()))), [(0, 1, 55, 3, 4)]),
    "in a nest that is trimmed": (lambda: _timeline(_track(_nest(*_pair(), used=_range(40, 30)))), [(0, 1, 10, 3, 4)]),
    "in a nest at twice the speed": (
        lambda: _timeline(_track(_nest(*_pair(), used=_range(10, 40), speed=2.0))), [(0, 1, 20, 2, 2)],
    ),
    "between nests": (
        lambda: _timeline(
            _track(_nest(_clip(100, 50), used=_range(0, 40)), _mix(3, 4), _nest(_clip(400, 50), used=_range(10, 40)))
        ), [(0, 1, 40, 3, 4)],
    ),
    "up from a lower track": (lambda: _timeline(_track(_clip(700, 100)), _track(_gap(30), _mix(0, 8), _clip(100, 40))),
        [(0, 1, 30, 0, 8)],
    ),
    "down to a lower track": (lambda: _timeline(_track(_clip(700, 100)), _track(_gap(30), _clip(100, 40), _mix(8, 0))),
        [(1, 2, 70, 8, 0)],
    ),
    "up from black": (lambda: _timeline(_track(_nest(_mix(0, 9), _clip(100, 40)))), [(None, 0, 0, 0, 9)]),
    "down to black at the end": (lambda: _timeline(_track(_nest(_clip(100, 40), _mix(9, 0)))), [(0, None, 40, 9, 0)]),
    "down to a gap and up from it": (
        lambda: _timeline(_track(_nest(_clip(100, 40), _mix(9, 2), _gap(8), _mix(3, 6), _clip(400, 30)))),
        [(0, None, 40, 9, 2), (None, 1, 48, 3, 6)],
    ),
}  # fmt: skip

LOST = {
    "a picture above begins in it": lambda: _timeline(_track(*_pair()), _track(_gap(52), _clip(700, 20))),
    "a picture above ends in it": lambda: _timeline(_track(*_pair()), _track(_gap(30), _clip(700, 18))),
    "a nest that ends with its content": lambda: _timeline(
        _track(_nest(_clip(100, 50)), _mix(3, 4), _nest(_clip(400, 50)))
    ),
    "what is beneath ends in it": lambda: _timeline(
        _track(_clip(700, 34)), _track(_gap(30), _mix(0, 8), _clip(100, 40))
    ),
    "backwards": lambda: _timeline(_track(_nest(*_pair(), used=_range(99, 90), speed=-1.0))),
}


@pytest.mark.parametrize("name", KEPT)
def test_a_transition_stays_whose_sides_are_seen(name) -> None:
    build, expected = KEPT[name]
    timeline = build()
    assert flatten_timeline(timeline) is not timeline
    assert _shown(timeline) == expected
    assert not hard_cuts_of(timeline, visible_cut(timeline, folder=FOLDER))


@pytest.mark.parametrize("name", LOST)
def test_other_transitions_are_hard_cuts_and_told(name) -> None:
    timeline = LOST[name]()
    assert _shown(timeline) == []
    assert hard_cuts_of(timeline, visible_cut(timeline, folder=FOLDER)) == ["'mix'"]


def test_hidden_transitions_are_not_missed() -> None:
    timeline = _timeline(_track(*_pair()), _track(_clip(700, 100)))
    assert _shown(timeline) == [] and not hard_cuts_of(timeline, visible_cut(timeline, folder=FOLDER))


def test_wipes_stay_what_they_are() -> None:
    timeline = _timeline(_track(_nest(_clip(100, 50), _mix(3, 4, "Custom_Transition"), _clip(400, 50))))
    cut = visible_cut(timeline, folder=FOLDER)
    assert not cut.dissolves and hard_cuts_of(timeline, cut) == ["'mix'"]


def test_markers_stay_where_they_are_seen() -> None:
    """Of the timeline, of tracks, and of nests: on the record frame of what they mark."""
    nest = _nest(_clip(100, 50), _clip(400, 50), used=_range(20, 60), speed=2.0)
    timeline = _timeline(_track(_gap(10), nest), _track(_gap(70), _clip(700, 10)))
    marked = {
        "timeline": (timeline.tracks, 7), "track": (timeline.tracks[0], 9), "nest": (nest, 40),
        "trimmed": (nest, 10), "inner track": (nest[0], 60),
    }  # fmt: skip
    for name, (owner, frame) in marked.items():
        owner.markers.append(otio.schema.Marker(name, _range(frame, 4)))
    flat = flatten_timeline(timeline)
    found = {m.name: (m.marked_range.start_time.value, m.marked_range.duration.value) for m in flat.tracks.markers}
    assert found == {"timeline": (7, 4), "track": (9, 4), "nest": (20, 2), "inner track": (30, 2)}
