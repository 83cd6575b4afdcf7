"""What FCPXML says that cannot be meant, set right before it is read: one odd clip would stop the whole."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from panscan.ingest.fcpxml.values import CONTENT, MARKERS, lane_of, time_attribute
from panscan.timeline.editorial import Note

_TIMES = ("offset", "start", "duration", "audioStart", "audioDuration")
_LENGTHS = ("duration", "audioDuration")
_WITH_DURATION = ("gap", "title", "clip", "sync-clip", "transition")  # nothing else says how long they are


def repair(project: etree._Element) -> list[Note]:
    """Remove, in place, what cannot be understood of the clips of a project; notes on each clip."""
    notes = []
    for element in list(project.iter()):
        if element.tag in CONTENT | {"transition", "caption"}:
            name = f"{element.tag} {element.get('name', '')!r}"
            problems = list(dict.fromkeys([*_drop_bad_times(element), *_drop_bad_parts(element)]))
            notes += [Note(name, f"What it says was left out: {problem}.", is_fault=True) for problem in problems]
        elif element.tag in MARKERS and any(_problem_of(element, name) for name in ("start", "duration")):
            _remove(element)
    return notes


def _drop_bad_times(element: etree._Element) -> Iterator[str]:
    for name in _TIMES:
        problem = _problem_of(element, name)
        if not problem and name in _LENGTHS and element.get(name, "").strip().startswith("-"):
            problem = f"it has a negative {name}"
        if problem:
            del element.attrib[name]
            if name == "duration":
                element.set("duration", "0s")
            yield problem


def _drop_bad_parts(element: etree._Element) -> Iterator[str]:
    """Remove a lane and a time map that say nothing; make a gap of an audition without clips."""
    try:
        lane_of(element)
    except ValueError as error:
        del element.attrib["lane"]
        yield str(error)
    for time_map in element.findall("timeMap"):
        problems = [_problem_of(point, name, needed=True) for point in time_map for name in ("time", "value")]
        if any(problems):
            element.remove(time_map)
            yield next(problem for problem in problems if problem)
    if element.tag == "audition" and not any(child.tag in CONTENT - {"audition"} for child in element):
        element.tag = "gap"
        element.set("duration", "0s")
        yield "an audition holds no clip"
    if element.tag in _WITH_DURATION and element.get("duration") is None:
        element.set("duration", "0s")
        yield f"<{element.tag}> has no duration"


def _problem_of(element: etree._Element, name: str, *, needed: bool = False) -> str:
    """What is wrong with a time attribute; empty where nothing is."""
    if element.get(name) is None:
        return f"<{element.tag}> has no {name}" if needed else ""
    try:
        time_attribute(element, name)
    except ValueError as error:
        return str(error)
    return ""


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
