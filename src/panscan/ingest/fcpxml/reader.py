"""FCPXML 1.6 to 1.14 -> OTIO: storylines as tracks, connected clips as tracks above and below, compounds as stacks.

What OTIO has no word for (roles, adjustments, filters, notes) is kept as it was in metadata["fcpxml"].
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
from lxml import etree

from panscan.errors import InputError
from panscan.ingest.cuts.files import read_xml, unreadable
from panscan.ingest.fcpxml.elements import ClipBuilder
from panscan.ingest.fcpxml.lanes import LaneItem, StorylineContents, make_gap, storyline_stack
from panscan.ingest.fcpxml.repairs import repair
from panscan.ingest.fcpxml.values import (
    CONTENT,
    NAMESPACE,
    TimeMap,
    active_alternative,
    active_angles,
    format_rate,
    lane_of,
    markers,
    rational_time,
    time_attribute,
    time_range,
    unmapped_metadata,
)
from panscan.timeline.editorial import Note

_MAX_ITEMS = 50_000  # of all unfolded compounds: more than any edit has; small files can unfold without end
_MAX_DEPTH = 24  # clips inside clips; Final Cut's own files have a few, and each level takes several Python calls
_MAX_NAMED = 8  # projects in one message


def read_fcpxml(path: Path) -> tuple[Any, Fraction, list[Note]]:
    """The timeline of an FCPXML file (or of the Info.fcpxml in an .fcpxmld bundle), its rate, and notes.

    Raises
    ------
    InputError
        The file is no FCPXML, holds no project or several, or cannot be understood.
    """
    file = path / "Info.fcpxml" if path.is_dir() else path
    root = read_xml(file)
    if root.tag != "fcpxml":
        raise unreadable(path, f"It is a {root.tag!r} document, not FCPXML", "Export it with File > Export XML.")
    if not re.fullmatch(r"1\.\d{1,2}", root.get("version", "")):
        raise unreadable(path, f"Its version is {root.get('version')!r}; 1.6 to 1.14 can be read")
    projects = [p for p in root.iter("project") if p.find("sequence") is not None]
    if len(projects) != 1:
        names = ", ".join(repr(p.get("name", "")) for p in projects[:_MAX_NAMED])
        raise InputError(
            f"{path} holds {len(projects) or 'no'} project{'s' if len(projects) != 1 else ''}",
            why=f"Only one can be reframed at a time; found {names}." if names else "It holds clips or events only.",
            fix="Select one project in the editor and export that as XML.",
        )
    try:
        notes = [*repair(projects[0]), *_notes_on_captions(projects[0])]
        return *_TimelineBuilder(root).timeline(projects[0], root.get("version", "")), notes
    except (ValueError, ArithmeticError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        raise unreadable(path, str(error) or type(error).__name__) from error


def _notes_on_captions(project: etree._Element) -> list[Note]:
    count = sum(1 for _ in project.iter("caption"))
    why = "They stay with their clips in the timeline's metadata; no delivery writes them."
    return [Note(f"{count} caption{'s' if count > 1 else ''}", why)] if count else []


@dataclass(slots=True)
class _BuiltItem:
    """An element as OTIO items of the same length.

    Attributes
    ----------
    picture : OTIO item
        A gap where the element has no picture.
    sound : list of LaneItem
    """

    picture: Any
    sound: list[LaneItem] = field(default_factory=list)


class _TimelineBuilder(ClipBuilder):
    """Turns the elements of one FCPXML document into OTIO objects."""

    def __init__(self, root: etree._Element) -> None:
        super().__init__(root)
        self._count = 0

    def timeline(self, project: etree._Element, version: str) -> tuple[Any, Fraction]:
        sequence = project.find("sequence")
        assert sequence is not None
        form = self._resource(sequence.get("format"), "format")
        rate = format_rate(form)
        if rate is None:
            raise ValueError("the format of its sequence does not say how many frames a second has")
        self._rate = rate
        start_s = time_attribute(sequence, "tcStart", Fraction(0))
        stack = self._stack(sequence, start_s, 0)
        stack.name = "tracks"
        kept = unmapped_metadata(sequence)[NAMESPACE] | {"version": version}
        if form is not None:
            kept["format"] = {str(k): str(v) for k, v in form.items()}
        timeline = otio.schema.Timeline(name=project.get("name", ""), metadata={NAMESPACE: kept})
        timeline.tracks = stack
        timeline.global_start_time = rational_time(start_s, rate)
        return timeline, rate

    def _stack(self, owner: etree._Element, origin_s: Fraction, depth: int) -> Any:
        """The storyline of a sequence (or the clips of a multicam angle) with all that is connected to it."""
        return storyline_stack(self._angle(owner, origin_s, depth), self._rate, owner.get("name", ""))

    def _storyline(self, elements: Sequence[etree._Element], origin_s: Fraction, depth: int) -> StorylineContents:
        """Elements one after the other; `origin_s` is the time of the parent at which the first begins."""
        if depth > _MAX_DEPTH:
            raise ValueError(f"its clips are nested more than {_MAX_DEPTH} deep, or hold themselves")
        contents = StorylineContents()
        pending_transition: etree._Element | None = None
        for element in elements:
            if element.tag == "transition":
                pending_transition = element
                if contents.main:
                    self._transition(element, origin_s, contents.length_s, contents)
                    pending_transition = None
                continue
            if element.tag not in CONTENT:
                continue
            at_s = max(time_attribute(element, "offset", origin_s + contents.length_s) - origin_s, contents.length_s)
            if pending_transition is not None:
                self._transition(pending_transition, origin_s, at_s, contents)
                pending_transition = None
            if at_s > contents.length_s:
                contents.main.append(make_gap(self._rate, at_s - contents.length_s))
            built = self._build_item(element, depth)
            length_s = self._length(element)
            contents.main.append(built.picture)
            contents.length_s = at_s + length_s
            contents.sound += [LaneItem(p.lane, at_s + p.start_s, p.length_s, p.children) for p in built.sound]
            self._connect(element, at_s, 0, contents, depth)
        return contents

    def _transition(
        self, element: etree._Element, origin_s: Fraction, at_s: Fraction, contents: StorylineContents
    ) -> None:
        """A transition at a cut, which lies at `at_s`; one with an audio filter fades the sound, too."""
        cut_s = origin_s + at_s
        start_s = time_attribute(element, "offset", cut_s)
        end_s = start_s + time_attribute(element, "duration")
        contents.main.append(
            otio.schema.Transition(
                name=element.get("name", ""),
                transition_type=self._transition_type(element),
                in_offset=rational_time(max(cut_s - start_s, Fraction(0)), self._rate),
                out_offset=rational_time(max(end_s - cut_s, Fraction(0)), self._rate),
                metadata=unmapped_metadata(element),
            )
        )
        used = element.find("filter-audio")
        if used is not None:
            fade = contents.main[-1].clone()
            fade.name = used.get("name", "")
            contents.sound.append(LaneItem(0, at_s, Fraction(0), [fade]))

    def _connect(
        self, element: etree._Element, at_s: Fraction, lane: int, contents: StorylineContents, depth: int
    ) -> None:
        """What is connected to an element that lies at `at_s`: clips and storylines above and below it."""
        if depth > _MAX_DEPTH:
            raise ValueError(f"its clips are nested more than {_MAX_DEPTH} deep, or hold themselves")
        element = active_alternative(element)
        head_s = self._local_start(element)
        for child in element:
            own = lane_of(child)
            if child.tag not in CONTENT or own == 0:
                continue
            start_s = at_s + time_attribute(child, "offset", Fraction(0)) - head_s
            if child.tag == "spine":
                inner = self._storyline(list(child), Fraction(0), depth + 1)
                contents.connected.append(LaneItem(lane + own, start_s, inner.length_s, inner.main))
                contents.sound += [LaneItem(own, start_s + p.start_s, p.length_s, p.children) for p in inner.sound]
                contents.connected += [
                    LaneItem(lane + own + p.lane, start_s + p.start_s, p.length_s, p.children) for p in inner.connected
                ]
                continue
            built = self._build_item(child, depth + 1)
            if not isinstance(built.picture, otio.schema.Gap):
                contents.connected.append(LaneItem(lane + own, start_s, self._length(child), [built.picture]))
            contents.sound += [LaneItem(own, start_s + p.start_s, p.length_s, p.children) for p in built.sound]
            self._connect(child, start_s, lane + own, contents, depth + 1)

    def _build_item(self, element: etree._Element, depth: int) -> _BuiltItem:
        """One story element, by its kind."""
        self._count += 1
        if self._count > _MAX_ITEMS:
            raise ValueError(f"its compound clips unfold into more than {_MAX_ITEMS} clips")
        element = active_alternative(element)
        length_s = self._length(element)
        if length_s < 0:
            raise ValueError(f"<{element.tag}> {element.get('name', '')!r} has a negative duration")
        if element.tag in ("asset-clip", "video", "audio"):
            built = self._of_asset(element, element, Fraction(0))
        elif element.tag in ("clip", "sync-clip"):
            built = self._of_container(element, depth)
        elif element.tag in ("ref-clip", "mc-clip"):
            built = self._of_media(element, depth)
        elif element.tag == "title":
            built = _BuiltItem(self._generator(element, Fraction(0)))
        else:
            built = _BuiltItem(make_gap(self._rate, length_s))
            built.picture.metadata.update(unmapped_metadata(element))
            built.picture.markers.extend(markers(element, -self._local_start(element), self._rate))
        built.picture.enabled = element.get("enabled", "1") != "0"
        for item in built.sound:
            for child in item.children:
                child.enabled = built.picture.enabled
        return built

    def _of_asset(self, element: etree._Element, inner: etree._Element, shift_s: Fraction) -> _BuiltItem:
        """A clip of one asset; `inner` names it, media time is the clip's (retimed) local time plus `shift_s`."""
        asset = self._resource(inner.get("ref"), "asset")
        if asset is None:
            return _BuiltItem(self._generator(element, shift_s))
        start_s, length_s = self._local_start(element), self._length(element)
        timing = TimeMap(element, self._rate, start_s)
        # An asset of sound alone has no attribute hasVideo.
        video = asset.get("hasVideo", "0" if asset.get("hasAudio") == "1" else "1")
        has_video = video != "0" and element.get("srcEnable", "all") != "audio"
        has_audio = asset.get("hasAudio", "0") != "0" and element.get("srcEnable", "all") != "video"
        built = _BuiltItem(make_gap(self._rate, length_s))
        if has_video and inner.tag != "audio":
            built.picture = self._clip(element, asset, timing, start_s, length_s, shift_s)
        own_sound = inner.tag == "asset-clip" or inner.tag == "audio" or inner.find("audio") is not None
        if has_audio and own_sound:
            audio_s = time_attribute(element, "audioStart", start_s)
            audio_length_s = time_attribute(element, "audioDuration", length_s)
            clip = self._clip(element, asset, timing, audio_s, audio_length_s, shift_s)
            del clip.markers[:]
            built.sound.append(LaneItem(0, audio_s - start_s, audio_length_s, [clip]))
        return built

    def _of_container(self, element: etree._Element, depth: int) -> _BuiltItem:
        """A clip that holds others, as its only asset, as a nested stack, or as sound alone."""
        inside = [c for c in element if c.tag in CONTENT and lane_of(c) == 0]
        if len(inside) == 1 and inside[0].tag in ("video", "audio", "asset-clip") and inside[0].find("timeMap") is None:
            inner = inside[0]
            shift_s = self._local_start(inner) - time_attribute(inner, "offset", Fraction(0))
            return self._of_asset(element, inner, shift_s)
        sounds = [a for c in inside if c.tag == "gap" for a in c.iterchildren("audio")]
        if inside and all(c.tag == "gap" for c in inside) and sounds:
            found = [self._of_asset(element, a, self._sound_shift(a)) for a in sounds]
            return _BuiltItem(make_gap(self._rate, self._length(element)), [p for built in found for p in built.sound])
        origin_s = min((time_attribute(c, "offset", Fraction(0)) for c in inside), default=Fraction(0))
        contents = StorylineContents()
        for child in inside:
            at_s = time_attribute(child, "offset", Fraction(0)) - origin_s
            story = list(child) if child.tag == "spine" else [child]
            inner_contents = self._storyline(story, Fraction(0) if child.tag == "spine" else origin_s + at_s, depth + 1)
            contents.connected.append(LaneItem(0, at_s, inner_contents.length_s, inner_contents.main))
            for own, inner_items in (
                (contents.connected, inner_contents.connected),
                (contents.sound, inner_contents.sound),
            ):
                own += [LaneItem(p.lane, at_s + p.start_s, p.length_s, p.children) for p in inner_items]
        return self._nested(element, contents, origin_s)

    def _sound_shift(self, audio: etree._Element) -> Fraction:
        return time_attribute(audio, "start", Fraction(0)) - time_attribute(audio, "offset", Fraction(0))

    def _of_media(self, element: etree._Element, depth: int) -> _BuiltItem:
        """A compound clip or the active angle of a multicam clip, opened; empty where its media is not in the file."""
        media = self._resource(element.get("ref"), "media")
        content = None if media is None else media.find("sequence")
        multicam = None if media is None else media.find("multicam")
        owner = content if content is not None else multicam
        origin_s = time_attribute(owner, "tcStart", Fraction(0)) if owner is not None else Fraction(0)
        heard: list[etree._Element] = []
        if multicam is not None:
            content, heard = active_angles(multicam, element)
        if content is None:
            return _BuiltItem(self._missing(element))
        contents = self._angle(content, origin_s, depth + 1)
        if multicam is not None and not (len(heard) == 1 and heard[0] is content):
            contents.sound = [item for angle in heard for item in self._angle(angle, origin_s, depth + 1).sound]
        return self._nested(element, contents, origin_s, media)

    def _angle(self, owner: etree._Element, origin_s: Fraction, depth: int) -> StorylineContents:
        """What lies in a sequence or in an angle of a multicam clip."""
        spine = owner.find("spine")
        return self._storyline(list(owner if spine is None else spine), origin_s, depth)

    def _nested(
        self,
        element: etree._Element,
        contents: StorylineContents,
        origin_s: Fraction,
        media: etree._Element | None = None,
    ) -> _BuiltItem:
        start_s, length_s = self._local_start(element), self._length(element)
        timing = TimeMap(element, self._rate, start_s)
        owner_of_name = element if element.get("name") or media is None else media
        stack = storyline_stack(contents, self._rate, owner_of_name.get("name", ""))
        begin_s = timing.begins_at(start_s, length_s, self._rate, self._rate)
        stack.source_range = time_range(begin_s - origin_s, length_s, self._rate)
        stack.metadata.update(unmapped_metadata(element))
        stack.effects.extend(timing.time_effects(start_s, length_s))
        stack.markers.extend(markers(element, -origin_s, self._rate))
        sound: list[LaneItem] = []
        enabled = element.get("srcEnable", "all")
        if enabled == "audio":
            sound = [LaneItem(0, Fraction(0), length_s, [stack])]
            return _BuiltItem(make_gap(self._rate, length_s), sound)
        if enabled == "video":
            stack[:] = [track.clone() for track in stack if track.kind == otio.schema.TrackKind.Video]
        return _BuiltItem(stack, sound)
