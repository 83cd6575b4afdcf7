"""HLS and DASH: the movie in three sizes, cut into fragments, in a folder with its playlists."""

from __future__ import annotations

import errno
import math
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from panscan.decoding.containers import open_container
from panscan.errors import UsageError
from panscan.files import part_of, remove_abandoned_parts
from panscan.model.geometry import Size
from panscan.render.container import mux
from panscan.render.encode import RenderResult, render_many
from panscan.render.scaled import canvas_of, scaled
from panscan.render.settings import RenderSettings
from panscan.render.threads import Progress
from panscan.timeline.flatten import renderable_cut

KINDS = ("hls", "dash")
_RUNGS = (Fraction(1), Fraction(2, 3), Fraction(1, 2))  # sizes as parts of the canvas: 1080, 720 and 540 of 1080 px
_FRAGMENT_S = 4  # short enough to switch size soon, long enough that fragments compress well
_KEYFRAMES_S = 2  # from one to the next; a whole part of a fragment
_MIN_FRAGMENT_S = 0.1  # a shorter last fragment would make an absurd bit rate
_MASTER = {"hls": "master.m3u8", "dash": "manifest.mpd"}
_PUBLISH_TRIES = 100  # of processes that write one folder at once: more never do
# Sound that players take in fragmented MP4.
_SOUND = ("aac", "ac3", "eac3", "mp3", "opus", "flac")


@dataclass(frozen=True, slots=True)
class LadderResult:
    """What was written.

    Attributes
    ----------
    master : Path
        The playlist to give to a player.
    rungs : tuple of RenderResult
        One per size, largest first.
    notes : tuple of str
        What is not as in the source.
    """

    master: Path
    rungs: tuple[RenderResult, ...]
    notes: tuple[str, ...] = ()


def main_file(folder: Path, kind: str) -> Path:
    """The playlist in the folder of a stream that is given to a player."""
    return folder / _MASTER.get(kind, "")


def ladder(
    timeline: Any,
    *,
    folder: Path,
    output: Path,
    kind: str,
    settings: RenderSettings | None = None,
    progress: Progress | None = None,
    digest: Callable[[Path], str] | None = None,
    verify_movie: Callable[[Path], None] | None = None,
) -> LadderResult:
    """Render a timeline for streaming: three sizes from one decoding, keyframes at the same pictures in each.

    Parameters as `render`. `output` is a folder, which appears complete or not at all; `kind` is hls or dash;
    `verify_movie` gets the movie of the largest size before its packets are cut into fragments, and stops the render by
    an error.

    Raises
    ------
    UsageError
        Unknown kind, a codec that is not streamed, or `output` is a folder with other content.
    """
    settings = settings or RenderSettings()
    if kind not in KINDS or settings.codec == "prores":
        raise UsageError(
            f"cannot stream {settings.codec} as {kind}",
            why="Streams are HLS or DASH, of H.264, H.265 or AV1.",
            fix="Use --to hls or --to dash, and --codec h264.",
        )
    if (output.is_dir() and any(output.iterdir()) and not main_file(output, kind).is_file()) or output.is_file():
        raise UsageError(
            f"{output} is in the way",
            why="It is no folder of an earlier stream, and is not replaced.",
            fix="Choose another folder with -o.",
        )
    cut = renderable_cut(timeline, folder=folder)
    rate, whole_canvas = cut.rate, cut.canvas
    settings = replace(settings, gop_frames=max(1, round(_KEYFRAMES_S * rate)), jobs=0)
    remove_abandoned_parts(output)
    part = part_of(output.absolute())  # a colon in a relative path would be a protocol to FFmpeg
    try:
        with _fresh_folder(part):
            rungs = _rungs(whole_canvas)
            timelines = [timeline, *(scaled(timeline, float(rung)) for rung in rungs[1:])]
            movies = [(one, part / f"{n}.mp4") for n, one in enumerate(timelines)]
            results = render_many(movies, folder=folder, settings=settings, progress=progress, digest=digest)
            paths = [path for _, path in movies]
            if verify_movie:
                verify_movie(paths[0])
            notes = _hls(paths, part, rate) if kind == "hls" else _dash(paths, part)
            for path in paths:
                path.unlink()
            _publish(part, output)
    except (OSError, av.error.FFmpegError) as error:
        raise mux.unwritable(output, error) from error
    notes = [*dict.fromkeys([*results[0].notes, *notes])]
    if len(timelines) < len(_RUNGS):
        notes.append(f"{len(timelines)} sizes only: {whole_canvas} has no smaller ones of exactly its shape")
    made = tuple(
        replace(result, output=output / f"{_name(canvas_of(one))}.m3u8" if kind == "hls" else main_file(output, kind))
        for result, one in zip(results, timelines, strict=True)
    )
    return LadderResult(main_file(output, kind), made, tuple(notes))


def _publish(part: Path, output: Path) -> None:
    """Give a folder its name; an earlier one of this name is removed."""
    for _ in range(_PUBLISH_TRIES):
        old = part_of(output)
        with suppress(FileNotFoundError):
            os.replace(output, old)  # at once, so that no player ever meets half a folder
        try:
            os.replace(part, output)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            continue  # another process was quicker: its folder is an earlier one now
        finally:
            shutil.rmtree(old, ignore_errors=True)
        return
    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(output))


