"""The states of a job, and which of them follow each other."""

from __future__ import annotations

HELD, QUEUED = "held", "queued"
COMPLETED, FLAGGED = "completed", "completed_with_flags"
REJECTED, FAILED, CANCELLED = "verification_failed", "failed", "cancelled"

# The state that a job has while a stage is at work. "planned" waits for nothing: its timelines are there.
STATE_OF_STAGE = {
    "ingest": "ingesting",
    "analyse": "analysing",
    "plan": "planned",
    "render": "rendering",
    "verify": "verifying",
    "deliver": "delivering",
}
STAGES = tuple(STATE_OF_STAGE)
RUNNING = tuple(STATE_OF_STAGE.values())
WAITING = (HELD, QUEUED)
ENDED = (COMPLETED, FLAGGED, REJECTED, FAILED, CANCELLED)
STATES = (*WAITING, *RUNNING, *ENDED)

# What webhooks are told: how a job ended; and, to those who ask for it, what happened before.
TOLD_ENDS = tuple(f"job.{state}" for state in ENDED)
TOLD = (*TOLD_ENDS, "job.planned", "job.held")

# Where the shares of a job's percent begin: about what each stage costs of a minute of 1080p.
_PERCENT_OF_STAGE = {"ingest": 0, "analyse": 5, "plan": 40, "render": 42, "verify": 85, "deliver": 95}
_WHOLE_PERCENT = 100


def percent_of(stage: str, done: int, total: int) -> int:
    """How far a job is, 0 to 100, from how far its stage is."""
    starts = [*_PERCENT_OF_STAGE.values(), _WHOLE_PERCENT]
    number = STAGES.index(stage)
    share = min(1.0, done / total) if total > 0 else 0.0
    return int(starts[number] + share * (starts[number + 1] - starts[number]))
