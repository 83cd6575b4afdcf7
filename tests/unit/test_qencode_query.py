"""What clients of Qencode send becomes jobs of ours."""

from __future__ import annotations

import json

import pytest

from panscan.service.api import qencode_codes
from panscan.service.api.qencode_codes import QencodeError
from panscan.service.api.qencode_query import read_task
from panscan.service.records.qencode_tasks import TaskFormat
from panscan.service.spec import parse_job_spec
from qencode import EXAMPLE, EXAMPLES, asked


def test_their_example_becomes_a_job():
    task = read_task(EXAMPLE, "mine")
    assert task.warnings == () and task.jobs == (
        {
            "source": {"url": "https://example.com/talk.mp4"},
            "ratios": ["9:16"],
            "outputs": ["mp4"],
            "mode": "responsive",
            "method": "adaptive",
            "canvas": None,
            "destination": {
                "url": "s3://bucket/talk.mp4",
                "key": "YOUR_KEY",
                "secret": "YOUR_SECRET",
                "permissions": "public-read",
                "overwrite": True,
            },
            "allow_soft_fail": False,
            "payload": "mine",
        },
    )


@pytest.mark.parametrize("wrap", [lambda query: query, lambda query: {"query": query}, json.dumps])
def test_the_query_may_be_wrapped_or_not(wrap):
    (job,) = read_task(wrap(asked(callback_url="https://example.com/told"))).jobs
    assert job["webhook"] == {"qencode": "https://example.com/told"}
    assert (job["ratios"], job["mode"], job["method"]) == (["9:16"], "responsive", "adaptive")


@pytest.mark.parametrize(
    ("given", "ratio", "canvas"),
    [
        ({"aspect_ratio": "0.5625"}, "9:16", None),
        ({"aspect_ratio": 0.8}, "4:5", None),
        ({"aspect_ratio": "8:10"}, "4:5", None),
        ({"size": "720x1280"}, "9:16", "720x1280"),
        ({"width": 540, "height": "960"}, "9:16", "540x960"),
        ({"resolution": 720, "aspect_ratio": "4:5"}, "4:5", "720x900"),
        ({"resolution": 720, "aspect_ratio": "16:9"}, "16:9", "1280x720"),
        ({"height": 361, "aspect_ratio": "1:1"}, "1:1", "360x360"),
    ],
)
def test_shapes_and_sizes(given, ratio, canvas):
    (job,) = read_task(asked(given)).jobs
    assert (job["ratios"], job["canvas"]) == ([ratio], canvas)


def test_formats_become_as_few_jobs_as_can_be():
    square = {"aspect_ratio": "1:1"}
    jobs = read_task(asked({}, square, {"output": "advanced_hls"}, {"output": "advanced_hls", **square})).jobs
    assert [(job["ratios"], job["outputs"]) for job in jobs] == [(["9:16", "1:1"], ["mp4", "hls"])]
    jobs = read_task(asked({}, {"output": "advanced_dash", **square}, {"smart_crop_mode": "stable"})).jobs
    assert [(job["ratios"], job["outputs"], job["mode"]) for job in jobs] == [
        (["9:16"], ["mp4"], "responsive"),
        (["1:1"], ["dash"], "responsive"),
        (["9:16"], ["mp4"], "stable"),
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_their_examples_run_as_they_are(name):
    query, jobs, unused = EXAMPLES[name]
    task = read_task(query)
    made = [(job["ratios"], job["outputs"], (job["destination"] or {}).get("url")) for job in task.jobs]
    assert made == jobs and {one["details"] for one in task.warnings if one["message"] == "Not used"} == unused
    assert [one["message"] for one in task.warnings if "jobs" in one["message"]] == (
        [f"The task became {len(jobs)} jobs"] if len(jobs) > 1 else []
    )
    for job in task.jobs:
        parse_job_spec(job)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ("s3://us-west.s3.example.com/bucket/a/b.mp4", {"endpoint": "https://us-west.s3.example.com"}),
        ("s3://store.example.com:9000/bucket/a/b.mp4", {"endpoint": "https://store.example.com:9000"}),
        ("s3://minio:9000/bucket/a/b.mp4", {"endpoint": "https://minio:9000"}),
        ("s3://eu-west-1.amazonaws.com/bucket/a/b.mp4", {"region": "eu-west-1"}),
        ("s3://s3-eu-west-1.amazonaws.com/bucket/a/b.mp4", {"region": "eu-west-1"}),
        ("s3://s3.amazonaws.com/bucket/a/b.mp4", {}),
        ("s3://bucket/a/b.mp4", {}),
    ],
)
def test_a_bucket_may_stand_behind_a_host(written, place):
    keys = {"key": "AK/IA", "secret": "se/c+ret"}
    wanted = {"url": "s3://bucket/a/b.mp4", **place, **keys}
    (job,) = read_task(asked({"destination": {"url": written, **keys}})).jobs
    assert job["destination"] == {**wanted, "overwrite": True}
    for given in ("AK/IA:se/c+ret", "AK%2FIA:se%2Fc%2Bret"):
        (job,) = read_task(asked(source=written.replace("://", f"://{given}@"))).jobs
        assert job["source"] == wanted


