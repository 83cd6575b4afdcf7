"""The finding about sound: copied packets are compared by hash, encoded sound by correlation with the source's."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av.error
import numpy as np

from panscan.verify.expectation import Expectation
from panscan.verify.measure.audio import SoundComparison, compare_sound, is_mismatch
from panscan.verify.report import Finding
from panscan.verify.source_pictures import TrackPackets, track_packets
from panscan.verify.thresholds import LOUDNESS_DB

_COPY_SLACK_S = Fraction(2, 1000)  # copied packets keep their time to a tick or two of the container
_ENCODE_SLACK_S = Fraction(1, 20)  # encoders add up to two blocks at the start
_LENGTH_SLACK_S = Fraction(1, 10)  # and fill up the last block
_STRETCHES = 8  # that are compared: enough to find a drift
# Beyond the limit for all stretches together, one stretch may differ by this much: a limiter, or a smeared fade.
_UNEVEN_DB = 2.0
# A mono mix changes by this much if two channels are laid together or apart, and if more are.
_STEREO_MIX_DB, _SURROUND_MIX_DB = 3.0, 6.0


def check_sound(output: Path, expectation: Expectation, picture_start_s: Fraction) -> Finding:
    """Whether the sources' sound is there, complete and in time with the picture.

    Parameters
    ----------
    output : Path
    expectation : Expectation
    picture_start_s : Fraction
        Time of the output's first picture on its file's clock.
    """
    try:
        output_tracks = track_packets(output)
    except av.error.FFmpegError as error:
        return Finding("sound", "fail", f"the sound cannot be read: {error.strerror or error}")
    sources = {path: track_packets(path, source.offsets_s) for path, source in expectation.sources.items()}
    if not any(sources.values()):
        if output_tracks:
            return Finding("sound", "flag", "the movie has sound, the source has none", {"streams": len(output_tracks)})
        return Finding("sound", "pass", "none, as in the source", {"streams": 0})
    if not output_tracks:
        return Finding("sound", "fail", "the source's sound is missing", {"streams": 0})
    if expectation.cut.is_whole:
        wanted = next(iter(sources.values()))
        shift = picture_start_s - expectation.time_s[0]
        return _check_whole(output, output_tracks, wanted, expectation, shift)
    return _check_cut(output, output_tracks, sources, expectation, picture_start_s)


def _check_whole(
    output: Path,
    output_tracks: Sequence[TrackPackets],
    wanted: Sequence[TrackPackets],
    expectation: Expectation,
    shift_s: Fraction,
) -> Finding:
    measured: dict[str, Any] = {
        "streams": len(output_tracks),
        "expected_streams": len(wanted),
        "delay_s": [],
        "equal": [],
    }
    if len(output_tracks) < len(wanted):
        return Finding("sound", "fail", f"{len(output_tracks)} of {len(wanted)} sound streams are there", measured)
    all_equal = True
    for number, (a, b) in enumerate(zip(output_tracks, wanted, strict=False), 1):
        delay_s = a.start_s - b.start_s - shift_s
        is_equal = a.digest == b.digest and a.packet_count == b.packet_count
        all_equal &= is_equal
        measured["delay_s"].append(delay_s)
        measured["equal"].append(is_equal)
        if abs(delay_s) > (_COPY_SLACK_S if is_equal else _ENCODE_SLACK_S):
            what = f"sound {number} starts {float(delay_s) * 1000:+.0f} ms off its place against the picture"
            return Finding("sound", "fail", what, measured)
        if is_equal:
            drift_s = _drift(a, b)
            measured["drift_s"] = max(drift_s, measured.get("drift_s", 0.0))
            if drift_s > _COPY_SLACK_S:
                what = f"sound {number} drifts {drift_s * 1000:.0f} ms away from the picture"
                return Finding("sound", "fail", what, measured)
            continue
        if a.channels == 0 or abs((a.end_s - a.start_s) - (b.end_s - b.start_s)) > _LENGTH_SLACK_S:
            length = f"{float(a.end_s - a.start_s):.2f} s instead of {float(b.end_s - b.start_s):.2f} s"
            return Finding("sound", "fail", f"sound {number} is {length}", measured)
    if all_equal:
        return Finding("sound", "pass", f"{len(wanted)} stream(s), every packet equal to the source's", measured)
    path = next(iter(expectation.sources))
    worst = Finding("sound", "pass", "", measured)
    for number, (a, b) in enumerate(zip(output_tracks, wanted, strict=False)):
        if measured["equal"][number]:
            continue
        start_s, end_s = max(b.start_s, Fraction(0)), b.end_s
        step = (end_s - start_s) / _STRETCHES
        pairs = [(start_s + n * step, step, path, start_s + n * step) for n in range(_STRETCHES)]
        found = compare_sound(output, shift_s, pairs, stream=number, is_whole=True, offsets_s=_offsets_s(expectation))
        worst = _grade_comparisons(found, measured, _loudness_slack(a, b), number + 1)
        if worst.grade != "pass":
            return worst
    return worst


def _offsets_s(expectation: Expectation) -> dict[Path, tuple[Fraction, ...]]:
    return {path: source.offsets_s for path, source in expectation.sources.items()}


def _drift(a: TrackPackets, b: TrackPackets) -> float:
    """How far packets of two equal streams drift apart after their start, in seconds."""
    return float(np.max(np.abs((a.time_s - a.time_s[0]) - (b.time_s - b.time_s[0])), initial=0.0))


def _loudness_slack(a: TrackPackets, b: TrackPackets) -> float:
    """How far two mono mixes may differ in dB: mixing channels changes them by itself."""
    if a.channels == b.channels:
        return LOUDNESS_DB
    return LOUDNESS_DB + (_STEREO_MIX_DB if max(a.channels, b.channels) <= 2 else _SURROUND_MIX_DB)


def _check_cut(
    output: Path,
    output_tracks: Sequence[TrackPackets],
    sources: dict[Path, list[TrackPackets]],
    expectation: Expectation,
    picture_start_s: Fraction,
) -> Finding:
    cut = expectation.cut
    wanted_s = cut.frame_count / cut.rate
    found_s = output_tracks[0].end_s - max(output_tracks[0].start_s, Fraction(0))
    measured: dict[str, Any] = {"streams": len(output_tracks), "length_s": found_s, "expected_length_s": wanted_s}
    if abs(found_s - wanted_s) > _LENGTH_SLACK_S:
        what = f"the sound is {float(found_s):.2f} s instead of {float(wanted_s):.2f} s"
        return Finding("sound", "fail", what, measured)
    # Sound at another speed is silent here and changed in pitch by editors: there is nothing to compare it with.
    sounding = [clip for clip in cut.clips if sources[clip.path] and not clip.is_retimed]
    measured["retimed_clips_not_compared"] = sum(clip.is_retimed for clip in cut.clips)
    if not sounding:
        return Finding("sound", "pass", "there and as long as the timeline; all of it is retimed", measured)
    chosen = sounding[:: max(1, len(sounding) // _STRETCHES)]
    pairs = []
    for clip in chosen:
        source = expectation.sources[clip.path]
        zero_s = int(source.pts[0]) * source.time_base
        start_s = zero_s + (clip.first - clip.available_first) / cut.rate
        pairs.append((clip.record_frame / cut.rate, clip.frame_count / cut.rate, clip.path, start_s))
    slack_db = max(_loudness_slack(output_tracks[0], sources[clip.path][0]) for clip in chosen)
    return _grade_comparisons(
        compare_sound(output, picture_start_s, pairs, offsets_s=_offsets_s(expectation)), measured, slack_db
    )


def _grade_comparisons(
    found: Sequence[SoundComparison], measured: dict[str, Any], slack_db: float, number: int = 1
) -> Finding:
    name = "the sound" if number == 1 else f"sound {number}"
    measured = {
        **measured,
        "stretches": [
            {
                "at_s": comparison.at_s,
                "lag_s": comparison.lag_s,
                "likeness": comparison.likeness,
                "louder_db": comparison.louder_db,
            }
            for comparison in found
        ],
    }
    if not found:
        return Finding("sound", "pass", "there and as long as the source's; silent where compared", measured)
    louder_db = float(np.median([comparison.louder_db for comparison in found]))
    measured["louder_db"] = louder_db
    wrong = [comparison for comparison in found if is_mismatch(comparison)]
    if wrong:
        worst = wrong[0]
        what = f"at {float(worst.at_s):.1f} s {name} is {worst.lag_s * 1000:+.0f} ms off, or not the source's"
        return Finding("sound", "fail", what, measured)
    if abs(louder_db) > slack_db:
        return Finding("sound", "fail", f"{name} is {louder_db:+.1f} dB louder than the source's", measured)
    uneven = [comparison for comparison in found if abs(comparison.louder_db) > slack_db + _UNEVEN_DB]
    if uneven:
        what = f"at {float(uneven[0].at_s):.1f} s {name} is {uneven[0].louder_db:+.1f} dB louder than the source's"
        return Finding("sound", "fail", what, measured)
    return Finding("sound", "pass", f"encoded again, in its place in {len(found)} compared stretches", measured)
