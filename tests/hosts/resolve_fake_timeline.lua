-- Timelines of the fake Resolve.
local fake, class, _, check, step = ...

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
    local twin = fake.new_item(copy, {
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
