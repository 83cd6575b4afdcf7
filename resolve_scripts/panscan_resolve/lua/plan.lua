-- Finding and checking a plan: a Lua file of data, because the free edition reads no other kind of file.
local P = ...

local FORMAT, VERSION = "panscan-resolve-plan", 1
local NAME = "panscan_plan.lua"

-- The shape that "reframe this timeline" makes. PANSCAN_RATIO can be set in Resolve's console.
function P.ratio()
  return rawget(_G, "PANSCAN_RATIO") or P.installed.ratio or "9:16"
end

-- Where "reframe this timeline" exports a timeline to, without the ending: its name, without anything that a file
-- system or a shell could take amiss.
function P.export_stem(timeline)
  local name = string.gsub(timeline:GetName(), "[^%w_-]+", "_")
  return P.installed.data .. "/" .. (name == "" and "timeline" or name)
end

-- Where panscan writes its plan for an exported timeline.
function P.plan_of_export(timeline)
  return P.export_stem(timeline) .. "." .. string.gsub(P.ratio(), ":", "x") .. ".resolve-plan.lua"
end

-- Where a plan for a timeline may lie. PANSCAN_PLAN can be set in Resolve's console or in the environment; then it is
-- that one and no other.
function P.plan_places(timeline)
  local places = {}
  local function add(path)
    if path and path ~= "" then
      places[#places + 1] = path
    end
  end
  add(rawget(_G, "PANSCAN_PLAN"))
  add(P.env("PANSCAN_PLAN"))
  if #places > 0 then
    return { places[1] }
  end
  for _, folder in ipairs({ P.installed.data or "", P.env("HOME") or "", P.env("USERPROFILE") or "" }) do
    if folder ~= "" then
      add(folder .. "/" .. NAME)
    end
  end
  if P.installed.data then
    add(P.plan_of_export(timeline))
  end
  return places
end

-- The value that a data file returns, or nil and why not. It runs with nothing in reach.
function P.data(path)
  local chunk, why = loadfile(path)
  if not chunk then
    return nil, why
  end
  if setfenv then
    setfenv(chunk, {})
  end
  local ok, value = pcall(chunk)
  if not ok then
    return nil, value
  end
  return value
end

-- The plan for a timeline: the first one that knows a clip of it, else the first one at all.
function P.find_plan(project, timeline)
  local own = P.note_of(timeline)
  local original = own and own.role == "copy" and P.original_of(project, own.source) or timeline
  local tried, first, first_path = {}, nil, nil
  for _, path in ipairs(P.plan_places(original)) do
    local value, why = P.data(path)
    if value ~= nil then
      local plan = P.checked(value, path)
      if plan.route == "import" or #P.match(timeline, plan) > 0 then
        P.say("plan " .. path)
        return plan, path
      end
      first, first_path = first or plan, first_path or path
    end
    tried[#tried + 1] = "  " .. path .. " (" .. tostring(why) .. ")"
  end
  if first then
    P.say("plan " .. first_path)
    return first, first_path
  end
  error("no plan found. Make one with `panscan deliver IN.otio --to resolve-plan` and copy it to your home folder as "
    .. NAME .. ". Looked for:\n" .. table.concat(tried, "\n"), 0)
end

function P.checked(plan, path)
  if type(plan) ~= "table" or plan.format ~= FORMAT then
    error(path .. " is no plan of panscan", 0)
  end
  if plan.version ~= VERSION then
    error(path .. " has version " .. tostring(plan.version) .. " of the plan; these scripts read version " .. VERSION
      .. ": run `panscan install resolve` again", 0)
  end
  return plan
end

-- How much stronger than documented this version of Resolve draws a unit (see the entry "calibrate"); 1 if unknown.
function P.gains(root)
  local version = P.has(root, "GetVersionString") and root:GetVersionString() or ""
  local found
  if P.installed.data then
    found = P.data(P.installed.data .. "/calibration.lua")
  end
  if type(found) == "table" and found.version == version and found.pan and found.tilt and found.zoom then
    return { pan = found.pan, tilt = found.tilt, zoom = found.zoom }
  end
  return { pan = 1, tilt = 1, zoom = 1 }
end
