"""How a movie is encoded: codec, quality, hardware, clock, and how the work is spread."""

from __future__ import annotations

from dataclasses import dataclass, replace

from panscan.errors import UsageError, did_you_mean, unknown_name

CODECS = ("h264", "h265", "av1", "prores")
QUALITIES = ("draft", "standard", "high")

# Speed preset and constant quality per codec. For ProRes the number is the profile: 1 LT, 2 standard, 3 HQ.
_TABLE = {
    "h264": {"draft": ("superfast", 26), "standard": ("veryfast", 18), "high": ("medium", 14)},
    "h265": {"draft": ("ultrafast", 28), "standard": ("fast", 21), "high": ("medium", 16)},
    "av1": {"draft": ("12", 42), "standard": ("8", 28), "high": ("5", 20)},
    "prores": {"draft": ("", 1), "standard": ("", 2), "high": ("", 3)},
}
# The largest number of each codec's scale of constant quality: the smallest and worst file.
_WORST_CRF = {"h264": 51, "h265": 51, "av1": 63}


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """How a movie is encoded.

    Attributes
    ----------
    preset : str
        Of the encoder; "" is a hardware encoder's own.
    crf : int
        Constant quality on the encoder's own scale: a lower number keeps more. For ProRes, the profile.
    audio_bit_rate : int
        Bits per second of sound that must be encoded.
    workers : int
        Threads that compose pictures; 0 chooses by the number of cores.
    codec : str
        One of `CODECS`.
    hardware : str
        "" for the software encoder, "auto", or a family such as "nvenc".
    cfr : bool
        Give a source with a variable frame rate one picture per frame of its grid.
    jobs : int
        Processes that encode segments; 0 encodes the movie in one piece.
    threads : int
        Of the encoder; 0 is its own choice.
    gop_frames : int
        Pictures from keyframe to keyframe; 0 is the encoder's choice.
    repeatable : bool
        The same pictures give the same bytes each time, on all machines of a kind. It costs some speed.
    """

    preset: str = "veryfast"
    crf: int = 18
    audio_bit_rate: int = 192_000
    workers: int = 0
    codec: str = "h264"
    hardware: str = ""
    cfr: bool = False
    jobs: int = 0
    threads: int = 0
    gop_frames: int = 0
    repeatable: bool = False

    @classmethod
    def of(
        cls,
        codec: str = "h264",
        quality: str = "standard",
        *,
        preset: str | None = None,
        hardware: str = "",
        cfr: bool = False,
        jobs: int = 0,
    ) -> RenderSettings:
        """Settings by name: `quality` is draft, standard, high, or a number on the encoder's own scale.

        Raises
        ------
        UsageError
            Unknown codec or quality, or a number that the codec's scale does not have.
        """
        if codec not in CODECS:
            raise unknown_name("codec", codec, CODECS)
        names = _TABLE[codec]
        if quality in names:
            speed, level = names[quality]
        elif quality.isdecimal() and codec in _WORST_CRF and int(quality) <= _WORST_CRF[codec]:
            speed, level = names["standard"][0], int(quality)
        else:
            scale = f", or 0 (best) to {_WORST_CRF[codec]}" if codec in _WORST_CRF else ""
            raise UsageError(
                f"unknown quality {quality!r} for {codec}",
                why="It is neither a word nor a number of this codec's scale.",
                fix=did_you_mean(quality, QUALITIES) or f"Use {', '.join(QUALITIES)}{scale}.",
            )
        # The table's presets are those of software encoders; hardware encoders have their own.
        return cls(
            preset=preset or ("" if hardware else speed), crf=level, codec=codec, hardware=hardware, cfr=cfr, jobs=jobs
        )

    def as_proxy(self) -> RenderSettings:
        """The fastest settings of the same codec, for a preview."""
        if self.codec == "prores":
            return replace(self, crf=0)  # the profile that is named Proxy
        fastest = {"h264": ("ultrafast", 26), "h265": ("ultrafast", 28), "av1": ("12", 42)}[self.codec]
        return replace(self, preset="" if self.hardware else fastest[0], crf=fastest[1])
