"""What the OpenAPI document promises holds, also for requests that nobody would write."""

from __future__ import annotations

from collections import Counter

import pytest
import schemathesis
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error, response_schema_conformance

from service_api import served_api

_EXAMPLES = 6  # of each route: seconds in all
_ENDLESS = "/v1/events"  # a stream that has no end
URL = {"source": {"url": "https://example.com/a.mp4"}}


@pytest.fixture(scope="module")
def api(database_server, tmp_path_factory):
    from service_database import fresh_database

    folder = tmp_path_factory.mktemp("openapi")
    with fresh_database(database_server) as url, served_api(url, folder, requests_per_minute=10**6) as api:
        yield api


def test_no_request_breaks_the_service(api):
    headers = {"Authorization": f"Bearer {api.token()}"}
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", api.app, headers=headers)
    operations = [found.ok() for found in schema.get_all_operations()]
    operations = [one for one in operations if one.path != _ENDLESS]
    assert len(operations) > 30
    job = api.client().post("/v1/jobs", json=URL).json()["id"]
    outputs = [{"kind": "mp4", "ratio": "9:16", "path": "output/a.mp4", "sha256": "ab", "size_bytes": 1}]
    api.work(job, "failed", outputs=outputs, flags={"9:16": {"sound": "It is louder."}})
    told = Counter(status for operation in operations for status in _statuses(operation, headers))
    assert told[200] + told[201] > 50 and told[422] + told[404] > 10 and told[401] + told[429] == 0, told


@pytest.mark.parametrize(
    ("method", "path", "body", "told"),
    [
        ("POST", "/v1/jobs", {"content": "{}"}, "curl: --json"),
        ("POST", "/v1/jobs", {"content": "{", "headers": {"Content-Type": "application/json"}}, "At character 1"),
        ("POST", "/v1/jobs", {"json": {**URL, "ratio": "9:16"}}, "Did you mean 'ratios'?"),
        ("POST", "/v1/jobs", {"json": {**URL, "ratios": 3}}, "/ratios: Input should be a valid list."),
        ("POST", "/v1/jobs", {"content": "x" * 3_000_000}, "/v1/uploads"),
        ("POST", "/v1/webhooks", {"json": {"url": "https://user:word@example.com"}}, "holds no user name"),
        ("POST", "/v1/webhooks", {"json": {"url": "https://"}}, "no address"),
        ("PUT", "/v1/jobs/x", {}, "other methods"),
        ("GET", "/v1/job", {}, "nothing at this address"),
    ],
)
def test_what_is_refused_is_told_with_a_way_out(api, method, path, body, told):
    answer = api.client().request(method, path, **body)
    problem = answer.json()
    assert 400 <= answer.status_code < 500 and answer.headers["content-type"] == "application/problem+json"
    assert all(problem[name] for name in ("what", "why", "fix")) and told in problem["detail"]


def _statuses(operation, headers):
    """What a route answers to some requests, each of which is as the document promises."""
    told = []

    @settings(max_examples=_EXAMPLES, phases=[Phase.explicit, Phase.generate], deadline=None)
    @given(st.data())
    def send(data):
        case = data.draw(operation.as_strategy())
        answer = case.call_and_validate(headers=headers, checks=[not_a_server_error, response_schema_conformance])
        told.append(answer.status_code)

    send()
    return told
