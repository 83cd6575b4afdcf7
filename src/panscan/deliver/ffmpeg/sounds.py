"""Sounds in tracks of their own in a filter graph: rows of silence and sounds, cut to the sample, that are mixed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from panscan.deliver.numbers import format_number
from panscan.deliver.sequence import ClipSequence, SoundItem, level_keys
from panscan.timeline.sound import SoundClip

_CURVES = {"linear": "tri", "equal-power": "qsin"}  # of afade
_GAIN_SAMPLES = 256  # in which a level is constant: 5 ms, too short for a step to be heard


@dataclass(frozen=True, slots=True)
class SoundForm:
    """How a sound stream of the movie is made.

    Attributes
    ----------
    rate_hz : int
    layout : str
        FFmpeg's name of its channels.
    length : int
        Samples of the whole movie.
    """

    rate_hz: int
    layout: str
    length: int

    @property
    def filters(self) -> str:
        """The filter that brings any sound into this form."""
        return f"aformat=sample_fmts=fltp:sample_rates={self.rate_hz}:channel_layouts={self.layout}"

    @property
    def silence(self) -> str:
        """A source without end."""
        return f"anullsrc=r={self.rate_hz}:cl={self.layout}"

    def samples(self, time_s: Fraction) -> int:
        """How many samples last as long as a time."""
        return int(time_s * self.rate_hz + Fraction(1, 2))


Row = tuple[SoundItem, ...]


def rows_of(clip_sequence: ClipSequence, output: int) -> list[Row]:
    """The rows of sounds that one sound stream of the movie mixes."""
    rows = [row for track in clip_sequence.sound_tracks for row in track.rows()]
    return [row for row in rows if row[0].sound.output == output]


def sound_files(clip_sequence: ClipSequence) -> list[Path]:
    """The files of all sounds in tracks of their own, each once: FFmpeg's inputs after those of the pictures."""
    paths = (item.media.path.absolute() for track in clip_sequence.sound_tracks for item in track.items)
    return list(dict.fromkeys(paths))


def row_chains(rows: Sequence[Row], files: Sequence[Path], first_input: int, form: SoundForm, name: str) -> list[str]:
    """Chains of rows that end in [<name>0], [<name>1], ...

    Parameters
    ----------
    rows : sequence of rows
    files : sequence of Path
        As `sound_files` lists them.
    first_input : int
        Number of FFmpeg's input that is the first of them.
    form : SoundForm
    name : str
        Start of the names of all pads.
    """
    chains: list[str] = []
    uses: dict[tuple[int, int], list[str]] = {}
    for number, row in enumerate(rows):
        parts, cursor = [], 0
        for index, item in enumerate(row):
            first, end = form.samples(item.sound.start_s), min(form.samples(item.sound.end_s), form.length)
            if end <= first:
                continue
            pad = f"{name}{number}_{index}"
            if first > cursor:
                chains.append(_silence(form, first - cursor, f"{pad}g"))
                parts.append(f"[{pad}g]")
            uses.setdefault((_input(item, files, first_input), item.sound.stream), []).append(f"[{pad}s]")
            chains.append(f"[{pad}s]{','.join(_filters(item, form, end - first))}[{pad}]")
            parts.append(f"[{pad}]")
            cursor = end
        if cursor < form.length:
            chains.append(_silence(form, form.length - cursor, f"{name}{number}_e"))
            parts.append(f"[{name}{number}_e]")
        join = f"concat=n={len(parts)}:v=0:a=1" if len(parts) > 1 else "anull"
        chains.append(f"{''.join(parts)}{join},asetpts=N/SR/TB[{name}{number}]")
    heads = [
        f"[{source}:a:{stream}]aresample={form.rate_hz}:async=1:first_pts=0,asplit={len(pads)}{''.join(pads)}"
        for (source, stream), pads in uses.items()
    ]
    return heads + chains


def _input(item: SoundItem, files: Sequence[Path], first_input: int) -> int:
    return first_input + files.index(item.media.path.absolute())


def _silence(form: SoundForm, samples: int, pad: str) -> str:
    return f"{form.silence},atrim=end_sample={samples},{form.filters}[{pad}]"


def _filters(item: SoundItem, form: SoundForm, length: int) -> Iterator[str]:
    """The filters of a sound of so many samples."""
    sound = item.sound
    at = form.samples(sound.media_s)
    yield f"atrim=start_sample={at}:end_sample={at + length},asetpts=PTS-STARTPTS"
    if len(sound.channels) == 1:  # heard in the middle
        yield f"pan=mono|c0=c{sound.channels[0]}"
    elif sound.channels:
        yield f"pan=stereo|c0=c{sound.channels[0]}|c1=c{sound.channels[1]}"
    if sound.pan:
        left, right = (format_number(1 - max(side * sound.pan, 0)) for side in (1, -1))
        yield f"aformat=channel_layouts=stereo,pan=stereo|c0={left}*c0|c1={right}*c1"
    if sound.gain:
        yield _level(sound)
    for kind, fade in (("in", sound.fade_in), ("out", sound.fade_out)):
        samples = min(form.samples(fade.length_s), length)
        if samples:
            begin = 0 if kind == "in" else length - samples
            yield f"afade=t={kind}:ss={begin}:ns={samples}:curve={_CURVES[fade.shape]}"
    yield f"apad=whole_len={length}"
    yield form.filters


def _level(sound: SoundClip) -> str:
    """The level of a sound, straight in dB between its keys."""
    keys = level_keys(sound)
    if len(keys) == 1:
        return f"volume={format_number(keys[0][1])}dB"
    level = format_number(keys[-1][1])
    for (a_s, a_db), (b_s, b_db) in reversed(list(pairwise(keys))):
        slope = format_number((b_db - a_db) / float(b_s - a_s))
        line = f"{format_number(a_db)}+{slope}*(t-{format_number(float(a_s))})"
        level = f"if(lt(t,{format_number(float(b_s))}),{line},{level})"
    return f"asetnsamples=n={_GAIN_SAMPLES}:p=0,volume='pow(10,({level})/20)':eval=frame"
