"""Findings about what a movie carries beside picture and sound: subtitles, chapters, timecode, titles, languages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path
from typing import Any

from panscan.model.languages import same_language
from panscan.verify.expectation import Expectation
from panscan.verify.measure.extras import Cue, Extras, Label, read_extras
from panscan.verify.report import Finding, Grade

_CUE_SLACK_S = Fraction(1, 100)  # containers count in milliseconds, and move all streams to whole ticks
_CHAPTER_SLACK_S = Fraction(1, 20)  # Matroska moves pictures for the start of the sound, and leaves chapters
_CODE_LETTERS = 3  # of a language; containers drop what is longer or shorter
_GRADES: tuple[Grade, ...] = ("pass", "flag", "fail")


def check_extras(output: Path, expectation: Expectation, picture_start_s: Fraction) -> tuple[list[Finding], Fraction]:
    """What the output carries, compared with its source; and by how much too late it begins.

    A cut, which has no one source, has nothing that could be carried.
    """
    found = read_extras(output, picture_start_s)
    wanted, begins_s = None, Fraction(0)
    if expectation.cut.is_whole:
        ((path, source),) = expectation.sources.items()
        wanted = read_extras(path, int(source.pts[0]) * source.time_base - source.offsets_s[0])
        # Only the clock of MP4 begins at zero: what is late there stays late.
        begins_s = wanted.start_s if wanted.is_mp4 else begins_s
    return [check(found, wanted) for check in (_subtitles, _chapters, _labels)], found.start_s - begins_s


def _subtitles(found: Extras, source: Extras | None) -> Finding:
    """Whether the words of the source's subtitles are there, at their times."""
    wanted = source.subtitles if source else ()
    measured: dict[str, Any] = {
        "lines": [len(track.cues) for track in found.subtitles],
        "expected_lines": [len(track.cues) for track in wanted],
    }
    for number, (a, b) in enumerate(zip(found.subtitles, wanted, strict=False), 1):
        wrong = _difference(a.cues, _one_at_a_time(b.cues) if found.is_mp4 else b.cues)
        if wrong:
            return Finding("subtitles", "fail", f"subtitles {number}: {wrong}", measured)
    if len(found.subtitles) < len(wanted):
        what = f"{len(found.subtitles)} of the source's {len(wanted)} subtitles are there"
        return Finding("subtitles", "flag", what, measured)
    if len(found.subtitles) > len(wanted):
        what = "subtitles that the source has not" if source else "subtitles, and a cut has none of its own"
        return Finding("subtitles", "flag", f"the movie has {what}", measured)
    what = f"{len(wanted)} stream(s), words and times as in the source" if wanted else "none are to be expected"
    return Finding("subtitles", "pass", what, measured)


def _one_at_a_time(cues: Sequence[Cue]) -> list[Cue]:
    """What MP4 can show: lines that begin together are one, and each ends where the next one begins."""
    joined: list[Cue] = []
    for cue in cues:
        before = joined.pop() if joined else None
        if before and before.start_s == cue.start_s:
            cue = Cue(cue.start_s, max(before.end_s, cue.end_s), f"{before.words} {cue.words}")
        elif before:
            joined.append(replace(before, end_s=min(before.end_s, cue.start_s)))
        joined.append(cue)
    return joined


def _difference(found: Sequence[Cue], wanted: Sequence[Cue]) -> str:
    """What is wrong with the first line that differs; empty if none does."""
    for n, (a, b) in enumerate(zip_longest(found, wanted)):
        if a is None or b is None:
            return f"{len(found)} lines instead of {len(wanted)}"
        if a.words != b.words:
            return f"line {n + 1} says {a.words!r} instead of {b.words!r}"
        if abs(a.start_s - b.start_s) > _CUE_SLACK_S:
            return f"line {n + 1} comes {float(a.start_s - b.start_s):+.2f} s off its time"
        # Some files do not say when a line ends.
        if b.end_s > b.start_s and abs(a.end_s - b.end_s) > _CUE_SLACK_S:
            return f"line {n + 1} goes {float(a.end_s - b.end_s):+.2f} s off its time"
    return ""


