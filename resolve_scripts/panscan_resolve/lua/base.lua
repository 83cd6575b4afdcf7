-- Talking to Resolve and to the person: the root object, waiting, messages.
-- Written for Lua 5.1 and LuaJIT; io, require, package and os.execute may all be missing (free edition since 21.1).
local P = ...

P.installed = P.installed or {}
P.pause_s = 0.3 -- between changes: Resolve has been seen to hang when scripts change timelines in tight loops
P.messages = {}

function P.say(text)
  P.messages[#P.messages + 1] = text
  print("Panscan: " .. text)
end

-- A number of clips, in words.
function P.clips(count)
  return count .. (count == 1 and " clip" or " clips")
end

function P.env(name)
  if type(os) == "table" and os.getenv then
    return os.getenv(name)
  end
  return nil
end

-- Whether an object of Resolve has a method. Methods that a version lacks come back as nil.
function P.has(object, name)
  local ok, method = pcall(function()
    return object[name]
  end)
  return ok and method ~= nil
end

function P.wait(seconds)
  local api = rawget(_G, "bmd")
  local pause = seconds or P.pause_s
  if pause > 0 and api and api.wait then
    api.wait(pause)
  end
end

-- Resolve's root object: which of these exists depends on how the script was started.
function P.root()
  local found = rawget(_G, "resolve")
  if found then
    return found
  end
  local make, api, fusion_app = rawget(_G, "Resolve"), rawget(_G, "bmd"), rawget(_G, "fu") or rawget(_G, "fusion")
  if make then
    found = make()
  end
  if not found and api and api.scriptapp then
    found = api.scriptapp("Resolve")
  end
  if not found and fusion_app and P.has(fusion_app, "GetResolve") then
    found = fusion_app:GetResolve()
  end
  return found or error("this script runs inside DaVinci Resolve: Workspace > Scripts", 0)
end

-- The project that is open, and its current timeline.
function P.open_project()
  local root = P.root()
  local project = root:GetProjectManager():GetCurrentProject()
  if not project then
    error("no project is open", 0)
  end
  local timeline = project:GetCurrentTimeline()
  if not timeline then
    error("no timeline is open: open the one to reframe first", 0)
  end
  return project, timeline, root
end

-- A list of Resolve, which may have holes, as a list without them.
function P.list(sparse)
  local indices, found = {}, {}
  for index in pairs(sparse or {}) do
    indices[#indices + 1] = index
  end
  table.sort(indices, function(a, b)
    return (tonumber(a) or 0) < (tonumber(b) or 0)
  end)
  for _, index in ipairs(indices) do
    found[#found + 1] = sparse[index]
  end
  return found
end

-- A timeline's frames per second, and whether its timecode drops numbers. Rates may be spelt "29.97 DF".
function P.frame_rate(timeline)
  local text = tostring(timeline:GetSetting("timelineFrameRate"))
  local drop = tostring(timeline:GetSetting("timelineDropFrameTimecode")) == "1" or string.find(text, "DF") ~= nil
  return tonumber(string.match(text, "[%d.]+")), drop
end

-- Rows of numbers, as plans write them.
function P.rows(text)
  local found = {}
  for line in string.gmatch(text, "[^\n]+") do
    local row = {}
    for word in string.gmatch(line, "%S+") do
      row[#row + 1] = tonumber(word)
    end
    found[#found + 1] = row
  end
  return found
end

-- One spelling of a path: Resolve and a plan may differ in slashes and, on Windows, in case.
function P.path(text)
  local path = string.gsub(text or "", "\\", "/")
  if string.match(path, "^%a:/") then
    path = string.lower(path)
  end
  return path
end

-- Whether two numbers that went through Resolve's own precision are the same.
function P.near(a, b)
  a, b = tonumber(a), tonumber(b)
  return a ~= nil and b ~= nil and math.abs(a - b) <= 1e-4 * math.max(1, math.abs(b))
end
