-- Does the copy show what was planned? Reading values back proves little (Resolve may show something else), so stills
-- of the copy are compared with stills of the original at the points of the plan.
local P = ...

local ALIKE = 0.9 -- correlation; a picture that is off by a tenth of its height is well below
local FLAT = 0.01 -- spread of brightness under which every crop looks the same

-- How alike two lists of brightness are: correlation, or nil where one of them is flat.
function P.likeness(a, b)
  local mean_a, mean_b = 0, 0
  for index = 1, #a do
    mean_a, mean_b = mean_a + a[index] / #a, mean_b + b[index] / #b
  end
  local both, own_a, own_b = 0, 0, 0
  for index = 1, #a do
    local da, db = a[index] - mean_a, b[index] - mean_b
    both, own_a, own_b = both + da * db, own_a + da * da, own_b + db * db
  end
  if #a < 5 or own_a / #a < FLAT * FLAT or own_b / #b < FLAT * FLAT then
    return nil
  end
  return both / math.sqrt(own_a * own_b)
end

local function values_hold(item, values, gains)
  local divide = { ZoomX = gains.zoom, ZoomY = gains.zoom, Pan = gains.pan, Tilt = gains.tilt }
  for name, value in pairs(values) do
    local wanted = value / (values ~= P.NEUTRAL and divide[name] or 1)
    if not P.near(item:GetProperty(name), wanted) then
      return name .. " is " .. tostring(item:GetProperty(name)) .. " instead of " .. wanted
    end
  end
  return nil
end

-- What is wrong with the values of a clip; nil if nothing is.
local function misread(copy, place, plan, gains)
  local note, clip = P.note_of(place.item), place.clip
  if not note or note.state ~= "done" then
    return "not reframed yet"
  elseif note.plan ~= plan.id then
    return "reframed by another plan"
  elseif clip.fusion then
    local names = P.list(place.item:GetFusionCompNameList())
    if names[#names] ~= P.COMP then
      return "its Fusion comp is gone"
    end
    return values_hold(place.item, P.NEUTRAL, gains)
  end
  if P.layers_there(copy, place) ~= #clip.inspector - 1 then
    return "layers are missing"
  end
  return values_hold(place.item, clip.inspector[1], gains)
end

local function compared(shown, original, clip, look)
  if not shown or not original then
    return "its still could not be read; look at it"
  end
  local wide, high = clip.source_px[1], clip.source_px[2]
  if math.abs(original.width / original.height - wide / high) > 0.01 then
    return "the original timeline has another shape than the media; compare the stills by eye"
  end
  local a, b = {}, {}
  for _, point in ipairs(P.rows(look.points)) do
    a[#a + 1] = P.around(shown, point[1], point[2])
    b[#b + 1] = P.around(original, math.floor(point[3] * original.width), math.floor(point[4] * original.height))
  end
  local alike = P.likeness(a, b)
  if alike and alike < ALIKE then
    return string.format("shows another crop than planned (likeness %.2f)", alike)
  end
  return nil
end

local function take(project, timeline, matched, folder, ending)
  P.make_current(project, timeline)
  for _, place in ipairs(matched) do
    for number, look in ipairs(place.clip.looks) do
      P.still(project, timeline, place.start + look.frame, folder .. "/" .. place.clip.id .. "-" .. number .. ending)
    end
  end
end

-- Check the current copy. Returns { good, bad }: numbers of clips, and says what is wrong.
function P.check(project, copy, root, plan)
  local note = P.note_of(copy)
  if not note or note.role ~= "copy" then
    error("open the copy that panscan made", 0)
  end
  local gains, matched = P.gains(root), (P.match(copy, plan))
  local original, folder = P.original_of(project, note.source), P.installed.data and P.installed.data .. "/stills"
  local with_stills = folder ~= nil
  if with_stills then
    take(project, copy, matched, folder, ".ppm")
    if original then
      take(project, original, matched, folder, "-original.ppm")
      P.make_current(project, copy)
    end
  end
  local can_compare = with_stills and original ~= nil and P.can_read()
  local result = { good = 0, bad = 0 }
  for _, place in ipairs(matched) do
    local wrong = misread(copy, place, plan, gains)
    for number, look in ipairs(place.clip.looks) do
      local path = folder and folder .. "/" .. place.clip.id .. "-" .. number
      if can_compare and not wrong then
        wrong = compared(P.read_still(path .. ".ppm"), P.read_still(path .. "-original.ppm"), place.clip, look)
        wrong = wrong and "frame " .. look.frame .. ": " .. wrong
      end
    end
    result[wrong and "bad" or "good"] = result[wrong and "bad" or "good"] + 1
    if wrong then
      P.say(place.clip.name .. " (" .. place.clip.id .. "): " .. wrong)
    end
  end
  if with_stills and not can_compare then
    P.say("this edition cannot compare stills, or the original is gone: look at those in " .. folder)
  end
  P.say(P.clips(result.good) .. " as planned, " .. result.bad .. " not")
  return result
end

function P.run_check()
  local project, timeline, root = P.open_project()
  return P.check(project, timeline, root, (P.find_plan(project, timeline)))
end
