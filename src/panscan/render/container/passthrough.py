"""The streams beside the picture: sound and subtitles, copied if the container takes them, tags and chapters."""

from __future__ import annotations

from collections.abc import Generator
from fractions import Fraction
from typing import Any

from panscan.decoding.containers import open_container
from panscan.decoding.index import read_index
from panscan.decoding.pictures import is_of_programme
from panscan.decoding.sound import Samples, SoundDamage
from panscan.render.container import mux
from panscan.render.container.cut_sound import coding_of
from panscan.render.container.sound import CopiedPackets, EncodedSound
from panscan.render.container.sound_coding import RATE_HZ, SoundCoding
from panscan.render.container.subtitles import ConvertedSubtitles, add_subtitles, target_codec
from panscan.render.frame_jobs import OutputMovie
from panscan.render.settings import RenderSettings
from panscan.render.sound.downmix import Downmix
from panscan.render.sound.reading import SoundSpan, span_samples
from panscan.render.source import MediaReader

# Codecs of data streams that are left out without a note: the container writes them anew, or players ignore them.
_NOT_MISSED = ("tmcd", "text", "bin_data", "none", "unknown")
# Beyond the end that headers name, sound may come this much later; what has a later time after a gap has a wrong one.
_LATE_S = 10


def pass_through_streams(
    movie: OutputMovie, reader: MediaReader, settings: RenderSettings, *, with_sound: bool
) -> None:
    """Copy all streams, tags and chapters. Only for a movie that shows one media from its first to its last frame.

    `with_sound`: the sound of the media, too. Adds to the movie's packet sources and notes; must run before the first
    packet is written.
    """
    clip, container = movie.cut.clips[0], movie.container
    copied: dict[int, Any] = {}
    converted: dict[int, Any] = {}
    with open_container(clip.path) as source:
        mux.copy_file_tags(source, container, reader.origin_s)
        picture = source.streams[reader.stream.index]
        mux.copy_stream_tags(picture, movie.stream)
        if clip.facts.timecode:
            movie.stream.metadata["timecode"] = clip.facts.timecode
        programme = [stream for stream in source.streams if is_of_programme(source, stream, picture)]
        if len(programme) < len(source.streams):
            movie.notes.append(f"{len(source.streams) - len(programme)} stream(s) of other programmes are left out")
        for kept in programme:
            codec = kept.codec_context.name if kept.codec_context else "unknown"
            if kept.type == "audio" and not with_sound:
                continue
            if kept.index == reader.stream.index or kept.type not in ("audio", "subtitle"):
                _note_lost(movie, kept, reader.stream.index)
            elif mux.can_copy(kept, container):
                copied[kept.index] = container.add_stream_from_template(kept)
                mux.copy_stream_tags(kept, copied[kept.index])
                movie.sound = "copied" if kept.type == "audio" and movie.sound == "none" else movie.sound
            elif kept.type == "audio" and kept.codec_context is None:
                movie.notes.append("sound of a codec that FFmpeg does not know is left out")
            elif kept.type == "audio":
                coding = _encode_again(movie, reader, kept, settings)
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
        movie.packet_sources.append(CopiedPackets(clip.path, copied, reader.origin_s, movie.notes))
    for index, target in converted.items():
        movie.packet_sources.append(ConvertedSubtitles(clip.path, index, target, reader.origin_s))


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


def _encode_again(movie: OutputMovie, reader: MediaReader, kept: Any, settings: RenderSettings) -> SoundCoding:
    coding = coding_of(movie, [kept.codec_context.layout.name])
    sound = mux.add_sound(movie.container, coding, settings)
    mux.copy_stream_tags(kept, sound)
    tick_s = Fraction(kept.time_base or 0)
    start_s = (kept.start_time or 0) * tick_s + reader.lead_s
    end_s = reader.end_s
    if not reader.clock_jumps:  # the length in the header counts the jumps
        end_s = max(end_s, start_s + (kept.duration or 0) * tick_s)
    first_sample = round((start_s - reader.origin_s) * RATE_HZ)
    count = round((end_s - start_s + _LATE_S) * RATE_HZ)
    span = SoundSpan(reader.path, kept.index, start_s, count, read_index(reader.path), is_open=True)
    blocks = _told_blocks(span, coding, movie)
    movie.packet_sources.append(EncodedSound(blocks, sound, coding.layout, first_sample))
    movie.sound = "encoded"
    return coding


def _told_blocks(span: SoundSpan, coding: SoundCoding, movie: OutputMovie) -> Generator[Samples, None, None]:
    damage = SoundDamage(span.index)
    yield from span_samples(span, Downmix(coding.layout), damage)
    movie.notes += damage.notes()
