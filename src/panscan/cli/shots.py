"""`panscan shots`: one photo, three shots that belong together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panscan.cli.console import print_json, progress_bar, say, short_path, silence_native_stderr
from panscan.cli.options import with_options
from panscan.cli.outputs import Overwrite, check_names_differ, check_outputs, write_timeline_output
from panscan.cli.rendering import DEFAULT_RENDER_OPTIONS, RenderOptions
from panscan.cli.timelines import Finishing, deliveries, end_with, exit_code_of, reusable_timeline
from panscan.errors import InputError, UsageError

if TYPE_CHECKING:
    from panscan.cli.photo_work import PhotoDone, PhotoJob
    from panscan.model.geometry import Ratio
    from panscan.model.request import Override
    from panscan.photos.sequence import SequenceOptions
    from panscan.timeline.stills import Music, StillClip

_LONGEST_S, _LARGEST_PUSH = 600.0, 2.0  # of a shot: longer, or larger, is a slip of the finger

EXAMPLES = """Examples:

panscan shots portrait.jpg -r 4:5 -r 9:16

panscan shots photos/ -r 9:16 --sequence album --music song.mp3 --render"""


@with_options
def command(
    photos: Annotated[list[Path], typer.Argument(metavar="PHOTO...", help="Photos, or folders of them.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Folder for what is written.", show_default="beside the photo")
    ] = None,
    ratio: Annotated[
        list[str] | None,
        typer.Option("-r", "--ratio", help="Shape of the crops, such as 4:5; repeatable.", show_default="the photo's"),
    ] = None,
    subject: Annotated[
        str, typer.Option(help="Who it is about: left, right, all, a number from the left, a name.", show_default=False)
    ] = "",
    override: Annotated[
        Path | None,
        typer.Option(
            help="Decisions made by hand, .toml or .yaml. [STEM.panscan.toml beside the photo]", show_default=False
        ),
    ] = None,
    describe_with: Annotated[
        str,
        typer.Option(
            metavar="COMMAND",
            help="Your own command that describes a crop: gets facts as JSON on stdin and the crop as its argument.",
            show_default=False,
        ),
    ] = "",
    seconds: Annotated[float, typer.Option(help="How long each shot stands in the timeline.")] = 3.0,
    push: Annotated[float, typer.Option(help="How many times a shot comes nearer while it stands, e.g. 1.06.")] = 1.0,
    rate: Annotated[str, typer.Option(help="Frames per second of the timeline.")] = "30",
    music: Annotated[
        Path | None, typer.Option(help="Sound under the shots, cut to their length.", show_default=False)
    ] = None,
    sequence: Annotated[
        str,
        typer.Option(metavar="NAME", help="Also one timeline of all photos in a row; needs -r.", show_default=False),
    ] = "",
    to: Annotated[
        list[str] | None,
        typer.Option(
            "--to",
            help="Editor file to write of each timeline; repeatable. With --render also hls or dash.",
            show_default=False,
        ),
    ] = None,
    render: Annotated[bool, typer.Option("--render", help="Also render and verify a movie of each timeline.")] = False,
    render_options: RenderOptions = DEFAULT_RENDER_OPTIONS,
    jobs: Annotated[int, typer.Option(min=1, max=64, help="Look at photos in so many processes.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the numbers of all photos; write no files.")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Find an establishing shot, a medium shot and a close-up in each photo, with the reason for each.

    Written are crops, numbers, a page, and a timeline in which the shots follow each other.
    """
    from panscan.cli.photo_work import PhotoJob
    from panscan.model.geometry import Ratio

    options, ratios = _sequence_options(seconds, push, rate), tuple(dict.fromkeys(map(Ratio.parse, ratio or ())))
    finishing, sound = Finishing.of(to or [], render, render_options), None if music is None else _music(music)
    paths = _photos(photos, output)
    job = PhotoJob(output, ratios, subject, override, describe_with, options, finishing, not as_json, overwrite)
    in_a_row = _sequences(sequence, job, paths) if sequence else {}
    found = _look_at(paths, job, jobs)
    if as_json:
        print_json([done.document for done in found if done.error is None])
    made = [] if as_json else _timelines(found, in_a_row, job, sound)
    failed = [done.error for done in found if done.error is not None]
    if failed:
        say(f"{len(failed)} of {len(paths)} photos could not be used")
        raise typer.Exit(max(error.exit_code for error in failed))
    end_with(exit_code_of(made))


def _look_at(paths: list[Path], job: PhotoJob, processes: int) -> list[PhotoDone]:
    """What became of each photo.

    Raises
    ------
    PanscanError
        The only photo cannot be used.
    """
    from panscan.cli.photo_work import done_photos
    from panscan.cli.sources import say_absent_weights
    from panscan.request.options import models_of_environment

    models = models_of_environment()
    say_absent_weights(models)
    found = []
    with silence_native_stderr(), progress_bar("looking at photos") as progress:
        progress(0, len(paths))
        for done in done_photos(paths, job, models, processes):
            if done.error is not None and len(paths) == 1:
                raise done.error
            for line in done.told if done.error is None else (f"{done.path.name}: {done.error}",):
                say(line)
            found.append(done)
            progress(len(found), len(paths))
    return found


