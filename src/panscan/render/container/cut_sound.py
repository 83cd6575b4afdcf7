"""The sound of a cut: its clips mixed and encoded, one stream of the movie for each of its outputs."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from fractions import Fraction
from typing import Any

from panscan.decoding.containers import open_container
from panscan.decoding.sound import Samples
from panscan.render.container import mux
from panscan.render.container.sound import EncodedSound
from panscan.render.container.sound_coding import (
    RATE_HZ,
    STEREO,
    STEREO_CHANNELS,
    SoundCoding,
    channel_count,
    coding_for,
    common_name,
)
from panscan.render.frame_jobs import OutputMovie
from panscan.render.settings import RenderSettings
from panscan.render.sound.downmix import MONO, heard_layout
from panscan.render.sound.files import SoundFiles
from panscan.render.sound.mix import Mix
from panscan.timeline.sound import SoundClip


def add_cut_sound(movie: OutputMovie, settings: RenderSettings, start_s: Fraction = Fraction(0)) -> None:
    """Add the sound that the cut says, mixed and encoded. `start_s`: where the record starts on the movie's clock."""
    files, cut = SoundFiles(), movie.cut
    movie.notes += _notes_on_silence(movie, files)
    for output in sorted({sound.output for sound in cut.sounds}):
        own = [sound for sound in cut.sounds if sound.output == output]
        heard = [sound for sound in own if sound.is_playable and files.stream(sound)]
        coding = coding_of(movie, _layouts(heard, files))
        stream = mux.add_sound(movie.container, coding, settings)
        _copy_tags(heard, files, stream)
        mix = Mix(heard, files, coding.layout, cut.frame_count / cut.rate)
        blocks = _told_blocks(mix, movie)
        movie.packet_sources.append(EncodedSound(blocks, stream, coding.layout, round(start_s * RATE_HZ)))
        movie.sound = "encoded"


def coding_of(movie: OutputMovie, layouts: Sequence[str]) -> SoundCoding:
    """How sounds of these layouts are encoded together: as they are if all are alike, else in stereo."""
    container, kinds = movie.container.format.name, sorted({common_name(layout) for layout in layouts}) or [STEREO]
    if len(kinds) > 1:
        if any(channel_count(kind) > STEREO_CHANNELS for kind in kinds):
            movie.notes.append(f"sounds of {len(kinds)} channel layouts are mixed to stereo: {', '.join(kinds)}")
        return coding_for(container, STEREO)
    coding = coding_for(container, kinds[0])
    if coding.layout != kinds[0]:
        movie.notes.append(
            f"sound of {kinds[0]} does not fit into {container}: mixed to {coding.layout}; .mov keeps it"
        )
    return coding


def _layouts(sounds: Sequence[SoundClip], files: SoundFiles) -> list[str]:
    """What the sounds need to be heard as they are: sounds in the middle need no sides unless they are moved there."""
    layouts = []
    for sound in sounds:
        stream = files.stream(sound)
        if stream is not None:
            layout = heard_layout(stream.layout, sound.channels)
            layouts.append(STEREO if sound.pan and common_name(layout) == MONO else layout)
    return layouts


def _notes_on_silence(movie: OutputMovie, files: SoundFiles) -> Iterator[str]:
    sounds = movie.cut.sounds
    if not sounds and any(clip.facts.audio for clip in movie.cut.clips):
        yield "no sound clip of the timeline is heard: the movie has no sound"
    unlike = [sound for sound in sounds if not sound.is_playable]
    if unlike:
        how = "played backwards or at a changing or extreme speed"
        yield f"{len(unlike)} sound clip(s) {how} are silent: {_names(unlike)}"
    playable = [sound for sound in sounds if sound.is_playable]
    missing = [sound for sound in playable if not sound.path.is_file()]
    if missing:
        files_of = ", ".join(dict.fromkeys(sound.path.name for sound in missing))
        yield f"{len(missing)} sound clip(s) are silent, their files are missing: {files_of}"
    mute = [sound for sound in playable if sound.path.is_file() and files.stream(sound) is None]
    if mute:
        yield f"{len(mute)} sound clip(s) are silent, their files have no such sound: {_names(mute)}"


def _names(sounds: Sequence[SoundClip]) -> str:
    return ", ".join(dict.fromkeys(sound.name for sound in sounds))


def _copy_tags(sounds: Sequence[SoundClip], files: SoundFiles, target: Any) -> None:
    """Language and title of the stream that all these sounds are parts of, if they are."""
    if len({(sound.path, sound.stream) for sound in sounds}) == 1:
        stream = files.stream(sounds[0])
        with open_container(sounds[0].path) as source:
            if stream is not None:
                mux.copy_stream_tags(source.streams[stream.index], target)


def _told_blocks(mix: Mix, movie: OutputMovie) -> Generator[Samples, None, None]:
    yield from mix.blocks()
    movie.notes += mix.notes()
