-- Runs a launcher inside the fake Resolve: lua resolve_run.lua HERE SCENE.lua LAUNCHER.lua REPORT
local here, scene_path, launcher, report = arg[1], arg[2], arg[3], arg[4]
local open_file = io.open
local fake = dofile(here .. "/resolve_fake.lua").load(here)
local scene = dofile(scene_path)
local root = fake.open(scene)
fake.open_file = open_file
local waited = 0
bmd = { wait = function(seconds) waited = waited + seconds end }
if scene.free_edition then
  io, require, package, ffi = nil, nil, nil, nil
  os = not scene.bare and { getenv = os.getenv } or nil
end
if scene.root == "global" then
  resolve = root
elseif scene.root == "function" then
  Resolve = function() return root end
else
  bmd.scriptapp = function(name) return name == "Resolve" and root or nil end
end
for name, value in pairs(scene.globals or {}) do
  _G[name] = value
end
for number = 1, scene.runs or 1 do
  local chunk = assert(loadfile(launcher))
  local ok, why = pcall(chunk)
  print("RUN " .. number .. " " .. (ok and "ok" or "stopped: " .. tostring(why)))
  fake.dead, fake.crash_at = nil, nil
  local again = scene.between and scene.between[number]
  if again then
    if again.plan then PANSCAN_PLAN = again.plan end
    if again.original then fake.project.current = fake.project.timelines[1] end
    if again.spoil then -- somebody moves every clip of the copy by hand
      for _, item in ipairs(fake.project.current.items) do item.values.Pan = item.values.Pan + again.spoil end
    end
    if again.task then launcher = again.task end
    if again.crash_at then fake.crash_at, fake.calls = again.crash_at, 0 end
  end
end
local out = assert(open_file(report, "w"))
local function put(...)
  out:write(table.concat({ ... }, "\t"), "\n")
end
put("calls", fake.calls)
put("waited", waited)
put("modal", tostring(fake.modal or false))
put("current", fake.project.current.name)
put("exported", tostring(fake.exported))
put("imported", tostring(fake.imported))
for name in pairs(fake.lacking) do
  put("lacking", name)
end
for number, timeline in ipairs(fake.project.timelines) do
  put("timeline", number, timeline.name, timeline:GetSetting("timelineResolutionWidth"),
    timeline:GetSetting("timelineResolutionHeight"), timeline.tracks)
  for _, marker in pairs(timeline.markers) do
    put("note", number, marker.note, marker.customData)
  end
  for index, item in ipairs(timeline.items) do
    local notes = 0
    for _ in pairs(item.markers) do
      notes = notes + 1
    end
    put("item", number, index, item.track, item.start, item.duration, item.name, #item.comps, notes)
    for offset = 0, (item.media and item.media.properties["File Path"] ~= "") and item.duration - 1 or -1 do
      for _, layer in ipairs(fake.shown(item, offset)) do
        local numbers = { layer.left, layer.top, layer.scale, layer.cut[1], layer.cut[2], layer.cut[3], layer.cut[4] }
        for place, value in ipairs(numbers) do
          numbers[place] = string.format("%.9f", value)
        end
        put("shown", number, item.track, item.start + offset, item.left + offset, unpack(numbers))
      end
    end
  end
end
out:close()
