-- What the fake Resolve shows: layers of a clip on the canvas, and stills.
local fake, _, _, check = ...

local function moved(layer, scale, left, top)
  local cut = layer.cut
  return {
    left = layer.left * scale + left, top = layer.top * scale + top, scale = layer.scale * scale,
    cut = { cut[1] * scale + left, cut[2] * scale + top, cut[3] * scale + left, cut[4] * scale + top },
  }
end
local function cropped(layer, a, b, c, d)
  local cut = layer.cut
  layer.cut = { math.max(cut[1], a), math.max(cut[2], b), math.min(cut[3], c), math.min(cut[4], d) }
  return layer
end

local function picture(at, frame, media)
  if at.id == "MediaIn" then
    return media.w, media.h, { { left = 0, top = 0, scale = 1, cut = { 0, 0, media.w, media.h } } }
  elseif at.id == "Background" then
    check(fake.input(at, "UseFrameFormatSettings", frame, "rendered") == 0, "own size")
    check(fake.input(at, "TopLeftAlpha", frame, "rendered") == 1, "opaque")
    return fake.input(at, "Width", frame, "rendered"), fake.input(at, "Height", frame, "rendered"), {}
  end
  local width, height, shown = picture(at.wires.Background, frame, media)
  local over_width, over_height, over = picture(at.wires.Foreground, frame, media)
  local size, center = fake.input(at, "Size", frame, "rendered", "drawn"), fake.input(at, "Center", frame, "rendered", "drawn")
  local left, top = center[1] * width - size * over_width / 2, (1 - center[2]) * height - size * over_height / 2
  for _, layer in ipairs(over) do
    shown[#shown + 1] = cropped(moved(layer, size, left, top), 0, 0, width, height)
  end
  return width, height, shown
end

-- Layers of a clip on the canvas, `offset` frames after its first.
function fake.shown(item, offset)
  local timeline = item.timeline
  local canvas_w = tonumber(timeline:GetSetting("timelineResolutionWidth"))
  local canvas_h = tonumber(timeline:GetSetting("timelineResolutionHeight"))
  local media, v = item.media, item.values
  local width, height = media.w, media.h
  local layers = { { left = 0, top = 0, scale = 1, cut = { 0, 0, width, height } } }
  local comp = item.comps[#item.comps]
  if comp then
    width, height, layers = picture(comp.tools[2].wires.Input, fake.render_start + offset, media)
  end
  local rule = v.Scaling
  if rule == 0 then
    rule = timeline:GetSetting("timelineInputResMismatchBehavior") == "scaleToFit" and 2 or 1
  end
  local fit = math.min(canvas_w / width, canvas_h / height)
  if rule == 1 then
    fit = 1
  elseif rule == 3 then
    fit = math.max(canvas_w / width, canvas_h / height)
  end
  check(v.ZoomX == v.ZoomY and rule ~= 4, "uniform")
  local gains = fake.gains or { pan = 1, tilt = 1, zoom = 1 } -- how much stronger than documented it draws
  local zoom, found = v.ZoomX * gains.zoom, {}
  for _, layer in ipairs(layers) do
    local fitted = moved(layer, fit, 0, 0)
    fitted = cropped(fitted, v.CropLeft, v.CropTop, width * fit - v.CropRight, height * fit - v.CropBottom)
    local x = canvas_w / 2 + v.Pan * gains.pan * width * fit - zoom * width * fit / 2
    local y = canvas_h / 2 - v.Tilt * gains.tilt * height * fit - zoom * height * fit / 2
    found[#found + 1] = cropped(moved(fitted, zoom, x, y), 0, 0, canvas_w, canvas_h)
  end
  return found
end

-- What a source looks like at a share of its width and height: soft waves.
local function brightness(media, u, v, frame)
  return 0.5 + 0.24 * math.sin(11 * u + 0.1 * frame) + 0.24 * math.cos(9 * v - 3 * u)
end

local function is_chart(media)
  return string.find(media.properties["File Path"], "chart.png", 1, true)
end
-- How much of a pixel the chart's square of 240 px covers.
local function covered(layer, x, y)
  local across, down = layer.left + 840 * layer.scale, layer.top + 420 * layer.scale
  local side = 240 * layer.scale
  local wide = math.min(x + 1, across + side) - math.max(x, across)
  return math.max(0, wide) * math.max(0, math.min(y + 1, down + side) - math.max(y, down))
end

-- Write the current timeline at a record frame as PPM.
function fake.still(project, path, frame)
  local timeline = project.current
  local width = tonumber(timeline:GetSetting("timelineResolutionWidth"))
  local height = tonumber(timeline:GetSetting("timelineResolutionHeight"))
  local layers = {}
  for track = 1, timeline.tracks do
    for _, item in ipairs(timeline.items) do
      if item.track == track and item.start <= frame and frame < item.start + item.duration then
        for _, layer in ipairs(fake.shown(item, frame - item.start)) do
          layer.media, layer.frame = item.media, item.left + frame - item.start
          table.insert(layers, 1, layer)
        end
      end
    end
  end
  local rows = {}
  for y = 0, height - 1 do
    local row = {}
    for x = 0, width - 1 do
      local level = 0
      for _, layer in ipairs(layers) do
        local cut = layer.cut
        if x + 0.5 >= cut[1] and x + 0.5 < cut[3] and y + 0.5 >= cut[2] and y + 0.5 < cut[4] then
          local u = (x + 0.5 - layer.left) / layer.scale / layer.media.w
          local v = (y + 0.5 - layer.top) / layer.scale / layer.media.h
          local bright = is_chart(layer.media) and covered(layer, x, y) or brightness(layer.media, u, v, layer.frame)
          level = math.floor(255 * bright + 0.5)
          break
        end
      end
      row[#row + 1] = string.char(level, level, level)
    end
    rows[#rows + 1] = table.concat(row)
  end
  local file = assert(fake.open_file(path, "wb"))
  file:write("P6\n" .. width .. " " .. height .. "\n255\n" .. table.concat(rows))
  file:close()
end
