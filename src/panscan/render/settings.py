"""How a movie is encoded: codec, quality, hardware, clock, and how the work is spread."""

from __future__ import annotations

from dataclasses import dataclass, replace

from panscan.errors import UsageError

CODECS = ("h264", "h265", "av1", "prores")
QUALITIES = ("draft", "standard", "high")

# Speed preset and constant quality per codec. For ProRes the number is the profile: 1 LT, 2 standard, 3 HQ.
_TABLE = {
    "h264": {"draft": ("superfast", 26), "standard": ("veryfast", 18), "high": ("medium", 14)},
    "h265": {"draft": ("ultrafast", 28), "standard": ("fast", 21), "high": ("medium", 16)},
    "av1": {"draft": ("12", 42), "standard": ("8", 28), "high": ("5", 20)},
    "prores": {"draft": ("", 1), "standard": ("", 2), "high": ("", 3)},
}
_WORST = {"h264": 51, "h265": 51, "av1": 63}


@dataclass(frozen=True, slots=True)
class RenderSettings:
    """How a movie is encoded.

    preset, crf: of the encoder (a lower crf keeps more; ProRes: the profile; preset "": a hardware encoder's own);
    audio_bit_rate: of sound that must be encoded again; workers: threads that compose pictures, 0 for as many as pay
    off; codec: one of `CODECS`; hardware: "" for the software encoder, "auto" or a family such as "nvenc"; cfr: give a
    source of variable frame rate one picture per frame of its grid; jobs: 0 encodes in one piece, else segments by so
    many processes; threads: of the encoder, 0 for its own choice; gop_frames: a keyframe exactly this often, 0 for the
    encoder's choice.
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
        """Settings from words: `quality` is draft, standard, high, or a number on the encoder's own scale.

        Raises
        ------
        UsageError
            Unknown codec or quality, or a number that the codec's scale does not have.
        """
        if codec not in CODECS:
            raise UsageError(
                f"unknown codec {codec!r}", why="No encoder goes by that name.", fix=f"Use one of {', '.join(CODECS)}."
            )
        names = _TABLE[codec]
        if quality in names:
            speed, level = names[quality]
        elif quality.isdecimal() and codec in _WORST and int(quality) <= _WORST[codec]:
            speed, level = names["standard"][0], int(quality)
        else:
            scale = f", or 0 (best) to {_WORST[codec]}" if codec in _WORST else ""
            raise UsageError(
                f"unknown quality {quality!r} for {codec}",
                why="It is neither a word nor a number of this codec's scale.",
                fix=f"Use {', '.join(QUALITIES)}{scale}.",
            )
        # The words for speed are those of software; encoders of graphics cards have their own.
        return cls(
            preset=preset or ("" if hardware else speed), crf=level, codec=codec, hardware=hardware, cfr=cfr, jobs=jobs
        )

    def as_proxy(self) -> RenderSettings:
        """The quickest encode of the same codec, for a look."""
        if self.codec == "prores":
            return replace(self, crf=0)  # the profile that is named Proxy
        fastest = {"h264": ("ultrafast", 26), "h265": ("ultrafast", 28), "av1": ("12", 42)}[self.codec]
        return replace(self, preset="" if self.hardware else fastest[0], crf=fastest[1])
