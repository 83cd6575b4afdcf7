-- A strict DaVinci Resolve for tests of the Lua scripts. It models what is documented or was measured and published:
-- a method that no version has is nil; a documented one that is not modelled here is an error; names of timelines are
-- unique; settings are texts; overlapping appends are dropped; pan and tilt of a timeline that is not current count in
-- the project's picture; out-of-range values are clipped silently; comps start at their render start; values written
-- under Lock render as if absent; only paths move a point.
local fake = { calls = 0, lacking = {}, names = {} }

local function check(condition, text)
  if not condition then
    error("FAKE: " .. text, 3)
  end
end

local function step()
  if fake.dead then
    error("Resolve has crashed", 0)
  end
  fake.calls = fake.calls + 1
  if fake.crash_at and fake.calls >= fake.crash_at then
    fake.dead = true
    error("Resolve has crashed", 0)
  end
end

local classes = {}

local function class(kind)
  classes[kind] = classes[kind] or {}
  return classes[kind]
end

local meta = {}
local function object(kind, data)
  meta[kind] = meta[kind] or {
    __index = function(self, name)
      if string.find(name, "^%l") then
        return nil -- the fake's own fields; names of Resolve begin with a capital letter
      end
      if fake.dead then
        error("Resolve has crashed", 0)
      end
      local method = not (rawget(self, "is_gone")) and classes[kind][name]
      if method and not fake.removed[name] then
        return method
      end
      if not rawget(self, "is_gone") and fake.names[kind][name] and not fake.removed[name] then
        error("FAKE: " .. kind .. "." .. name .. " is not modelled", 2)
      end
      local extra = not rawget(self, "is_gone") and classes[kind].__read
      local found = extra and extra(self, name)
      if found == nil then
        fake.lacking[name] = true
      end
      return found
    end,
    __newindex = function(self, name, value)
      if string.find(name, "^%l") then
        return rawset(self, name, value)
      end
      local write = classes[kind].__write
      check(write, kind .. "." .. tostring(name) .. " cannot be set")
      step()
      write(self, name, value)
    end,
  }
  data.kind = kind
  return setmetatable(data, meta[kind])
end

local function uid()
  fake.last_id = (fake.last_id or 0) + 1
  return "uid-" .. fake.last_id
end

-- Markers of timelines and clips.
local function with_markers(kind, holds)
  local c = class(kind)
  function c:AddMarker(frame, colour, name, note, duration, data)
    step()
    check(type(colour) == "string" and type(name) == "string" and type(note) == "string" and duration == 1, "marker")
    if not holds(self, frame) or self.markers[frame] then
      return false
    end
    self.markers[frame] = { color = colour, name = name, note = note, duration = 1, customData = data or "" }
    return true
  end
  function c:GetMarkers()
    local copy = {}
    for frame, marker in pairs(self.markers) do
      copy[frame] = marker
    end
    return copy
  end
  function c:UpdateMarkerCustomData(frame, data)
    step()
    if not self.markers[frame] then
      return false
    end
    self.markers[frame].customData = data
    return true
  end
  function c:DeleteMarkerAtFrame(frame)
    step()
    local had = self.markers[frame] ~= nil
    self.markers[frame] = nil
    return had
  end
end

with_markers("Timeline", function(_, frame)
  return frame >= 0
end)
with_markers("TimelineItem", function(self, frame)
  return frame >= self.left and frame < self.left + self.duration
end)

-- Root, project, media pool -----------------------------------------------------------------------------------------

local R = class("Resolve")
function R:GetProjectManager()
  return self.manager
end
function R:GetVersionString()
  return "21.0.3.7"
end
function R:GetProductName()
  return "DaVinci Resolve"
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
local function new_item(timeline, data)
  data.timeline, data.markers, data.comps, data.values = timeline, {}, {}, {}
  for name, value in pairs(fake.defaults) do
    data.values[name] = value
  end
  for name, value in pairs(data.set or {}) do
    data.values[name] = value
  end
  return object("TimelineItem", data)
end

