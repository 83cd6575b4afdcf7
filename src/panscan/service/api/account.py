"""Routes of an account: what it used, what can be chosen, and its own presets."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from panscan import registry
from panscan.request.styles import TILT_NAMES, style_names
from panscan.service.api.answers import ToldUsage, told
from panscan.service.api.context import Database, Reader, Writer
from panscan.service.api.models import NAME_PATTERN, NewPreset
from panscan.service.api.problem import not_found
from panscan.service.api.views import usage_json
from panscan.service.records import minutes, presets
from panscan.service.records.streams import count_jobs
from panscan.service.spec import PRIORITIES, STREAMS
from panscan.service.states import RUNNING, STATES, WAITING

router = APIRouter(prefix="/v1", tags=["account"])
_Name = Annotated[str, Path(pattern=NAME_PATTERN)]


@router.get("/usage", response_model=None, responses=told(ToldUsage))
def get_usage(caller: Reader, db: Database) -> dict[str, Any]:
    """Seconds of source that the account used this month, and how many of its jobs wait and run."""
    counts = count_jobs(db, caller.account_id)
    waiting, running = (sum(counts.get(state, 0) for state in states) for states in (WAITING, RUNNING))
    return usage_json(caller.name, minutes.usage(db, caller.account_id), waiting, running)


@router.get("/choices")
def list_choices(caller: Reader, db: Database) -> dict[str, Any]:
    """What values of a job may be, for this account."""
    plan = caller.plan
    return {
        "outputs": ["mp4", *STREAMS, *registry.names("exporters")],
        "presets": presets.preset_choices(db, caller.account_id, plan),
        "methods": registry.names("methods"),
        "modes": registry.names("modes"),
        "layouts": ["auto", *registry.names("layouts")],
        "styles": style_names(),
        "tilts": TILT_NAMES,
        "ratios": plan.ratios,
        "priorities": [priority for priority in PRIORITIES if priority <= plan.priority],
        "features": plan.features,
        "states": STATES,
    }


@router.get("/presets")
def list_presets(caller: Reader, db: Database) -> dict[str, Any]:
    """The account's own presets."""
    return {"presets": presets.list_presets(db, caller.account_id)}


@router.put("/presets/{name}")
def put_preset(name: _Name, body: NewPreset, caller: Writer, db: Database) -> dict[str, Any]:
    """Store an own preset, in place of one of the same name. Jobs keep the values they began with."""
    return {"name": name, "values": presets.save_preset(db, caller.account_id, name, body.values)}


@router.delete("/presets/{name}", status_code=204)
def delete_preset(name: _Name, caller: Writer, db: Database) -> Response:
    """Forget an own preset."""
    if not presets.remove_preset(db, caller.account_id, name):
        raise not_found("preset")
    return Response(status_code=204)