def test_movies_of_one_bucket_are_one_job_under_their_names():
    def to(name, ratio="9:16", **more):
        return {"aspect_ratio": ratio, "destination": {"url": f"s3://bucket/{name}", "key": "k", "secret": "s"}, **more}

    (job,) = read_task(asked(to("a/tall/x.mp4"), to("a/square/x.mp4", "1:1", resolution=1080))).jobs
    assert job["ratios"] == ["9:16", "1:1"] and job["destination"]["url"] == "s3://bucket/a"
    assert job["destination"]["names"] == {"9:16": "tall/x.mp4", "1:1": "square/x.mp4"}
    task = read_task(asked(to("a.mp4"), to("b.mp4"), to("c.mp4", "1:1"), to("folder", "4:5")))
    places = [(job["ratios"], job["destination"]["url"], job["destination"].get("names")) for job in task.jobs]
    assert places == [
        (["9:16", "1:1"], "s3://bucket", {"9:16": "a.mp4", "1:1": "c.mp4"}),
        (["9:16"], "s3://bucket/b.mp4", None),
        (["4:5"], "s3://bucket/folder", None),
    ]
    assert [one.job for one in task.formats] == [0, 1, 0, 2]
    for job in task.jobs:
        parse_job_spec(job)


def test_tags_are_kept_with_what_is_made():
    task = read_task(asked({"tag": "tall"}, {"aspect_ratio": "1:1", "tag": 7}, {"smart_crop_mode": "stable"}, {}))
    assert task.formats == (
        TaskFormat(0, "9:16", "mp4", "tall"),
        TaskFormat(0, "1:1", "mp4", "7"),
        TaskFormat(1, "9:16", "mp4"),
        TaskFormat(0, "9:16", "mp4"),
    )


def test_what_is_not_used_is_told():
    query = asked(
        {
            "video_codec": "libx264",
            "audio_mute": "0",
            "start_time": 0.0,
            "destination": {"url": "s3://b/a.mp4", "cache_control": "x"},
        },
        upscale=1,
    )
    assert read_task(query).warnings == (
        {"message": "Not used", "details": "query: upscale"},
        {"message": "Not used", "details": "format 1: audio_mute, start_time, video_codec"},
        {"message": "Not used", "details": "format 1, destination: cache_control"},
    )


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{", qencode_codes.QUERY_REQUIRED),
        ("[" * 100_000, qencode_codes.QUERY_REQUIRED),
        ({"query": 3}, qencode_codes.QUERY_REQUIRED),
        ({"source": "https://example.com/a.mp4"}, qencode_codes.FIELD_REQUIRED),
        (asked(source=None), qencode_codes.FIELD_REQUIRED),
        (asked(source="s3://bucket/12345@a.mp4"), qencode_codes.BAD_FORMAT),
        (asked({"tag": ["12345"]}), qencode_codes.BAD_FORMAT),
        (asked(stitch=["a", "b"]), qencode_codes.BAD_FORMAT),
        (asked({"cenc_drm": {"key": "12345"}}), qencode_codes.BAD_FORMAT),
        (asked({"stream": [{"logo": {"source": "https://example.com/a.png"}}]}), qencode_codes.BAD_FORMAT),
        (asked({"start_time": 0, "duration": "12.5"}), qencode_codes.BAD_FORMAT),
        (asked({"smart_crop": 0}), qencode_codes.BAD_FORMAT),
        (asked({"output": None}), qencode_codes.FIELD_REQUIRED),
        (asked({"output": "thumbnail"}), qencode_codes.BAD_FORMAT),
        (asked({"output": ["mp4"]}), qencode_codes.BAD_FORMAT),
        (asked({"smart_crop_mode": "wild"}), qencode_codes.BAD_FORMAT),
        (asked({"smart_crop_method": ["adaptive"]}), qencode_codes.BAD_FORMAT),
        (asked({"aspect_ratio": "0:16"}), qencode_codes.BAD_FORMAT),
        (asked({"aspect_ratio": float("nan")}), qencode_codes.BAD_FORMAT),
        (asked({"resolution": "tall"}), qencode_codes.BAD_FORMAT),
        (asked({"size": "big"}), qencode_codes.BAD_FORMAT),
        (asked({"destination": ["s3://b/1.mp4", "s3://b/2.mp4"]}), qencode_codes.BAD_FORMAT),
        (asked({"destination": {"key": "k"}}), qencode_codes.FIELD_REQUIRED),
        (asked({"destination": {"url": "s3://b/a.mp4", "secret": 12345}}), qencode_codes.BAD_FORMAT),
        (asked(*[{}] * 21), qencode_codes.BAD_FORMAT),
    ],
)
def test_refusals_carry_their_codes(query, code):
    with pytest.raises(QencodeError) as told:
        read_task(query)
    assert told.value.code == code and told.value.what and "12345" not in str(told.value)


def test_a_long_payload_is_refused():
    with pytest.raises(QencodeError) as told:
        read_task(EXAMPLE, "ä" * 600)
    assert told.value.code == qencode_codes.PAYLOAD_TOO_LONG
