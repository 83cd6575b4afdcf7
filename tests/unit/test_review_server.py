"""The server of the review page: who may ask, movies, shots solved again, drafts, saving, deliveries."""

from __future__ import annotations

import json
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from starlette.testclient import TestClient

import reviewing
from panscan.review.app import create_app
from panscan.review.desk import Desk
from panscan.review.footage import MovieFootage
from panscan.review.session import Session
from panscan.timeline.cut import read_cut
from panscan.timeline.files import read_timeline

PORT = 8931
ADDRESS = f"http://127.0.0.1:{PORT}"
HOLD = {"entry": None, "frame": 50, "hold": True}


class Server(NamedTuple):
    """A browser that was let in, the movie under review, and what runs behind it."""

    browser: TestClient
    folder: Path
    movie: str
    desk: Desk


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A movie that was made ready, once for all tests."""
    folder = tmp_path_factory.mktemp("review")
    source = reviewing.source_of(folder)
    session = Session(PORT)
    desk = Desk([source], reviewing.QuickWork(), folder / "cache", folder / "drafts")
    app = create_app(session, desk)
    with TestClient(app, base_url=ADDRESS, headers={"Origin": ADDRESS}) as browser:
        assert browser.get(session.opening_address.removeprefix(ADDRESS), follow_redirects=False).status_code == 303
        for _ in range(2400):  # two minutes, on a machine that has much to do
            if browser.get("/api/movies").json()[0]["state"] in ("ready", "failed"):
                break
            time.sleep(0.05)
        yield Server(browser, folder, source.id, desk)


@pytest.fixture
def server(ready: Server) -> Server:
    """The same without anything that was decided by hand."""
    for path in (*ready.folder.glob("*.toml"), *ready.folder.glob("drafts/*"), *ready.folder.glob("*.otio")):
        path.unlink()
    return ready


def api(server: Server, path: str = "") -> str:
    return f"/api/movies/{server.movie}{path}"


def put(server: Server, corrections: list[Any], etag: str | None = None) -> Any:
    if etag is None:
        etag = server.browser.get(api(server, "/draft")).headers["etag"]
    return server.browser.put(api(server, "/draft"), json={"corrections": corrections}, headers={"If-Match": etag})


def save(server: Server, etag: str, **more: Any) -> Any:
    return server.browser.post(api(server, "/save"), json={"etag": etag, **more})


def shots(server: Server, slug: str = "9x16") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.browser.get(api(server, f"/shapes/{slug}")).json()["shots"]
    return found


# --- who may ask


@pytest.fixture
def stranger(server: Server) -> TestClient:
    """A browser that was not let in."""
    return TestClient(server.browser.app, base_url=ADDRESS)


@pytest.mark.parametrize("path", ["/", "/api/movies", "/static/main.js", "/media/x/proxy.mp4", "/nothing"])
def test_without_the_cookie_nothing_is_told(stranger: TestClient, path: str) -> None:
    for cookie in ("", f"panscan_review_{PORT}=wrong"):
        assert stranger.get(path, headers={"Cookie": cookie}).status_code == 401


def test_the_opening_address_is_good_for_one_browser_and_keeps_its_cookie_from_scripts_and_other_pages() -> None:
    session = Session(PORT)
    code = session.opening_address.rsplit("/", 1)[1]
    assert session.admit("wrong") is None
    cookie = session.admit(code)
    assert cookie is not None and "; HttpOnly; SameSite=Strict" in cookie and session.admit(code) is None
    assert session.is_member(cookie.split("=")[1].split(";")[0]) and not session.is_member(code)


def test_a_used_address_is_told_as_such(server: Server) -> None:
    assert server.browser.get("/open/used").status_code == 401


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:80"])
def test_a_name_rebound_to_this_machine_is_refused(server: Server, host: str) -> None:
    assert server.browser.get("/api/movies", headers={"Host": host}).status_code == 421


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:80", f"http://localhost:{PORT}"])
def test_other_pages_may_not_ask(server: Server, origin: str) -> None:
    for method in ("GET", "POST"):
        answer = server.browser.request(method, api(server, "/save"), json={}, headers={"Origin": origin})
        assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers


def test_what_changes_something_must_come_from_the_page(server: Server) -> None:
    cookies = dict(server.browser.cookies)
    plain = TestClient(server.browser.app, base_url=ADDRESS, cookies=cookies)
    assert plain.get("/api/movies").status_code == 200, "a program that reads has no origin"
    assert plain.put(api(server, "/draft"), json={"corrections": []}).status_code == 403


def test_nothing_from_elsewhere_is_loaded(server: Server) -> None:
    headers = server.browser.get("/api/movies").headers
    assert headers["content-security-policy"].startswith("default-src 'self';") and "unsafe" not in str(headers)
    assert headers["x-content-type-options"] == "nosniff" and headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", ["../app.py", "..%2Fapp.py", "%2E%2E/app.py", "/etc/passwd", "main.py", "."])
def test_only_files_of_the_page_are_given_out(server: Server, name: str) -> None:
    assert server.browser.get(f"/static/{name}").status_code == 404


def test_parts_of_the_proxy_are_given_out_and_never_more_than_some_megabytes(server: Server, monkeypatch: Any) -> None:
    monkeypatch.setattr("panscan.review.files._MAX_RANGE_BYTES", 1000)
    path, file = f"/media/{server.movie}/proxy.mp4", next(server.folder.glob("cache/proxy.mp4")).read_bytes()
    for asked, first, end in (("bytes=5-9", 5, 10), ("bytes=10-", 10, 1010), ("bytes=-7", len(file) - 7, len(file))):
        answer = server.browser.get(path, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (206, file[first:end])
        assert answer.headers["content-range"] == f"bytes {first}-{end - 1}/{len(file)}"
        assert answer.headers["etag"] and "no-store" not in answer.headers["cache-control"], "or each seek asks anew"
    for asked in (f"bytes={len(file)}-", "bytes=9-5", "bytes=-", "bytes=-0", "bytes=0-1,5-6", "lines=0-1"):
        assert server.browser.get(path, headers={"Range": asked}).status_code == 416


# --- movies


def test_what_a_movie_is(server: Server) -> None:
    told = server.browser.get("/api/movies").json()
    assert [(one["name"], one["shapes"], one["shots"], one["edited"]) for one in told] == [
        ("talk.mp4", ["9:16", "1:1"], 3, 0)
    ]
    facts = server.browser.get(api(server)).json()
    assert (facts["rate"], facts["frame_count"], facts["size_px"]) == ([25, 1], 100, [320, 180])
    assert {"single", "fit", "split-2"} <= set(facts["layouts"]) and facts["method"] == "adaptive"
    assert [one["name"] for one in facts["people"]] and facts["deliveries"][0]["import_hint"] == "File > Import"
    picture = server.browser.get(facts["people"][0]["thumb"])
    assert picture.headers["content-type"] == "image/jpeg" and picture.content[:2] == b"\xff\xd8"
    seen = server.browser.get(api(server, "/subjects?first=0&last=30")).json()
    assert len(seen) == 2 and all(one["frames"][-1] <= 30 and len(one["frames"]) <= 7 for one in seen)


def test_a_movie_that_cannot_be_used_is_told_and_the_next_one_is_made_ready(tmp_path: Path) -> None:
    sources = [reviewing.source_of(tmp_path, f"{name}.mp4") for name in ("broken", "crash", "good")]
    desk = Desk(sources, reviewing.QuickWork(), tmp_path / "cache", tmp_path / "drafts")
    desk.start()
    try:
        while desk.library.all()[-1].state in ("waiting", "analysing"):
            time.sleep(0.05)
    finally:
        desk.stop()
    broken, crash, good = desk.library.all()
    assert (broken.state, crash.state, good.state) == ("failed", "failed", "ready")
    assert broken.error == {"what": "it is broken", "why": "It says so.", "fix": "Mend it."}


def test_shots_come_as_the_command_frames_them(server: Server) -> None:
    footage = server.desk.library.all()[0].footage
    assert isinstance(footage, MovieFootage)
    for request, slug in zip(server.desk.library.all()[0].source.requests, ("9x16", "1x1"), strict=True):
        from panscan import pipeline

        clips = read_cut(pipeline.reframe(footage.analysis, request), folder=server.folder).clips
        for row, clip in zip(shots(server, slug), clips, strict=True):
            assert (row["first_frame"], row["last_frame"] + 1) == (clip.first, clip.end)
            assert row["cells"][0]["keys"]["x_px"] == list(clip.framing.cells[0].camera.x_px)
            assert not row["edited"] and row["auto_cells"] is None


def test_a_shot_is_solved_again_and_nothing_is_kept(server: Server) -> None:
    before = shots(server)
    key = {"entry": None, "frame": [40, 70], "ratio": "9:16", "keys": [{"frame": 40, "center": [0.9, 0.5]}]}
    body = {"ratio": "9:16", "frames": [50], "corrections": [HOLD, key]}
    found = server.browser.post(api(server, "/plan"), json=body).json()["shots"]
    assert [(row["first_frame"], row["corrections"]) for row in found] == [(40, [0, 1])]
    assert found[0]["cells"] != before[1]["cells"] == found[0]["auto_cells"]
    square = server.browser.post(api(server, "/plan"), json={**body, "ratio": "1:1"}).json()["shots"]
    assert square[0]["corrections"] == [0]
    assert shots(server) == before


def test_a_wish_that_cannot_be_met_is_told(server: Server) -> None:
    lost = {"entry": None, "frame": 50, "subject": "person-9"}
    told = server.browser.post(api(server, "/plan"), json={"ratio": "9:16", "frames": [50], "corrections": [lost]})
    assert told.json()["told"] == ["shot 2: person-9 is not there"]


@pytest.mark.parametrize(
    "body",
    [
        {"ratio": "4:5", "frames": [1], "corrections": []},
        {"ratio": "9:16", "frames": [100], "corrections": []},
        {"ratio": "9:16", "frames": [True], "corrections": []},
        {"ratio": "9:16", "frames": [1], "corrections": [{"entry": "1"}]},
        {"ratio": "9:16", "frames": [1], "corrections": [{"entry": None, "frame": 1, "hold": True, "note": "\ud800"}]},
        {"ratio": "9:16", "frames": [1], "corrections": [{"entry": None, "frame": 1, "sub": "x"}]},
        [],
    ],
)
def test_mistakes_of_a_request_are_told(server: Server, body: Any) -> None:
    answer = server.browser.post(api(server, "/plan"), content=json.dumps(body))
    assert answer.status_code == 400 and {"what", "why", "fix"} <= set(answer.json())


def test_a_movie_that_is_not_under_review_is_not_there(server: Server) -> None:
    for path in ("/api/movies/x", "/thumbs/x/1.jpg", "/media/x/proxy.mp4", "/api/movies/x/draft"):
        assert server.browser.get(path).status_code == 404


def test_an_address_that_is_not_understood_is_told(server: Server) -> None:
    answer = server.browser.get(api(server, "/subjects?first=x&last=30"))
    assert answer.status_code == 400 and answer.json()["why"].startswith("first: ")


def test_a_fault_is_told_as_such(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panscan.review.seen.speakers_json", None)
    browser = TestClient(
        server.browser.app, base_url=ADDRESS, cookies=dict(server.browser.cookies), raise_server_exceptions=False
    )
    answer = browser.get(api(server, "/speakers"))
    assert answer.status_code == 500 and "TypeError" in answer.json()["why"]


# --- drafts


def test_a_draft_is_kept_on_disk_and_another_run_finds_it(server: Server) -> None:
    assert put(server, [HOLD]).json()["saved"] is False
    source = server.desk.library.all()[0].source
    again = Desk([source], reviewing.QuickWork(), server.folder / "cache", server.folder / "drafts")
    assert again.drafts.load(source).corrections == [HOLD]
    assert not source.overrides_file.exists(), "it is saved only when asked"


def test_of_two_tabs_the_second_learns_of_the_first(server: Server) -> None:
    etag = server.browser.get(api(server, "/draft")).headers["etag"]
    assert put(server, [HOLD], etag).status_code == 200
    late = put(server, [], etag)
    assert late.status_code == 412 and late.json()["corrections"] == [HOLD]
    assert put(server, [], f'"{late.json()["etag"]}"').status_code == 200
    assert put(server, [HOLD], "").status_code == 412, "without an etag"


def test_a_mistake_is_refused_before_it_is_kept(server: Server) -> None:
    answer = put(server, [{"entry": None, "frame": 50, "zoom": 9}])
    assert answer.status_code == 400 and "zoom" in answer.json()["what"]
    assert server.browser.get(api(server, "/draft")).json()["corrections"] == []


# --- saving


def test_saving_writes_entries_and_makes_the_timelines_of_all_shapes_anew(server: Server) -> None:
    keys = {"entry": None, "frame": [0, 40], "ratio": "1:1", "keys": [{"frame": 0, "center": [0.9, 0.5], "zoom": 1.5}]}
    saved = save(server, put(server, [HOLD, keys]).json()["etag"]).json()
    assert saved["told"] == ["kept aside"], "of the timeline that had been changed elsewhere"
    assert saved["saved"] and [one["entry"] for one in saved["corrections"]] == [1, 2]
    written = tomllib.loads((server.folder / "talk.panscan.toml").read_text())
    assert written["shot"] == [{k: v for k, v in one.items() if k != "entry"} for one in (HOLD, keys)]
    clips = read_cut(read_timeline(server.folder / "talk.1x1.otio"), folder=server.folder).clips
    assert clips[0].framing.why.startswith("camera placed by hand") and (server.folder / "talk.9x16.otio").is_file()
    assert [row["edited"] for row in shots(server, "1x1")] == [True, True, False]


def test_entries_that_were_there_are_changed_in_place_and_keep_their_comments(server: Server) -> None:
    file = server.folder / "talk.panscan.toml"
    file.write_text(
        "# mine\n[[shot]]\nshot = 1 # the first\nhold = true\n"
        "\n# two\n[[shot]]\nshot = 2\nfit = true\nzoom = 1.2 # near\n"
        "\n# three\n[[shot]]\nshot = 3\nhold = true\n"
    )
    first, second, _ = server.browser.get(api(server, "/draft")).json()["corrections"]
    second = {"entry": second["entry"], "shot": 2, "zoom": 1.4}
    save(server, put(server, [first, second, HOLD]).json()["etag"])
    assert file.read_text().startswith(
        "# mine\n[[shot]]\nshot = 1 # the first\nhold = true\n\n# two\n[[shot]]\nshot = 2\nzoom = 1.4 # near\n"
    )
    assert [entry.get("shot") for entry in tomllib.loads(file.read_text())["shot"]] == [1, 2, None]


def test_a_file_that_was_changed_meanwhile_is_not_written_over_unasked(server: Server) -> None:
    file = server.folder / "talk.panscan.toml"
    etag = put(server, [HOLD]).json()["etag"]
    file.write_text("[[shot]]\nshot = 3\nfit = true\n")
    refused = save(server, etag)
    assert refused.status_code == 409 and refused.json()["file"] == [{"shot": 3, "fit": True}]
    assert save(server, etag, over=True).json()["saved"]
    assert tomllib.loads(file.read_text())["shot"] == [{"frame": 50, "hold": True}]
    assert save(server, etag).status_code == 412, "that draft is no more"


def test_a_file_changed_while_nothing_is_unsaved_is_taken_over(server: Server) -> None:
    save(server, put(server, [HOLD]).json()["etag"])
    (server.folder / "talk.panscan.toml").write_text("[[shot]]\nshot = 3\nfit = true\n")
    draft = server.browser.get(api(server, "/draft")).json()
    assert draft["corrections"] == [{"shot": 3, "fit": True, "entry": 1}] and draft["saved"]


def test_saving_that_was_cut_short_after_the_file_was_written_is_saved(server: Server) -> None:
    put(server, [HOLD])
    (server.folder / "talk.panscan.toml").write_text("[[shot]]\nframe = 50\nhold = true\n")
    assert server.browser.get(api(server, "/draft")).json()["saved"]
    assert save(server, put(server, []).json()["etag"]).status_code == 200


# --- deliveries


def test_files_are_made_with_their_verdict(server: Server) -> None:
    order = {"ratios": ["9:16"], "deliveries": ["fcpxml"], "render": True}
    job = server.browser.post(api(server, "/deliver"), json=order).json()["job"]
    told = reviewing.events(server.browser.get(f"/api/jobs/{job}/events").text)
    assert (told[-1]["state"], told[-1]["verdict"]) == ("done", {"9:16": "VERIFIED"})
    page = server.browser.get(told[-1]["pages"][0])
    assert page.text == "<p>verified</p>" and page.headers["content-security-policy"].startswith("default-src 'none'")


def test_an_order_is_stopped(server: Server) -> None:
    order = {"ratios": ["9:16"], "deliveries": ["edl"]}
    job = server.browser.post(api(server, "/deliver"), json=order).json()["job"]
    while (now := server.desk.deliveries.get(job)) is not None and not (now.stage == "writing" or now.is_finished):
        time.sleep(0.02)
    assert server.browser.post(f"/api/jobs/{job}/cancel").status_code == 204
    assert reviewing.events(server.browser.get(f"/api/jobs/{job}/events").text)[-1]["state"] == "cancelled"


def test_the_folder_of_a_movie_is_shown_and_no_other(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Path] = []
    monkeypatch.setattr("panscan.review.deliver_routes._show_folder", shown.append)
    for movie, status in ((server.movie, 204), ("../..", 404), (None, 404)):
        assert server.browser.post("/api/open-folder", json={"movie": movie}).status_code == status
    assert shown == [server.folder]


@pytest.mark.parametrize("order", [{}, {"ratios": ["4:5"]}, {"ratios": ["9:16"], "deliveries": ["nothing"]}])
def test_orders_that_cannot_be_done_are_refused(server: Server, order: Any) -> None:
    assert server.browser.post(api(server, "/deliver"), json=order).status_code == 400
