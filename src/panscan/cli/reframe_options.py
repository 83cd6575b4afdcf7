"""The options of `panscan reframe`, in groups; `panscan.toml` gives them other defaults by the same names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from panscan.cli import complete
from panscan.cli.rendering import MAX_JOBS
from panscan.errors import UsageError

if TYPE_CHECKING:
    from panscan.cli.sources import CutOptions
    from panscan.model.request import Request

_MAKE, _FRAME, _STAGE, _LOOK = "What to make", "How to frame it", "Looks of screen recordings", "How to look at it"
_CUT, _RUN = "Editors' cuts", "The run"


def _option(*names: str, help: str, panel: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=panel, show_default=False, **more)


@dataclass(frozen=True, slots=True)
class ReframeOptions:
    """What is made of each input, and how. Every field is an option of the command line, with its help."""

    ratio: Annotated[
        list[str] | None,
        _option(
            "-r",
            "--ratio",
            help="Shape to make, e.g. 9:16; repeat for more. Default: 9:16.",
            panel=_MAKE,
            autocompletion=complete.ratios,
        ),
    ] = None
    to: Annotated[
        list[str] | None,
        _option(
            "--to",
            help="Editor to write for, such as premiere, resolve or final-cut, or a format; repeat for more. All are "
            "listed by `panscan formats`. With --render also hls or dash: streams in place of movies. Default: fcpxml.",
            panel=_MAKE,
            autocompletion=complete.deliveries,
        ),
    ] = None
    option: Annotated[
        list[str] | None,
        _option("-O", "--option", help="NAME=VALUE, an option of the formats written; repeat for more.", panel=_MAKE),
    ] = None
    render: Annotated[bool, _option("--render", help="Also render and verify a movie per shape.", panel=_MAKE)] = False
    output: Annotated[
        Path | None,
        _option("-o", "--output", help="Folder for the results. Default: that of INPUT.", panel=_MAKE),
    ] = None
    canvas: Annotated[
        str | None,
        _option(
            help="Size of the result, WxH in px; without it the short side has 1080. "
            "native, with --render: movies in which no pixel is enlarged.",
            panel=_MAKE,
        ),
    ] = None
    both: Annotated[bool, _option("--both", help="Make each timeline with and without --speaker.", panel=_MAKE)] = False
    preset: Annotated[
        str | None,
        _option(
            help="What matters and how the camera behaves: a name of `panscan presets`, or a .toml file. "
            "Default: default; screen for screen recordings.",
            panel=_FRAME,
            autocompletion=complete.presets,
        ),
    ] = None
    method: Annotated[
        str | None,
        _option(help="How subjects are chosen. Default: the preset's.", panel=_FRAME, autocompletion=complete.methods),
    ] = None
    mode: Annotated[
        str | None,
        _option(
            help="How willingly the camera moves, e.g. stable or responsive. Default: the preset's.",
            panel=_FRAME,
            autocompletion=complete.modes,
        ),
    ] = None
    layouts: Annotated[
        str | None,
        _option(
            help="Layouts that may be used, e.g. single or fit,split-2; one alone is insisted upon. "
            "Default: the preset's.",
            panel=_FRAME,
            autocompletion=complete.layouts,
        ),
    ] = None
    speaker: Annotated[
        bool,
        _option("--speaker/--no-speaker", help="Show who speaks where several people do not fit.", panel=_FRAME),
    ] = True
    prompt: Annotated[
        str | None, _option(help='What to show, e.g. "dog, ball"; things need object weights.', panel=_FRAME)
    ] = None
    avoid: Annotated[str | None, _option(help='What not to show, e.g. "crowd, logo".', panel=_FRAME)] = None
    override: Annotated[
        Path | None,
        _option(help="Decisions made by hand, .toml or .yaml. Default: STEM.panscan.toml beside INPUT.", panel=_FRAME),
    ] = None
    lead: Annotated[
        float | None,
        _option(
            help="Seconds by which the camera sets off before something happens on a screen. Default: the preset's.",
            panel=_FRAME,
        ),
    ] = None
    tolerance: Annotated[
        float, _option(help="How far keys may stray from the solved path, in canvas px. Default: 1.", panel=_FRAME)
    ] = 1.0
    style: Annotated[
        str | None,
        _option(
            help="Looks and moves together: subtle, documentary, aggressive, or a .toml file.",
            panel=_STAGE,
            autocompletion=complete.styles,
        ),
    ] = None
    tilt: Annotated[
        str | None,
        _option(
            help="Tilt the picture: left, right, up, down (the side that comes nearer), isometric, focus (towards what "
            'the camera comes closer to), none, or four corners "x,y x,y x,y x,y" as shares of the cell.',
            panel=_STAGE,
            autocompletion=complete.tilts,
        ),
    ] = None
    corners: Annotated[
        str | None,
        _option(help="Round corners: px of the movie, or percent of its shorter side, e.g. 2%.", panel=_STAGE),
    ] = None
    shadow: Annotated[bool | None, _option("--shadow/--no-shadow", help="A shadow behind it.", panel=_STAGE)] = None
    padding: Annotated[
        str | None,
        _option(help="Space around the whole picture, percent of the shorter side, e.g. 6%.", panel=_STAGE),
    ] = None
    background: Annotated[
        str | None,
        _option(
            help='What shows around it: black, blur, "#1a1a2e", or "#1a1a2e:#3c3c6e" from top to bottom.', panel=_STAGE
        ),
    ] = None
    from_segments: Annotated[
        Path | None,
        _option(help="What the camera does, as --to segments writes it and a person edited it.", panel=_FRAME),
    ] = None
    fast: Annotated[
        bool, _option("--fast", help="Quicker, coarser look at the movie, for a first idea.", panel=_LOOK)
    ] = False
    objects_model: Annotated[
        str | None, _option(help="Object weights: a file, a name of `panscan models`, or none.", panel=_LOOK)
    ] = None
    deinterlace: Annotated[
        str,
        _option(
            help="Deinterlace pictures made of two fields: auto (where there are any), off or on. Default: auto.",
            panel=_LOOK,
        ),
    ] = "auto"
    input_log: Annotated[
        Path | None,
        _option(
            help="What was done with mouse and keyboard on the screen. Default: the log beside INPUT.", panel=_LOOK
        ),
    ] = None
    relink: Annotated[Path | None, _option(help="Folder where missing media of a timeline may be.", panel=_CUT)] = None
    skip_offline: Annotated[bool, _option("--skip-offline", help="Leave clips without media alone.", panel=_CUT)] = (
        False
    )
    all_tracks: Annotated[bool, _option("--all-tracks", help="Frame hidden clips of a timeline too.", panel=_CUT)] = (
        False
    )
    rate: Annotated[str | None, _option(help="Frames per second of an EDL that does not tell.", panel=_CUT)] = None
    strict: Annotated[
        bool, _option("--strict", help="Refuse a timeline rather than repair it or leave a clip out.", panel=_CUT)
    ] = False
    from_crops: Annotated[
        bool,
        _option("--from-crops", help="INPUT is an edit list with its table of crops: go on from there.", panel=_CUT),
    ] = False
    fresh: Annotated[
        bool, _option("--fresh", help="Make timelines anew even if the settings are the same.", panel=_RUN)
    ] = False
    overwrite: Annotated[
        bool,
        _option("--overwrite", help="Replace files that panscan did not make, or that were changed since.", panel=_RUN),
    ] = False
    jobs: Annotated[
        int,
        _option("--jobs", min=0, max=MAX_JOBS, help="Processes at once: of many movies, or to render one.", panel=_RUN),
    ] = 0
    verbose: Annotated[
        bool, _option("-v", "--verbose", help="Figures of every shot: effect, layout, keys, how sure.", panel=_RUN)
    ] = False
    review: Annotated[
        bool, _option("--review", help="Then look at the cameras in the browser, and correct them.", panel=_RUN)
    ] = False
    quiet: Annotated[bool, _option("-q", "--quiet", help="Say nothing but what is wrong.", panel=_RUN)] = False

    def requests(self, native: bool) -> list[tuple[Request, str]]:
        """The requests of one input, each with what its files are called after STEM; `native`: no pixel is enlarged.

        Raises
        ------
        UsageError
            An option is wrong, or options contradict each other.
        """
        from panscan.request.options import models_of_environment, requests_for
        from panscan.request.segment_files import load_segments
        from panscan.request.styles import style_of

        looks = ("tilt", "corners", "shadow", "padding", "background")
        models = models_of_environment()
        if self.objects_model is not None:
            models = replace(models, objects=self.objects_model)
        return requests_for(
            self.ratio or ["9:16"],
            both=self.both,
            canvas=None if native else self.canvas,
            preset=self.preset,
            method=self.method,
            mode=self.mode,
            layouts=self.layouts,
            speaker=self.speaker,
            prompt=self.prompt,
            avoid=self.avoid,
            tolerance_px=self.tolerance,
            lead_s=self.lead,
            segments=load_segments(self.from_segments) if self.from_segments else (),
            style=style_of(self.style, **{look: getattr(self, look) for look in looks}),
            models=models,
            deinterlace=self.deinterlace,
        )

    def cut_options(self) -> CutOptions:
        """How an editor's cut is read."""
        from panscan.cli.sources import CutOptions

        return CutOptions(self.relink, self.skip_offline, self.all_tracks, self.rate, self.strict)

    def check_for(self, source: Path, is_cut: bool) -> None:
        """Refuse options that do not go with an input.

        Raises
        ------
        UsageError
            There is one.
        """
        if self.cut_options().any_given and not is_cut:
            raise UsageError(
                f"{source.name} is no timeline",
                why="--relink, --skip-offline, --all-tracks, --rate and --strict say how to read one.",
                fix="Leave them out, or give the timeline.",
            )
        for name, given in (("--from-segments", self.from_segments), ("--input-log", self.input_log)):
            if given is not None and (is_cut or self.from_crops):
                raise UsageError(
                    f"{name} goes with a movie",
                    why="Its times count from the start of one media file.",
                    fix="Give the movie, or edit the timeline's keys.",
                )
        special = (self.from_crops, self.both, self.fast, self.input_log is not None, self.cut_options().any_given)
        if self.review and any(special):
            raise UsageError(
                "--review does not go with this",
                why="The page shows what `panscan review` does: each shape once, read and looked at as usual.",
                fix="Leave out --review; or --both, --fast, --input-log, --from-crops and what is said of a timeline.",
            )
        if self.override is not None and self.from_crops:
            raise UsageError(
                "--override does not go with --from-crops",
                why="The cameras come from the table of crops; nothing is decided.",
                fix="Leave one of them out.",
            )


DEFAULT_OPTIONS = ReframeOptions()
