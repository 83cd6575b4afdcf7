"""The page of jobs in a browser."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from chromium import Chromium
from panscan.service.records import work
from service_api import listening

FLAGS = {"9:16": {"sound": "It is louder than the source."}}
OUTPUTS = [{"kind": "mp4", "ratio": "9:16", "path": "output/talk.9x16.mp4"}]


@pytest.fixture
def page(api, browser):
    """The page, signed in."""
    with listening(api.app) as address, Chromium(browser, width=1100, height=900) as page:
        page.open(address)
        page.run(f"document.getElementById('token').value = {api.token()!r}")
        page.click("#sign-in button")
        page.until("!document.getElementById('board').hidden && document.title === 'panscan jobs'")
        yield page
        assert page.faults == []
        assert {asked.split(":")[0] for asked in page.asked if not asked.startswith(address)} <= {"blob", "data"}


def thumbnail():
    data = io.BytesIO()
    Image.new("RGB", (320, 180), "teal").save(data, "JPEG")
    return data.getvalue()


def test_a_job_is_followed_live(api, page):
    client = api.client()
    body = {"source": {"url": "https://example.com/<b>talk</b>.mp4"}, "ratios": ["9:16", "1:1"]}
    job = client.post("/v1/jobs", json=body).json()["id"]
    page.until("document.querySelector('.job')?.dataset.state === 'queued'")
    with api.pool.connection() as db:
        mine = work.claim(db, job, "test")
        folder = api.settings.job_folder(job)
        (folder / "output").mkdir(parents=True)
        (folder / "thumbnail.jpg").write_bytes(thumbnail())
        work.progress(db, mine, "render", 1, 2)
        page.until("document.querySelector('.job progress')?.value > 60")
        page.until("document.querySelector('.job img')?.naturalWidth === 320")
        page.run("document.querySelector('.job .actions button').focus()")
        work.progress(db, mine, "render", 3, 4)
        page.until("document.querySelector('.job progress')?.value > 70")
        assert page.run("document.activeElement.textContent") == "Cancel", "progress takes no focus away"
        (folder / "output" / "talk.9x16.mp4").write_bytes(b"movie")
        work.note_result(db, mine, {"flags": FLAGS, "outputs": OUTPUTS})
        assert work.finish(db, mine, "completed_with_flags")
    page.until("document.querySelector('.job')?.dataset.state === 'completed_with_flags'")
    shown = page.run("document.querySelector('.job').innerText")
    assert "9:16: It is louder than the source." in shown and "talk.9x16.mp4" in shown
    assert page.run("document.querySelector('.job a').href") == f"http://review.test/{job}"
    assert page.run("document.querySelectorAll('.job b').length") == 0, "text stays text"


def test_jobs_are_cancelled_tried_again_and_removed(api, page):
    client = api.client()
    job = client.post("/v1/jobs", json={"source": {"url": "https://example.com/talk.mp4"}}).json()["id"]
    page.until("document.querySelector('.job')?.dataset.state === 'queued'")
    page.click(".job .actions button")
    page.until("document.querySelector('.job').dataset.state === 'cancelled'")
    page.click(".job .actions button")
    page.until("document.querySelector('.job').dataset.state === 'queued'")
    api.work(job, "failed")
    page.until("document.querySelector('.job')?.innerText.includes('It broke')")
    page.click(".job .actions button:last-child")
    page.until("!document.querySelector('.job') && !document.getElementById('nothing').hidden")
    assert client.get(f"/v1/jobs/{job}").status_code == 404


def test_a_token_that_is_wrong_signs_out(api, browser):
    with listening(api.app) as address, Chromium(browser, width=400, height=800) as page:
        page.open(address)
        page.run("document.getElementById('token').value = 'pst_wrong'")
        page.click("#sign-in button")
        page.until("!document.getElementById('message').hidden")
        assert "wrong token" in page.run("document.getElementById('message').textContent")
        assert page.run("document.getElementById('board').hidden && sessionStorage.length === 0")
        assert page.run("document.documentElement.scrollWidth") <= 400, "it fits a phone"
