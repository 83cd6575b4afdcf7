-- Clips that move: a Fusion comp with a Background of the canvas's size and a Merge whose Size and Center are keyed.
-- Resolve has no script call for keys of the Inspector.
local P = ...

P.COMP = "Panscan"

local function by_kind(comp, kind)
  for _, tool in pairs(comp:GetToolList(false) or {}) do
    if tool:GetAttrs().TOOLS_RegID == kind then
      return tool
    end
  end
  return error("the clip's comp has no " .. kind, 0)
end

-- The spline behind an input, made if there is none. It is attached first: keys of a loose one are ignored.
local function spline_of(comp, owner, name)
  local source = owner[name]:GetConnectedOutput()
  if not source then
    owner[name] = comp:BezierSpline({})
    source = owner[name]:GetConnectedOutput()
  end
  return source:GetTool()
end

-- Keys of the plan, `shift` frames later, as Fusion takes them: value and absolute handles on a straight line.
local function keys_of(text, shift)
  local found = {}
  for _, row in ipairs(P.rows(text)) do
    found[row[1] + shift] = {
      row[2],
      LH = { row[3] + shift, row[4] },
      RH = { row[5] + shift, row[6] },
    }
  end
  return found
end

local function first_value(text)
  return P.rows(text)[1][2]
end

local function moves(cell)
  return #P.rows(cell.size) > 1
end

local function background(comp, size)
  local tool = comp:AddTool("Background", -32768, -32768)
  return { tool = tool, size = size }
end

-- The tools and their wires. Nothing here is a value, so it may happen under Lock.
local function build(comp, canvas, fusion)
  local built = { backgrounds = {}, cameras = {}, places = {} }
  local input, output = by_kind(comp, "MediaIn"), by_kind(comp, "MediaOut")
  local shown
  if not fusion.is_whole then
    local base = background(comp, canvas)
    built.backgrounds[1] = base
    shown = base.tool
  end
  for number, cell in ipairs(fusion.cells) do
    local base = background(comp, cell.size_px)
    built.backgrounds[#built.backgrounds + 1] = base
    local camera = comp:AddTool("Merge", -32768, -32768)
    camera:ConnectInput("Background", base.tool)
    camera:ConnectInput("Foreground", input)
    built.cameras[number] = camera
    if fusion.is_whole then
      shown = camera
    else
      local place = comp:AddTool("Merge", -32768, -32768)
      place:ConnectInput("Background", shown)
      place:ConnectInput("Foreground", camera)
      built.places[number] = place
      shown = place
    end
  end
  output:ConnectInput("Input", shown)
  return built
end

-- Values and keys. Never under Lock: they would read back right and render as if they were not there.
local function fill(comp, built, fusion, start)
  for _, base in ipairs(built.backgrounds) do
    base.tool:SetInput("UseFrameFormatSettings", 0)
    base.tool:SetInput("Width", base.size[1])
    base.tool:SetInput("Height", base.size[2])
    base.tool:SetInput("TopLeftRed", fusion.background_rgb[1])
    base.tool:SetInput("TopLeftGreen", fusion.background_rgb[2])
    base.tool:SetInput("TopLeftBlue", fusion.background_rgb[3])
    base.tool:SetInput("TopLeftAlpha", 1)
  end
  for number, cell in ipairs(fusion.cells) do
    local camera = built.cameras[number]
    if moves(cell) then
      camera.Size = comp:BezierSpline({})
      spline_of(comp, camera, "Size"):SetKeyFrames(keys_of(cell.size, start), true)
      -- A point is moved by a path; a spline would be accepted and stand still.
      camera.Center = comp:XYPath({})
      local path = camera.Center:GetConnectedOutput():GetTool()
      spline_of(comp, path, "X"):SetKeyFrames(keys_of(cell.x, start), true)
      spline_of(comp, path, "Y"):SetKeyFrames(keys_of(cell.y, start), true)
    else
      camera:SetInput("Size", first_value(cell.size))
      camera:SetInput("Center", { first_value(cell.x), first_value(cell.y) })
    end
    if built.places[number] then
      built.places[number]:SetInput("Size", 1)
      built.places[number]:SetInput("Center", { cell.place[1], cell.place[2] })
    end
  end
end

-- The values at every key must be the plan's.
local function read_back(built, fusion, start)
  for number, cell in ipairs(fusion.cells) do
    local camera = built.cameras[number]
    local x, y = P.rows(cell.x), P.rows(cell.y)
    for index, row in ipairs(P.rows(cell.size)) do
      local size = camera:GetInput("Size", start + row[1])
      local center = camera:GetInput("Center", start + row[1])
      if not (P.near(size, row[2]) and P.near(center[1], x[index][2]) and P.near(center[2], y[index][2])) then
        error("Fusion did not keep the key at frame " .. row[1], 0)
      end
    end
  end
end

-- Add our comp to a clip. The clip's first visible frame is the start of the comp's render range, seldom zero.
function P.add_comp(item, plan, clip)
  local comp = item:AddFusionComp()
  if not comp then
    error("Resolve could not add a Fusion comp", 0)
  end
  local names = P.list(item:GetFusionCompNameList())
  item:RenameFusionCompByName(names[#names], P.COMP)
  P.wait()
  local start = comp:GetAttrs().COMPN_RenderStart
  comp:Lock()
  local ok, built = pcall(build, comp, plan.canvas_px, clip.fusion)
  comp:Unlock()
  if not ok then
    error(built, 0)
  end
  comp:StartUndo("Panscan")
  local filled, why = pcall(fill, comp, built, clip.fusion, start)
  comp:EndUndo(true)
  if not filled then
    error(why, 0)
  end
  P.wait()
  read_back(built, clip.fusion, start)
end

-- Take away comps beyond the first `kept` ones: ours, and one that a broken run left unnamed.
function P.remove_comps(item, kept)
  local names = P.list(item:GetFusionCompNameList())
  for number = #names, kept + 1, -1 do
    item:DeleteFusionCompByName(names[number])
    P.wait()
  end
end
