-- Setting a plan on a copy of the current timeline, clip by clip. A second run goes on where a broken one stopped, and
-- replaces what an earlier plan set.
local P = ...

local function set_clip(state, place)
  local item, clip, plan = place.item, place.clip, state.plan
  local before = P.note_of(item)
  if before then
    P.remove_layers(state.copy, place, before)
    P.remove_comps(item, tonumber(before.comps) or 0)
  end
  local comps = item:GetFusionCompCount()
  if comps > 0 then
    return "it has a Fusion comp of its own"
  end
  local note = { plan = plan.id, clip = clip.id, cell = 1, state = "building", comps = comps }
  if clip.inspector then
    local tracks = P.free_tracks(state.copy, place, #clip.inspector - 1)
    if #tracks > 0 then
      note.tracks = table.concat(tracks, ",")
    end
    P.note_clip(item, note)
    P.set_inspector(item, clip.inspector[1], state.gains)
    for number, track in ipairs(tracks) do
      local layer = P.append_layer(state.project, state.copy, place, track)
      P.note_clip(layer, { plan = plan.id, clip = clip.id, cell = number + 1, state = "done" })
      P.set_inspector(layer, clip.inspector[number + 1], state.gains)
    end
  else
    P.note_clip(item, note)
    P.set_inspector(item, P.NEUTRAL, state.gains)
    P.add_comp(item, plan, clip)
  end
  note.state = "done"
  P.note_clip(item, note)
  return nil
end

-- How many of a clip's layers are there: Resolve has been seen to drop clips without a word.
function P.layers_there(copy, place)
  local count = 0
  for _, other in ipairs(P.items(copy)) do
    local note = other.start == place.start and P.note_of(other.item)
    if note and note.clip == place.clip.id and tonumber(note.cell) > 1 then
      count = count + 1
    end
  end
  return count
end

local function told(title, lines)
  if #lines > 0 then
    P.say(title .. ":")
    for _, line in ipairs(lines) do
      P.say("  " .. line)
    end
  end
end

-- Apply a plan to a copy of `original`. Returns { copy, applied, kept, left_alone, missing, failed }.
function P.apply(project, original, root, plan)
  local known, unknown = P.match(original, plan)
  if #known == 0 then
    told("left alone", unknown)
    error("the plan knows no clip of this timeline: open the one that it was made from, or import the .resolve.otio", 0)
  end
  local copy, source = P.copy_of(project, original, plan)
  P.note_copy(copy, source, plan, "building", "panscan is at work; clips with a Panscan marker are done")
  P.make_current(project, copy)
  P.set_canvas(copy, plan)
  local state = { project = project, copy = copy, plan = plan, gains = P.gains(root) }
  local matched, left_alone, missing = P.match(copy, plan)
  local result = { copy = copy, applied = {}, kept = {}, left_alone = left_alone, missing = missing, failed = {} }
  for number, place in ipairs(matched) do
    local title = place.clip.name .. " (" .. place.clip.id .. ")"
    local note = P.note_of(place.item)
    if note and note.plan == plan.id and note.state == "done" then
      result.kept[#result.kept + 1] = title
    else
      local ok, why = pcall(set_clip, state, place)
      if ok and not why and place.clip.inspector and P.layers_there(copy, place) ~= #place.clip.inspector - 1 then
        ok, why = false, "layers are missing"
      end
      if not ok then
        result.failed[#result.failed + 1] = title .. ": " .. tostring(why)
      elseif why then
        left_alone[#left_alone + 1] = title .. ": " .. why
      else
        result.applied[#result.applied + 1] = title
        P.say(number .. " of " .. #matched .. ": " .. title)
      end
    end
  end
  told("left alone", left_alone)
  told("in the plan, but not here", missing)
  told("failed (run this again to retry)", result.failed)
  local text = P.clips(#result.applied) .. " reframed, " .. #result.kept .. " were done before, " .. #left_alone
    .. " left alone, " .. #result.failed .. " failed"
  P.note_copy(copy, source, plan, #result.failed == 0 and "done" or "building", text)
  P.say(copy:GetName() .. ": " .. text)
  return result
end

-- The delivered timeline file instead: keys arrive in the Inspector, but none of the editor's other work does.
function P.import(project, plan, plan_path)
  local path = string.gsub(plan_path, "%.resolve%-plan%.lua$", ".resolve.otio")
  if path == plan_path then
    error("leave the plan beside its .resolve.otio and set PANSCAN_PLAN to its path", 0)
  end
  local name = P.unique_name(project, plan.name)
  local made = project:GetMediaPool():ImportTimelineFromFile(path, { timelineName = name, importSourceClips = true })
  if not made or not P.has(made, "GetName") then
    error("Resolve did not import " .. path .. ": it gives no reason; most often a media file is missing", 0)
  end
  P.make_current(project, made)
  P.set_canvas(made, plan)
  P.say("imported as " .. made:GetName())
  return made
end

function P.run_apply()
  local project, timeline, root = P.open_project()
  local plan, path = P.find_plan(project, timeline)
  if plan.route == "import" then
    return P.import(project, plan, path)
  end
  return P.apply(project, timeline, root, plan)
end
