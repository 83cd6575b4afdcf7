"""What every picture of the output should show, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from panscan.arrays.samples import newest_row
from panscan.model.framing import Framing
from panscan.timeline.cut import Cut, FramedClip
from panscan.timeline.dissolves import Dissolve, shown_ranges
from panscan.verify.photo_pictures import PhotoPictures
from panscan.verify.source_pictures import SourcePictures

_SHARE_SLACK = 1e-6  # shares that miss 1 by less do so by rounding


@dataclass(frozen=True, slots=True)
class ExpectedPicture:
    """What one output picture should show.

    Attributes
    ----------
    clip : int
        Number of the clip in the cut.
    media_frame : int
        Frame of the clip's clock at which its cameras are sampled: a media frame; in a retimed clip, a record frame
        counted from `FramedClip.first` on.
    source_picture : int
        Number, from 0, of the picture of the media.
    """

    clip: int
    media_frame: int
    source_picture: int


@dataclass(frozen=True, slots=True)
class ExpectedMix:
    """What one output picture should show in a dissolve, a fade or a dip.

    Attributes
    ----------
    before, after : ExpectedPicture, optional
        Of the clip that it leads from, and of the one that it leads to; None: of nothing.
    shares : tuple of two float
        How much of either is seen; the rest is the colour.
    colour : str
        "black" or "#rrggbb".
    """

    before: ExpectedPicture | None
    after: ExpectedPicture | None
    shares: tuple[float, float]
    colour: str

    @property
    def is_cross(self) -> bool:
        """Whether two pictures are mixed, and no colour."""
        return self.before is not None and self.after is not None and abs(sum(self.shares) - 1) < _SHARE_SLACK

    @property
    def seen(self) -> ExpectedPicture:
        """The picture of which more is seen."""
        first, second = (self.before, self.after) if self.shares[0] > self.shares[1] else (self.after, self.before)
        seen = first or second
        assert seen is not None
        return seen


class Expectation:
    """What every output picture should show and when.

    Attributes
    ----------
    cut : Cut
    sources : dict of Path to SourcePictures
    pictures : list of ExpectedPicture or None
        In output order; None in a gap; in a dissolve, that of its two pictures whose clip lies there.
    mixes : dict of int to ExpectedMix
        By number of an output picture, for those in dissolves.
    time_s : list of Fraction
        When each is shown.
    keeps_clock : bool
        Whether these are the times of the only media's pictures.
    """

    def __init__(self, cut: Cut, *, decodes_all: bool = False, is_cfr: bool = False) -> None:
        """What a movie of a cut should show.

        Parameters
        ----------
        cut : Cut
        decodes_all : bool
            All pictures of the sources are decoded, to know which of them do.
        is_cfr : bool
            The movie was given one picture per frame of its grid, in place of its media's own clock.
        """
        self.cut = cut
        facts = {clip.path: clip.facts for clip in cut.clips}
        self.sources = {
            path: PhotoPictures(path) if of.is_still else SourcePictures(path, of.fields, decodes_all=decodes_all)
            for path, of in facts.items()
        }
        self.pictures: list[ExpectedPicture | None] = []
        self.mixes: dict[int, ExpectedMix] = {}
        self.time_s: list[Fraction] = []
        self.keeps_clock = cut.is_whole and not (cut.needs_every_frame or (is_cfr and self._fills_grid(cut)))
        if self.keeps_clock:
            self._expect_whole(cut)
        else:
            self._expect_conformed(cut)

    def close(self) -> None:
        """Close all sources."""
        for source in self.sources.values():
            source.close()

    def source_of(self, expected_picture: ExpectedPicture) -> SourcePictures:
        """The media of a picture."""
        return self.sources[self.cut.clips[expected_picture.clip].path]

    def framing_of(self, expected_picture: ExpectedPicture) -> Framing:
        """The framing of the clip that a picture belongs to."""
        return self.cut.clips[expected_picture.clip].framing

    def _fills_grid(self, cut: Cut) -> bool:
        """Whether a constant rate shows other pictures than the media's own clock does."""
        return cut.clips[0].facts.is_vfr or cut.frame_count > len(self.sources[cut.clips[0].path].pts)

    def _expect_whole(self, cut: Cut) -> None:
        source = self.sources[cut.clips[0].path]
        starts = np.array([clip.first for clip in cut.clips])
        frames = source.grid(cut.rate, is_vfr=_strays_from_grid(cut.clips[0], cut)) + cut.clips[0].available_first
        clips = np.maximum(newest_row(starts, frames), 0)
        for n, (frame, clip) in enumerate(zip(frames, clips, strict=True)):
            self.pictures.append(ExpectedPicture(int(clip), int(frame), n))
            self.time_s.append(int(source.pts[n]) * source.time_base)

    def _expect_conformed(self, cut: Cut) -> None:
        self.pictures = [None] * cut.frame_count
        self.time_s = [n / cut.rate for n in range(cut.frame_count)]
        shown = [self._shown(number, here) for number, here in enumerate(shown_ranges(cut.clips, cut.dissolves))]
        for clip, pictures in zip(cut.clips, shown, strict=True):
            for at in range(clip.record_frame, clip.record_end):
                self.pictures[at] = pictures[at]
        for dissolve in cut.dissolves:
            self._expect_dissolve(dissolve, shown)

    def _shown(self, number: int, here: range) -> dict[int, ExpectedPicture]:
        """The pictures of a clip by record frame, in a range that may reach beyond it."""
        clip, cut = self.cut.clips[number], self.cut
        here = range(min(here.start, clip.record_frame), max(here.stop, clip.record_end))
        offsets = np.arange(here.start, here.stop) - clip.record_frame
        if clip.is_retimed:
            grid = self.sources[clip.path].grid(clip.facts.rate, is_vfr=clip.facts.is_vfr)
            wanted = np.array(clip.source_picture_numbers(int(n) for n in offsets))
        else:
            grid = self.sources[clip.path].grid(cut.rate, is_vfr=_strays_from_grid(clip, cut))
            wanted = clip.first + offsets - clip.available_first
        pictures = np.maximum(newest_row(grid, wanted), 0)
        return {
            at: ExpectedPicture(number, clip.first + int(n), int(picture))
            for at, n, picture in zip(here, offsets, pictures, strict=True)
        }

    def _expect_dissolve(self, dissolve: Dissolve, shown: Sequence[Mapping[int, ExpectedPicture]]) -> None:
        for at in range(max(dissolve.first, 0), min(dissolve.end, len(self.pictures))):
            before, after = (
                None if number is None else shown[number][at] for number in (dissolve.outgoing, dissolve.incoming)
            )
            out, into = dissolve.shares(at)
            mix = self.mixes[at] = ExpectedMix(before, after, (float(out), float(into)), dissolve.colour)
            self.pictures[at] = self.pictures[at] or mix.seen


def _strays_from_grid(clip: FramedClip, cut: Cut) -> bool:
    """Whether a clip's pictures do not lie on the record frames one by one."""
    return clip.facts.is_vfr or clip.facts.rate != cut.rate
