"""Numbers of the service for those who watch it, in the words of Prometheus."""

from __future__ import annotations

from panscan.service.database import Db
from panscan.service.states import STATES

# Name of each number, what it is, and how it is counted: one value, or one for each word in `label`.
_COUNTED = {
    "panscan_oldest_waiting_seconds": (
        "How long the job waits that waits longest.",
        "select coalesce(extract(epoch from now() - min(queued_at)), 0) as value from jobs where state = 'queued'",
    ),
    "panscan_parts_waiting": (
        "Parts of long movies that wait: for so many more workers there is work.",
        "select count(*) as value from parts where state = 'waiting'",
    ),
    "panscan_workers": (
        "Workers that gave a sign within a minute.",
        """
        select count(*) as value from procrastinate_workers
        where last_heartbeat > now() - interval '1 minute'
        """,
    ),
    "panscan_source_seconds_this_month": (
        "Seconds of source that count, of all accounts.",
        """
        select coalesce(sum(case kind when 'count' then seconds else -seconds end), 0) as value from minutes
        where period = date_trunc('month', now() at time zone 'utc')::date
        """,
    ),
    "panscan_kills": (
        "How often the work of jobs that wait, run or ended within a day was killed.",
        """
        select coalesce(sum(times::int), 0) as value from jobs, jsonb_each_text(kills) as killed(stage, times)
        where ended_at is null or ended_at > now() - interval '1 day'
        """,
    ),
}
# Only what is recent: the tables hold the jobs of months.
_RECENT = "where ended_at is null or ended_at > now() - interval '1 day' group by state"
_JOBS = f"select state, count(*) as n from jobs {_RECENT}".encode()
_DELIVERIES = f"select state, count(*) as n from deliveries {_RECENT}".encode()


def service_numbers(db: Db) -> str:
    """All numbers as Prometheus reads them (text format 0.0.4)."""
    lines = []
    for name, (what, sql) in _COUNTED.items():
        row = db.execute(sql.encode()).fetchone()
        assert row is not None
        lines += [*_head(name, what), f"{name} {float(row['value']):g}"]
    jobs = {row["state"]: row["n"] for row in db.execute(_JOBS)}
    lines += [*_head("panscan_jobs", "Jobs that wait or run, and those that ended within a day, by state.")]
    lines += [f'panscan_jobs{{state="{state}"}} {jobs.get(state, 0)}' for state in STATES]
    told = {row["state"]: row["n"] for row in db.execute(_DELIVERIES)}
    lines += [*_head("panscan_webhook_deliveries", "Messages that wait, and those that ended within a day, by state.")]
    names = ("waiting", "delivered", "dead")
    lines += [f'panscan_webhook_deliveries{{state="{state}"}} {told.get(state, 0)}' for state in names]
    return "\n".join(lines) + "\n"


def _head(name: str, what: str) -> list[str]:
    return [f"# HELP {name} {what}", f"# TYPE {name} gauge"]
