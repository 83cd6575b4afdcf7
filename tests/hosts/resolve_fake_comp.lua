-- The Fusion comps of the fake Resolve, and what a clip shows: given to fake.open.
return function(fake, class, object, check, step)
  local C, O, N, U = class("Composition"), class("Operator"), class("Input"), class("Output")
  local INPUTS = {
    Background = { UseFrameFormatSettings = 1, Width = 0, Height = 0, TopLeftRed = 0, TopLeftGreen = 0, TopLeftBlue = 0, TopLeftAlpha = 0 },
    Merge = { Background = false, Foreground = false, Size = 1, Center = { 0.5, 0.5 } },
    MediaIn = {}, MediaOut = { Input = false }, BezierSpline = {}, XYPath = { X = 0.5, Y = 0.5 },
  }
  local WIRES = { Background = true, Foreground = true, Input = true }

  local function tool(comp, kind)
    return object("Operator", { comp = comp, id = kind, values = {}, rendered = {}, wires = {}, keys = {}, drawn = {} })
  end

  function fake.comp(item)
    local comp = object("Composition", { item = item, tools = {}, locked = false })
    comp.tools = { tool(comp, "MediaIn"), tool(comp, "MediaOut") }
    comp.tools[2].wires.Input = comp.tools[1]
    return comp
  end

  function C:GetAttrs()
    return { COMPN_RenderStart = fake.render_start, COMPN_RenderEnd = fake.render_start + self.item.duration - 1 }
  end
  function C:GetToolList(selected)
    check(selected == false, "all tools")
    return self.tools
  end
  function C:Lock()
    self.locked = true
  end
  function C:Unlock()
    self.locked = false
  end
  function C:StartUndo()
    self.undo = true
  end
  function C:EndUndo(keep)
    check(keep == true and self.undo, "undo")
    self.undo = false
  end
  function C:AddTool(kind)
    step()
    check(INPUTS[kind] and kind ~= "MediaIn", "tool " .. tostring(kind))
    self.tools[#self.tools + 1] = tool(self, kind)
    return self.tools[#self.tools]
  end
  function C:BezierSpline()
    return tool(self, "BezierSpline")
  end
  function C:XYPath()
    return tool(self, "XYPath")
  end

  function O:GetAttrs()
    return { TOOLS_RegID = self.id }
  end
  function O:ConnectInput(name, source)
    step()
    check(WIRES[name] and INPUTS[self.id][name] ~= nil, self.id .. " has no wire " .. tostring(name))
    self.wires[name] = source
    return true
  end
  function O:SetInput(name, value)
    step()
    check(INPUTS[self.id][name] ~= nil and not WIRES[name], self.id .. " has no input " .. tostring(name))
    check(type(value) == type(INPUTS[self.id][name]), name .. " takes another type")
    self.values[name] = value
    if not self.comp.locked then
      self.rendered[name] = value
    end
  end
  function O:SetKeyFrames(keys, replace)
    step()
    check(self.id == "BezierSpline" and replace == true, "keys")
    if not self.attached then
      return -- keys of a loose modifier are ignored
    end
    self.keys = keys
    if not self.comp.locked then
      self.drawn = keys
    end
  end
  O.__read = function(self, name)
    local known = INPUTS[self.id][name]
    return known ~= nil and object("Input", { tool = self, name = name }) or nil
  end
  O.__write = function(self, name, modifier)
    check(INPUTS[self.id][name] ~= nil and not WIRES[name], "input " .. tostring(name))
    check(type(modifier) == "table" and modifier.kind == "Operator", "an input takes a modifier")
    rawset(modifier, "attached", true)
    self.wires[name] = modifier
  end
  function N:GetConnectedOutput()
    local source = self.tool.wires[self.name]
    return source and object("Output", { tool = source }) or nil
  end
  function U:GetTool()
    return self.tool
  end

  local function cubic(p, t)
    local s = 1 - t
    return s ^ 3 * p[1] + 3 * s ^ 2 * t * p[2] + 3 * s * t ^ 2 * p[3] + t ^ 3 * p[4]
  end
  -- A spline at a frame: Bezier with absolute handles; without them it eases.
  local function bezier(keys, frame)
    local frames = {}
    for at in pairs(keys) do
      frames[#frames + 1] = at
    end
    table.sort(frames)
    if #frames == 0 then
      return nil
    end
    if frame <= frames[1] then
      return keys[frames[1]][1]
    elseif frame >= frames[#frames] then
      return keys[frames[#frames]][1]
    end
    local after = 2
    while frames[after] <= frame do
      after = after + 1
    end
    local t0, t1 = frames[after - 1], frames[after]
    local a, b = keys[t0], keys[t1]
    local right = a.RH or { t0 + (t1 - t0) / 3, a[1] }
    local left = b.LH or { t1 - (t1 - t0) / 3, b[1] }
    local times, values = { t0, right[1], left[1], t1 }, { a[1], right[2], left[2], b[1] }
    local low, high = 0, 1
    for _ = 1, 60 do
      local middle = (low + high) / 2
      if cubic(times, middle) < frame then
        low = middle
      else
        high = middle
      end
    end
    return cubic(values, low)
  end
  -- `which`: "values" and "keys" are what is read back, "rendered" and "drawn" what is seen.
  local function value(self, name, frame, which, curves)
    local modifier = self.wires[name]
    local default = INPUTS[self.id][name]
    if modifier and modifier.id == "XYPath" then
      return { value(modifier, "X", frame, which, curves), value(modifier, "Y", frame, which, curves) }
    elseif modifier and type(default) == "number" then
      return bezier(modifier[curves], frame) or default
    end -- a spline on a point is taken and does nothing
    local found = self[which][name]
    if found == nil then
      return default
    end
    return found
  end
  function O:GetInput(name, frame)
    check(frame, "a frame")
    return value(self, name, frame, "values", "keys")
  end

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
      check(value(at, "UseFrameFormatSettings", frame, "rendered") == 0, "own size")
      check(value(at, "TopLeftAlpha", frame, "rendered") == 1, "opaque")
      return value(at, "Width", frame, "rendered"), value(at, "Height", frame, "rendered"), {}
    end
    local width, height, shown = picture(at.wires.Background, frame, media)
    local over_width, over_height, over = picture(at.wires.Foreground, frame, media)
    local size, center = value(at, "Size", frame, "rendered", "drawn"), value(at, "Center", frame, "rendered", "drawn")
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
end
