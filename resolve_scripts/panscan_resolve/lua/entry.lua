-- What a menu entry does: run one task, and say in plain words what stopped it.
local P = ...

P.tasks = {
  reframe = function()
    return P.run_reframe()
  end,
  apply = function()
    return P.run_apply()
  end,
  check = function()
    return P.run_check()
  end,
  calibrate = function()
    return P.run_calibrate()
  end,
}

function P.main(task)
  local ok, result = pcall(P.tasks[task])
  if not ok then
    P.say("stopped: " .. tostring(result))
    P.say("your own timeline was not changed; what is done on the copy is marked there, and the next run goes on")
    error(result, 0)
  end
  return result
end
