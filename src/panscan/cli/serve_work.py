"""What `panscan serve` does for a panel: reframe, and deliver a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from panscan.errors import InputError, unknown_name

if TYPE_CHECKING:
    from panscan.model.request import Request
    from panscan.serve.guard import AllowedFolders
    from panscan.serve.jobs import JobRequest
    from panscan.serve.runner import ReportProgress


class PlanMaker:
    """Makes plans for Premiere's panel (the `JobHandler` of `panscan.serve.runner`)."""

    def presets(self) -> list[str]:
        """The presets that come with panscan and the user's own."""
        from panscan.request.presets import preset_names

        return preset_names()

    def validate(self, job_request: JobRequest) -> None:
        """Refuse options that are wrong."""
        if job_request.preset not in self.presets():  # a file's name would be read from anywhere
            raise unknown_name("preset", job_request.preset, self.presets())
        _request(job_request)

    def make_plan(
        self,
        job_request: JobRequest,
        source: Path,
        folder: Path,
        allowed_folders: AllowedFolders,
        report_progress: ReportProgress,
    ) -> bytes:
        """Analyse what is not analysed yet, reframe, keep the timeline in `folder` and return the plan."""
        from panscan.deliver import deliver
        from panscan.timeline.files import write_timeline

        request = _request(job_request)
        report_progress("reading", 0, 0)
        timeline = _timeline(source, request, allowed_folders, report_progress)
        report_progress("writing the plan", 0, 0)
        write_timeline(timeline, folder / "timeline.otio")
        return deliver(timeline, "premiere-plan", folder=folder).main


def _request(job_request: JobRequest) -> Request:
    from panscan.request.options import request_for

    return request_for(
        job_request.ratio,
        canvas=job_request.canvas,
        preset=job_request.preset,
        method=job_request.method,
        mode=job_request.mode,
        layouts=job_request.layouts,
        deinterlace=job_request.deinterlace or "auto",
    )


def _timeline(source: Path, request: Request, allowed_folders: AllowedFolders, report_progress: ReportProgress) -> Any:
    from panscan import pipeline
    from panscan.ingest.cuts.read import TIMELINE_SUFFIXES

    def progress(path: str, done: int, total: int) -> None:
        report_progress(f"looking at {Path(path).name}", done, total)

    if source.suffix.lower() not in TIMELINE_SUFFIXES:
        analysis = pipeline.analyse(
            source,
            models=request.models,
            deinterlace=request.deinterlace,
            progress=lambda done, total: progress(str(source), done, total),
        )
        return pipeline.reframe(analysis, request)
    try:
        analysed = pipeline.analyse_cut(
            source,
            skip_offline=True,
            allowed=allowed_folders.contains,
            models=request.models,
            deinterlace=request.deinterlace,
            progress=progress,
        )
    except InputError as error:
        fix = f"{error.fix} The service reads only folders that were given by --allow."
        raise InputError(error.what, why=error.why, fix=fix) from error
    report_progress("framing", 0, 0)
    return pipeline.reframe_cut(analysed, request).timeline
