-- The whole way from the menu: export the current timeline, let panscan decide outside, apply its plan to a copy.
local P = ...

local function is_windows()
  return string.sub(P.env("OS") or "", 1, 7) == "Windows"
end

-- A word of a command line. On Windows no file name holds a double quote; elsewhere single quotes keep all but their
-- own.
local function quoted(word)
  if is_windows() then
    return '"' .. word .. '"'
  end
  return "'" .. string.gsub(word, "'", "'\\''") .. "'"
end

-- Run a command line and wait for it; nil where this edition of Resolve cannot start processes.
local function run(line)
  local start = type(os) == "table" and os.execute
  if not start then
    return nil
  end
  -- Windows hands the line to cmd /c, which takes the first and last quote off.
  local result = start(is_windows() and '"' .. line .. '"' or line)
  return result == 0 or result == true
end

function P.run_reframe()
  local project, timeline, root = P.open_project()
  local own = P.note_of(timeline)
  if own and own.role == "copy" then
    timeline = P.original_of(project, own.source)
      or error("this is panscan's copy and its original is gone: open the timeline to reframe", 0)
    P.make_current(project, timeline)
  end
  local folder = P.installed.data
  if not folder then
    error("run `panscan install resolve` again: this entry does not know where to write", 0)
  end
  local exported = P.export_stem(timeline) .. ".otio"
  if not timeline:Export(exported, root.EXPORT_OTIO, root.EXPORT_NONE) then
    error("Resolve could not export the timeline to " .. exported, 0)
  end
  P.say("exported " .. exported)
  local line = table.concat({
    P.installed.command or "panscan", "reframe", quoted(exported), "-r", P.ratio(),
    "--to", "resolve-plan", "--to", "otio-resolve", "-o", quoted(folder),
  }, " ")
  local plan_path = P.plan_of_export(timeline)
  if type(os) == "table" and os.execute then
    P.say("panscan looks at the media; this can take as long as the media last")
  end
  local done = run(line)
  if done == nil then
    P.say("this edition of Resolve cannot start panscan. Run this in a terminal:")
    P.say("  " .. line)
    P.say("then run \"Panscan - apply a plan\": it finds " .. plan_path)
    return nil
  elseif not done then
    error("panscan could not reframe the timeline; run this in a terminal to see why: " .. line, 0)
  end
  local plan, why = P.data(plan_path)
  if plan == nil then
    error("panscan made no plan at " .. plan_path .. ": " .. tostring(why), 0)
  end
  return P.apply(project, timeline, root, P.checked(plan, plan_path))
end
