"""Scripts that make the movie with nothing but FFmpeg: a filter graph, and how to run it on POSIX and on Windows.

FFmpeg moves by whole px. The scripts are for machines without Python and for proofs: `panscan render`
moves smoothly.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from panscan.deliver.artifact import ALL_SOUND_FEATURES, Artifact, Capabilities, KeyDensity, Loss, distinct_losses
from panscan.deliver.ffmpeg.graph import sound_graph, video_graph
from panscan.deliver.ffmpeg.runs import assign_inputs, filter_runs
from panscan.deliver.ffmpeg.sounds import sound_files
from panscan.deliver.options import KEYS_HELP, check_choice, check_key_density
from panscan.deliver.sequence import ClipSequence, read_sequence

Flavour = Literal["expressions", "sendcmd"]
_SH, _BAT, _FILTER = ".ffmpeg.sh", ".ffmpeg.bat", ".ffmpeg.filter"
# A picture that shows what was framed, and that every player opens.
_ENCODER = "-c:v libx264 -preset medium -crf 18 -pix_fmt yuv420p -c:a aac -b:a 192k -movflags +faststart"
_STILL = "-noautorotate "
_NOTE = (
    "Made by panscan. The picture moves by whole px: good for a look, not for the master.",
    f"Keep it beside the file that ends in {_FILTER}.",
    "Needs FFmpeg 5 or newer. The first argument names the movie to write; more are options for FFmpeg's encoders.",
)


@dataclass(frozen=True, slots=True)
class FfmpegOptions:
    """Options of the FFmpeg delivery."""

    flavour: Flavour = field(
        default="expressions",
        metadata={"help": '"expressions" (cameras inside the filters) or "sendcmd" (commands; slow with many keys)'},
    )
    keys: KeyDensity = field(default="sparse", metadata={"help": KEYS_HELP})

    def __post_init__(self) -> None:
        check_choice(self.flavour, Flavour, "flavour")
        check_key_density(self.keys)


class FfmpegExporter:
    """A shell script, a batch file and the filter graph that both use."""

    name: ClassVar[str] = "ffmpeg"
    title: ClassVar[str] = "FFmpeg script"
    suffix: ClassVar[str] = _SH
    opens_in: ClassVar[tuple[str, ...]] = ("FFmpeg 5+",)
    how_to_import: ClassVar[str] = "Run it with `sh FILE`, on Windows the .bat; it writes the movie beside itself."
    capabilities: ClassVar[Capabilities] = Capabilities(
        layers=True,
        backgrounds=frozenset({"black", "colour", "blur"}),
        sound_tracks=ALL_SOUND_FEATURES - {"speed"},
        disabled=False,
        fades="inside",
        black_end=True,
        retimes=True,
        whole_px=True,
        stills=frozenset({"turn", "transparency", "kind"}),
    )
    options: ClassVar[type[FfmpegOptions]] = FfmpegOptions

    def export(self, timeline: Any, *, folder: Path, options: FfmpegOptions) -> Artifact:
        """The two scripts and the graph."""
        clip_sequence, silent = _without_retimed_sound(
            read_sequence(timeline, folder=folder, capabilities=self.capabilities, keys=options.keys)
        )
        losses = [*clip_sequence.losses, *silent]
        losses += [
            Loss(f"the disabled clip {clip_item.clip.name!r}", "Its place stays black.")
            for clip_item in clip_sequence.clip_items
            if not clip_item.enabled
        ]
        if any(len(layer.keys) > 1 for clip_item in clip_sequence.clip_items for layer in clip_item.layers):
            losses.append(Loss("smooth motion", "FFmpeg moves by whole px."))
        runs = filter_runs(clip_sequence)
        pictures = assign_inputs(runs)
        stills = {run.input_index for run in runs if run.still}
        # FFmpeg 8 would turn photos by itself, older ones do not: the graph turns them.
        files = [(_STILL if n in stills else "", str(path)) for n, path in enumerate(pictures)]
        files += [("", str(path)) for path in sound_files(clip_sequence)]
        chains = video_graph(clip_sequence, runs, use_sendcmd=options.flavour == "sendcmd")
        sound, streams = sound_graph(clip_sequence, runs, len(pictures))
        maps = ["-map", "[v]", *(word for n in range(streams) for word in ("-map", f"[a{n}]"))]
        maps += ["-r", f"{clip_sequence.rate.numerator}/{clip_sequence.rate.denominator}"]
        graph = ";\n".join([*chains, *sound]) + "\n"
        return Artifact(
            {
                _SH: _shell(files, maps).encode("utf-8"),
                _BAT: _batch(files, maps).encode("utf-8"),
                _FILTER: graph.encode("utf-8"),
            },
            distinct_losses(losses),
        )


def _without_retimed_sound(clip_sequence: ClipSequence) -> tuple[ClipSequence, list[Loss]]:
    clip_items = tuple(
        replace(clip_item, has_sound=False) if clip_item.clip.is_retimed else clip_item
        for clip_item in clip_sequence.clip_items
    )
    losses = [
        Loss(f"the sound of the retimed clip {clip_item.clip.name!r}", "It is silent, as in `panscan render`.")
        for clip_item in clip_sequence.clip_items
        if clip_item.clip.is_retimed and clip_item.has_sound
    ]
    return replace(clip_sequence, clip_items=clip_items), losses


def _shell(files: list[tuple[str, str]], maps: list[str]) -> str:
    inputs = " \\\n  ".join(f"{option}-i {shlex.quote(file)}" for option, file in files)
    mapped = " ".join(shlex.quote(word) for word in maps)
    notes = "\n".join(f"# {line}" for line in _NOTE)
    return f"""#!/bin/sh
{notes}
set -eu
ffmpeg="${{FFMPEG:-ffmpeg}}"
base="${{0%.sh}}"
if [ -f "${{base%.ffmpeg}}{_FILTER}" ]; then base="${{base%.ffmpeg}}"; fi
out="${{1:-$base.mp4}}"
if [ "$#" -gt 0 ]; then shift; fi
# FFmpeg 8 reads the graph with -/filter_complex; before, it was -filter_complex_script.
graph=-/filter_complex
if "$ffmpeg" -hide_banner -h long 2>/dev/null | grep -q -e -filter_complex_script; then
  graph=-filter_complex_script
