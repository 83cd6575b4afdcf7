"""Timelines and clips of the strict DaVinci Resolve; their comps are in resolve_fake_comp."""

from __future__ import annotations

from hosts.resolve_fake_base import DEFAULTS, START, Marked
from hosts.resolve_fake_comp import Composition
from hosts.shown import Shown, whole
from panscan.model.geometry import Size


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
