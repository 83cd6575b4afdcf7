"""The finding about sound: copied packets are compared by hash, mixed or encoded sound is taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av.error
import numpy as np

from panscan.timeline.sound import SoundClip
from panscan.verify.checks.sound_mix import check_mix
from panscan.verify.expectation import Expectation
from panscan.verify.report import Finding
from panscan.verify.source_pictures import TrackPackets, track_packets

_COPY_SLACK_S = Fraction(2, 1000)  # copied packets keep their time to a tick or two of the container
_ENCODE_SLACK_S = Fraction(1, 20)  # encoders add up to two blocks at the start
_LENGTH_SLACK_S = Fraction(1, 10)  # and fill up the last block


def check_sound(output: Path, expectation: Expectation, picture_start_s: Fraction) -> Finding:
    """Whether what the timeline says is heard: complete, in time with the picture, as loud as it should be.

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
    cut = expectation.cut
    if cut.is_whole and cut.has_whole_sound:
        return _check_whole(output, output_tracks, expectation, picture_start_s)
    return _check_cut(output, output_tracks, expectation, picture_start_s)


def _check_whole(
    output: Path, output_tracks: Sequence[TrackPackets], expectation: Expectation, picture_start_s: Fraction
) -> Finding:
    ((path, source),) = expectation.sources.items()
    wanted = track_packets(path, source.offsets_s)
    measured: dict[str, Any] = {
        "streams": len(output_tracks),
        "expected_streams": len(wanted),
        "delay_s": [],
        "equal": [],
    }
    if not wanted:
        if output_tracks:
            return Finding("sound", "flag", "the movie has sound, the source has none", measured)
        return Finding("sound", "pass", "none, as in the source", measured)
    if not output_tracks:
        return Finding("sound", "fail", "the source's sound is missing", measured)
    if len(output_tracks) < len(wanted):
        return Finding("sound", "fail", f"{len(output_tracks)} of {len(wanted)} sound streams are there", measured)
    shift_s = picture_start_s - expectation.time_s[0]
    for number, (a, b) in enumerate(zip(output_tracks, wanted, strict=False), 1):
        what = _compare_packets(a, b, shift_s, measured)
        if what:
            return Finding("sound", "fail", f"sound {number} {what}", measured)
    if all(measured["equal"]):
        return Finding("sound", "pass", f"{len(wanted)} stream(s), every packet equal to the source's", measured)
    changed = [number for number, is_equal in enumerate(measured["equal"]) if not is_equal]
    clips = [_whole_stream(expectation, path, number, wanted[number]) for number in changed]
    end_s = min(output_tracks[number].end_s - picture_start_s for number in changed)
    return check_mix(output, expectation, clips, picture_start_s, end_s, measured)


def _compare_packets(a: TrackPackets, b: TrackPackets, shift_s: Fraction, measured: dict[str, Any]) -> str:
    """What is wrong with a stream `a` that should be `b` later by `shift_s`; empty if nothing is."""
    delay_s = a.start_s - b.start_s - shift_s
    is_equal = a.digest == b.digest and a.packet_count == b.packet_count
    measured["delay_s"].append(delay_s)
    measured["equal"].append(is_equal)
    if abs(delay_s) > (_COPY_SLACK_S if is_equal else _ENCODE_SLACK_S):
        return f"starts {float(delay_s) * 1000:+.0f} ms off its place against the picture"
    if is_equal:
        drift_s = _drift(a, b)
        measured["drift_s"] = max(drift_s, measured.get("drift_s", 0.0))
        return f"drifts {drift_s * 1000:.0f} ms away from the picture" if drift_s > _COPY_SLACK_S else ""
    if a.channels == 0 or abs((a.end_s - a.start_s) - (b.end_s - b.start_s)) > _LENGTH_SLACK_S:
        return f"is {float(a.end_s - a.start_s):.2f} s instead of {float(b.end_s - b.start_s):.2f} s"
    return ""


def _drift(a: TrackPackets, b: TrackPackets) -> float:
    """How far packets of two equal streams drift apart after their start, in seconds."""
    return float(np.max(np.abs((a.time_s - a.time_s[0]) - (b.time_s - b.time_s[0])), initial=0.0))


def _whole_stream(expectation: Expectation, path: Path, number: int, track: TrackPackets) -> SoundClip:
    """A sound stream of the only media, from the first picture on."""
    end_s = track.end_s - expectation.time_s[0]
    return SoundClip(
        path.name, path, number, f"A{number + 1}", Fraction(0), end_s, Fraction(0), stream=number, output=number
    )


def _check_cut(
    output: Path, output_tracks: Sequence[TrackPackets], expectation: Expectation, picture_start_s: Fraction
) -> Finding:
    cut = expectation.cut
    wanted, wanted_s = len({clip.output for clip in cut.sounds}), cut.frame_count / cut.rate
    measured: dict[str, Any] = {"streams": len(output_tracks), "expected_streams": wanted}
    if not (wanted or output_tracks):
        return Finding("sound", "pass", "none, as in the timeline", measured)
    if wanted and len(output_tracks) != wanted:
        return Finding("sound", "fail", f"{len(output_tracks)} sound streams instead of {wanted}", measured)
    for number, track in enumerate(output_tracks, 1):
        found_s = track.end_s - max(track.start_s, picture_start_s)
        measured |= {"length_s": found_s, "expected_length_s": wanted_s}
        if abs(found_s - wanted_s) > _LENGTH_SLACK_S:
            what = f"sound {number} is {float(found_s):.2f} s instead of {float(wanted_s):.2f} s"
            return Finding("sound", "fail", what, measured)
    end_s = min([wanted_s, *(track.end_s - picture_start_s for track in output_tracks)])
    return check_mix(output, expectation, cut.sounds, picture_start_s, end_s, measured)
