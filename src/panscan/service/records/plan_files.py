"""Plans are data: read from a TOML file, one table per plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from panscan.errors import UsageError
from panscan.model.geometry import Ratio
from panscan.request.config_files import ConfigTable
from panscan.request.presets import preset_names
from panscan.service.database import Db
from panscan.service.spec import PRIORITIES

FEATURES = ("destinations", "streams", "webhooks")
_KEYS = ("minutes", "ratios", "presets", "custom_presets", "priority", "features")
_MAX_MINUTES = 1e9  # a month: more than the world has cameras for


def save_plans(db: Db, content: Mapping[str, Any], where: str) -> None:
    """Add plans, and change those that are there; accounts keep theirs by name.

    Raises
    ------
    UsageError
        The file has mistakes; nothing is changed then.
    """
    wanted = [_plan(ConfigTable(f"{where}, [{name}]", values), name) for name, values in _tables(content, where)]
    with db.transaction():
        for one in wanted:
            db.execute(
                """
                insert into plans (name, monthly_s, ratios, presets, custom_presets, priority, features)
                values (%(name)s, %(monthly_s)s, %(ratios)s, %(presets)s, %(custom_presets)s, %(priority)s,
                    %(features)s)
                on conflict (name) do update set monthly_s = excluded.monthly_s, ratios = excluded.ratios,
                    presets = excluded.presets, custom_presets = excluded.custom_presets,
                    priority = excluded.priority, features = excluded.features
                """,
                one,
            )


def _tables(content: Mapping[str, Any], where: str) -> list[tuple[str, Mapping[str, Any]]]:
    for name, values in content.items():
        if not isinstance(values, Mapping):
            raise UsageError(
                f"{where}: {name} is no plan", why="A plan is a table.", fix=f"Write [{name}], then minutes = 600."
            )
    return list(content.items())


def _plan(table: ConfigTable, name: str) -> dict[str, Any]:
    table.refuse_unknown_keys(_KEYS)
    minutes = table.number("minutes", 0, _MAX_MINUTES)
    priority = table.integer("priority", PRIORITIES[0]) or PRIORITIES[0]
    if priority not in PRIORITIES:
        raise table.value_error("priority", f"one of {', '.join(map(str, PRIORITIES))}")
    ratios, presets = table.text_list("ratios"), table.text_list("presets")
    features = table.text_list("features") or ()
    for key, given, known in (("presets", presets, preset_names()), ("features", features, FEATURES)):
        if not set(given or ()) <= set(known):
            raise table.value_error(key, f"a list of {', '.join(known)}")
    return {
        "name": name,
        "monthly_s": None if minutes is None else minutes * 60,
        "ratios": None if ratios is None else [str(Ratio.parse(ratio)) for ratio in ratios],
        "presets": None if presets is None else list(presets),
        "custom_presets": bool(table.flag("custom_presets")),
        "priority": priority,
        "features": list(features),
    }
