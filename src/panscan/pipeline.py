"""The whole flow on one screen: media or cut -> perception -> plan -> framings -> timeline.

Everything left of the perception is cached; everything left of the timeline can be skipped by starting from the
.otio that it is written to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from panscan import direct, ingest, operate
from panscan.direct.material import Material, recognise_material
from panscan.files import name_text
from panscan.ingest.cuts.read import read_editor_cut, used_ranges
from panscan.ingest.media.frames import FrameRanges, Note
from panscan.measure import perceive
from panscan.model.framing import Framing
from panscan.model.media import Deinterlace, Media
from panscan.model.perception import Perception
from panscan.model.plan import Shot
from panscan.model.request import Models, Override, Request
from panscan.perceive.observe import Progress
from panscan.request.cut_overrides import clip_overrides
from panscan.request.overrides import of_shape, overrides_recipe, shot_at
from panscan.request.presets import load_preset
from panscan.request.recipe import request_recipe
from panscan.request.taste import taste_of
from panscan.timeline.build import build_timeline
from panscan.timeline.conform import FramedShots, ReframedCut, attach_framings, clip_framing
from panscan.timeline.editorial import EditorCut
from panscan.timeline.files import timeline_text
from panscan.timeline.hand_edits import remember_cameras
from panscan.timeline.otio_types import Timeline

_MARGIN_S = 0.5  # looked at on both sides of what is used, so that trackers and cameras are warm

_NEIGHBOURS = 2  # shots on each side that decide whether a shot is one of an exchange between two people

MediaProgress = Callable[[str, int, int], None]  # path of a media, frames done, frames in all


class MovieAnalysis(NamedTuple):
    """A movie and what was measured on it."""

    media: Media
    perception: Perception


class CutAnalysis(NamedTuple):
    """An editor's cut and what was measured on each media it shows: by path, of the used frames at least."""

    cut: EditorCut
    perceptions: Mapping[str, Perception]


def analyse(
    path: Path | str,
    *,
    models: Models | None = None,
    cache: bool = True,
    fast: bool = False,
    deinterlace: Deinterlace = "auto",
    progress: Progress | None = None,
    note: Note | None = None,
) -> MovieAnalysis:
    """Probe a media file and measure all signals, from the cache where they are known.

    Parameters
    ----------
    path : Path or str
    models : Models, optional
        Weights that signals run on; without it those that the environment names.
    cache : bool
        Whether results are kept on disk, and taken from there.
    fast : bool
        Decode only pictures that others refer to and look half as often: cuts may be a frame or two off.
    deinterlace : "auto", "off" or "on"
        Whether pictures made of two fields are deinterlaced: where they are found, never, or all pictures.
    progress : callable (frames done, frames in all), optional
    note : callable (text), optional
        Gets lines on pictures and sound that did not decode after all, beside the notes of the media.

    Raises
    ------
    InputError
        The file cannot be used as media.
    """
    media = ingest.probe(Path(path), deinterlace=deinterlace, photos=False)
    return MovieAnalysis(media, perceive(media, models=models, cache=cache, fast=fast, progress=progress, note=note))


def analyse_cut(
    source: Path | str | EditorCut,
    *,
    relink: Path | None = None,
    skip_offline: bool = False,
    all_tracks: bool = False,
    rate: Fraction | None = None,
    strict: bool = False,
    allowed: Callable[[Path], bool] | None = None,
    models: Models | None = None,
    cache: bool = True,
    fast: bool = False,
    deinterlace: Deinterlace = "auto",
    progress: MediaProgress | None = None,
    note: Note | None = None,
) -> CutAnalysis:
    """Read an editor's cut and measure what it shows of its media, each media once.

    Parameters
    ----------
    source : Path, str or EditorCut
        A timeline file, or a cut that was read before.
    relink, skip_offline, all_tracks, rate, strict, allowed
        How the file is read; see `panscan.ingest.cuts.read.read_editor_cut`.
    models, cache, fast, deinterlace
        As in `analyse`; a cut that was read before keeps what was found when it was read.
    progress : callable (path of a media, frames done, frames in all), optional
    note : callable (text), optional
        Gets lines for each media of which pictures or sound did not decode after all, beside the notes of the media.

    Raises
    ------
    InputError
        The file is no timeline, or media is missing or unusable.
    """
    cut = (
        source
        if isinstance(source, EditorCut)
        else read_editor_cut(
            Path(source),
            relink=relink,
            skip_offline=skip_offline,
            all_tracks=all_tracks,
            rate=rate,
            strict=strict,
            allowed=allowed,
            deinterlace=deinterlace,
        )
    )
    perceptions = {}
    for path, spans in spans_to_analyse(cut).items():

        def step(done: int, total: int, path: str = path) -> None:
            if progress:
                progress(path, done, total)

        def tell(line: str, name: str = Path(path).name) -> None:
            if note:
                note(f"{name}: {line}")

        perceptions[path] = perceive(
            cut.media[path], spans, models=models, cache=cache, fast=fast, progress=step, note=tell
        )
    return CutAnalysis(cut, perceptions)


