-- Markers that say what was done: on clips, so that a second run updates them, and on the copy of the timeline.
local P = ...

local MARK = "panscan"
local COLOUR = "Mint"
local ORDER = { "role", "source", "canvas", "plan", "clip", "cell", "state", "comps", "tracks" }

local function encoded(note)
  local parts = { MARK }
  for _, name in ipairs(ORDER) do
    if note[name] ~= nil then
      parts[#parts + 1] = name .. "=" .. tostring(note[name])
    end
  end
  return table.concat(parts, ";")
end

local function decoded(text)
  if type(text) ~= "string" or string.sub(text, 1, #MARK) ~= MARK then
    return nil
  end
  local note = {}
  for name, value in string.gmatch(text, "(%w+)=([^;]*)") do
    note[name] = value
  end
  return note
end

-- Our note on a clip or timeline, and the frame of its marker; nil if there is none.
function P.note_of(object)
  for frame, marker in pairs(object:GetMarkers() or {}) do
    local note = type(marker) == "table" and decoded(marker.customData)
    if note then
      return note, frame
    end
  end
  return nil
end

-- Put a note on a clip, or change the one that is there.
function P.note_clip(item, note)
  local _, frame = P.note_of(item)
  if frame then
    item:UpdateMarkerCustomData(frame, encoded(note))
  else
    -- Frames of clip markers count in the media; zero is tried too, should a version count from the clip.
    local left = item:GetLeftOffset(false)
    for _, at in ipairs({ left, left + 1, left + 2, 0, 1, 2 }) do
      if item:AddMarker(at, COLOUR, "Panscan", "reframed by panscan", 1, encoded(note)) then
        break
      end
    end
  end
  local found = P.note_of(item)
  if not found or found.state ~= note.state then
    error("its marker could not be written", 0)
  end
end

-- Put a note on a timeline. The new marker is there before the old one goes, so that no crash loses both.
function P.note_timeline(timeline, note, text)
  local markers = timeline:GetMarkers() or {}
  local _, old = P.note_of(timeline)
  for at = 0, 9 do
    if markers[at] == nil and timeline:AddMarker(at, COLOUR, "Panscan", text, 1, encoded(note)) then
      if old then
        timeline:DeleteMarkerAtFrame(old)
      end
      return
    end
  end
end
