"""Inspecting a rendered movie by its timeline: all findings, from one decode of the movie."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from panscan.libraries import single_threaded_opencv
from panscan.timeline.captions import clips_that_cut_captions, words_on_captions
from panscan.timeline.cut import Cut
from panscan.timeline.files import recipe_of
from panscan.timeline.flatten import renderable_cut
from panscan.timeline.framing_notes import framing_notes
from panscan.timeline.otio_types import Timeline
from panscan.verify.checks import colour, container, depth, fields, frame_identity, picture, sequence
from panscan.verify.checks.container import DecodeResult
from panscan.verify.checks.extras import check_extras
from panscan.verify.checks.looks import check_looks
from panscan.verify.checks.sound import check_sound
from panscan.verify.expectation import Expectation
from panscan.verify.measure.faces import FaceSample, FaceSampler
from panscan.verify.measure.field_looks import FieldSampler
from panscan.verify.measure.frame_match import CellComparison, compare_cells
from panscan.verify.measure.frame_stats import FrameStatsCollector
from panscan.verify.measure.sampling import sample_numbers
from panscan.verify.movie_pictures import picture_groups
from panscan.verify.page.exhibits import Exhibit, ExhibitCollector
from panscan.verify.report import Finding, Report
from panscan.verify.thresholds import SUBJECT_EVIDENCE, SUBJECT_PASS
from panscan.verify.whole_px import on_whole_px

Progress = Callable[[int, int], None]
_MAX_LISTED = 10  # times in a finding of the report
_MAX_NAMED = 5  # times in a sentence


@dataclass(frozen=True, slots=True)
class Inspection:
    """A report with what its page shows.

    Attributes
    ----------
    report : Report
    cut : Cut
    exhibits : tuple of Exhibit
        Pictures of each clip.
    faces : tuple of FaceSample
        Where faces were found.
    rate : Fraction
        Record frames per second.
    evidence : mapping of str to tuple of Exhibit
        Pictures of what findings name as wrong, by the finding's name.
    """

    report: Report
    cut: Cut
    exhibits: tuple[Exhibit, ...]
    faces: tuple[FaceSample, ...]
    rate: Fraction
    evidence: Mapping[str, tuple[Exhibit, ...]] = field(default_factory=dict)


def verify(
    output: Path,
    timeline: Timeline,
    *,
    folder: Path = Path(),
    progress: Progress | None = None,
    is_cfr: bool = False,
    whole_px: bool = False,
) -> Report:
    """Judge a rendered movie by the timeline that it was made from, and by the sources.

    Parameters
    ----------
    output : Path
    timeline : otio.schema.Timeline
    folder : Path
        Where relative media paths start.
    progress : callable, optional
        Called with pictures inspected and in total.
    is_cfr : bool
        The movie was rendered with a constant frame rate, whatever its media has.
    whole_px : bool
        It was made by a program that scales whole pictures and moves them by whole px.

    Raises
    ------
    InputError
        A source is missing or broken, or the timeline carries no camera: then nothing can be judged.
    """
    cut, keeps_combs = _cut_of(timeline, folder, whole_px), _keeps_combs(timeline)
    return _inspect(output, cut, progress, with_pictures=False, is_cfr=is_cfr, keeps_combs=keeps_combs).report


def inspect(
    output: Path,
    timeline: Timeline,
    *,
    folder: Path = Path(),
    progress: Progress | None = None,
    is_cfr: bool = False,
    whole_px: bool = False,
) -> Inspection:
    """As `verify`, with the pictures and faces that `report_page` shows."""
    cut, keeps_combs = _cut_of(timeline, folder, whole_px), _keeps_combs(timeline)
    return _inspect(output, cut, progress, with_pictures=True, is_cfr=is_cfr, keeps_combs=keeps_combs)


def _keeps_combs(timeline: Timeline) -> bool:
    """Whether it was made with --deinterlace off."""
    return recipe_of(timeline).get("deinterlace") == "off"


def _cut_of(timeline: Timeline, folder: Path, whole_px: bool) -> Cut:
    cut = renderable_cut(timeline, folder=folder)
    return on_whole_px(cut) if whole_px else cut


def _inspect(
    output: Path,
    cut: Cut,
    progress: Progress | None,
    *,
    with_pictures: bool,
    is_cfr: bool,
    keeps_combs: bool,
    decodes_all: bool = False,
) -> Inspection:
    expectation = Expectation(cut, decodes_all=decodes_all, is_cfr=is_cfr)
    face_sampler, field_sampler = FaceSampler(expectation), FieldSampler(expectation)
    exhibit_collector = ExhibitCollector(expectation) if with_pictures else None
    try:
        stats_collector = FrameStatsCollector(expectation)
        with single_threaded_opencv():
            decoded, comparisons = _decode(
                output, expectation, stats_collector, [face_sampler, field_sampler], exhibit_collector, progress
            )
        if len(decoded.time_s) < len(expectation.pictures) and not decodes_all:
            # Before pictures are called lost: perhaps they do not decode in the source, though its packets look whole.
            again = {"with_pictures": with_pictures, "is_cfr": is_cfr, "keeps_combs": keeps_combs, "decodes_all": True}
            return _inspect(output, cut, progress, **again)
        findings = [container.playable(decoded, output.name)]
        if decoded.tags is not None:
            carried, late_s = check_extras(output, expectation, decoded.time_s[0])
            findings += [
                container.canvas(decoded.tags, cut),
                container.frame_count(decoded, expectation),
                container.duration(decoded, expectation),
                container.timestamps(decoded, expectation, late_s),
                check_sound(output, expectation, decoded.time_s[0]),
                *carried,
                container.colour(decoded.tags, expectation),
                depth.depth(decoded.tags, expectation),
                fields.fields(decoded, field_sampler, keeps_combs=keeps_combs),
                sequence.levels(stats_collector.stats, expectation),
                picture.position(comparisons),
                picture.camera(comparisons),
                frame_identity.moment(stats_collector.stats, comparisons),
                colour.chroma(comparisons, expectation),
                sequence.cuts(stats_collector.stats, comparisons, expectation),
                sequence.frozen(stats_collector.stats, expectation),
                sequence.black(stats_collector.stats, expectation),
                sequence.bars(stats_collector.stats, expectation),
                *check_looks(stats_collector.closer_look, expectation),
                _subject(face_sampler, expectation),
                _captions(cut),
            ]
        exhibits = tuple(exhibit_collector.exhibits) if exhibit_collector else ()
        evidence = exhibit_collector.evidence(output, findings) if exhibit_collector else {}
    finally:
        face_sampler.close()
        field_sampler.close()
        expectation.close()
    report = Report(output, tuple(findings), framing_notes(cut.clips))
    return Inspection(report, cut, exhibits, tuple(face_sampler.samples), cut.rate, evidence)


def _decode(
    output: Path,
    expectation: Expectation,
    stats_collector: FrameStatsCollector,
    samplers: Sequence[FaceSampler | FieldSampler],
    exhibit_collector: ExhibitCollector | None,
    progress: Progress | None,
) -> tuple[DecodeResult, list[CellComparison]]:
    """Decode everything, sound too, and compare the pictures meanwhile."""
    result, comparisons = DecodeResult(), list[CellComparison]()
    wanted, total = sample_numbers(expectation), len(expectation.pictures)
    for group in picture_groups(output, expectation, result):
        for number, frame in group:
            if _has_size(frame, expectation.cut):
                stats_collector.add_picture(frame, number)
                if number in wanted and number < total:
                    comparisons += compare_cells(frame, number, expectation)
                for sampler in samplers:
                    sampler.add_picture(frame, number)
            if exhibit_collector is not None:
                exhibit_collector.add_picture(frame, number)
            if progress:
                progress(number + 1, max(total, number + 1))
    stats_collector.finish()
    return result, comparisons


def _has_size(frame: Any, cut: Cut) -> bool:
    """Whether a picture has the canvas's size; pictures of another size cannot be compared."""
    return (frame.width, frame.height) == (cut.canvas.width, cut.canvas.height)


