"""The work of a job, from its source to its results: stage after stage, each left out where its products are there.

It knows no database and no queue. It may run twice at once and any number of times: an attempt works in a folder of
its own, and gives files their names when they are whole.
"""

from __future__ import annotations

from panscan.service.movies import refuse_wrong_destination, render_movies, send_results, verify_movies
from panscan.service.parts import do_part
from panscan.service.results import Results
from panscan.service.stages import fetch_media, frame_media
from panscan.service.work_order import WorkOrder, WorkReport, own_part


def do_work(order: WorkOrder, report: WorkReport) -> str:
    """Do a job; the state in which it ends. Or a part of another worker's job, where the order names one.

    Raises
    ------
    PanscanError
        It cannot be done; a `TemporaryError` may pass.
    JobHeld
        The account has not enough minutes left.
    """
    with own_part(order):
        if order.shared is not None:
            do_part(order, order.shared, report)
            return ""
        return _do_job(order, report)


def _do_job(order: WorkOrder, report: WorkReport) -> str:
    results = Results(order, report)
    order.output.mkdir(mode=0o700, exist_ok=True)
    refuse_wrong_destination(order)
    media = fetch_media(order, results)
    shapes = frame_media(order, media, results)
    if order.spec.movies:
        render_movies(order, media, shapes, results)
        verify_movies(order, shapes, results)
    send_results(order, results)
    return results.state()