def _timelines(
    found: Sequence[PhotoDone], in_a_row: dict[Ratio, Path], job: PhotoJob, music: Music | None
) -> list[dict[str, Any]]:
    """Write the timelines of each photo, and those of all in a row; what is made of each."""
    overrides = {done.path: done.overrides for done in found}
    rows = [(job.base(done.path, ratio), ratio, clips) for done in found for ratio, clips in done.clips.items()]
    for ratio, base in in_a_row.items():
        rows.append((base, ratio, tuple(clip for done in found for clip in done.clips.get(ratio, ()))))
    return [_timeline(base, ratio, clips, overrides, job, music) for base, ratio, clips in rows if clips]


def _timeline(
    base: Path,
    ratio: Ratio,
    clips: tuple[StillClip, ...],
    overrides: Mapping[Path, tuple[Override, ...]],
    job: PhotoJob,
    music: Music | None,
) -> dict[str, Any]:
    """Write the timeline of some shots, and what is made of it; one with the same settings is kept."""
    from panscan.cli.hand_edits import say_left_aside
    from panscan.cli.movies import render_and_verify
    from panscan.photos.sequence import sequence_recipe
    from panscan.timeline.hand_edits import remember_cameras
    from panscan.timeline.stills import build_stills_timeline, length_s

    path = base.with_name(f"{base.name}.otio")
    said = {clip.path: overrides[clip.path] for clip in clips}
    recipe = sequence_recipe(clips, said, ratio, job.subject, job.sequence, None if music is None else music.path)
    timeline = reusable_timeline(path, recipe)
    kept = timeline is not None
    if timeline is None:
        timeline = remember_cameras(build_stills_timeline(clips, name=base.name, recipe=recipe, music=music))
        say_left_aside(path)
        write_timeline_output(timeline, path)
    say(f"{ratio} -> {short_path(path)}" + (" (kept: same settings, hand edits included)" if kept else ""))
    silent_s = 0 if music is None else length_s(clips) - music.duration_s
    if silent_s > 0:
        say(f"  note: the music ends {float(silent_s):.1f} s before the shots; the rest is silent")
    made = {"timeline": str(path), **deliveries(timeline, path, job.finishing, job.overwrite)}
    if job.finishing.renders:
        render_and_verify([made], job.finishing.render_options, job.finishing.streams)
    return made


def _sequence_options(seconds: float, push: float, rate: str) -> SequenceOptions:
    from panscan.photos.sequence import SequenceOptions
    from panscan.request.options import frame_rate

    if not 0 < seconds <= _LONGEST_S:
        raise UsageError(
            f"--seconds {seconds:g} is no length of a shot",
            why=f"It is more than 0 and at most {_LONGEST_S:g}.",
            fix="e.g. --seconds 3.",
        )
    if not 1 <= push <= _LARGEST_PUSH:
        raise UsageError(
            f"--push {push:g} is no gentle move",
            why=f"It is how many times larger the subject becomes: 1, for none, to {_LARGEST_PUSH:g}.",
            fix="e.g. --push 1.06.",
        )
    return SequenceOptions(frame_rate(rate), seconds, push)


def _music(path: Path) -> Music:
    from panscan.ingest.media.sound_files import probe_sound
    from panscan.timeline.stills import Music

    if not path.is_file():
        raise InputError(f"{path} does not exist", why="There is no sound at this path.", fix="Check the path.")
    found = probe_sound(path)
    return Music(path, found.streams, found.duration_s)


def _sequences(name: str, job: PhotoJob, paths: Sequence[Path]) -> dict[Ratio, Path]:
    """By shape, the timeline of all photos in a row, without its ending.

    Raises
    ------
    UsageError
        No shape is given, the name is no name of a file or that of a photo, or somebody's file would be replaced.
    """
    if not job.ratios:
        raise UsageError(
            "--sequence needs a shape",
            why="Photos of several shapes do not fill one picture.",
            fix="Name it with -r, e.g. -r 9:16.",
        )
    if Path(name).name != name or name.startswith(".") or name in {path.stem for path in paths}:
        raise UsageError(
            f"--sequence {name} does not go",
            why="It is the name of a new file, without a folder, and not that of a photo.",
            fix="Choose another; -o names the folder.",
        )
    folder = job.folder or paths[0].parent
    bases = {ratio: folder / f"{name}.{ratio.slug}" for ratio in job.ratios}
    if job.writes:
        check_outputs([file for base in bases.values() for file in job.finishing.outputs(base)], job.overwrite)
    return bases


def _photos(given: list[Path], output: Path | None) -> list[Path]:
    """The photos, those of folders in order of their names, without crops that were made of others.

    Raises
    ------
    InputError
        A folder holds none.
    UsageError
        What is written of two of them would have the same names.
    """
    from panscan.photos.pipeline import photos_in, raw_files_in

    found: list[Path] = []
    for path in given:
        if not path.is_dir():
            found.append(path)
            continue
        inside = photos_in(path)
        if raw := raw_files_in(path):
            say(f"note: {len(raw)} raw file(s) in {path} are passed over, such as {raw[0].name}: develop them first")
        if not inside:
            raise InputError(f"there is no photo in {path}", why="No JPEG, PNG, TIFF, WebP, AVIF or HEIC lies there.")
        found += inside
    check_names_differ(found, output)
    return list(dict.fromkeys(found))
