-- Stills of the current timeline: exported as PPM, the one format that can be read without a library.
local P = ...

-- Whether this edition of Resolve lets scripts read files.
function P.can_read()
  local files = rawget(_G, "io")
  return files ~= nil and files.open ~= nil
end

-- A record frame as timecode; drop-frame counts leave out two (at 60 fps four) numbers a minute, not every tenth.
function P.timecode(frame, fps, drop)
  local nominal = math.floor(fps + 0.5)
  if drop then
    local skipped = math.floor(nominal / 15 + 0.5)
    local per_minute, per_ten = nominal * 60 - skipped, nominal * 600 - 9 * skipped
    local tens, rest = math.floor(frame / per_ten), frame % per_ten
    frame = frame + 9 * skipped * tens
    if rest >= nominal * 60 then
      frame = frame + skipped * (1 + math.floor((rest - nominal * 60) / per_minute))
    end
  end
  local seconds = math.floor(frame / nominal)
  return string.format("%02d:%02d:%02d%s%02d", math.floor(seconds / 3600), math.floor(seconds / 60) % 60, seconds % 60,
    drop and ";" or ":", frame % nominal)
end

-- Export the frame of the current timeline that lies at `frame` (record, absolute) to `path`.
function P.still(project, timeline, frame, path)
  local fps, drop = P.frame_rate(timeline)
  timeline:SetCurrentTimecode(P.timecode(frame, fps, drop))
  P.wait()
  local done = project:ExportCurrentFrameAsStill(path)
  P.wait()
  return done
end

-- A PPM as { width, height, at }: at(x, y) is the brightness of a pixel, 0 to 1; nil where it cannot be read.
function P.read_still(path)
  local file = P.can_read() and rawget(_G, "io").open(path, "rb")
  if not file then
    return nil
  end
  local text = file:read("*a")
  file:close()
  local width, height, most, start = string.match(text, "^P6%s+(%d+)%s+(%d+)%s+(%d+)%s()")
  if not width then
    return nil
  end
  width, height, most = tonumber(width), tonumber(height), tonumber(most)
  local bytes = most > 255 and 2 or 1
  local function at(x, y)
    local place, sum = start + (y * width + x) * 3 * bytes, 0
    for colour = 0, 2 do
      local value = string.byte(text, place + colour * bytes)
      if bytes == 2 then
        value = value * 256 + string.byte(text, place + colour * 2 + 1)
      end
      sum = sum + value
    end
    return sum / (3 * most)
  end
  return { width = width, height = height, at = at }
end

-- Mean brightness of the 3 x 3 pixels around a point.
function P.around(still, x, y)
  local sum, count = 0, 0
  for down = math.max(y - 1, 0), math.min(y + 1, still.height - 1) do
    for across = math.max(x - 1, 0), math.min(x + 1, still.width - 1) do
      sum, count = sum + still.at(across, down), count + 1
    end
  end
  return sum / count
end
