-- Tells the user something, but never into their typing: a long message would ask for a key and take one that was meant for the text.

local M = {}

---@type { message: string, level: integer }[]
local held = {}

---@return boolean
local function typing()
  return vim.startswith(vim.api.nvim_get_mode().mode, 'i')
end

---@param message string
---@param level integer
local function tell(message, level)
  vim.notify('Interfix: ' .. message:gsub('^Interfix: ', ''), level)
end

---@param message string
---@param level? integer one of vim.log.levels, INFO by default
function M.tell(message, level)
  level = level or vim.log.levels.INFO
  if not typing() then
    return tell(message, level)
  end
  table.insert(held, { message = message, level = level })
  if #held > 1 then
    return
  end
  -- Not InsertLeave, which <C-c> does without.
  vim.api.nvim_create_autocmd('ModeChanged', {
    pattern = 'i*:[^i]*',
    once = true,
    callback = vim.schedule_wrap(function()
      local waiting = held
      held = {}
      for _, notice in ipairs(waiting) do
        tell(notice.message, notice.level)
      end
    end),
  })
end

local LEVELS = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.DEBUG, vim.log.levels.DEBUG }

---Handler of `window/showMessage`.
---@type lsp.Handler
function M.on_message(_, params)
  M.tell(params.message, LEVELS[params.type])
end

return M