def _subject(face_sampler: FaceSampler, expectation: Expectation) -> Finding:
    """Whether the people whom the timeline names are in the picture."""
    with_evidence = [sample for sample in face_sampler.samples if sample.found is not None]
    measured: dict[str, Any] = {"looks": len(face_sampler.samples), "with_evidence": len(with_evidence)}
    if face_sampler.problem:
        return Finding("subject", "flag", f"not looked for: {face_sampler.problem}", measured)
    if not with_evidence:
        what = (
            "no face is to be expected"
            if not face_sampler.samples
            else "the people it shows turn no face to the camera"
        )
        return Finding("subject", "pass", what, measured)
    found = sum(bool(sample.found) for sample in with_evidence)
    share = found / len(with_evidence)
    missing = _times_s([sample.number for sample in with_evidence if not sample.found], expectation)
    measured |= {"share": share, "missing_s": missing[:_MAX_LISTED]}
    what = f"a face is seen in {found} of {len(with_evidence)} looks at cells that show a person"
    if share < SUBJECT_PASS and len(with_evidence) < SUBJECT_EVIDENCE * len(face_sampler.samples):
        # Backs, hands and distant figures: the few faces that the source shows may be somebody else's.
        what = f"too few faces to tell: {len(with_evidence)} of {len(face_sampler.samples)} looks show one, anywhere"
        return Finding("subject", "pass", what, measured)
    if missing and share < SUBJECT_PASS:
        what += f"; none at {', '.join(f'{at:.1f}' for at in missing[:_MAX_NAMED])} s"
    return Finding("subject", "pass" if share >= SUBJECT_PASS else "flag", what, measured)


def _captions(cut: Cut) -> Finding:
    """Whether the cameras of the timeline cut captions of the source."""
    known = [clip.framing.metrics["captions_cut"] for clip in cut.clips if "captions_cut" in clip.framing.metrics]
    measured: dict[str, Any] = {"clips_with_captions": len(known), "clips": clips_that_cut_captions(cut.clips)}
    words = words_on_captions(cut.clips)
    whole = "captions are whole" if known else "no captions were found that change"
    return Finding("captions", "flag" if words else "pass", words or whole, measured)


def _times_s(numbers: Sequence[int], expectation: Expectation) -> list[float]:
    """Times of pictures, seconds from the first one."""
    times = np.array([float(t - expectation.time_s[0]) for t in expectation.time_s])
    return [float(times[n]) for n in numbers]
