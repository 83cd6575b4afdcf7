-- Finding and checking a plan: a Lua file of data, because the free edition reads no other kind of file.
local P = ...

local FORMAT, VERSION = "panscan-resolve-plan", 1
local NAME = "panscan_plan.lua"

-- Where a plan may lie, first come first served. PANSCAN_PLAN can be set in Resolve's console or in the environment.
function P.plan_places()
  local places = {}
  local function add(path)
    if path and path ~= "" then
      places[#places + 1] = path
    end
  end
  add(rawget(_G, "PANSCAN_PLAN"))
  add(P.env("PANSCAN_PLAN"))
  for _, folder in ipairs({ P.installed.data or "", P.env("HOME") or "", P.env("USERPROFILE") or "" }) do
    if folder ~= "" then
      add(folder .. "/" .. NAME)
    end
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

function P.find_plan()
  local tried = {}
  for _, path in ipairs(P.plan_places()) do
    local value, why = P.data(path)
    if value ~= nil then
      return P.checked(value, path), path
    end
    tried[#tried + 1] = "  " .. path .. " (" .. tostring(why) .. ")"
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
