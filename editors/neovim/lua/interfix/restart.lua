-- Brings the server back when it has died, unless it keeps dying. Knows nothing of why.

local M = {}

local MOST, WITHIN_MS = 3, 180000 -- so many times within so long

---@type number[]
local deaths = {}

---@param code integer
---@param signal integer
function M.after(code, signal)
  if (code == 0 and signal == 0) or vim.v.exiting ~= vim.NIL then
    return
  end
  local now = vim.uv.now()
  deaths = vim.tbl_filter(function(death)
    return now - death < WITHIN_MS
  end, deaths)
  table.insert(deaths, now)
  vim.schedule(function()
    if #deaths > MOST then
      local sentence = ('the server has died %d times within %d minutes and is left alone; :checkhealth interfix may say why.'):format(
        #deaths,
        WITHIN_MS / 60000
      )
      return require('interfix.notice').tell(sentence, vim.log.levels.ERROR)
    end
    if vim.lsp.is_enabled('interfix') then
      vim.lsp.enable('interfix')
    end
  end)
end

return M