function P:AppendToTimeline(list)
  step()
  local timeline, added = self.project.current, {}
  for index, info in ipairs(list) do
    check(type(info.mediaPoolItem) == "table" and info.mediaType == 1, "append")
    local last = info.endFrame + (fake.end_is_exclusive and 0 or 1)
    local start, stop = info.recordFrame, info.recordFrame + last - info.startFrame
    local fresh = new_item(timeline, {
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

-- Timelines ----------------------------------------------------------------------------------------------------------

local T = class("Timeline")
function T:GetName()
  return self.name
end
function T:GetUniqueId()
  return self.id
end
function T:GetStartFrame()
  return self.start
end
function T:GetTrackCount(kind)
  return kind == "video" and self.tracks or 1
end
function T:AddTrack(kind)
  step()
  check(kind == "video", "track")
  self.tracks = self.tracks + 1
  return true
end
function T:GetIsTrackLocked(_, track)
  return self.locked == track
end
function T:GetItemListInTrack(kind, track)
  check(kind == "video" and track <= self.tracks, "track")
  local sparse, index = {}, 0
  for _, item in ipairs(self.items) do
    if item.track == track then
      index = index + 2 -- lists may have holes
      sparse[index] = item
    end
  end
  return sparse
end
function T:GetSetting(name)
  if name == "timelineFrameRate" then
    return tostring(fake.fps)
  elseif name == "timelineDropFrameTimecode" then
    return "0"
  end
  if self.settings.useCustomSettings ~= "1" then
    return fake.project_settings[name]
  end
  return self.settings[name] or fake.project_settings[name]
end
function T:SetSetting(name, value)
  step()
  check(type(name) == "string" and type(value) == "string", "settings are texts")
  if name ~= "useCustomSettings" and self.settings.useCustomSettings ~= "1" then
    return false
  end
  self.settings[name] = value
  return true
end
function T:SetCurrentTimecode(text)
  step()
  local h, m, s, f = string.match(text, "^(%d%d):(%d%d):(%d%d)[:;](%d%d)$")
  check(h, "timecode " .. tostring(text))
  self.playhead = ((h * 60 + m) * 60 + s) * math.floor(fake.fps + 0.5) + f
  return true
end
function T:DuplicateTimeline(name)
  step()
  for _, timeline in ipairs(self.project.timelines) do
    if timeline.name == name then
      fake.modal = true -- a dialog opens, and blocks
      return nil
    end
  end
  local copy = fake.timeline(self.project, name, {})
  copy.tracks, copy.locked, copy.start = self.tracks, self.locked, self.start
  for key, value in pairs(self.settings) do
    copy.settings[key] = value
  end
  for _, item in ipairs(self.items) do
    local twin = new_item(copy, {
      name = item.name, media = item.media, left = item.left, duration = item.duration, start = item.start,
      track = item.track, span = item.span, set = item.values,
    })
    for number, comp in ipairs(item.comps) do
      twin.comps[number] = comp
    end
    for frame, marker in pairs(item.markers) do
      twin.markers[frame] = marker
    end
    table.insert(copy.items, twin)
  end
  return copy
end
function T:DeleteClips(list, ripple)
  step()
  check(ripple == false, "ripple would move the editor's clips")
  for _, gone in ipairs(list) do
    for index = #self.items, 1, -1 do
      if self.items[index] == gone then
        table.remove(self.items, index)
        rawset(gone, "is_gone", true)
      end
    end
  end
  return true
end
function T:Export(path, kind)
  step()
  check(kind == "otio", "export")
  fake.exported = path
  if fake.otio then
    local file = assert(fake.open_file(path, "w"))
    file:write(fake.otio)
    file:close()
  end
  return true
end

-- Clips --------------------------------------------------------------------------------------------------------------

fake.defaults = {
  Pan = 0, Tilt = 0, ZoomX = 1, ZoomY = 1, ZoomGang = true, RotationAngle = 0, AnchorPointX = 0, AnchorPointY = 0,
  Pitch = 0, Yaw = 0, FlipX = false, FlipY = false, CropLeft = 0, CropRight = 0, CropTop = 0, CropBottom = 0,
  CropSoftness = 0, CropRetain = false, Scaling = 0,
}

local I = class("TimelineItem")
local function raster(item)
  local timeline = item.timeline
  if fake.project.current == timeline then
    return tonumber(timeline:GetSetting("timelineResolutionWidth")), tonumber(timeline:GetSetting("timelineResolutionHeight"))
  end
  return tonumber(fake.project_settings.timelineResolutionWidth), tonumber(fake.project_settings.timelineResolutionHeight)
end

function I:GetName()
  return self.name
end
function I:GetStart()
  return self.start
end
function I:GetDuration()
  return self.duration
end
function I:GetLeftOffset()
  return self.left
end
function I:GetMediaPoolItem()
  return self.media
end
function I:GetSourceStartFrame()
  return self.left
end
function I:GetSourceEndFrame()
  return self.left + (self.span or self.duration) - 1
end
function I:GetProperty(name)
  local value = self.values[name]
  check(value ~= nil, "property " .. tostring(name))
  local width, height = raster(self)
  return name == "Pan" and value * width or name == "Tilt" and value * height or value
end
function I:SetProperty(name, value)
  step()
  check(fake.defaults[name] ~= nil, "property " .. tostring(name))
  check(type(value) == type(fake.defaults[name]), name .. " takes no " .. type(value))
  local width, height = raster(self)
  local limits = {
    Pan = { -4 * width, 4 * width }, Tilt = { -4 * height, 4 * height }, ZoomX = { 0, 100 }, ZoomY = { 0, 100 },
    CropLeft = { 0, width }, CropRight = { 0, width }, CropTop = { 0, height }, CropBottom = { 0, height },
  }
  if limits[name] then
    value = math.max(limits[name][1], math.min(limits[name][2], value))
  end
  self.values[name] = name == "Pan" and value / width or name == "Tilt" and value / height or value
  return name ~= "ZoomGang" -- some setters say false although the value stuck
end
function I:GetFusionCompCount()
  return #self.comps
end
function I:GetFusionCompNameList()
  local names = {}
  for number, comp in ipairs(self.comps) do
    names[number] = comp.name
  end
  return names
end
function I:RenameFusionCompByName(old, new)
  step()
  for _, comp in ipairs(self.comps) do
    if comp.name == old then
      comp.name = new
      return true
    end
  end
  return false
end
function I:DeleteFusionCompByName(name)
  step()
  for number, comp in ipairs(self.comps) do
    if comp.name == name then
      table.remove(self.comps, number)
      return true
    end
  end
  return false
end
function I:AddFusionComp()
  step()
  local comp = fake.comp(self)
  self.comps[#self.comps + 1] = comp
  comp.name = "Composition " .. #self.comps
  return comp
end

-- Building a scene ---------------------------------------------------------------------------------------------------

function fake.media(data)
  return object("MediaPoolItem", {
    w = data.w, h = data.h,
    properties = { ["File Path"] = data.file or "", FPS = data.fps or fake.fps, Resolution = data.w .. "x" .. data.h },
  })
end

function fake.timeline(project, name, items)
  local timeline = object("Timeline", {
    project = project, name = name, id = uid(), settings = {}, tracks = 1, items = {}, markers = {}, start = 90000,
  })
  for _, data in ipairs(items) do
    local media = data.file and fake.media(data)
    local item = new_item(timeline, {
      name = data.name or data.file or "title", media = media, left = data.left, duration = data.duration,
      start = timeline.start + data.start, track = data.track or 1, span = data.span, set = data.set,
    })
    timeline.tracks = math.max(timeline.tracks, item.track)
    if data.own_comp then
      item:AddFusionComp()
    end
    table.insert(timeline.items, item)
  end
  table.insert(project.timelines, timeline)
  return timeline
end

-- scene: { fps, names, project_px = { w, h }, items, timelines, removed, render_start, ... }
function fake.open(scene, comps)
  fake.names, fake.fps, fake.removed = scene.names, scene.fps, scene.removed or {}
  fake.render_start, fake.end_is_exclusive = scene.render_start or 1001, scene.end_is_exclusive
  fake.project_settings = {
    timelineResolutionWidth = tostring(scene.project_px[1]), timelineResolutionHeight = tostring(scene.project_px[2]),
    timelineInputResMismatchBehavior = "centerCrop", useCustomSettings = "0",
    timelineOutputResMatchTimelineRes = "1", timelinePixelAspectRatio = "square",
  }
  comps(fake, class, object, check, step)
  local project = object("Project", { timelines = {} })
  fake.project = project
  project.pool = object("MediaPool", { project = project })
  project.current = fake.timeline(project, "Interview", scene.items)
  project.current.locked = scene.locked
  for _, name in ipairs(scene.timelines or {}) do
    fake.timeline(project, name, {})
  end
  fake.resolve = object("Resolve", { manager = object("ProjectManager", { project = project }) })
  fake.otio = scene.otio
  fake.calls, fake.crash_at, fake.gains = 0, scene.crash_at, scene.gains
  return fake.resolve
end

return fake
