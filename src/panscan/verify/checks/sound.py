"""The finding about sound: copied packets are compared by hash, mixed or encoded sound is taken apart."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av.error
import numpy as np

from panscan.timeline.sound import SoundClip
from panscan.verify.checks.sound_streams import label_problem
from panscan.verify.expectation import Expectation
from panscan.verify.measure.extras import Label
from panscan.verify.measure.sound_packets import TrackPackets, sound_labels, track_packets
from panscan.verify.report import Finding

_COPY_SLACK_S = Fraction(2, 1000)  # copied packets keep their time to a tick or two of the container
_LENGTH_SLACK_S = Fraction(1, 10)  # encoders fill up the last block


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
    shift_s = picture_start_s - expectation.time_s[0]
    measured: dict[str, Any] = {"streams": len(output_tracks), "expected_streams": len(wanted)}
    if not wanted:
        return _check_silence(output, output_tracks, expectation, picture_start_s, measured)
    problem = _wrong_count(len(output_tracks), len(wanted))
    if problem:
        return Finding("sound", "fail", problem, measured)
    pairs = list(zip(output_tracks, wanted, strict=True))
    measured["delay_s"] = [a.start_s - b.start_s - shift_s for a, b in pairs]
    measured["equal"] = [a.has_packets_of(b) for a, b in pairs]
    changed = [number for number, pair in enumerate(pairs) if not _is_copied(*pair, shift_s)]
    for number in changed:
        for other, track in enumerate(wanted, 1):
            if other != number + 1 and output_tracks[number].has_packets_of(track):
                what = f"sound {number + 1} is sound {other} of the source"
                return Finding("sound", "fail", what, measured)
        found_s, wanted_s = output_tracks[number].end_s - picture_start_s, wanted[number].end_s - expectation.time_s[0]
        if abs(found_s - wanted_s) > _LENGTH_SLACK_S:
            what = f"sound {number + 1} ends at {float(found_s):.2f} s instead of {float(wanted_s):.2f} s"
            return Finding("sound", "fail", what, measured)
    finding = Finding("sound", "pass", f"{len(wanted)} stream(s), every packet equal to the source's", measured)
    if changed:
        clips = [_whole_stream(expectation, path, number, wanted[number]) for number in changed]
        end_s = min(output_tracks[number].end_s - picture_start_s for number in changed)
        finding = _check_mix(output, expectation, clips, picture_start_s, end_s, measured)
    return _with_labels(finding, output_tracks, [track.label for track in wanted])


def _wrong_count(found: int, wanted: int) -> str:
    if found == wanted:
        return ""
    return f"{found} sound streams instead of {wanted}" if found else "the sound is missing"


def _with_labels(finding: Finding, found: Sequence[TrackPackets], wanted: Sequence[Label | None]) -> Finding:
    """The finding, or what is wrong with the labels of streams that sound right."""
    problem = label_problem([track.label for track in found], wanted)
    if problem is None or finding.grade == "fail":
        return finding
    return Finding("sound", problem[0], problem[1], finding.measured)


def _is_copied(a: TrackPackets, b: TrackPackets, shift_s: Fraction) -> bool:
    """Whether all packets of stream `a` are those of `b`, each later by `shift_s`."""
    if not a.has_packets_of(b):
        return False
    late_s = a.time_s - b.time_s - float(shift_s)
    return bool(np.max(np.abs(late_s), initial=0.0) <= _COPY_SLACK_S)


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
    wanted, wanted_s = sorted({clip.output for clip in cut.sounds}), cut.frame_count / cut.rate
    measured: dict[str, Any] = {"streams": len(output_tracks), "expected_streams": len(wanted)}
    if not wanted:
        return _check_silence(output, output_tracks, expectation, picture_start_s, measured)
    problem = _wrong_count(len(output_tracks), len(wanted))
    if problem:
        return Finding("sound", "fail", problem, measured)
    for number, track in enumerate(output_tracks, 1):
        found_s = track.end_s - max(track.start_s, picture_start_s)
        measured |= {"length_s": found_s, "expected_length_s": wanted_s}
        if abs(found_s - wanted_s) > _LENGTH_SLACK_S:
            what = f"sound {number} is {float(found_s):.2f} s instead of {float(wanted_s):.2f} s"
            return Finding("sound", "fail", what, measured)
    end_s = min([wanted_s, *(track.end_s - picture_start_s for track in output_tracks)])
    finding = _check_mix(output, expectation, cut.sounds, picture_start_s, end_s, measured)
    return _with_labels(finding, output_tracks, [_only_source(cut.sounds, output) for output in wanted])


def _only_source(sounds: Sequence[SoundClip], output: int) -> Label | None:
    """The label of the one source stream that a stream of the movie comes from; None if it comes from several."""
    streams = {(sound.path, sound.stream) for sound in sounds if sound.output == output}
    path, number = streams.pop()
    if streams or not path.is_file():
        return None
    labels = sound_labels(path)
    return labels[number] if number < len(labels) else None


def _check_silence(
    output: Path,
    output_tracks: Sequence[TrackPackets],
    expectation: Expectation,
    picture_start_s: Fraction,
    measured: dict[str, Any],
) -> Finding:
    """Whether a movie that should have no sound has none, or silent streams, as some editors write."""
    for number, track in enumerate(output_tracks):
        end_s = track.end_s - picture_start_s
        finding = _check_mix(output, expectation, [], picture_start_s, end_s, measured, first_stream=number)
        if finding.grade != "pass":
            return finding
    return Finding("sound", "pass", "none, as it should be", measured)


def _check_mix(*arguments: Any, **named: Any) -> Finding:
    """Take sound apart, as `check_mix` does: importing SciPy for it costs as much as comparing 200 pictures."""
    from panscan.verify.checks.sound_mix import check_mix

    return check_mix(*arguments, **named)
