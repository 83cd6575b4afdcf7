"""The Python twin of the menu entries, inside a strict fake Resolve."""

from __future__ import annotations

import json

import pytest

import documents as make
from hosts import resolve_fake, resolve_lua, resolve_scenes, timelines
from hosts.resolve_menu import mixed, still_split
from hosts.resolve_studio import copy_of, opened, plan_of, session, untouched
from panscan.deliver import deliver
from panscan_resolve import apply as applying
from panscan_resolve.host import ScriptError

CASES = {**timelines.CASES, "still_split": still_split}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_every_frame_shows_the_cameras_crops(case):
    timeline = case()
    root = opened(timeline)
    result = applying.apply(session(root), plan_of(timeline))
    assert not (result.failed or result.left_alone or result.missing), result
    project = root._manager._project
    original, copy = project._timelines
    canvas = timelines.clips(timeline)[0].framing.canvas
    assert project._current is copy is result.copy and copy._px == (canvas.width, canvas.height)
    resolve_scenes.agrees(timeline, resolve_fake.frames_of(copy))
    assert original._px == (1920, 1080) and not original._markers and original._tracks == 1
    assert all(i._values == resolve_fake.DEFAULTS and not i._comps and not i._markers for i in original._items)
    assert not root._world.modal and root._world.asked_for == set()


# --- what the copy is made of


@pytest.mark.parametrize("render_start", [0, 10, 1001])
def test_comps_start_where_they_say(render_start):
    timeline = timelines.in_point()
    root = opened(timeline, render_start=render_start)
    applying.apply(session(root), plan_of(timeline))
    resolve_scenes.agrees(timeline, resolve_fake.frames_of(copy_of(root)))


def test_a_taken_name_is_not_taken_again():
    root = opened(still_split(), other_timelines=("Interview 1080x1920",))
    assert applying.apply(session(root), plan_of(still_split())).copy._name == "Interview 1080x1920 2"
    assert not root._world.modal


@pytest.mark.parametrize("end_is_exclusive", [False, True])
def test_layers_go_to_free_tracks_at_their_exact_length(end_is_exclusive):
    busy = {"name": "lower third", "track": 2, "start": 20, "left": 0, "duration": 15}
    root = opened(still_split(), [busy], end_is_exclusive=end_is_exclusive)
    result = applying.apply(session(root), plan_of(still_split()))
    assert not result.failed and result.left_alone == ["lower third (track 2): a title or generator"]
    tracks = {(i._track, i._start - resolve_fake.START, i._duration) for i in copy_of(root)._items}
    assert tracks == {(1, 0, 30), (3, 0, 30), (2, 20, 15), (1, 30, 20), (3, 30, 20)}
    frames = resolve_fake.frames_of(copy_of(root))
    resolve_scenes.agrees(still_split(), frames)


def test_what_cannot_be_reframed_is_listed_and_left_alone():
    timeline = timelines.several()
    clip = resolve_scenes.items(timeline)[0]
    odd = {
        "a title": {"name": "Title", "left": 0, "duration": 9},
        "a nested timeline": {**clip, "name": "Nested", "file": ""},
        "retimed": {**clip, "name": "Fast", "span": clip["duration"] * 2},
        "flipped": {**clip, "name": "Mirror", "set": {"FlipY": True}},
        "turned by hand (Yaw)": {**clip, "name": "Turned", "set": {"Yaw": 0.5}},
        "no clip with this file": {**clip, "name": "Unknown", "left": 7},
        "Fusion comp of its own": {**clip, "own_comp": True},
    }
    more = [{**item, "track": 1, "start": 1000 + 100 * n} for n, item in enumerate(odd.values())]
    said: list[str] = []
    items = [*resolve_scenes.items(timeline)[1:], *more]
    root = resolve_fake.open_resolve(items)
    result = applying.apply(session(root, said), plan_of(timeline))
    assert len(result.applied) == 2 and len(result.left_alone) == len(odd) and not result.failed
    for why in odd:
        assert any(why in line for line in result.left_alone) and any(why in line for line in said)
    # The clip with its own comp is the one the plan means: it is there, so it is not missing.
    assert result.missing == []


def test_a_locked_track_and_missing_clips_are_told():
    timeline = timelines.several()
    first, second, *_ = resolve_scenes.items(timeline)
    root = resolve_fake.open_resolve([{**first, "track": 2}, second])
    root._manager._project._current._locked = 2
    result = applying.apply(session(root), plan_of(timeline))
    assert "its track is locked" in result.left_alone[0] and len(result.missing) == 2


def test_a_plan_of_another_timeline_copies_nothing():
    other = make.timeline((0, 9, make.framing(timelines.ZOOM[:1])), of=make.media("/media/other.mp4"))
    root, said = opened(timelines.several()), []
    with pytest.raises(ScriptError, match="knows no clip of this timeline"):
        applying.apply(session(root, said), plan_of(other))
    assert len(root._manager._project._timelines) == 1 and "no clip with this file" in said[0]
    untouched(root)


