"""A strict DaVinci Resolve for tests of the Python scripts: root, project and media pool.

What it models stands in resolve_fake_base; its timelines and clips are in resolve_fake_timeline.
"""

from __future__ import annotations

from hosts.resolve_fake_base import DEFAULTS, START, Crashed, Remote, World
from hosts.resolve_fake_timeline import Timeline, TimelineItem
from panscan.model.geometry import Size

__all__ = ["DEFAULTS", "START", "Crashed", "Timeline", "TimelineItem", "frames_of", "open_resolve"]


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

    def GetProductName(self):
        return "DaVinci Resolve Studio" if self._world.is_studio else "DaVinci Resolve"


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
