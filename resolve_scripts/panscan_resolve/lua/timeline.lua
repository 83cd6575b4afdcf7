-- The copy of the timeline: the editor's own is never touched.
local P = ...

local function all_timelines(project)
  local found = {}
  for index = 1, project:GetTimelineCount() do
    found[#found + 1] = project:GetTimelineByIndex(index)
  end
  return found
end

local function canvas_name(plan)
  return plan.canvas_px[1] .. "x" .. plan.canvas_px[2]
end

-- A name no timeline has: a second one of the same name fails and opens a dialog that blocks Resolve.
function P.unique_name(project, wanted)
  local taken = {}
  for _, timeline in ipairs(all_timelines(project)) do
    taken[timeline:GetName()] = true
  end
  local name, number = wanted, 2
  while taken[name] do
    name = wanted .. " " .. number
    number = number + 1
  end
  return name
end

-- The copy to work on, and the id of its original: the current timeline if it is a copy of ours, the copy that an
-- earlier run made of it, or a new one.
function P.copy_of(project, original, plan)
  local own = P.note_of(original)
  if own and own.role == "copy" then
    if own.canvas ~= canvas_name(plan) then
      error("this timeline is panscan's copy for " .. own.canvas .. "; open the original for another canvas", 0)
    end
    return original, own.source
  end
  local source = original:GetUniqueId()
  for _, timeline in ipairs(all_timelines(project)) do
    local note = P.note_of(timeline)
    if note and note.role == "copy" and note.source == source and note.canvas == canvas_name(plan) then
      P.say("updating the copy " .. timeline:GetName())
      return timeline, source
    end
  end
  local name = P.unique_name(project, original:GetName() .. " " .. canvas_name(plan))
  local copy = original:DuplicateTimeline(name)
  if not copy or not P.has(copy, "GetName") then
    error("Resolve could not copy the timeline; nothing was changed", 0)
  end
  P.wait()
  return copy, source
end

-- Make a timeline current: others count pan and tilt in the project's picture, not in their own.
function P.make_current(project, timeline)
  project:SetCurrentTimeline(timeline)
  P.wait(P.pause_s * 3)
  local current = project:GetCurrentTimeline()
  if not current or current:GetUniqueId() ~= timeline:GetUniqueId() then
    error("Resolve did not open the timeline " .. timeline:GetName(), 0)
  end
end

-- The canvas, and media fitted into it. Settings are texts; custom settings must be allowed first.
function P.set_canvas(timeline, plan)
  local width, height = tostring(plan.canvas_px[1]), tostring(plan.canvas_px[2])
  local wanted = {
    { "useCustomSettings", "1" },
    { "timelineResolutionWidth", width },
    { "timelineResolutionHeight", height },
    { "timelineOutputResMatchTimelineRes", "1" },
    { "timelineInputResMismatchBehavior", "scaleToFit" },
    { "timelinePixelAspectRatio", "square" },
  }
  for _, setting in ipairs(wanted) do
    timeline:SetSetting(setting[1], setting[2])
    P.wait()
  end
  local is_wide = timeline:GetSetting("timelineResolutionWidth")
  local is_high = timeline:GetSetting("timelineResolutionHeight")
  if tostring(is_wide) ~= width or tostring(is_high) ~= height then
    error("Resolve kept the timeline at " .. tostring(is_wide) .. "x" .. tostring(is_high) .. " instead of "
      .. width .. "x" .. height, 0)
  end
end

-- What stands on the copy while work goes on, and afterwards.
function P.note_copy(copy, source, plan, state, text)
  local note = { role = "copy", source = source, canvas = canvas_name(plan), plan = plan.id, state = state }
  P.note_timeline(copy, note, text)
end

-- The copy's own original, or nil if it is gone.
function P.original_of(project, source)
  for _, timeline in ipairs(all_timelines(project)) do
    if timeline:GetUniqueId() == source then
      return timeline
    end
  end
  return nil
end