def reframe(analysis: MovieAnalysis, request: Request) -> Timeline:
    """Decide, operate and build: the OTIO timeline of one canvas.

    Raises
    ------
    CapabilityError
        The prompt names things that the object weights at hand cannot find.
    """
    return timeline_of_shots(analysis, request, _frame_shots(*analysis, request))


def timeline_of_shots(analysis: MovieAnalysis, request: Request, shots: FramedShots) -> Timeline:
    """The timeline of shots that were framed before, on the media's grid from 0."""
    name = f"{name_text(Path(analysis.media.path).stem)} {request.ratio}"
    return remember_cameras(build_timeline(analysis.media, shots, name=name, recipe=recipe(analysis, request)))


def reframe_shot(analysis: MovieAnalysis, request: Request, frame: int) -> tuple[tuple[Shot, Framing], ...]:
    """The one shot that has a frame (grid, from 0), as `reframe` frames it: its parts, on the media's grid from 0.

    Only its neighbours are looked at too, so that it takes a moment also in a long movie.
    """
    media, perception = analysis
    request = with_preset_of_material(request, media, perception)
    shots = direct.planned_shots(media, perception, request)
    own, near = shots[shot_at(shots, frame) - 1], _with_neighbours(shots, frame, frame)
    return tuple(_frame_shots(media, perception, request, ((near.first, near.end),), own))


def reframe_cut(analysis: CutAnalysis, request: Request) -> ReframedCut:
    """Frame every clip of an editor's cut; the cut itself stays as it is.

    Raises
    ------
    CapabilityError
        The prompt names things that the object weights at hand cannot find.
    UsageError
        An override names a shot or a clip that the cut does not have.
    """
    cut, perceptions = analysis
    overrides_of_clip, notes = clip_overrides(cut, request.overrides, dict(request.media_overrides))
    made: dict[tuple[str, tuple[Override, ...]], tuple[FramedShots, FramedShots]] = {}
    shots: dict[int, FramedShots] = {}
    single_shots: dict[int, FramedShots] = {}
    spans = spans_to_analyse(cut)
    for n, used in enumerate(cut.clips):
        path = used.media_path
        if path not in perceptions:
            continue
        key = path, overrides_of_clip[n]
        if key not in made:  # clips for which the same holds show parts of the same cameras
            made[key] = _media_shots(analysis, path, _of_media(request, path, key[1]), spans[path])
        shots[n], single_shots[n] = made[key]
    attached = attach_framings(cut, shots, cut_recipe(analysis, request), single_framings=single_shots)
    return replace(attached, timeline=remember_cameras(attached.timeline), notes=(*notes, *attached.notes))


def reframe_clip(analysis: CutAnalysis, request: Request, number: int) -> Framing | None:
    """The clip with this number in `cut.clips` as `reframe_cut` frames it, in a moment; None where it has no camera."""
    cut, perceptions = analysis
    used = cut.clips[number]
    path = used.media_path
    if path not in perceptions:
        return None
    overrides_of_clip, _ = clip_overrides(cut, request.overrides, dict(request.media_overrides))
    own = with_preset_of_material(request, cut.media[path], perceptions[path])
    shots = direct.planned_shots(cut.media[path], perceptions[path], own)
    near = _with_neighbours(shots, used.first, used.end - 1)
    spans = tuple(
        (max(first, near.first), min(end, near.end))
        for first, end in spans_to_analyse(cut)[path]
        if first < near.end and end > near.first
    )
    framed, single = _media_shots(analysis, path, _of_media(own, path, overrides_of_clip[number]), spans)
    return clip_framing(cut, used, framed, single)[0]


