"""What `panscan serve` does for a panel: reframe, and deliver a plan."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from panscan.errors import InputError, UsageError


class PlanMaker:
    """Makes plans for Premiere's panel (the `Work` of `panscan.serve.runner`)."""

    def presets(self) -> list[str]:
        """The presets that come with panscan and the user's own."""
        from panscan.request import presets

        return presets.names()

    def check(self, wish: Any) -> None:
        """Refuse options that are wrong."""
        if wish.preset not in self.presets():  # a file's name would be read from anywhere
            known = ", ".join(self.presets())
            raise UsageError(f"unknown preset {wish.preset!r}", why=f"There are {known}.", fix="Choose one of these.")
        _brief(wish)

    def plan(self, wish: Any, source: Path, folder: Path, allowed: Any, told: Any) -> bytes:
        """Look at what is not known yet, reframe, keep the timeline in `folder` and give back the plan."""
        from panscan.deliver import deliver
        from panscan.timeline.files import write_timeline

        brief = _brief(wish)
        told("reading", 0, 0)
        timeline = _timeline(source, brief, allowed, told)
        told("writing the plan", 0, 0)
        write_timeline(timeline, folder / "timeline.otio")
        return deliver(timeline, "premiere-plan", folder=folder).main


def _brief(wish: Any) -> Any:
    from panscan.cli.wishes import Wishes, briefs

    words = {name: getattr(wish, name) for name in ("preset", "method", "mode", "layouts", "canvas")}
    ((brief, _),) = briefs(Wishes(ratios=(wish.ratio,), **words))
    return brief


def _timeline(source: Path, brief: Any, allowed: Any, told: Any) -> Any:
    from panscan import pipeline
    from panscan.ingest.cuts.read import SUFFIXES, read_editor_cut

    if source.suffix.lower() not in SUFFIXES:
        media, perception = pipeline.analyse(source, progress=partial(told, f"looking at {source.name}"))
        return pipeline.reframe(media, perception, brief)
    try:
        cut = read_editor_cut(source, skip_offline=True, allowed=allowed.hold)
    except InputError as error:
        fix = f"{error.fix} The service reads only folders that were given by --allow."
        raise InputError(error.what, why=error.why, fix=fix) from error
    perceived = {}
    for path, spans in pipeline.spans_of(cut).items():
        stage = f"looking at {Path(path).name}"
        perceived[path] = pipeline.perceive(cut.media[path], spans, progress=partial(told, stage))
    told("framing", 0, 0)
    return pipeline.reframe_cut(cut, perceived, brief).timeline
