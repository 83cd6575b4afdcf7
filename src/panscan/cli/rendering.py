"""How movies are to be made: the options that `panscan render` and `panscan reframe --render` share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from panscan.render import RenderSettings

_PANEL = "Rendered movies"
_SUFFIXES = {"prores": ".mov"}  # containers by codec, where it is not .mp4
_PROXY_SCALE = 0.5  # of width and height: a quarter of the work
MAX_JOBS = 64  # processes: more than machines have cores


def _option(*names: str, help: str, **more: Any) -> Any:
    return typer.Option(*names, help=help, rich_help_panel=_PANEL, **more)


@dataclass(frozen=True, slots=True)
class RenderOptions:
    """Options of rendered movies. Every annotated field is an option of the command line, with its help.

    Attributes
    ----------
    native : bool
        Whether no pixel is enlarged; each command has an option of its own for it.
    """

    codec: Annotated[str, _option(help="h264, h265, av1 or prores.")] = "h264"
    quality: Annotated[str, _option(help="draft, standard, high, or the encoder's own number: lower is better.")] = (
        "standard"
    )
    encoder_preset: Annotated[
        str | None, _option(help="The encoder's speed preset; without it the quality's.", show_default=False)
    ] = None
    hardware: Annotated[bool, _option("--hardware", help="Encode on the graphics card; fail without one.")] = False
    proxy: Annotated[bool, _option("--proxy", help="Half the size, as fast as can be: for a look.")] = False
    cfr: Annotated[bool, _option("--cfr", help="Give a source of variable frame rate a constant one.")] = False
    jobs: Annotated[
        int, _option(min=0, max=MAX_JOBS, help="Encode segments in so many processes; a killed run can be resumed.")
    ] = 0
    native: bool = False

    @property
    def any_given(self) -> bool:
        """Whether any of them was given."""
        return self != DEFAULT_RENDER_OPTIONS

    @property
    def tag(self) -> str:
        """Added to the file name of a movie whose canvas is not the timeline's: .native, .proxy."""
        return (".native" if self.native else "") + (".proxy" if self.proxy else "")

    @property
    def suffix(self) -> str:
        """The container of a movie for which none is named."""
        return _SUFFIXES.get(self.codec, ".mp4")

    def settings(self) -> RenderSettings:
        """The renderer's settings; what this machine cannot make is refused.

        Raises
        ------
        UsageError
            Codec, quality or preset are unknown.
        CapabilityError
            The encoder is not on this machine.
        """
        from panscan.render import RenderSettings
        from panscan.render.container.codecs import encoder_for

        made = RenderSettings.of(
            self.codec,
            self.quality,
            preset=self.encoder_preset,
            hardware="auto" if self.hardware else "",
            cfr=self.cfr,
            jobs=self.jobs,
        )
        encoder_for(made)
        return made.as_proxy() if self.proxy else made

    def on_render_canvas(self, timeline: Any) -> Any:
        """The timeline with the canvas that is rendered; the same object where that is its own."""
        from panscan.render import at_native_size, scaled

        shape = at_native_size(timeline) if self.native else timeline
        return scaled(shape, _PROXY_SCALE) if self.proxy else shape


DEFAULT_RENDER_OPTIONS = RenderOptions()
