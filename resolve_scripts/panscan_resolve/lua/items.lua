-- Which clip of the timeline is which clip of the plan: by file, first frame and length, never by number.
local P = ...

-- All clips of the picture: { item, track, start }, in record order, lower tracks first.
function P.items(timeline)
  local found = {}
  for track = 1, timeline:GetTrackCount("video") do
    for _, item in ipairs(P.list(timeline:GetItemListInTrack("video", track))) do
      if P.has(item, "GetStart") then -- a dropped clip may linger as a handle without methods
        found[#found + 1] = { item = item, track = track, start = item:GetStart(false) }
      end
    end
  end
  table.sort(found, function(a, b)
    if a.start ~= b.start then
      return a.start < b.start
    end
    return a.track < b.track
  end)
  return found
end

-- How many media frames one record frame takes; nil where Resolve does not say.
local function speed(item, pool, timeline)
  local first, last = tonumber(item:GetSourceStartFrame()), tonumber(item:GetSourceEndFrame())
  local duration = item:GetDuration(false)
  if not first or not last or first == last or duration < 2 then
    return nil
  end
  local media_fps = tonumber(pool:GetClipProperty("FPS"))
  local record_fps = P.frame_rate(timeline)
  local same = media_fps and record_fps and media_fps / record_fps or 1
  -- Some versions count the last frame in, some do not, so one frame more or less tells nothing.
  local span = math.abs(last - first)
  if math.abs(span - duration * same) <= 1.5 then
    return last > first and 1 or -1
  end
  return span / (duration * same)
end

-- Why a clip cannot be reframed; nil if it can.
function P.why_not(item, timeline, track)
  local pool = item:GetMediaPoolItem()
  if not pool then
    return "a title or generator"
  end
  if (pool:GetClipProperty("File Path") or "") == "" then
    return "a nested timeline or generated clip"
  end
  if timeline:GetIsTrackLocked("video", track) then
    return "its track is locked"
  end
  local rate = speed(item, pool, timeline)
  if rate and rate ~= 1 then
    return "it is retimed"
  end
  for _, name in ipairs({ "RotationAngle", "Pitch", "Yaw" }) do
    if (tonumber(item:GetProperty(name)) or 0) ~= 0 then
      return "it is turned by hand (" .. name .. ")"
    end
  end
  for _, name in ipairs({ "FlipX", "FlipY" }) do
    local value = item:GetProperty(name)
    if value == true or tonumber(value) == 1 then
      return "it is flipped"
    end
  end
  return nil
end

-- Places ("start|track") of layers that a broken run put on tracks above, maybe before it could mark them.
local function leftovers(places)
  local found = {}
  for _, place in ipairs(places) do
    local note = P.note_of(place.item)
    if note and note.state == "building" then
      for track in string.gmatch(note.tracks or "", "%d+") do
        found[place.start .. "|" .. track] = true
      end
    end
  end
  return found
end

-- A photo has no time: each clip of it begins anywhere.
local function key(path, left, duration, stills)
  return P.path(path) .. "|" .. (stills[P.path(path)] and 0 or left) .. "|" .. duration
end

-- Pairs { item, track, start, clip } and two lists of texts: clips left alone, and plan clips that were not found.
function P.match(timeline, plan)
  local waiting, left_alone, missing, pairs_found, stills = {}, {}, {}, {}, {}
  for _, clip in ipairs(plan.clips) do
    stills[P.path(clip.file)] = clip.still or nil
  end
  for _, clip in ipairs(plan.clips) do
    local name = key(clip.file, clip.left_offset, clip.duration, stills)
    waiting[name] = waiting[name] or {}
    table.insert(waiting[name], clip)
  end
  local places = P.items(timeline)
  local broken = leftovers(places)
  for _, place in ipairs(places) do
    local item = place.item
    local note = P.note_of(item)
    if not (note and tonumber(note.cell) and tonumber(note.cell) > 1) then
      local why = P.why_not(item, timeline, place.track)
      local path = not why and item:GetMediaPoolItem():GetClipProperty("File Path")
      local queue = path and waiting[key(path, item:GetLeftOffset(false), item:GetDuration(false), stills)]
      if queue and #queue > 0 then
        place.clip = table.remove(queue, 1)
        pairs_found[#pairs_found + 1] = place
      elseif not broken[place.start .. "|" .. place.track] then
        why = why or "the plan has no clip with this file, first frame and length"
        left_alone[#left_alone + 1] = item:GetName() .. " (track " .. place.track .. "): " .. why
      end
    end
  end
  for _, clip in ipairs(plan.clips) do
    for _, queue in pairs(waiting) do
      for _, rest in ipairs(queue) do
        if rest == clip then
          missing[#missing + 1] = clip.name .. " (" .. clip.id .. "): not in this timeline"
        end
      end
    end
  end
  return pairs_found, left_alone, missing
end
