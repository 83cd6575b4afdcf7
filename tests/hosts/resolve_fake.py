"""A strict DaVinci Resolve for tests of the Python scripts; its comps are in resolve_fake_comp.

It models what is documented or was measured and published: a name that no version has is None (and hasattr is always
true); a documented one that is not modelled here is an error; names of timelines are unique; settings are texts;
overlapping appends are dropped; pan and tilt of a timeline that is not current count in the project's picture; values
out of range are clipped silently; setters may say False though the value stuck.
"""

from __future__ import annotations

import json
from pathlib import Path

from hosts.shown import Shown, whole
from panscan.model.geometry import Size

NAMES = json.loads(Path(__file__).with_name("resolve_names.json").read_text(encoding="utf-8"))
START = 90000
DEFAULTS = {
    "Pan": 0, "Tilt": 0, "ZoomX": 1, "ZoomY": 1, "ZoomGang": True, "RotationAngle": 0, "AnchorPointX": 0,
    "AnchorPointY": 0, "Pitch": 0, "Yaw": 0, "FlipX": False, "FlipY": False, "CropLeft": 0, "CropRight": 0,
    "CropTop": 0, "CropBottom": 0, "CropSoftness": 0, "CropRetain": False, "Scaling": 0,
}  # fmt: skip


class Crashed(BaseException):
    """Resolve is gone: not an Exception, so that no script can go on."""


class World:
    """What all objects of one Resolve share: its rules for this test, and whether it still runs."""

    def __init__(self, **rules):
        self.fps, self.project_px, self.render_start = 25, (1920, 1080), 1001
        self.end_is_exclusive, self.crash_at, self.version = False, None, "21.0.3.7"
        self.lacks: frozenset[str] = frozenset()
        self.gains = {"pan": 1.0, "tilt": 1.0, "zoom": 1.0}  # how much stronger than documented it draws
        self.draw = None  # (project, path, timeline, frame): writes a still
        for name, value in rules.items():
            assert hasattr(self, name), name
            setattr(self, name, value)
        self.calls, self.modal, self.asked_for, self.imported = 0, False, set(), None
        self.last_id = 0

    def step(self):
        """Something is about to change."""
        self.calls += 1
        if self.crash_at is not None and self.calls >= self.crash_at:
            raise Crashed


class Remote:
    """A remote object: what a version lacks is None."""

    def __init__(self, world):
        self._world, self._gone = world, False

    def __getattribute__(self, name):
        if name.startswith("_"):
            return object.__getattribute__(self, name)
        kind, world = type(self).__name__, self._world
        if self._gone or name in world.lacks:
            return None
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            if name in NAMES[kind]:
                raise AssertionError(f"{kind}.{name} is not modelled") from None
            world.asked_for.add(name)
            return None


class Marked(Remote):
    """Something with markers."""

    def AddMarker(self, frame, colour, name, note, duration, data=""):
        self._world.step()
        assert all(isinstance(text, str) for text in (colour, name, note, data)) and duration == 1
        if frame in self._markers or not self._holds(frame):
            return False
        self._markers[frame] = {"color": colour, "name": name, "note": note, "duration": 1, "customData": data}
        return True

    def GetMarkers(self):
        return {frame: dict(marker) for frame, marker in self._markers.items()}

    def UpdateMarkerCustomData(self, frame, data):
        self._world.step()
        if frame not in self._markers:
            return False
        self._markers[frame]["customData"] = data
        return True

    def DeleteMarkerAtFrame(self, frame):
        self._world.step()
        return self._markers.pop(frame, None) is not None


class Resolve(Remote):
    def __init__(self, world, project):
        super().__init__(world)
        self._manager = ProjectManager(world)
        self._manager._project = project
        self.EXPORT_OTIO, self.EXPORT_NONE = "otio", "none"

    def GetProjectManager(self):
        return self._manager

    def GetVersionString(self):
        return self._world.version


class ProjectManager(Remote):
    def GetCurrentProject(self):
        return self._project


class Project(Remote):
    def __init__(self, world):
        super().__init__(world)
        self._timelines, self._current, self._pool = [], None, MediaPool(world)
        self._pool._project = self

    def GetCurrentTimeline(self):
        return self._current

    def SetCurrentTimeline(self, timeline):
        self._world.step()
        self._current = timeline
        return True

    def GetTimelineCount(self):
        return len(self._timelines)

    def GetTimelineByIndex(self, index):
        assert index >= 1
        return self._timelines[index - 1]

    def GetMediaPool(self):
        return self._pool

    def ExportCurrentFrameAsStill(self, path):
        self._world.step()
        timeline = self._current
        self._world.draw(self, path, timeline, timeline._playhead)
        return True


class MediaPoolItem(Remote):
    def __init__(self, world, file, size, fps=None):
        super().__init__(world)
        self._size = size
        self._properties = {"File Path": file, "FPS": fps or world.fps, "Resolution": f"{size.width}x{size.height}"}

    def GetClipProperty(self, name):
        return self._properties[name]