fi
exec "$ffmpeg" -hide_banner -nostdin -y \\
  {inputs} \\
  "$graph" "$base{_FILTER}" \\
  {mapped} {_ENCODER} \\
  "$@" "$out"
"""


def _batch(files: list[tuple[str, str]], maps: list[str]) -> str:
    inputs = " ^\n  ".join(f"{option}-i {_batch_word(file)}" for option, file in files)
    mapped = " ".join(_batch_word(word) for word in maps)
    notes = "\n".join(f"rem {line}" for line in _NOTE)
    # No label and no goto: they are what breaks in batch files with Unix line ends.
    return f"""@echo off
{notes}
setlocal DisableDelayedExpansion
chcp 65001 >nul
if not defined FFMPEG set "FFMPEG=ffmpeg"
set "BASE=%~dpn0"
set "BASE=%BASE:~0,-7%"
set "OUT=%~1"
if not defined OUT set "OUT=%BASE%.mp4"
set "GRAPH=-/filter_complex"
"%FFMPEG%" -hide_banner -h long 2>nul | findstr /c:"-filter_complex_script" >nul && set "GRAPH=-filter_complex_script"
"%FFMPEG%" -hide_banner -nostdin -y ^
  {inputs} ^
  %GRAPH% "%BASE%{_FILTER}" ^
  {mapped} {_ENCODER} ^
  %2 %3 %4 %5 %6 %7 %8 %9 "%OUT%"
exit /b %ERRORLEVEL%
"""


def _batch_word(word: str) -> str:
    """A word in double quotes, which no Windows path holds; a percent sign starts a variable even there."""
    return '"' + word.replace('"', "").replace("%", "%%") + '"'