def test_a_media_path_may_be_spelt_otherwise():
    timeline = timelines.in_point()
    plan = json.loads(json.dumps(plan_of(timeline)).replace("/media/talk.mp4", "c:/Media/talk.mp4"))
    items = [{**item, "file": "C:\\media\\Talk.mp4"} for item in resolve_scenes.items(timeline)]
    assert len(applying.apply(session(resolve_fake.open_resolve(items)), plan).applied) == 1


def test_values_that_resolve_clips_silently_are_noticed():
    plan = plan_of(still_split())
    plan["clips"][0]["inspector"][0]["Pan"] = 5000.0
    root = opened(still_split())
    result = applying.apply(session(root), plan)
    assert result.failed == ["talk.mp4 (clip001): Resolve kept Pan at 4320.0 instead of 5000.0"]
    assert "state=building" in next(iter(copy_of(root)._markers.values()))["customData"]


def test_a_version_without_a_needed_method_fails_by_name_and_keeps_the_original():
    root = opened(timelines.in_point(), lacks=frozenset({"AddFusionComp"}))
    result = applying.apply(session(root), plan_of(timelines.in_point()))
    assert len(result.failed) == 1
    untouched(root)


def test_nothing_is_changed_where_it_cannot_begin(monkeypatch):
    root = opened(timelines.in_point())
    plan = plan_of(timelines.in_point())
    with monkeypatch.context() as patch:
        patch.setattr(resolve_fake.Timeline, "DuplicateTimeline", lambda self, name: None)
        with pytest.raises(ScriptError, match="nothing was changed"):
            applying.apply(session(root), plan)
    untouched(root)
    root._manager._project._current = None
    with pytest.raises(ScriptError, match="no timeline is open"):
        applying.apply(session(root), plan)


# --- again, and after a crash


def test_the_same_plan_again_changes_nothing():
    root = opened(mixed())
    applying.apply(session(root), plan_of(mixed()))
    before = resolve_fake.frames_of(copy_of(root))
    root._manager._project._current = root._manager._project._timelines[0]
    again = applying.apply(session(root), plan_of(mixed()))
    assert len(again.kept) == 3 and not again.applied and len(root._manager._project._timelines) == 2
    assert resolve_fake.frames_of(copy_of(root)) == before


def test_another_plan_updates_instead_of_stacking():
    move, split, still = (clip.framing for clip in timelines.clips(mixed()))
    turned = make.timeline((0, 6, still), (6, 10, move), (10, 14, split))
    root = opened(mixed())
    for timeline in (mixed(), turned, mixed(), turned):
        assert len(applying.apply(session(root), plan_of(timeline)).applied) == 3
        resolve_scenes.agrees(timeline, resolve_fake.frames_of(copy_of(root)))
    assert len(root._manager._project._timelines) == 2
    assert all(len(i._comps) <= 1 and len(i._markers) == 1 for i in copy_of(root)._items)


def test_edits_by_hand_survive_the_same_plan():
    root = opened(mixed())
    applying.apply(session(root), plan_of(mixed()))
    last = max(copy_of(root)._items, key=lambda item: item._start)
    last._values["Pan"] = 0.125
    applying.apply(session(root), plan_of(mixed()))
    assert last._values["Pan"] == 0.125


def test_a_crash_anywhere_leaves_the_original_and_the_next_run_ends_well():
    root = opened(mixed())
    applying.apply(session(root), plan_of(mixed()))
    calls = root._world.calls
    assert calls > 60
    for crash_at in range(1, calls + 1):
        root = opened(mixed(), crash_at=crash_at)
        with pytest.raises(resolve_fake.Crashed):
            applying.apply(session(root), plan_of(mixed()))
        untouched(root)
        project, root._world.crash_at = root._manager._project, None
        project._current = project._timelines[0]
        result = applying.apply(session(root), plan_of(mixed()))
        assert not result.failed and not result.left_alone and not root._world.modal, (crash_at, result)
        resolve_scenes.agrees(mixed(), resolve_fake.frames_of(result.copy))
        assert len(project._timelines) <= 3  # a copy that was made but not yet marked stays behind
        untouched(root)


# --- the notes of both languages are the same


def test_lua_goes_on_where_python_stopped_and_the_other_way(tmp_path):
    root = opened(mixed())
    applying.apply(session(root), plan_of(mixed()))
    plan = tmp_path / "plan.lua"
    plan.write_bytes(deliver(mixed(), "resolve-plan", folder=timelines.FOLDER).main)
    scene = {"items": resolve_scenes.items(mixed()), "globals": {"PANSCAN_PLAN": str(plan)}}
    report = resolve_lua.run(tmp_path, scene)
    copy = copy_of(root)
    python = sorted(marker["customData"] for marker in copy._markers.values())
    assert sorted(data for _, data in report.notes[2]) == python
    assert report.timelines[2]["name"] == copy._name
    assert sorted(item[1:4] for item in report.items[2]) == sorted(
        (i._track, i._start, i._duration) for i in copy._items
    )