class MediaPool(Remote):
    def AppendToTimeline(self, infos):
        self._world.step()
        timeline, added = self._project._current, []
        for info in infos:
            assert info["mediaType"] == 1 and info["trackIndex"] <= timeline._tracks
            count = info["endFrame"] - info["startFrame"] + (0 if self._world.end_is_exclusive else 1)
            place = (info["trackIndex"], info["recordFrame"], count, info["startFrame"])
            fresh = TimelineItem(timeline, info["mediaPoolItem"], *place)
            if any(o._track == fresh._track and o._overlaps(fresh) for o in timeline._items):
                fresh._gone = True  # the earlier clip stays; the caller gets a dead handle
            else:
                timeline._items.append(fresh)
            added.append(fresh)
        return added

    def ImportTimelineFromFile(self, path, options):
        self._world.step()
        if options["timelineName"] in {t._name for t in self._project._timelines}:
            return None
        self._world.imported = (path, options)
        return Timeline(self._project, options["timelineName"])

    def DeleteTimelines(self, timelines):
        self._world.step()
        for timeline in timelines:
            assert self._project._current is not timeline, "the current timeline cannot be deleted"
            self._project._timelines.remove(timeline)
        return True

    def DeleteClips(self, clips):
        self._world.step()
        assert clips
        return True

    def CreateEmptyTimeline(self, name):
        self._world.step()
        if name in {t._name for t in self._project._timelines}:
            return None
        return Timeline(self._project, name)

    def ImportMedia(self, paths):
        self._world.step()
        return [MediaPoolItem(self._world, path, Size(1920, 1080)) for path in paths]


class Timeline(Marked):
    def __init__(self, project, name):
        world = project._world
        super().__init__(world)
        world.last_id += 1
        self._project, self._name, self._id = project, name, f"uid-{world.last_id}"
        self._settings, self._items, self._markers, self._tracks = {}, [], {}, 1
        self._locked, self._playhead, self._exported = None, START, None
        project._timelines.append(self)

    def _holds(self, frame):
        return frame >= 0

    @property
    def _px(self):
        return tuple(int(self.GetSetting(f"timelineResolution{side}")) for side in ("Width", "Height"))

    def GetName(self):
        return self._name

    def GetUniqueId(self):
        return self._id

    def GetStartFrame(self):
        return START

    def GetTrackCount(self, kind):
        return self._tracks if kind == "video" else 1

    def AddTrack(self, kind):
        self._world.step()
        assert kind == "video"
        self._tracks += 1
        return True

    def GetIsTrackLocked(self, kind, track):
        return track == self._locked

    def GetItemListInTrack(self, kind, track):
        assert kind == "video" and 1 <= track <= self._tracks
        found = [item for item in self._items if item._track == track]
        return [None, *found] if found else None  # lists may have holes, or be missing

    def GetSetting(self, name):
        width, height = self._world.project_px
        project = {
            "timelineResolutionWidth": str(width), "timelineResolutionHeight": str(height),
            "timelineInputResMismatchBehavior": "centerCrop", "timelineFrameRate": str(self._world.fps),
            "timelineDropFrameTimecode": "0", "timelineOutputResMatchTimelineRes": "1",
            "timelinePixelAspectRatio": "square", "useCustomSettings": "0",
        }  # fmt: skip
        own = self._settings if self._settings.get("useCustomSettings") == "1" else {}
        return {**project, **own}[name]

    def SetSetting(self, name, value):
        self._world.step()
        assert isinstance(name, str) and isinstance(value, str), "settings are texts"
        if name != "useCustomSettings" and self._settings.get("useCustomSettings") != "1":
            return False
        self._settings[name] = value
        return True

    def SetCurrentTimecode(self, text):
        self._world.step()
        hours, minutes, seconds, frames = (int(part) for part in text.replace(";", ":").split(":"))
        self._playhead = ((hours * 60 + minutes) * 60 + seconds) * round(self._world.fps) + frames
        return True

    def DuplicateTimeline(self, name):
        self._world.step()
        if name in {timeline._name for timeline in self._project._timelines}:
            self._world.modal = True  # a dialog opens, and blocks
            return None
        copy = Timeline(self._project, name)
        copy._tracks, copy._locked, copy._settings = self._tracks, self._locked, dict(self._settings)
        for item in self._items:
            twin = TimelineItem(copy, item._media, item._track, item._start, item._duration, item._left)
            twin._name, twin._span, twin._values = item._name, item._span, dict(item._values)
            twin._comps, twin._markers = list(item._comps), dict(item._markers)
            copy._items.append(twin)
        return copy

    def DeleteClips(self, clips, ripple):
        self._world.step()
        assert ripple is False, "ripple would move the editor's clips"
        for clip in clips:
            self._items.remove(clip)
            clip._gone = True
        return True

    def Export(self, path, kind, sub=None):
        self._world.step()
        assert kind == "otio"
        self._exported = path
        return True


