-- The root of the fake Resolve, its project and media pool.
local fake, class, _, check, step = ...

local R = class("Resolve")
function R:GetProjectManager()
  return self.manager
end
function R:GetVersionString()
  return "21.0.3.7"
end
function R:GetProductName()
  return fake.is_studio and "DaVinci Resolve Studio" or "DaVinci Resolve"
end
R.__read = function(_, name)
  return name == "EXPORT_OTIO" and "otio" or name == "EXPORT_NONE" and "none" or nil
end

local M = class("ProjectManager")
function M:GetCurrentProject()
  return self.project
end

local J = class("Project")
function J:GetCurrentTimeline()
  return self.current
end
function J:SetCurrentTimeline(timeline)
  step()
  self.current = timeline
  return true
end
function J:GetTimelineCount()
  return #self.timelines
end
function J:GetTimelineByIndex(index)
  return self.timelines[index]
end
function J:GetMediaPool()
  return self.pool
end
function J:ExportCurrentFrameAsStill(path)
  step()
  local at = self.current.playhead or self.current.start
  fake.still(self, path, at)
  return true
end

local B = class("MediaPoolItem")
function B:GetClipProperty(name)
  local value = self.properties[name]
  check(value ~= nil, "clip property " .. tostring(name))
  return value
end

local P = class("MediaPool")
function P:AppendToTimeline(list)
  step()
  local timeline, added = self.project.current, {}
  for index, info in ipairs(list) do
    check(type(info.mediaPoolItem) == "table" and info.mediaType == 1, "append")
    local last = info.endFrame + (fake.end_is_exclusive and 0 or 1)
    local start, stop = info.recordFrame, info.recordFrame + last - info.startFrame
    local fresh = fake.new_item(timeline, {
      name = "layer", media = info.mediaPoolItem, left = info.startFrame, duration = last - info.startFrame,
      start = start, track = info.trackIndex,
    })
    check(info.trackIndex <= timeline.tracks, "track " .. info.trackIndex .. " does not exist")
    for _, other in ipairs(timeline.items) do
      if other.track == info.trackIndex and other.start < stop and start < other.start + other.duration then
        fresh.is_gone = true -- the earlier clip stays; the caller gets a dead handle
      end
    end
    if not fresh.is_gone then
      table.insert(timeline.items, fresh)
    end
    added[index] = fresh
  end
  return added
end
function P:ImportTimelineFromFile(path, options)
  step()
  for _, timeline in ipairs(self.project.timelines) do
    if timeline.name == options.timelineName then
      return nil
    end
  end
  fake.imported = path
  return fake.timeline(self.project, options.timelineName, {})
end
function P:DeleteTimelines(list)
  step()
  for _, gone in ipairs(list) do
    for index = #self.project.timelines, 1, -1 do
      if self.project.timelines[index] == gone then
        check(self.project.current ~= gone, "the current timeline cannot be deleted")
        table.remove(self.project.timelines, index)
      end
    end
  end
  return true
end
function P:DeleteClips(list)
  step()
  check(#list > 0, "clips")
  return true
end
function P:CreateEmptyTimeline(name)
  step()
  for _, timeline in ipairs(self.project.timelines) do
    if timeline.name == name then
      return nil
    end
  end
  return fake.timeline(self.project, name, {})
end
function P:ImportMedia(paths)
  step()
  local found = {}
  for index, path in ipairs(paths) do
    found[index] = fake.media({ file = path, w = 1920, h = 1080 })
  end
  return found
end
