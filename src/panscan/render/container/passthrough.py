"""The streams beside the picture: sound and subtitles, copied if the container takes them, tags and chapters."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from panscan.decoding.containers import open_container
from panscan.render.container import mux
from panscan.render.container.sound import CopiedPackets, EncodedSound, SoundSpan
from panscan.render.container.sound_coding import RATE_HZ, STEREO, SoundCoding, coding_for, common_name
from panscan.render.container.subtitles import ConvertedSubtitles, add_subtitles, target_codec
from panscan.render.frame_jobs import OutputMovie, open_media
from panscan.render.settings import RenderSettings
from panscan.render.source import MediaReader
from panscan.timeline.cut import FramedClip

# Codecs of data streams that are left out without a note: the container writes them anew, or players ignore them.
_NOT_MISSED = ("tmcd", "text", "bin_data", "none", "unknown")


def pass_through_streams(movie: OutputMovie, reader: MediaReader, settings: RenderSettings) -> None:
    """Copy all streams, tags and chapters. Only for a movie that shows one media from its first to its last frame.

    Adds to the movie's packet sources and notes; must run before the first packet is written.
    """
    clip, container = movie.cut.clips[0], movie.container
    copied: dict[int, Any] = {}
    converted: dict[int, Any] = {}
    with open_container(clip.path) as source:
        mux.copy_file_tags(source, container)
        mux.copy_stream_tags(source.streams[reader.stream.index], movie.stream)
        if clip.facts.timecode:
            movie.stream.metadata["timecode"] = clip.facts.timecode
        for kept in source.streams:
            codec = kept.codec_context.name if kept.codec_context else "unknown"
            if kept.index == reader.stream.index or kept.type not in ("audio", "subtitle"):
                _note_lost(movie, kept, reader.stream.index)
            elif mux.can_copy(kept, container):
                copied[kept.index] = container.add_stream_from_template(kept)
                mux.copy_stream_tags(kept, copied[kept.index])
                movie.sound = "copied" if kept.type == "audio" and movie.sound == "none" else movie.sound
            elif kept.type == "audio":
                coding = _encode_again(movie, reader, source, kept, settings)
                movie.notes.append(f"{codec} sound does not fit into {container.format.name}: encoded as {coding.name}")
            else:
                target = target_codec(container, kept)
                if target is None:
                    movie.notes.append(f"{codec} subtitles do not fit into {container.format.name}: left out")
                else:
                    converted[kept.index] = add_subtitles(container, kept, target)
                    mux.copy_stream_tags(kept, converted[kept.index])
                    movie.notes.append(f"{codec} subtitles do not fit into {container.format.name}: now {target}")
    if copied:
        movie.packet_sources.append(CopiedPackets(clip.path, copied))
    movie.packet_sources += [ConvertedSubtitles(clip.path, index, target) for index, target in converted.items()]


def _note_lost(movie: OutputMovie, stream: Any, picture: int) -> None:
    if stream.index == picture:
        return
    if stream.type == "video":
        what = "cover picture" if "attached_pic" in str(stream.disposition) else "second picture stream"
        movie.notes.append(f"a {what} of the source is left out")
        return
    name = stream.codec_context.name if stream.codec_context else ""
    handler = str(stream.metadata.get("handler_name", ""))
    if stream.type == "data" and (name in _NOT_MISSED or "Chapter" in handler or "timecode" in stream.metadata):
        return
    if stream.type == "attachment" or name:
        movie.notes.append(f"a {stream.type} stream of the source is left out")


def _encode_again(
    movie: OutputMovie, reader: MediaReader, source: Any, kept: Any, settings: RenderSettings
) -> SoundCoding:
    coding = _coding(movie, [kept.codec_context.layout.name])
    sound = mux.add_sound(movie.container, coding, settings)
    mux.copy_stream_tags(kept, sound)
    tick_s = Fraction(kept.time_base or 0)
    start_s = (kept.start_time or 0) * tick_s + reader.lead_s
    length_s = (kept.duration or 0) * tick_s or Fraction(source.duration or 0, 1_000_000)
    if reader.clock_jumps:  # the length in the header counts the jumps
        length_s = reader.end_s - start_s
    first_sample = round(start_s * RATE_HZ)
    span = SoundSpan(reader.path, kept.index, start_s, round(length_s * RATE_HZ))
    movie.packet_sources.append(EncodedSound([span], sound, coding.layout, first_sample))
    movie.sound = "encoded"
    return coding


def _coding(movie: OutputMovie, layouts: Sequence[str]) -> SoundCoding:
    """How sounds of these layouts are encoded together: as they are if all are alike, else in stereo."""
    container, kinds = movie.container.format.name, sorted({common_name(layout) for layout in layouts})
    if len(kinds) > 1:
        movie.notes.append(f"sounds of {len(kinds)} channel layouts are mixed to stereo: {', '.join(kinds)}")
        return coding_for(container, STEREO)
    coding = coding_for(container, kinds[0])
    if coding.layout != kinds[0]:
        movie.notes.append(
            f"sound of {kinds[0]} does not fit into {container}: mixed to {coding.layout}; .mov keeps it"
        )
    return coding


def add_cut_sound(movie: OutputMovie, settings: RenderSettings) -> None:
    """Add the sound of an edited timeline: cut where its clips are cut, and encoded."""
    if movie.cut.unframed:
        clips = ", ".join(movie.cut.unframed)
        movie.notes.append(f"{len(movie.cut.unframed)} clip(s) without a camera are black: {clips}")
    spans, layouts = _spans(movie, settings)
    if layouts:
        coding = _coding(movie, layouts)
        sound = mux.add_sound(movie.container, coding, settings)
        movie.packet_sources.append(EncodedSound(spans, sound, coding.layout))
        movie.sound = "encoded"
    retimed = [clip for clip in movie.cut.clips if clip.speed != 1 and clip.facts.audio]
    if retimed:
        movie.notes.append(f"{len(retimed)} retimed clip(s) are silent: {', '.join(c.name for c in retimed)}")


def _spans(movie: OutputMovie, settings: RenderSettings) -> tuple[list[SoundSpan], list[str]]:
    """The timeline's sound and its channel layouts.

    It is the first audio stream of each clip's media on the clip's own range, and silence in gaps.
    """
    cut = movie.cut
    spans: list[SoundSpan] = []
    known: dict[Path, _FirstSound] = {}
    done = 0
    for clip in cut.clips:
        start = round(clip.record_frame * RATE_HZ / cut.rate)
        end = round((clip.record_frame + clip.frame_count) * RATE_HZ / cut.rate)
        if start > done:
            spans.append(SoundSpan(None, 0, Fraction(0), start - done))
        if clip.path not in known:
            known[clip.path] = _first_sound(movie, clip, settings)
        sound = known[clip.path]
        media_s = sound.picture_start_s + (clip.first - clip.available_first) / cut.rate
        path = clip.path if sound.layout and clip.speed == 1 else None
        spans.append(SoundSpan(path, sound.stream, media_s, end - start))
        done = end
    return spans, [sound.layout for sound in known.values() if sound.layout]


class _FirstSound(NamedTuple):
    """The first audio stream of a media.

    Attributes
    ----------
    stream : int
        Its index in the file.
    layout : str
        FFmpeg's name of its channel layout; "" without sound.
    picture_start_s : Fraction
        Time of the first picture on the file's clock.
    """

    stream: int
    layout: str
    picture_start_s: Fraction


def _first_sound(movie: OutputMovie, clip: FramedClip, settings: RenderSettings) -> _FirstSound:
    with ExitStack() as stack:
        reader = open_media(movie.cut, clip, stack, settings)
        zero_s = reader.first_pts * reader.time_base
        with open_container(clip.path) as source:
            if not source.streams.audio:
                return _FirstSound(0, "", zero_s)
            stream = source.streams.audio[0]
            return _FirstSound(stream.index, stream.codec_context.layout.name, zero_s)
