-- Cells of a split layout: the clip again on tracks above, one per cell.
local P = ...

local function overlaps(place, start, duration)
  return place.start < start + duration and start < place.start + place.item:GetDuration(false)
end

-- Tracks above a clip that are free for as long as it lasts, made where there are too few. Appending over another
-- clip would silently drop ours.
function P.free_tracks(timeline, place, count)
  local duration, places, tracks = place.item:GetDuration(false), P.items(timeline), {}
  local track = place.track
  while #tracks < count do
    track = track + 1
    if track > timeline:GetTrackCount("video") then
      if not timeline:AddTrack("video") then
        error("Resolve could not add a video track", 0)
      end
      P.wait()
    end
    local is_free = not timeline:GetIsTrackLocked("video", track)
    for _, other in ipairs(places) do
      is_free = is_free and not (other.track == track and overlaps(other, place.start, duration))
    end
    if is_free then
      tracks[#tracks + 1] = track
    end
  end
  return tracks
end

local function alive(item)
  return item ~= nil and P.has(item, "GetDuration")
end

-- The same frames of the same media on another track of the current timeline.
function P.append_layer(project, timeline, place, track)
  local item = place.item
  local duration, first = item:GetDuration(false), item:GetLeftOffset(false)
  -- Versions differ in whether the last frame counts in: read back, and try the other way once.
  for _, last in ipairs({ first + duration - 1, first + duration }) do
    local added = P.list(project:GetMediaPool():AppendToTimeline({
      {
        mediaPoolItem = item:GetMediaPoolItem(),
        startFrame = first,
        endFrame = last,
        mediaType = 1, -- the picture alone: the sound stays where it is
        trackIndex = track,
        recordFrame = place.start,
      },
    }))
    P.wait()
    local layer = added[1]
    if not alive(layer) then
      error("Resolve dropped the layer on track " .. track, 0)
    end
    if layer:GetDuration(false) == duration and layer:GetStart(false) == place.start then
      return layer
    end
    timeline:DeleteClips({ layer }, false)
  end
  return error("Resolve made the layer on track " .. track .. " another length", 0)
end

-- Take away the layers that a note on the clip below names.
function P.remove_layers(timeline, place, note)
  local gone = {}
  for track in string.gmatch(note.tracks or "", "%d+") do
    for _, other in ipairs(P.items(timeline)) do
      local own = P.note_of(other.item)
      local marked = own and own.clip == note.clip and own.cell ~= nil
      if other.track == tonumber(track) and other.start == place.start
        and (marked or (own == nil and note.state == "building")) then
        gone[#gone + 1] = other.item
      end
    end
  end
  if #gone > 0 then
    timeline:DeleteClips(gone, false)
    P.wait()
  end
end
