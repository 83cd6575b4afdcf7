-- A strict DaVinci Resolve for tests of the Lua scripts. It models what is documented or was measured and published:
-- a method that no version has is nil; a documented one that is not modelled here is an error; names of timelines are
-- unique; settings are texts; overlapping appends are dropped; pan and tilt of a timeline that is not current count in
-- the project's picture; out-of-range values are clipped silently; comps start at their render start; values written
-- under Lock render as if absent; only paths move a point; in the free edition a call that only Studio has opens a
-- dialog, and while one is open nothing can be changed.
local fake = { calls = 0, lacking = {}, names = {} }

local STUDIO_ONLY = {
  SmartReframe = true, CreateMagicMask = true, Stabilize = true, TranscribeAudio = true, DetectSceneCuts = true,
  CreateSubtitlesFromAudio = true,
}
local CHANGES = { "Add", "Append", "Create", "Delete", "Duplicate", "Export", "Import", "Rename", "Set", "Update" }

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

local function refused()
  return false
end

local function opens_a_dialog()
  fake.modal = true
  return false
end

local function is_change(name)
  for _, word in ipairs(CHANGES) do
    if string.sub(name, 1, #word) == word then
      return true
    end
  end
  return false
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
      if STUDIO_ONLY[name] and fake.names[kind][name] and not fake.is_studio then
        return opens_a_dialog
      elseif method and not fake.removed[name] then
        return fake.modal and is_change(name) and refused or method
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

function fake.uid()
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

-- Building a scene ---------------------------------------------------------------------------------------------------

function fake.media(data)
  return object("MediaPoolItem", {
    w = data.w, h = data.h,
    properties = { ["File Path"] = data.file or "", FPS = data.fps or fake.fps, Resolution = data.w .. "x" .. data.h },
  })
end

function fake.timeline(project, name, items)
  local timeline = object("Timeline", {
    project = project, name = name, id = fake.uid(), settings = {}, tracks = 1, items = {}, markers = {}, start = 90000,
  })
  for _, data in ipairs(items) do
    local media = data.file and fake.media(data)
    local item = fake.new_item(timeline, {
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
function fake.open(scene)
  fake.names, fake.fps, fake.removed, fake.is_studio = scene.names, scene.fps, scene.removed or {}, scene.is_studio
  fake.render_start, fake.end_is_exclusive = scene.render_start or 1001, scene.end_is_exclusive
  fake.project_settings = {
    timelineResolutionWidth = tostring(scene.project_px[1]), timelineResolutionHeight = tostring(scene.project_px[2]),
    timelineInputResMismatchBehavior = "centerCrop", useCustomSettings = "0",
    timelineOutputResMatchTimelineRes = "1", timelinePixelAspectRatio = "square",
  }
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

-- The parts of this fake lie beside it: loaded before scripts lose what loads files.
function fake.load(folder)
  for _, part in ipairs({ "project", "timeline", "item", "comp", "picture" }) do
    assert(loadfile(folder .. "/resolve_fake_" .. part .. ".lua"))(fake, class, object, check, step)
  end
  return fake
end

return fake