@contextmanager
def _fresh_folder(part: Path) -> Iterator[None]:
    part.mkdir(parents=True)
    try:
        yield
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _rungs(canvas: Size) -> list[Fraction]:
    """The parts of a canvas that have even sides and exactly its shape: DASH switches between no others."""
    whole = math.gcd(canvas.width, canvas.height)
    step = 2 if (canvas.width // whole) % 2 or (canvas.height // whole) % 2 else 1
    parts = [math.floor(rung * whole / step) * step for rung in _RUNGS[1:]]
    return [Fraction(1), *(Fraction(part, whole) for part in dict.fromkeys(parts) if part)]


def _name(canvas: Any) -> str:
    return f"{canvas.width}x{canvas.height}"


def _hls(movies: Sequence[Path], folder: Path, rate: Fraction) -> list[str]:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    notes: list[str] = []
    for path in movies:
        with open_container(path) as source:
            video = source.streams.video[0]
            name = f"{video.width}x{video.height}"
            options = {
                "hls_time": str(_FRAGMENT_S),
                "hls_playlist_type": "vod",
                "hls_segment_type": "fmp4",
                "hls_flags": "independent_segments",
                "hls_segment_filename": str(folder / f"{name}-%05d.m4s"),
                "hls_fmp4_init_filename": f"{name}-init.mp4",
            }
            with av.open(str(folder / f"{name}.m3u8"), "w", format="hls", options=options) as out:
                notes += _remux([source], out, 1)
            length_s = Fraction(source.duration or 1, 1_000_000)
            codecs = _codecs_attribute(source)
        peak, mean = _bit_rates(folder, name, length_s)
        lines.append(
            f"#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={mean},RESOLUTION={name},"
            f"FRAME-RATE={float(rate):.3f}{codecs}"
        )
        lines.append(f"{name}.m3u8")
    (folder / _MASTER["hls"]).write_text("\n".join([*lines, ""]), encoding="utf-8")
    return notes


def _codecs_attribute(movie: Any) -> str:
    """The CODECS attribute of a playlist entry if they are H.264 and AAC; players detect others themselves."""
    header = bytes(movie.streams.video[0].codec_context.extradata or b"")
    sounds = {s.codec_context.codec.canonical_name for s in movie.streams.audio[:1]}
    if movie.streams.video[0].codec_context.codec.canonical_name != "h264" or len(header) < 4 or sounds - {"aac"}:
        return ""
    # Profile, constraints and level stand in bytes 1 to 3 of the decoder's configuration.
    return f',CODECS="avc1.{header[1:4].hex()}{",mp4a.40.2" if sounds else ""}"'


def _bit_rates(folder: Path, name: str, length_s: Fraction) -> tuple[int, int]:
    """Bits per second of the largest fragment and on average, as a playlist must promise them."""
    lengths = [
        float(line.removeprefix("#EXTINF:").rstrip(",\n"))
        for line in (folder / f"{name}.m3u8").read_text().splitlines()
        if line.startswith("#EXTINF:")
    ]
    sizes = [8 * path.stat().st_size for path in sorted(folder.glob(f"{name}-*.m4s"))]
    peak = max((size / max(s, _MIN_FRAGMENT_S) for size, s in zip(sizes, lengths, strict=True)), default=0.0)
    return max(1, int(peak) + 1), max(1, int(sum(sizes) / float(max(length_s, Fraction(1, 10)))))


def _dash(movies: Sequence[Path], folder: Path) -> list[str]:
    options = {
        "seg_duration": str(_FRAGMENT_S),
        "use_template": "1",
        "use_timeline": "1",
        "init_seg_name": "init-$RepresentationID$.m4s",
        "media_seg_name": "part-$RepresentationID$-$Number%05d$.m4s",
    }
    with ExitStack() as stack:
        sources = [stack.enter_context(open_container(path)) for path in movies]
        has_sound = bool(sources[0].streams.audio)
        options["adaptation_sets"] = "id=0,streams=v" + (" id=1,streams=a" if has_sound else "")
        with av.open(str(folder / _MASTER["dash"]), "w", format="dash", options=options) as out:
            return _remux(sources, out, len(movies))


def _remux(sources: Sequence[Any], out: Any, pictures: int) -> list[str]:
    """Copy the picture of each source and the first sound of the first; returns notes on what is left out."""
    targets: list[tuple[Any, Any]] = []
    for source in sources[:pictures]:
        targets.append((source.streams.video[0], mux.add_coded_picture(out, source.streams.video[0])))
    sounds = [s for s in sources[0].streams.audio if s.codec_context.codec.canonical_name in _SOUND]
    if sounds:
        targets.append((sounds[0], out.add_stream_from_template(sounds[0])))
    for packet, target in _interleaved(sources, targets):
        packet.stream = target
        out.mux(packet)
    notes = []
    if len(sources[0].streams.audio) > 1:
        notes.append("only the first sound is streamed")
    if sources[0].streams.subtitles:
        notes.append("subtitles are not streamed")
    return notes


def _interleaved(sources: Sequence[Any], targets: Sequence[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    """The packets of all targets by decoding time."""
    heads: list[tuple[Fraction, int, Any, Any, Iterator[Any]]] = []
    into = {id(stream): target for stream, target in targets}
    for number, source in enumerate(sources):
        kept = [stream for stream in source.streams if id(stream) in into]
        packets: Iterator[Any] = (p for p in source.demux(kept) if p.dts is not None)
        _advance(heads, number, packets, into)
    while heads:
        heads.sort(key=lambda head: head[:2])
        _, number, packet, target, packets = heads.pop(0)
        yield packet, target
        _advance(heads, number, packets, into)


def _advance(heads: list[Any], number: int, packets: Iterator[Any], into: dict[int, Any]) -> None:
    packet = next(packets, None)
    if packet is not None:
        heads.append((packet.dts * packet.time_base, number, packet, into[id(packet.stream)], packets))
