-- Restarts the server when it has died, unless it keeps dying.

local M = {}

local MAX_EXITS, WITHIN_MS = 3, 180000

---@type number[]
local exit_times = {}

---@param code integer
---@param signal integer
function M.on_exit(code, signal)
  if (code == 0 and signal == 0) or vim.v.exiting ~= vim.NIL then
    return
  end
  local now = vim.uv.now()
  exit_times = vim.tbl_filter(function(time)
    return now - time < WITHIN_MS
  end, exit_times)
  table.insert(exit_times, now)
  vim.schedule(function()
    if #exit_times > MAX_EXITS then
      local sentence = ('the server has died %d times within %d minutes and is left alone; :checkhealth interfix may say why.'):format(
        #exit_times,
        WITHIN_MS / 60000
      )
      return require('interfix.notifications').notify(sentence, vim.log.levels.ERROR)
    end
    if vim.lsp.is_enabled('interfix') then
      vim.lsp.enable('interfix')
    end
  end)
end

return M
