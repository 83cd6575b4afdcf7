"""What of the framing of a timeline is worth a look, by what the timeline itself says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from panscan.model.framing import shows_person
from panscan.timeline.captions import clips_that_cut_captions, shots_in_words, words_on_captions
from panscan.timeline.cut import FramedClip
from panscan.timeline.doubts import doubts, words_on_doubts

# Canvas px per source px. Up to 1.5 hardly anybody sees it on a phone; from 2 on a source pixel is four of the movie.
_SOFT, _VERY_SOFT = 1.5, 2.0
_ROUNDING = 1e-3  # of a scale: keys are stored rounded, and exactly 2 is not over 2
_CUT_SHARE = 0.1  # of the time: for less, a camera only passes by; the same as for captions


@dataclass(frozen=True, slots=True)
class FramingNote:
    """Something about the framing of some shots.

    Attributes
    ----------
    name : str
        doubt, captions, heads, subjects, enlarged or enlarged_twice.
    shots : tuple of int
        Numbers of the clips, from 1.
    figures : tuple of float
        One for each of them: confidence, share of the time or enlargement.
    what : str
        In words.
    """

    name: str
    shots: tuple[int, ...]
    figures: tuple[float, ...]
    what: str

    def to_json(self) -> dict[str, Any]:
        """A JSON-ready dictionary."""
        figures = [round(figure, 3) for figure in self.figures]
        return {"name": self.name, "shots": list(self.shots), "figures": figures, "what": self.what}


def framing_notes(clips: Sequence[FramedClip]) -> tuple[FramingNote, ...]:
    """What is worth a look in a framed timeline, the least sure shots first.

    What was measured when the cameras were made counts for them as they were then; enlargement is that of the keys.
    """
    scale = {n: enlargement(clip) for n, clip in enumerate(clips, 1)}
    twice = {n: value for n, value in scale.items() if value > _VERY_SOFT + _ROUNDING}
    once = {n: value for n, value in scale.items() if value > _SOFT + _ROUNDING and n not in twice}
    notes = (
        _doubtful(clips),
        _captions(clips),
        _cut(clips, "heads", "heads are cut", is_wanted=_shows_person),
        _cut(clips, "subjects", "what is shown is cut", is_wanted=lambda clip: not _shows_person(clip)),
        _enlarged("enlarged_twice", "enlarged more than twice, a soft picture,", twice, len(clips)),
        _enlarged("enlarged", "enlarged more than 1.5 times", once, len(clips)),
    )
    return tuple(note for note in notes if note is not None)


def words_on_framing(notes: Sequence[FramingNote]) -> list[str]:
    """The notes as lines for a terminal, under a line that parts them from the verdict."""
    if not notes:
        return ["framing: nothing stands out, by what the timeline says"]
    return [
        "framing, by what the timeline says (not part of the verdict):",
        *(f"  look  {note.what}" for note in notes),
    ]


def enlargement(clip: FramedClip) -> float:
    """The most canvas px that a source px of a clip is wide while it is shown, in any cell."""
    last = clip.first + max(1, clip.frame_count) - 1
    most = 0.0
    for cell in clip.framing.cells:
        # Between keys the scale runs straight: it is greatest at one of them, or at an end of the clip.
        frames = [clip.first, last, *(frame for frame in cell.camera.frame if clip.first < frame < last)]
        most = max(most, float(cell.camera.sample(frames)[:, 0].max()))
    return most


def _doubtful(clips: Sequence[FramedClip]) -> FramingNote | None:
    found = doubts(clips)
    shots, figures = tuple(doubt.number for doubt in found), tuple(doubt.confidence for doubt in found)
    return FramingNote("doubt", shots, figures, words_on_doubts(found)) if found else None


def _captions(clips: Sequence[FramedClip]) -> FramingNote | None:
    shots = tuple(clips_that_cut_captions(clips))
    figures = tuple(clips[n - 1].framing.metrics["captions_cut"] for n in shots)
    return FramingNote("captions", shots, figures, words_on_captions(clips)) if shots else None


def _cut(
    clips: Sequence[FramedClip], name: str, words: str, *, is_wanted: Callable[[FramedClip], bool]
) -> FramingNote | None:
    """Where what must stay in the picture sticks out of it."""
    shares = {n: 1 - clip.framing.metrics.get("containment", 1.0) for n, clip in enumerate(clips, 1) if is_wanted(clip)}
    found = {n: share for n, share in shares.items() if share >= _CUT_SHARE}
    if not found:
        return None
    what = f"{words} in {shots_in_words(list(found), len(clips))}, for up to {max(found.values()):.0%} of the time"
    return FramingNote(name, tuple(found), tuple(found.values()), what)


def _enlarged(name: str, words: str, found: Mapping[int, float], count: int) -> FramingNote | None:
    if not found:
        return None
    low, high = (f"{value:.1f}" for value in (min(found.values()), max(found.values())))
    figures = low if low == high else f"{low} to {high}"
    what = f"{words} in {shots_in_words(list(found), count)}: {figures} times"
    return FramingNote(name, tuple(found), tuple(found.values()), what)


def _shows_person(clip: FramedClip) -> bool:
    return any(shows_person(cell.subject) for cell in clip.framing.cells)
