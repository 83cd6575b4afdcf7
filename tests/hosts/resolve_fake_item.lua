-- Clips of the fake Resolve.
local fake, class, object, check, step = ...

fake.defaults = {
  Pan = 0, Tilt = 0, ZoomX = 1, ZoomY = 1, ZoomGang = true, RotationAngle = 0, AnchorPointX = 0, AnchorPointY = 0,
  Pitch = 0, Yaw = 0, FlipX = false, FlipY = false, CropLeft = 0, CropRight = 0, CropTop = 0, CropBottom = 0,
  CropSoftness = 0, CropRetain = false, Scaling = 0,
}

local I = class("TimelineItem")
local function raster(item)
  local timeline = item.timeline
  if fake.project.current == timeline then
    return tonumber(timeline:GetSetting("timelineResolutionWidth")), tonumber(timeline:GetSetting("timelineResolutionHeight"))
  end
  return tonumber(fake.project_settings.timelineResolutionWidth), tonumber(fake.project_settings.timelineResolutionHeight)
end

function I:GetName()
  return self.name
end
function I:GetStart()
  return self.start
end
function I:GetDuration()
  return self.duration
end
function I:GetLeftOffset()
  return self.left
end
function I:GetMediaPoolItem()
  return self.media
end
function I:GetSourceStartFrame()
  return self.left
end
function I:GetSourceEndFrame()
  return self.left + (self.span or self.duration) - 1
end
function I:GetProperty(name)
  local value = self.values[name]
  check(value ~= nil, "property " .. tostring(name))
  local width, height = raster(self)
  return name == "Pan" and value * width or name == "Tilt" and value * height or value
end
function I:SetProperty(name, value)
  step()
  check(fake.defaults[name] ~= nil, "property " .. tostring(name))
  check(type(value) == type(fake.defaults[name]), name .. " takes no " .. type(value))
  local width, height = raster(self)
  local limits = {
    Pan = { -4 * width, 4 * width }, Tilt = { -4 * height, 4 * height }, ZoomX = { 0, 100 }, ZoomY = { 0, 100 },
    CropLeft = { 0, width }, CropRight = { 0, width }, CropTop = { 0, height }, CropBottom = { 0, height },
  }
  if limits[name] then
    value = math.max(limits[name][1], math.min(limits[name][2], value))
  end
  self.values[name] = name == "Pan" and value / width or name == "Tilt" and value / height or value
  return name ~= "ZoomGang" -- some setters say false although the value stuck
end
function I:GetFusionCompCount()
  return #self.comps
end
function I:GetFusionCompNameList()
  local names = {}
  for number, comp in ipairs(self.comps) do
    names[number] = comp.name
  end
  return names
end
function I:RenameFusionCompByName(old, new)
  step()
  for _, comp in ipairs(self.comps) do
    if comp.name == old then
      comp.name = new
      return true
    end
  end
  return false
end
function I:DeleteFusionCompByName(name)
  step()
  for number, comp in ipairs(self.comps) do
    if comp.name == name then
      table.remove(self.comps, number)
      return true
    end
  end
  return false
end
function I:AddFusionComp()
  step()
  local comp = fake.comp(self)
  self.comps[#self.comps + 1] = comp
  comp.name = "Composition " .. #self.comps
  return comp
end

function fake.new_item(timeline, data)
  data.timeline, data.markers, data.comps, data.values = timeline, {}, {}, {}
  for name, value in pairs(fake.defaults) do
    data.values[name] = value
  end
  for name, value in pairs(data.set or {}) do
    data.values[name] = value
  end
  return object("TimelineItem", data)
end
