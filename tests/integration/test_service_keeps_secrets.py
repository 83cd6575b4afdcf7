"""The whole service with planted secrets: jobs fail, webhooks fail, and nothing that is kept or told holds one."""

from __future__ import annotations

import logging
import threading

from panscan.service.engine import create_engine
from panscan.service.running import WORK, WorkerContext
from qencode import asked

PLANTED = "pL4nt3d"
QUERY = f"?X-Amz-Signature={PLANTED}&token={PLANTED}"
# Nobody is there, and no name server is asked.
JOBS = (
    {"source": {"url": f"https://10.0.0.1/talk.mp4{QUERY}"}, "webhook": {"url": f"https://10.0.0.1/hook{QUERY}"}},
    {
        "source": {"object": {"connection": "ours", "key": "talk.mp4"}},
        "destination": {"url": "s3://out", "key": PLANTED, "secret": PLANTED, "endpoint": "https://10.0.0.1"},
        "webhook": {"url": "https://10.0.0.1/hook", "secret": f"whsec_{PLANTED * 8}"},
    },
    {
        "source": {"url": "s3://in/talk.mp4", "key": PLANTED, "secret": PLANTED, "endpoint": "https://10.0.0.1"},
        "webhook": {"url": "https://10.0.0.1/hook"},
    },
    {"source": {"path": "/media/none.mp4"}, "webhook": {"qencode": f"https://10.0.0.1/hook{QUERY}"}},
)
REFUSED = (
    {"source": {"url": f"https://u:{PLANTED}@10.0.0.1/talk.mp4"}},
    {"source": {"url": f"gopher://10.0.0.1/{QUERY}"}},
    {"source": {"url": "https://a.example"}, "destination": {"url": "s3://out", "key": PLANTED, "secret": [PLANTED]}},
    {"source": {"url": "https://a.example"}, "destination": {"url": f"s3://k:{PLANTED}@out"}},
    {"source": {"url": "s3://in", "key": PLANTED, "secret": PLANTED}},
    {"source": {"url": "s3://in/a.mp4", "key": PLANTED, "secret": PLANTED, "region": "no region"}},
    {"source": {"url": "https://a.example/a.mp4", "secret": PLANTED}},
    {"source": {"url": "https://a.example"}, "webhook": {"url": "https://a.example", "secret": f"whsec_{PLANTED}"}},
)
# As Qencode's clients write them: one that fails while it is worked on, and some that are refused.
IN_ADDRESS = f"s3://{PLANTED}:{PLANTED}/{PLANTED}@10.0.0.1/in/talk.mp4"
QENCODE = (
    asked(source=IN_ADDRESS, callback_url=f"https://10.0.0.1/hook{QUERY}"),
    asked(source=IN_ADDRESS.replace("/in/talk.mp4", "")),
    asked(source=f"s3://{PLANTED}/in/{PLANTED}.mp4"),
    asked({"destination": {"url": f"s3://{PLANTED}:{PLANTED}@out/a.mp4"}}),
    asked({"destination": {"url": "s3://out/a.mp4", "key": PLANTED}}),
)
SHOWN = ("jobs", "jobs/{job}", "jobs/{job}/events", "webhooks", "webhooks/deliveries", "connections", "usage", "events")


def everything(pool):
    """All rows of all tables, as text; what is sealed is bytes."""
    with pool.connection() as db:
        tables = db.execute("select tablename from pg_tables where schemaname = 'public'").fetchall()
        return {row["tablename"]: str(db.execute(f"select * from {row['tablename']}").fetchall()) for row in tables}


def run_entries(app, pool):
    """Do what a worker does with all entries of the queue that may be done now."""
    due = "status = 'todo' and coalesce(scheduled_at <= now(), true)"
    with pool.connection() as db:
        while entry := db.execute(f"select * from procrastinate_jobs where {due} order by id limit 1").fetchone():
            db.execute("delete from procrastinate_jobs where id = %s", [entry["id"]])
            app.tasks[entry["task_name"]](**entry["args"])


def start_task(api, client, query):
    """Do what Qencode's clients do."""
    session = client.post("/v1/access_token", data={"api_key": api.token()}).json()["token"]
    task = client.post("/v1/create_task", data={"token": session}).json()["task_token"]
    return client.post("/v1/start_encode2", json={"task_token": task, "query": query})


def test_no_secret_is_kept_or_told(api, tmp_path, service_database, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    client, told = api.client(), []
    ours = {"url": "s3://clips", "key": PLANTED, "secret": PLANTED, "endpoint": "https://10.0.0.1"}
    told.append(client.put("/v1/connections/ours", json=ours))
    endpoint = client.post("/v1/webhooks", json={"url": f"https://10.0.0.1/all{QUERY}"}).json()
    told.append(client.post("/v1/webhooks", json={"url": f"https://u:{PLANTED}@10.0.0.1/all"}))
    told += [client.post("/v1/jobs", json=job) for job in (*JOBS[:3], *REFUSED)]
    jobs = [one.json()["id"] for one in told if one.status_code == 202]
    begun = [start_task(api, client, query) for query in QENCODE]
    assert [one.json()["error"] for one in begun] == [0, 11, 11, 11, 11]
    told += begun
    jobs.append(begun[0].json()["task_token"])
    told.append(client.post("/v1/jobs", json=JOBS[3]))
    context = WorkerContext(api.settings, api.pool, api.app.state.context.box, "worker", WORK, threading.Semaphore())
    run_entries(create_engine(service_database, context), api.pool)
    told += [
        client.get(f"/v1/{path}".format(job=job), headers={"Accept": "application/json"})
        for job in jobs
        for path in SHOWN
        if "events" not in path  # which never end
    ]
    assert len(jobs) == 4 and {client.get(f"/v1/jobs/{job}").json()["state"] for job in jobs} == {"failed"}
    kept = everything(api.pool)
    assert "10.0.0.1" in kept["jobs"] and "not a public host" in kept["deliveries"], "everything was tried"
    said = capfd.readouterr()
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    texts = {**kept, **files, "told": [one.text for one in told], "logs": caplog.text, "out": said.out, "err": said.err}
    secrets = (PLANTED, endpoint["secret"])
    assert {name for name, text in texts.items() for secret in secrets if secret.lower() in str(text).lower()} == set()
