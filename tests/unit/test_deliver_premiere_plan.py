"""The plan for Premiere's panel: every frame of every layer is the document's, times are exact, losses are said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import documents as make
from hosts import cases, premiere_plan_model, timelines
from hosts.placed import agrees
from panscan.deliver import deliver
from panscan.errors import UsageError
from panscan.timeline.cut import read_cut

FOLDER = Path("/projects")
CASES = {**timelines.CASES, **{f"{name}-2": case for name, case in cases.CASES.items()}}
MOVE = ((0, 1.777778, 811.1111, 0.0), (40, 2.4, 324.0, 240.0))


def _plan(timeline, **options):
    artifact = deliver(timeline, "premiere-plan", folder=FOLDER, options=options)
    assert artifact.losses == ()
    return artifact.text


@pytest.mark.parametrize("keys", ["sparse", "every-frame"])
@pytest.mark.parametrize("case", CASES)
def test_the_plan_shows_what_the_document_says(case, keys) -> None:
    timeline = CASES[case]()
    agrees(premiere_plan_model.play(_plan(timeline, keys=keys)), read_cut(timeline, folder=FOLDER))


@pytest.mark.parametrize("spoil", ["x", "ticks"])
def test_the_comparison_is_able_to_fail(spoil) -> None:
    timeline = make.timeline((5, 45, make.framing(MOVE)))
    plan = json.loads(_plan(timeline))
    position = plan["clips"][0]["layers"][0]["position"]
    if spoil == "x":
        position["x"] = [x + 0.0001 for x in position["x"]]
    else:
        position["ticks"] = [str(int(ticks) + premiere_plan_model.TICKS // 25) for ticks in position["ticks"]]
    with pytest.raises(AssertionError):
        agrees(premiere_plan_model.play(json.dumps(plan)), read_cut(timeline, folder=FOLDER))


def test_times_count_from_the_first_frame_of_the_media() -> None:
    of = make.media(rate=make.NTSC, start_frame=107892, timecode="01:00:00;00", frame_count=1800)
    plan = json.loads(_plan(make.timeline((30, 100, make.framing(MOVE, rate=make.NTSC)), of=of)))
    (clip,) = plan["clips"]
    frame = 8_475_667_200  # ticks of 1001/30000 s
    assert clip["media_start_ticks"] == str(107892 * frame)
    assert (clip["in_ticks"], clip["out_ticks"], clip["start_ticks"]) == (str(30 * frame), str(100 * frame), "0")
    assert clip["frame_ticks"] == str(frame) and plan["rate"] == [30000, 1001]


def test_what_never_changes_has_one_value() -> None:
    pan = ((0, 1.777778, 811.1111, 0.0), (40, 1.777778, 0.0, 0.0))
    (layer,) = json.loads(_plan(make.timeline((0, 40, make.framing(pan)))))["clips"][0]["layers"]
    assert layer["scale"]["percent"] == [177.7778] and len(layer["position"]["x"]) == 2 and layer["crop"] is None


def test_the_id_names_the_content() -> None:
    one, same = (json.loads(_plan(make.timeline((0, 40, make.framing(MOVE))))) for _ in range(2))
    other = json.loads(_plan(make.timeline((0, 41, make.framing(MOVE)))))
    assert one["id"] == same["id"] != other["id"] and len(one["id"]) == 12


def test_wrong_options_are_refused() -> None:
    with pytest.raises(UsageError, match="choice of keys"):
        deliver(make.timeline((0, 40, make.framing(MOVE))), "premiere-plan", folder=FOLDER, options={"keys": "some"})


def test_columns_are_lines_and_names_stay_as_they_are() -> None:
    odd = '/media/a [ 1,  2 ] "b" \\ [\n] 日本.mp4'
    text = _plan(make.timeline((0, 40, make.framing(MOVE)), of=make.media(odd)))
    (clip,) = json.loads(text)["clips"]
    assert clip["file"] == odd and '"canvas_px": [1080, 1920]' in text
    assert max(len(line) for line in text.splitlines()) < 200
