"""What every picture of the output should show, and when."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from panscan.arrays.samples import newest_row
from panscan.model.framing import Framing
from panscan.timeline.cut import Cut, FramedClip
from panscan.verify.source_pictures import SourcePictures


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


class Expectation:
    """What every output picture should show and when.

    Attributes
    ----------
    cut : Cut
    sources : dict of Path to SourcePictures
    pictures : list of ExpectedPicture or None
        In output order; None in a gap.
    time_s : list of Fraction
        When each is shown.
    """

    def __init__(self, cut: Cut, *, decodes_all: bool = False) -> None:
        """`decodes_all`: all pictures of the sources are decoded, to know which of them do."""
        self.cut = cut
        fields = {clip.path: clip.facts.fields for clip in cut.clips}
        self.sources = {path: SourcePictures(path, fields[path], decodes_all=decodes_all) for path in fields}
        self.pictures: list[ExpectedPicture | None] = []
        self.time_s: list[Fraction] = []
        if cut.is_whole:
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
        for number, clip in enumerate(cut.clips):
            if clip.is_retimed:
                grid = self.sources[clip.path].grid(clip.facts.rate, is_vfr=clip.facts.is_vfr)
                wanted = np.array([clip.source_picture_number(n) for n in range(clip.frame_count)])
            else:
                grid = self.sources[clip.path].grid(cut.rate, is_vfr=_strays_from_grid(clip, cut))
                wanted = np.arange(clip.first, clip.end) - clip.available_first
            pictures = np.maximum(newest_row(grid, wanted), 0)
            for n, picture in enumerate(pictures):
                self.pictures[clip.record_frame + n] = ExpectedPicture(number, clip.first + n, int(picture))


def _strays_from_grid(clip: FramedClip, cut: Cut) -> bool:
    """Whether a clip's pictures do not lie on the record frames one by one."""
    return clip.facts.is_vfr or clip.facts.rate != cut.rate
