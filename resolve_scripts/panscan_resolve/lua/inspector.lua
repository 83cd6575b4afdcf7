-- Clips that stand still: values of the Inspector, set and read back.
local P = ...

-- Media are fitted into the timeline; pan and tilt count in the fitted picture, so every other scaling would be wrong.
local SCALE_TO_FIT = 2
local SAME_FOR_ALL = {
  { "Scaling", SCALE_TO_FIT },
  { "ZoomGang", true },
  { "AnchorPointX", 0 },
  { "AnchorPointY", 0 },
  { "CropSoftness", 0 },
  { "CropRetain", false },
}
local OWN = { "ZoomX", "ZoomY", "Pan", "Tilt", "CropLeft", "CropRight", "CropTop", "CropBottom" }

-- A clip whose Fusion comp makes the picture: nothing is added to it here.
P.NEUTRAL = { ZoomX = 1, ZoomY = 1, Pan = 0, Tilt = 0, CropLeft = 0, CropRight = 0, CropTop = 0, CropBottom = 0 }

local function same(found, wanted)
  if type(wanted) == "boolean" then
    return found == wanted or tonumber(found) == (wanted and 1 or 0)
  end
  return P.near(found, wanted)
end

-- Set Inspector values of the plan on a clip of the current timeline. What a version draws stronger than documented
-- (gains) is set that much weaker. Some setters say false though the value stuck, others clip it silently: only
-- reading back tells.
function P.set_inspector(item, values, gains)
  local divide = { ZoomX = gains.zoom, ZoomY = gains.zoom, Pan = gains.pan, Tilt = gains.tilt }
  local wanted = {}
  for _, pair in ipairs(SAME_FOR_ALL) do
    wanted[#wanted + 1] = pair
  end
  for _, name in ipairs(OWN) do
    wanted[#wanted + 1] = { name, values[name] / (values ~= P.NEUTRAL and divide[name] or 1) }
  end
  for _, pair in ipairs(wanted) do
    item:SetProperty(pair[1], pair[2])
  end
  P.wait()
  for _, pair in ipairs(wanted) do
    local found = item:GetProperty(pair[1])
    if not same(found, pair[2]) then
      error("Resolve kept " .. pair[1] .. " at " .. tostring(found) .. " instead of " .. tostring(pair[2]), 0)
    end
  end
end
