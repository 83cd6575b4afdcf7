"""What of the sounds in tracks of their own a format cannot store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from panscan.deliver.artifact import Capabilities, Loss
from panscan.deliver.host_values import MAX_LEVEL_DB
from panscan.deliver.sequence.sounds import SoundItem, SoundTrack, from_later, level_at, on_frames
from panscan.timeline.sound import Fade, SoundClip

_MAX_NAMED = 5  # tracks in one message; more make it hard to read
_WEB = {"http:", "https:"}  # in the path that a web address becomes
_NO_SOUND = "The file holds pictures only."
_AUDIBLE_S = Fraction(1, 96000)  # half a sample at 48 kHz: what moves by less is where it was


Placed = tuple[SoundTrack, SoundItem]


@dataclass(frozen=True, slots=True)
class _Rule:
    """What becomes of a sound where a format lacks a feature.

    Attributes
    ----------
    feature : str
        As `Capabilities.sound_tracks` names it.
    has : callable
        Whether a sound needs it.
    what, why : str
        The loss; `what` stands before the name of the sounds.
    without : callable, optional
        The sound without it; None: it is left out.
    """

    feature: str
    has: Callable[[SoundClip], bool]
    what: str
    why: str
    without: Callable[[SoundClip], SoundClip] | None = None

    def applied(self, placed: Iterable[Placed]) -> Iterator[Placed]:
        """Sounds without the feature, or without those that need it."""
        for track, item in placed:
            if not self.has(item.sound):
                yield track, item
            elif self.without is not None:
                yield track, replace(item, sound=self.without(item.sound))


_RULES = (
    _Rule("web", lambda s: bool(_WEB & set(s.path.parts)), "", "Editors import local media only."),
    _Rule("ramp", lambda s: s.is_ramped, "", "It changes its speed on the way, which nobody writes alike."),
    _Rule("speed", lambda s: s.speed != 1, "", "It is retimed, which the file does not say of sound."),
    _Rule("streams", lambda s: s.stream > 0, "", "It is not the first sound stream of its media, the only one here."),
    _Rule(
        "channels",
        lambda s: bool(s.channels),
        "the choice of channels of ",
        "All channels are heard.",
        lambda s: replace(s, channels=()),
    ),
    _Rule("pan", lambda s: s.pan != 0, "the pan of ", "It is heard in the middle.", lambda s: replace(s, pan=0.0)),
    _Rule(
        "level",
        lambda s: any(level for _, level in s.gain),
        "the level of ",
        "It is heard as loud as in its media.",
        lambda s: replace(s, gain=()),
    ),
    _Rule(
        "moving level",
        lambda s: len({level for _, level in s.gain}) > 1,
        "the changes of the level of ",
        "It keeps the level of its start.",
        lambda s: replace(s, gain=((Fraction(0), level_at(s, Fraction(0))),)),
    ),
    _Rule(
        "fades",
        lambda s: bool(s.fade_in.length_s or s.fade_out.length_s),
        "the fades of ",
        "It starts and ends at its full level.",
        lambda s: replace(s, fade_in=Fade(), fade_out=Fade()),
    ),
)


def storable(
    tracks: Iterable[SoundTrack], capabilities: Capabilities, rate: Fraction
) -> tuple[tuple[SoundTrack, ...], list[Loss]]:
    """The tracks as a format can store them, and what it loses of them."""
    tracks = [track for track in tracks if track.items]
    features = capabilities.sound_tracks
    placed = [(track, item) for track in tracks for item in track.items]
    if features is None:
        why = "Only sound cut together with its picture is written." if capabilities.sound else _NO_SOUND
        return (), [Loss(named(placed), why)] if placed else []
    losses = []
    for rule in _RULES:
        lost = [(track, item) for track, item in placed if rule.feature not in features and rule.has(item.sound)]
        if lost:
            losses.append(Loss(rule.what + named(lost), rule.why))
            if rule.feature == "fades":
                placed = _cut_where_they_cross(placed)
            placed = list(rule.applied(placed))
    if "exact time" not in features:
        moved = [(track, item, on_frames(item, rate)) for track, item in placed]
        strayed = [(track, item) for track, item, at in moved if _strays(item.sound, at.sound)]
        if strayed:
            losses.append(Loss("the exact place of " + named(strayed), "The file counts whole frames."))
        placed = [(track, at) for track, _, at in moved]
    kept: dict[int, list[SoundItem]] = {}
    for track, item in placed:
        kept.setdefault(id(track), []).append(item)
    return tuple(replace(t, items=tuple(kept[id(t)])) for t in tracks if id(t) in kept), losses


def too_loud(tracks: Iterable[SoundTrack]) -> list[Loss]:
    """The loss of levels beyond 12 dB, where the faders of Final Cut and Premiere end."""
    loud = [
        (track, item)
        for track in tracks
        for item in track.items
        if any(level_db > MAX_LEVEL_DB for _, level_db in item.sound.gain)
    ]
    return [Loss(f"the level of {named(loud)}", f"It ends at {MAX_LEVEL_DB:g} dB.")] if loud else []


def _cut_where_they_cross(placed: Iterable[Placed]) -> list[Placed]:
    """Sounds that cross without their overlap: the cut lies in the middle of it."""
    cut: list[Placed] = []
    last: dict[int, int] = {}  # by the id of a track: the index of its last sound
    for track, item in placed:
        index = last.get(id(track))
        before = None if index is None else cut[index][1]
        if index is not None and before is not None and before.crosses(item):
            middle_s = (before.sound.end_s + item.sound.start_s) / 2
            cut[index] = track, replace(before, sound=replace(before.sound, end_s=middle_s))
            item = replace(item, sound=from_later(item.sound, middle_s - item.sound.start_s))
        last[id(track)] = len(cut)
        cut.append((track, item))
    return cut


def named(placed: Iterable[Placed]) -> str:
    """What to call sounds in a message."""
    found = list(placed)
    if len(found) == 1:
        track, item = found[0]
        return f"the sound {item.sound.name!r} of track {track.name}"
    names = list(dict.fromkeys(track.name for track, _ in found))
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return f"{len(found)} sounds of track{'s' * (len(names) > 1)} {', '.join(names[:_MAX_NAMED])}{more}"


def _strays(sound: SoundClip, moved: SoundClip) -> bool:
    """Whether a sound is heard at another time, or something else of it."""
    later_s = moved.start_s - sound.start_s
    slip_s = moved.media_s - sound.media_s - later_s * sound.speed
    return max(abs(later_s), abs(moved.end_s - sound.end_s), abs(slip_s)) > _AUDIBLE_S