class TimelineItem(Marked):
    def __init__(self, timeline, media, track, start, duration, left):
        super().__init__(timeline._world)
        self._timeline, self._media, self._track, self._start = timeline, media, track, start
        self._duration, self._left, self._span, self._name = duration, left, duration, "clip"
        self._values, self._comps, self._markers = dict(DEFAULTS), [], {}

    def _holds(self, frame):
        return self._left <= frame < self._left + self._duration

    def _overlaps(self, other):
        return self._start < other._start + other._duration and other._start < self._start + self._duration

    @property
    def _raster(self):
        timeline = self._timeline
        return timeline._px if timeline._project._current is timeline else self._world.project_px

    def GetName(self):
        return self._name

    def GetStart(self, subframe=False):
        return self._start

    def GetDuration(self, subframe=False):
        return self._duration

    def GetLeftOffset(self, subframe=False):
        return self._left

    def GetMediaPoolItem(self):
        return self._media

    def GetSourceStartFrame(self):
        return self._left

    def GetSourceEndFrame(self):
        return self._left + self._span - 1

    def GetProperty(self, name):
        width, height = self._raster
        return self._values[name] * {"Pan": width, "Tilt": height}.get(name, 1)

    def SetProperty(self, name, value):
        self._world.step()
        assert isinstance(value, bool) == isinstance(DEFAULTS[name], bool), name
        width, height = self._raster
        most = {"Pan": 4 * width, "Tilt": 4 * height, "ZoomX": 100, "ZoomY": 100}
        most |= {"CropLeft": width, "CropRight": width, "CropTop": height, "CropBottom": height}
        if name in most:
            low = -most[name] if name in ("Pan", "Tilt") else 0
            value = min(max(value, low), most[name])
        self._values[name] = value / {"Pan": width, "Tilt": height}.get(name, 1)
        return name != "ZoomGang"

    def GetFusionCompCount(self):
        return len(self._comps)

    def GetFusionCompNameList(self):
        return [comp._name for comp in self._comps]

    def RenameFusionCompByName(self, old, new):
        self._world.step()
        (comp,) = [comp for comp in self._comps if comp._name == old]
        comp._name = new
        return True

    def DeleteFusionCompByName(self, name):
        self._world.step()
        before = len(self._comps)
        self._comps = [comp for comp in self._comps if comp._name != name]
        return len(self._comps) < before

    def AddFusionComp(self):
        from hosts.resolve_fake_comp import Composition

        self._world.step()
        self._comps.append(Composition(self))
        self._comps[-1]._name = f"Composition {len(self._comps)}"
        return self._comps[-1]

    def _shown(self, offset) -> list[Shown]:
        """Layers of this clip on the canvas, `offset` frames after its first."""
        width, height = self._timeline._px
        size, layers, values = self._media._size, [whole(self._media._size)], self._values
        if self._comps:
            (wide, high), layers = self._comps[-1]._picture(self._world.render_start + offset)
            size = Size(int(wide), int(high))
        rule = values["Scaling"]
        if rule == 0:
            rule = 2 if self._timeline.GetSetting("timelineInputResMismatchBehavior") == "scaleToFit" else 1
        both = width / size.width, height / size.height
        fit = {1: 1.0, 2: min(both), 3: max(both)}[rule]
        wide, high = size.width * fit, size.height * fit
        assert values["ZoomX"] == values["ZoomY"]
        gains = self._world.gains
        zoom = values["ZoomX"] * gains["zoom"]
        left = width / 2 + values["Pan"] * wide * gains["pan"] - zoom * wide / 2
        top = height / 2 - values["Tilt"] * high * gains["tilt"] - zoom * high / 2
        found = []
        for layer in layers:
            fitted = layer.moved(fit, 0, 0)
            a, b, c, d = fitted.cut
            cut = max(a, values["CropLeft"]), max(b, values["CropTop"])
            cut += min(c, wide - values["CropRight"]), min(d, high - values["CropBottom"])
            fitted = Shown(fitted.left, fitted.top, fitted.scale, cut)
            found.append(fitted.moved(zoom, left, top).cropped(width, height))
        return found


def open_resolve(items, *, other_timelines=(), **rules):
    """A Resolve with one project, whose current timeline "Interview" holds `items` (see resolve_scenes.items)."""
    world = World(**rules)
    project = Project(world)
    timeline = Timeline(project, "Interview")
    for data in items:
        media = MediaPoolItem(world, data["file"], Size(data["w"], data["h"]), data.get("fps")) if "w" in data else None
        place = (data["track"], START + data["start"], data["duration"], data["left"])
        item = TimelineItem(timeline, media, *place)
        item._name, item._span = data.get("name", data.get("file", "title")), data.get("span", data["duration"])
        item._values |= data.get("set", {})
        timeline._items.append(item)
        timeline._tracks = max(timeline._tracks, item._track)
        if data.get("own_comp"):
            item.AddFusionComp()
    for name in other_timelines:
        Timeline(project, name)
    project._current = timeline
    world.calls = 0
    return Resolve(world, project)


def frames_of(timeline):
    """Record frame -> (track, media frame, Shown) of everything that is seen there."""
    found = {}
    for item in timeline._items:
        if item._media is None or not item._media._properties["File Path"]:
            continue
        for offset in range(item._duration):
            layers = [(item._track, item._left + offset, one) for one in item._shown(offset)]
            found.setdefault(item._start + offset, []).extend(layers)
    return found
