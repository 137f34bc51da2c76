-- Restarts the server when it has died, unless it keeps dying or never came up.

local M = {}

local MAX_EXITS, WITHIN_MS = 3, 180000

---@type number[]
local exit_times = {}
---Whether a server of this Neovim has come up: a client was attached to a buffer.
local has_served = false

---@param sentence string
local function report(sentence)
  require('interfix.notifications').notify(sentence, vim.log.levels.ERROR)
end

---Call when a client is attached to a buffer.
function M.on_attach()
  has_served = true
end

---@param code integer
---@param signal integer
function M.on_exit(code, signal)
  if (code == 0 and signal == 0) or vim.v.exiting ~= vim.NIL then
    return
  end
  if not has_served then
    local how = signal ~= 0 and ('signal %d'):format(signal) or ('exit code %d'):format(code)
    return require('interfix.server_check').report_failed_start(how)
  end
  local now = vim.uv.now()
  exit_times = vim.tbl_filter(function(time)
    return now - time < WITHIN_MS
  end, exit_times)
  table.insert(exit_times, now)
  vim.schedule(function()
    if #exit_times > MAX_EXITS then
      return report(('the server died %d times, so it stays off. Run :checkhealth interfix'):format(#exit_times))
    end
    if vim.lsp.is_enabled('interfix') then
      vim.lsp.enable('interfix')
    end
  end)
end

return M
