"""Messages to webhooks: sent until they are taken, given up at last, and never at the cost of a job."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
from cryptography.fernet import Fernet
from psycopg.rows import dict_row
from standardwebhooks import Webhook

from panscan.service.notices import send_notice
from panscan.service.records import accounts, endpoints, jobs, work
from panscan.service.secrets import SecretBox
from panscan.service.spec import parse_job_spec
from panscan.service.spec_parts import WebhookSpec
from panscan.service.storage import GuardedClient, HttpPolicy
from serving import serving

SECRET = "whsec_" + "QUJD" * 8
BOX = SecretBox.from_keys(Fernet.generate_key().decode())
CLIENT = GuardedClient(
    HttpPolicy(allow_http=True, ports=frozenset(range(1, 65536))), is_allowed=lambda address: True
)  # the receiver is on this machine


@contextmanager
def receiver(*answers):
    """Gives these answers in turn; the value is its address, and what it got."""
    got, left, lock = [], list(answers), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            with lock:
                got.append((dict(self.headers.items()), body))
                self.send_response(left.pop(0))
            self.end_headers()

        def log_message(self, *_):
            pass

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as server:
        yield f"http://127.0.0.1:{server.server_port}/told", got


def ended_job(db, account, webhook=None):
    said = {"source": {"path": "/talk.mp4"}, "payload": "order 7"} | ({"webhook": webhook} if webhook else {})
    job = jobs.create_job(db, account, parse_job_spec(said), seals=BOX)
    work.finish(db, work.claim(db, job.id, "worker", BOX), "completed")
    return job.id


def endpoint(db, account, url, events=()):
    endpoints.add_endpoint(db, BOX, account, WebhookSpec(url, events=tuple(events)), SECRET)


def send_all(db):
    """Send what waits, as if its time had come."""
    db.execute("update deliveries set next_at = now() where state = 'waiting'")
    for row in db.execute("select id from deliveries").fetchall():
        send_notice(db, row["id"], BOX, CLIENT)
    return db.execute("select * from deliveries order by id").fetchall()


def test_a_message_is_signed_sent_again_under_the_same_id_and_taken_once(db, account):
    with receiver(500, 200) as (url, got):
        endpoint(db, account, url)
        job_id = ended_job(db, account)
        db.execute("delete from procrastinate_jobs")  # a worker has taken the entry
        (first,) = send_all(db)
        assert (first["state"], first["attempts"], first["last_status"]) == ("waiting", 1, 500)
        entry = "select scheduled_at > now() as is_later from procrastinate_jobs where task_name = 'deliver_webhook'"
        assert db.execute(entry).fetchall() == [{"is_later": True}]
        (second,) = send_all(db)
        assert (second["state"], second["attempts"]) == ("delivered", 2)
        send_all(db)
    assert len(got) == 2 and len({headers["webhook-id"] for headers, _ in got}) == 1
    headers, body = got[-1]
    told = Webhook(SECRET).verify(body, {name.lower(): value for name, value in headers.items()})
    assert (told["type"], told["data"]["id"], told["data"]["payload"]) == ("job.completed", job_id, "order 7")


def test_two_workers_at_once_send_a_message_once(db, account, service_database):
    with receiver(200, 200) as (url, got):
        ended_job(db, account, {"url": url, "secret": SECRET})
        row = db.execute("select id from deliveries").fetchone()

        def send():
            with psycopg.connect(service_database, row_factory=dict_row, autocommit=True) as own:
                send_notice(own, row["id"], BOX, CLIENT)

        threads = [threading.Thread(target=send) for _ in range(2)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    assert len(got) == 1


def test_a_receiver_that_is_gone_is_switched_off_and_the_job_warns(db, account):
    with receiver(410) as (url, _):
        endpoint(db, account, url)
        job_id = ended_job(db, account)
        (sent,) = send_all(db)
    assert sent["state"] == "dead"
    assert db.execute("select disabled_at is not null as is_off from webhook_endpoints").fetchone() == {"is_off": True}
    job = jobs.get_job(db, account, job_id)
    assert job.state == "completed" and [one["message"] for one in job.warnings] == ["a webhook was not told"]
    ended_job(db, account)
    assert len(db.execute("select 1 from deliveries").fetchall()) == 1, "an endpoint that is off is told nothing"


def test_a_message_is_given_up_at_last(db, account):
    with receiver(*[500] * 20) as (url, got):
        ended_job(db, account, {"url": url, "secret": SECRET})
        for _ in range(20):
            (sent,) = send_all(db)
            if sent["state"] != "waiting":
                break
    assert sent["state"] == "dead" and 5 <= len(got) < 20


def test_an_endpoint_gets_the_events_that_it_asked_for(db, account):
    endpoint(db, account, "http://127.0.0.1:9/told", events=["job.failed"])
    ended_job(db, account)
    assert db.execute("select 1 from deliveries").fetchall() == []


def test_timelines_and_waiting_are_told_to_those_who_ask(db):
    account = accounts.add_account(db, "small", "free").id
    endpoint(db, account, "http://127.0.0.1:9/told", events=["job.planned", "job.held"])
    job = jobs.create_job(db, account, parse_job_spec({"source": {"path": "/talk.mp4"}, "payload": "order 7"}))
    mine = work.claim(db, job.id, "worker")
    for _ in range(2):  # it is killed and taken up again
        work.progress(db, mine, "plan")
        work.note_result(db, mine, {"outputs": [{"ratio": "9:16", "kind": "otio", "state": "ready", "path": "a.otio"}]})
        work.note_result(db, mine, {"verdicts": {}, "outputs": []})
    work.finish(db, mine, "completed")
    jobs.create_job(db, account, parse_job_spec({"source": {"path": "/long.mp4"}}), source_s=3601)
    held = jobs.create_job(db, account, parse_job_spec({"source": {"path": "/long.mp4"}}))
    work.confirm(db, work.claim(db, held.id, "worker"), 3601)
    told = db.execute("select kind, data from messages order by at").fetchall()
    assert [one["kind"] for one in told] == ["job.planned", "job.held", "job.held"]
    planned = told[0]["data"]
    assert planned["outputs"] == [{"ratio": "9:16", "kind": "otio", "state": "ready"}]
    assert (planned["payload"], planned["links"]["crops"]) == ("order 7", f"/v1/jobs/{job.id}/crops")
    assert [told[2]["data"][name] for name in ("id", "state", "source_s")] == [held.id, "held", 3601]


def test_a_jobs_own_webhook_is_told_of_its_end_or_of_what_it_asks_for(db, account):
    for events, kinds in ([], {"job.completed"}), (["job.planned"], {"job.planned"}):
        said = {"source": {"path": "/talk.mp4"}, "webhook": {"url": "http://127.0.0.1:9/told", "events": events}}
        job = jobs.create_job(db, account, parse_job_spec(said))
        mine = work.claim(db, job.id, "worker")
        work.progress(db, mine, "plan")
        work.note_result(db, mine, {"outputs": [{"ratio": "9:16", "kind": "otio", "state": "ready"}]})
        work.finish(db, mine, "completed")
        told = db.execute("select kind from messages where job_id = %s", [job.id]).fetchall()
        assert {one["kind"] for one in told} == kinds


def test_secrets_of_a_job_are_sealed_in_its_row(db, account):
    ended_job(db, account, {"url": "https://example.com/told?token=HOOKTOKEN", "secret": SECRET})
    row = str(db.execute("select * from jobs").fetchone()) + str(db.execute("select * from messages").fetchone())
    assert "HOOKTOKEN" not in row and SECRET not in row
