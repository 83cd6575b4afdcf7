-- The Fusion comps of the fake Resolve.
local fake, class, object, check, step = ...

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
function fake.input(self, name, frame, which, curves)
  local modifier = self.wires[name]
  local default = INPUTS[self.id][name]
  if modifier and modifier.id == "XYPath" then
    return { fake.input(modifier, "X", frame, which, curves), fake.input(modifier, "Y", frame, which, curves) }
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
  return fake.input(self, name, frame, "values", "keys")
end
