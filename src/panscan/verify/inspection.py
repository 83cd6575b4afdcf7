"""A rendered movie and its timeline -> all findings, in one decode of the movie."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
import numpy as np

from panscan.timeline.cut import Cut
from panscan.timeline.flatten import renderable_cut
from panscan.timeline.otio_types import Timeline
from panscan.verify.checks import colour, container, frame_identity, picture, sequence
from panscan.verify.checks.container import DecodeResult
from panscan.verify.checks.sound import check_sound
from panscan.verify.expectation import Expectation
from panscan.verify.measure.faces import FaceSample, FaceSampler
from panscan.verify.measure.frame_match import CellComparison, compare_cells
from panscan.verify.measure.frame_stats import FrameStatsCollector
from panscan.verify.measure.sampling import sample_numbers
from panscan.verify.page.exhibits import Exhibit, ExhibitCollector
from panscan.verify.report import Finding, Report
from panscan.verify.source_pictures import picture_stream, tags_of
from panscan.verify.thresholds import SUBJECT_EVIDENCE, SUBJECT_PASS

Progress = Callable[[int, int], None]
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Inspection:
    """A report with what a page shows of it: the cut, pictures of each clip, and where faces were seen.

    evidence: pictures of what findings name as wrong, by the finding's name.
    """

    report: Report
    cut: Cut
    exhibits: tuple[Exhibit, ...]
    faces: tuple[FaceSample, ...]
    rate: Fraction
    evidence: Mapping[str, tuple[Exhibit, ...]] = field(default_factory=dict)


def verify(output: Path, timeline: Timeline, *, folder: Path = Path(), progress: Progress | None = None) -> Report:
    """Judge a rendered movie by the timeline it was made from and by the sources.

    Parameters
    ----------
    output : Path
    timeline : otio.schema.Timeline
    folder : Path
        Where relative media paths start.
    progress : callable, optional
        Called with pictures looked at and in total.

    Raises
    ------
    InputError
        A source is missing or broken, or the timeline carries no camera: then nothing can be said.
    """
    return _inspect(output, timeline, folder, progress, with_pictures=False).report


def inspect(output: Path, timeline: Timeline, *, folder: Path = Path(), progress: Progress | None = None) -> Inspection:
    """The same as `verify`, with the pictures and places that `page` shows."""
    return _inspect(output, timeline, folder, progress, with_pictures=True)


def _inspect(
    output: Path, timeline: Any, folder: Path, progress: Progress | None, *, with_pictures: bool
) -> Inspection:
    cut = renderable_cut(timeline, folder=folder)
    expectation = Expectation(cut)
    watch = FaceSampler(expectation)
    exhibition = ExhibitCollector(expectation) if with_pictures else None
    try:
        walk = FrameStatsCollector(expectation)
        decoded, observations = _decode(output, expectation, walk, watch, exhibition, progress)
        findings = [container.playable(decoded, output.name)]
        if decoded.tags is not None:
            findings += [
                container.canvas(decoded.tags, cut),
                container.frame_count(decoded, expectation),
                container.duration(decoded, expectation),
                container.timestamps(decoded, expectation),
                check_sound(output, expectation, decoded.time_s[0]),
                container.colour(decoded.tags, expectation),
                sequence.levels(walk.stats, expectation),
                picture.position(observations),
                picture.camera(observations),
                frame_identity.moment(walk.stats, observations),
                colour.chroma(observations, expectation),
                sequence.cuts(walk.stats, observations, expectation),
                sequence.frozen(walk.stats, expectation),
                sequence.black(walk.stats, expectation),
                sequence.bars(walk.stats, expectation),
                picture.sharpness(observations),
                _subject(watch, expectation),
            ]
        exhibits = tuple(exhibition.exhibits) if exhibition else ()
        evidence = exhibition.evidence(output, findings) if exhibition else {}
    finally:
        watch.close()
        expectation.close()
    return Inspection(Report(output, tuple(findings)), cut, exhibits, tuple(watch.samples), cut.rate, evidence)


def _decode(
    output: Path,
    expectation: Expectation,
    walk: FrameStatsCollector,
    watch: FaceSampler,
    exhibition: ExhibitCollector | None,
    progress: Progress | None,
) -> tuple[DecodeResult, list[CellComparison]]:
    """Decode everything, sound too; compare the pictures on the way."""
    result, observations = DecodeResult(), list[CellComparison]()
    wanted = sample_numbers(expectation)
    total = len(expectation.pictures)
    try:
        with av.open(str(output)) as container:
            stream = picture_stream(container)
            if stream is None:
                result.error = "it has no picture"
                return result, observations
            stream.thread_type = "AUTO"
            for frame in container.decode(stream, *container.streams.audio):
                if not isinstance(frame, av.VideoFrame):
                    continue
                number = len(result.time_s)
                if result.tags is None:
                    result.tags = tags_of(frame, stream)
                if frame.is_corrupt and not result.error:
                    result.error = f"picture {number} is damaged"
                ticks = frame.pts if frame.pts is not None else frame.dts or 0
                result.time_s.append(ticks * Fraction(frame.time_base or stream.time_base))
                if _has_size(frame, expectation.cut):
                    walk.add_picture(frame, number)
                    if number in wanted and number < total:
                        observations += compare_cells(frame, number, expectation)
                    watch.add_picture(frame, number)
                if exhibition is not None:
                    exhibition.add_picture(frame, number)
                if progress:
                    progress(number + 1, max(total, number + 1))
            promised, number = stream.frames, len(result.time_s)
            # With several threads a decoder may take a file that was cut off for one that ends.
            if promised > number and number < total and not result.error:
                result.error = f"the file ends after picture {number} of the {promised} it promises"
    except (av.error.FFmpegError, OSError) as error:
        result.error = str(getattr(error, "strerror", None) or error)
    walk.finish()
    return result, observations


def _has_size(frame: Any, cut: Cut) -> bool:
    """Whether the cells lie where they should: of another canvas nothing can be compared."""
    return (frame.width, frame.height) == (cut.canvas.width, cut.canvas.height)


def _subject(watch: FaceSampler, expectation: Expectation) -> Finding:
    """Whether the people whom the timeline names are in the picture."""
    telling = [look for look in watch.samples if look.found is not None]
    measured: dict[str, Any] = {"looks": len(watch.samples), "with_evidence": len(telling)}
    if watch.problem:
        return Finding("subject", "flag", f"not looked for: {watch.problem}", measured)
    if not telling:
        what = "no face is to be expected" if not watch.samples else "the people it shows turn no face to the camera"
        return Finding("subject", "pass", what, measured)
    found = sum(bool(look.found) for look in telling)
    share = found / len(telling)
    missing = _spans([look.number for look in telling if not look.found], expectation)
    measured |= {"share": share, "missing_s": missing[:_MOST_NAMED]}
    what = f"a face is seen in {found} of {len(telling)} looks at cells that show a person"
    if share < SUBJECT_PASS and len(telling) < SUBJECT_EVIDENCE * len(watch.samples):
        # Backs, hands and far figures: the few faces that the source shows may be somebody else's.
        what = f"too few faces to tell: {len(telling)} of {len(watch.samples)} looks show one, anywhere"
        return Finding("subject", "pass", what, measured)
    if missing and share < SUBJECT_PASS:
        what += f"; none at {', '.join(f'{at:.1f}' for at in missing[:5])} s"
    return Finding("subject", "pass" if share >= SUBJECT_PASS else "flag", what, measured)


def _spans(numbers: Sequence[int], expectation: Expectation) -> list[float]:
    """Times of pictures, seconds from the first one."""
    times = np.array([float(t - expectation.time_s[0]) for t in expectation.time_s])
    return [float(times[n]) for n in numbers]