def _chapters(found: Extras, source: Extras | None) -> Finding:
    """Whether the source's chapters are there, with their titles, at their times."""
    wanted = source.chapters if source else ()
    measured: dict[str, Any] = {"chapters": len(found.chapters), "expected_chapters": len(wanted)}
    if wanted and not found.chapters:
        return Finding("chapters", "flag", f"the source's {len(wanted)} chapters are missing", measured)
    if found.chapters and not wanted:
        what = "the source has none" if source else "a cut has none of its own"
        return Finding("chapters", "flag", f"{len(found.chapters)} chapters, and {what}", measured)
    if len(found.chapters) != len(wanted):
        return Finding("chapters", "fail", f"{len(found.chapters)} chapters instead of {len(wanted)}", measured)
    for number, (a, b) in enumerate(zip(found.chapters, wanted, strict=True), 1):
        # One that begins before the first picture begins with it, and the first one of MP4 always does.
        late_s = max(a.start_s, Fraction(0)) - max(b.start_s, Fraction(0))
        if abs(late_s) > _CHAPTER_SLACK_S and not (number == 1 and found.is_mp4 and a.start_s <= _CHAPTER_SLACK_S):
            what = f"chapter {number} begins {float(late_s):+.2f} s off its time"
            return Finding("chapters", "fail", what, measured)
        if b.title and a.title != b.title:  # one without a name may get one
            what = f"chapter {number} is called {a.title!r} instead of {b.title!r}"
            return Finding("chapters", "fail", what, measured)
    what = f"{len(wanted)}, titles and times as in the source" if wanted else "none are to be expected"
    return Finding("chapters", "pass", what, measured)


def _labels(found: Extras, source: Extras | None) -> Finding:
    """Whether the movie and its streams are called as in the source, and start at the same timecode."""
    wrong: list[tuple[Grade, str]] = []
    if found.picture_count > 1:
        wrong.append(("flag", f"{found.picture_count} streams of pictures: players may show another one"))
    if source:
        wrong += [*_wrong_names(found, source), *_wrong_streams(found, source)]
    measured = {"timecode": found.timecode, "title": found.title, "language": found.picture.language}
    if not wrong:
        what = "title, timecode and languages as in the source" if source else "nothing is to be expected"
        return Finding("labels", "pass", what, measured)
    grade = max((grade for grade, _ in wrong), key=_GRADES.index)
    return Finding("labels", grade, "; ".join(words for _, words in wrong), measured)


def _wrong_names(found: Extras, source: Extras) -> Iterator[tuple[Grade, str]]:
    if source.timecode and found.timecode != source.timecode:
        # Without a timecode editors count from zero; with a wrong one they find other pictures.
        grade: Grade = "fail" if found.timecode else "flag"
        yield grade, f"timecode {found.timecode or '(none)'} instead of {source.timecode}"
    if source.title and found.title != source.title:
        yield "flag", f"title {found.title!r} instead of {source.title!r}"


def _wrong_streams(found: Extras, source: Extras) -> Iterator[tuple[Grade, str]]:
    yield from _wrong_language("the picture", found.picture, source.picture)
    tells_default = any(track.label.is_default for track in source.subtitles)
    for number, (a, b) in enumerate(zip(found.subtitles, source.subtitles, strict=False), 1):
        name = f"subtitles {number}"
        yield from _wrong_language(name, a.label, b.label)
        if tells_default and a.label.is_default != b.label.is_default:
            yield "flag", f"{name} {'are' if a.label.is_default else 'are not'} shown without being asked for"
        if a.label.is_forced != b.label.is_forced and not found.is_quicktime:  # QuickTime cannot say it
            yield "flag", f"{name} {'are' if a.label.is_forced else 'are not'} forced"


def _wrong_language(name: str, found: Label, wanted: Label) -> Iterator[tuple[Grade, str]]:
    if len(wanted.language) == _CODE_LETTERS and not same_language(found.language, wanted.language):
        grade: Grade = "fail" if found.language else "flag"
        yield grade, f"{name} has the language {found.language or '(none)'} instead of {wanted.language}"
