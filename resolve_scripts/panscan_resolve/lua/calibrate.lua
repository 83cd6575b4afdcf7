-- How strongly this version of Resolve draws a unit of zoom, pan and tilt: measured on a chart, on a timeline of its
-- own that is removed afterwards. Versions and sessions have been reported that draw twice as strongly.
local P = ...

-- The chart is 1920x1080, black, with a white square of 240 px in its middle; the canvas is 1080x1920. By the law of
-- the Inspector the fitted square is 135 px wide, 100 units of pan are 100 px, and 100 units of tilt 31.64 px.
P.CHART = { canvas_px = { 1080, 1920 }, width_px = 135, units = 100, pan_px = 100, tilt_px = 31.640625 }
local STEADY = 0.01 -- a gain this near to a whole number is that: the rest is the blur of the edge

-- The bright part of a still: its middle and its width in px; nil if there is none.
function P.spot(still)
  local sum, across, down, widest = 0, 0, 0, 0
  for y = 0, still.height - 1 do
    local row = 0
    for x = 0, still.width - 1 do
      local bright = still.at(x, y)
      if bright > 0.1 then
        row, across, down = row + bright, across + bright * (x + 0.5), down + bright * (y + 0.5)
      end
    end
    sum, widest = sum + row, math.max(widest, row)
  end
  if sum == 0 then
    return nil
  end
  return { x = across / sum, y = down / sum, width = widest }
end

local function steady(gain)
  local whole = math.floor(gain + 0.5)
  return math.abs(gain - whole) < STEADY and whole or math.floor(gain * 1000 + 0.5) / 1000
end

local function measured(project, timeline, item, folder)
  local function look(values)
    local all = { Scaling = 2, ZoomX = 1, ZoomY = 1, Pan = 0, Tilt = 0 }
    for name, value in pairs(values) do
      all[name] = value
    end
    for name, value in pairs(all) do
      item:SetProperty(name, value)
    end
    P.wait()
    local path = folder .. "/calibration.ppm"
    P.still(project, timeline, item:GetStart(false), path)
    local still = P.read_still(path)
    local spot = still and P.spot(still)
    if not spot then
      error("the still " .. path .. " could not be read or shows no chart", 0)
    end
    return spot
  end
  local base, units = look({}), P.CHART.units
  local pan, tilt, zoom = look({ Pan = units }), look({ Tilt = units }), look({ ZoomX = 2, ZoomY = 2 })
  if math.abs(zoom.width / base.width - 2) > 0.04 then
    error("a zoom of 2 does not double the picture here; nothing was written", 0)
  end
  return {
    zoom = steady(base.width / P.CHART.width_px),
    pan = steady((pan.x - base.x) / P.CHART.pan_px),
    tilt = steady((base.y - tilt.y) / P.CHART.tilt_px),
  }
end

local function write(path, text)
  local file = rawget(_G, "io").open(path, "w")
  if not file then
    error("cannot write " .. path, 0)
  end
  file:write(text)
  file:close()
end

function P.run_calibrate()
  local project, timeline, root = P.open_project()
  local folder, pool = P.installed.data, project:GetMediaPool()
  if not folder then
    error("run `panscan install resolve` again: this entry does not know where its chart lies", 0)
  end
  local media = P.list(pool:ImportMedia({ folder .. "/chart.png" }))
  local own = media[1] and pool:CreateEmptyTimeline(P.unique_name(project, "Panscan calibration"))
  if not own then
    error("Resolve could not import " .. folder .. "/chart.png or make a timeline for it", 0)
  end
  local ok, found = pcall(function()
    P.make_current(project, own)
    P.set_canvas(own, P.CHART)
    pool:AppendToTimeline({
      { mediaPoolItem = media[1], startFrame = 0, endFrame = 23, mediaType = 1, trackIndex = 1,
        recordFrame = own:GetStartFrame() },
    })
    P.wait()
    local place = P.items(own)[1] or error("Resolve did not take the chart", 0)
    if not P.can_read() then
      place.item:SetProperty("Scaling", 2)
      place.item:SetProperty("Pan", P.CHART.units)
      place.item:SetProperty("Tilt", P.CHART.units)
      P.say("this edition cannot read stills. The middle of the white square on this timeline must lie at x 640.0,"
        .. " y 928.4 of 1080x1920, and be 135 px wide; tell us if it does not. Nothing was written")
      return nil
    end
    return measured(project, own, place.item, folder .. "/stills")
  end)
  if ok and found == nil then
    return nil -- the timeline stays, to be looked at
  end
  P.make_current(project, timeline)
  pool:DeleteTimelines({ own })
  pool:DeleteClips(media)
  if not ok then
    error(found, 0)
  end
  local version = root:GetVersionString()
  local numbers = { version, found.pan, found.tilt, found.zoom }
  write(folder .. "/calibration.lua",
    string.format('return { version = "%s", pan = %.3f, tilt = %.3f, zoom = %.3f }\n', unpack(numbers)))
  write(folder .. "/calibration.json",
    string.format('{"version": "%s", "pan": %.3f, "tilt": %.3f, "zoom": %.3f}\n', unpack(numbers)))
  P.say(string.format("Resolve %s draws pan %.3f, tilt %.3f, zoom %.3f times as strongly as documented; "
    .. "the next runs allow for it", unpack(numbers)))
  return found
end