def _of_media(request: Request, path: str, overrides: tuple[Override, ...]) -> Request:
    """The request for one media of a cut."""
    return replace(request, overrides=overrides, people=dict(request.media_people).get(path, ()))


def _with_neighbours(shots: Sequence[Shot], first: int, last: int) -> Shot:
    """All from the shot of one frame to that of another, with those beside them."""
    begin, end = shot_at(shots, first) - 1, shot_at(shots, last)
    return Shot(shots[max(0, begin - _NEIGHBOURS)].first, shots[min(len(shots), end + _NEIGHBOURS) - 1].end)


def _media_shots(
    analysis: CutAnalysis, path: str, request: Request, spans: FrameRanges
) -> tuple[FramedShots, FramedShots]:
    """The shots of a media of a cut with their framings; and, where these have several cells, with one each."""
    media, perception = analysis.cut.media[path], analysis.perceptions[path]
    framed = _frame_shots(media, perception, request, spans)
    if all(framing.layout == "single" for _, framing in framed):
        return framed, []
    bare = tuple(replace(override, layout=None) for override in request.overrides)
    return framed, _frame_shots(media, perception, replace(request, overrides=bare, layouts=("single",)), spans)


def spans_to_analyse(cut: EditorCut) -> dict[str, FrameRanges]:
    """The frames [first, end) of each media that the cut shows, by path, with a moment of air on both sides."""
    spans: dict[str, FrameRanges] = {}
    for path, used in used_ranges(cut).items():
        media = cut.media[str(path)]
        air = round(_MARGIN_S * float(media.video.rate))
        joined: list[tuple[int, int]] = []
        for first, end in used:
            first, end = max(0, first - air), min(media.frame_count, end + air)
            if joined and first <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((first, end))
        spans[str(path)] = tuple(joined)
    return spans


def _frame_shots(
    media: Media,
    perception: Perception,
    request: Request,
    spans: FrameRanges | None = None,
    only: Shot | None = None,
) -> list[tuple[Shot, Framing]]:
    """Direct and operate: the shots of a media (inside `spans`, or parts of `only` one) with their framings."""
    request = with_preset_of_material(request, media, perception)
    plan = direct.plan(media, perception, request, taste=taste_of(perception, request), spans=spans)
    mode = request.mode or request.preset.mode
    return [
        (
            shot.shot,
            operate.frame_shot(shot, plan, media.video.display_size, media.video.rate, mode, request.tolerance_px),
        )
        for shot in plan.shots
        if only is None or only.first <= shot.shot.first < only.end
    ]


def with_preset_of_material(request: Request, media: Media, perception: Perception) -> Request:
    """The request with the preset of screen recordings, where a media is one and nobody chose a preset."""
    found = material_of(media, perception) if request.preset_by_material else None
    return replace(request, preset=load_preset(found.preset)) if found and found.is_applied else request


def material_of(media: Media, perception: Perception) -> Material | None:
    """Sport or a screen recording, where a media is one, with the preset that suits it."""
    return recognise_material(perception, media.video.display_size)


def recipe(analysis: MovieAnalysis, request: Request) -> dict[str, Any]:
    """Everything needed to repeat a run; equal recipes give equal timelines."""
    media, perception = analysis
    return request_recipe(with_preset_of_material(request, media, perception)) | {
        "media": media.digest,
        "perception": perception.digest,
    }


def cut_recipe(analysis: CutAnalysis, request: Request) -> dict[str, Any]:
    """The same for an editor's cut: what was seen of each media, and the cut itself."""
    cut, perceptions = analysis
    text = timeline_text(cut.timeline)
    found = request_recipe(request) | {
        "cut": blake2b(text.encode(), digest_size=8).hexdigest(),
        "media": {name_text(path): cut.media[path].digest for path in sorted(perceptions)},
        "perception": {name_text(path): perceptions[path].digest for path in sorted(perceptions)},
    }
    if request.media_overrides:  # timelines that were made without any keep the recipe they have
        found["media_overrides"] = {
            path: overrides_recipe(of_shape(said, request.ratio)) for path, said in request.media_overrides
        }
    if request.media_people:
        found["media_people"] = {path: [asdict(one) for one in named] for path, named in request.media_people}
    return found
