"""What a job is asked to do: read, checked, and written again without its secrets."""

from __future__ import annotations

import json

import pytest

from panscan.errors import UsageError
from panscan.model.style import Style
from panscan.request.styles import style_of
from panscan.service.spec import parse_job_spec

SIGNED = "https://example.com/talk.mp4?X-Amz-Signature=SIGNED"
ASKED = {
    "source": {"url": SIGNED},
    "ratios": ["9:16", "1:1"],
    "outputs": ["mp4", "hls", "crops-json"],
    "preset": {"base": "default", "zoom_ceiling": 1.2},
    "destination": {"url": "s3://bucket/made", "key": "KEYID", "secret": "SECRET", "names": {"9:16": "tall.mp4"}},
    "webhook": {"url": "https://example.com/hook?token=HOOKTOKEN", "secret": "whsec_abc"},
    "payload": "order 7",
}


def test_a_job_is_written_without_secrets_and_is_whole_with_them():
    spec = parse_job_spec(ASKED)
    kept = json.dumps(spec.to_json())
    assert not [word for word in ("SIGNED", "KEYID", "SECRET", "HOOKTOKEN", "whsec_abc") if word in kept]
    assert parse_job_spec(json.loads(kept)) != spec
    assert parse_job_spec(json.loads(kept)).with_secrets(spec.secrets()) == spec
    assert parse_job_spec(spec.to_json(secrets=True)) == spec


def test_requests_are_one_per_shape_with_the_preset_that_was_sent():
    spec = parse_job_spec(ASKED | {"ratios": ["9:16", "1:1", "18:32"]})
    assert [(slug, request.preset.zoom_ceiling) for request, slug in spec.requests()] == [("9x16", 1.2), ("1x1", 1.2)]
    assert spec.movies == ("mp4", "hls") and spec.exports == ("crops-json",)


def test_the_picture_is_staged_as_the_command_line_does_it():
    looks = {"tilt": "left", "corners": "24px", "shadow": True, "padding": "6%", "background": "#1a1a2e"}
    asked = {**looks, "style": "documentary", "lead_s": 0.5, "deinterlace": "off"}
    kept = parse_job_spec(json.loads(json.dumps(parse_job_spec(ASKED | asked).to_json())))
    for request, _ in kept.requests():
        assert request.style == style_of("documentary", **looks)
        assert (request.lead_s, request.deinterlace) == (0.5, "off")
    assert parse_job_spec(ASKED).requests()[0][0].style == Style()


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": None},
        {"source": {"path": "talk.mp4"}},
        {"source": {"path": "/talk.mp4", "upload": "a"}},
        {"source": {"url": "https://user:word@example.com/talk.mp4"}},
        {"source": {"url": "file:///etc/passwd"}},
        {"source": {"upload": "../other"}},
        {"preset": "/etc/passwd.toml"},
        {"preset": {"base": "/etc/passwd.toml"}},
        {"preset": {"weights": {"face": 2}}},
        {"outputs": ["avi"]},
        {"ratios": ["9:16"] * 2},
        {"canvas": "720x1280"},  # of two shapes
        {"style": "/etc/passwd.toml"},
        {"tilt": "sideways"},
        {"tilt": "0,0 1,1 1,0 0,1"},  # folded
        {"corners": "round"},
        {"padding": "90%"},
        {"background": "plaid"},
        {"shadow": "yes"},
        {"lead_s": 9},
        {"deinterlace": "maybe"},
        {"source": {"url": "s3://bucket/talk.mp4"}},
        {"source": {"url": "s3://bucket", "key": "a", "secret": "b"}},
        {"source": {"url": SIGNED, "secret": "b"}},
        {"webhook": {"url": "https://example.com", "events": ["job.lost"]}},
        {"destination": {"path": "/out", "url": "s3://bucket"}},
        {"destination": {"path": "/out", "secret": "b"}},
        {"destination": {"path": "/out", "names": {"9:16": "a.mp4"}}},
        {"destination": {"url": "s3://bucket", "names": {"4:5": "a.mp4"}}},
        {"destination": {"url": "s3://bucket", "names": {"9:16": "../a.mp4"}}},
        {"destination": {"url": "s3://bucket", "names": {"9:16": "a.mp4", "1:1": "a.mp4"}}},
        {"destination": {"url": "s3://bucket", "names": {"9:16": "a.mov"}}},
        {"webhook": {"url": "https://example.com", "qencode": "https://example.com"}},
        {"overrides": "[[shots"},
        {"ratios": ["9:16"], "canvas": "9000x16000"},
        {"corners": "1e400"},
        {"priority": 11},
        {"payload": "x" * 1025},
        {"retention_h": 0},
        {"destination": {"url": "ftp://host/x"}},
        {"destination": {"url": "s3://bucket", "endpoint": "https://store.example.com/?key=1"}},
        {"webhook": {}},
        {"ratio": "9:16"},
    ],
    ids=json.dumps,
)
def test_what_is_wrong_is_refused_with_a_way_out(wrong):
    with pytest.raises(UsageError) as refused:
        parse_job_spec(ASKED | wrong)
    assert refused.value.why and refused.value.fix


def test_unknown_keys_are_told_where_that_is_wanted():
    told: list[str] = []
    spec = parse_job_spec({**ASKED, "ratio": "4:5", "source": {"url": SIGNED, "size": 1}}, warnings=told)
    assert spec == parse_job_spec(ASKED)
    assert len(told) == 2 and "Did you mean 'ratios'?" in told[0] and "size" in told[1]


def test_a_secret_of_the_wrong_kind_is_not_shown():
    for part in (
        {"destination": {"url": "s3://b", "secret": 12345}},
        {"webhook": {"url": "https://a.b", "secret": 12345}},
    ):
        with pytest.raises(UsageError) as refused:
            parse_job_spec(ASKED | part)
        assert "12345" not in str(refused.value)
