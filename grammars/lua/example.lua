local a = require("x.y")
require "z"
local LIMIT = 3
other = 4
local M = {
  inner = function() end,
}

--- Greets.
local function greet(a, b)
  if a then
  elseif b then
  else
  end
  for i = 1, 3 do
  end
  for k, v in pairs(a) do
  end
  while true do
  end
  repeat
  until true
  do
  end
end
function M.hello(x)
  return function(y)
    return "s" .. [[long]]
  end
end
function M:method()
end
M.field = function(x)
  return x
end
local lam = function() end
--[[ block ]]
return M
