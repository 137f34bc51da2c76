-- Messages to the user. They wait until Insert mode is left: a long one would ask for a key and take one meant for the text.

local M = {}

---@type { message: string, level: integer }[]
local deferred = {}

---@return boolean
local function is_typing()
  return vim.startswith(vim.api.nvim_get_mode().mode, 'i')
end

---@param message string
---@param level integer
local function show(message, level)
  vim.notify('Interfix: ' .. message:gsub('^Interfix: ', ''), level)
end

---@param message string
---@param level? integer one of vim.log.levels, INFO by default
function M.notify(message, level)
  level = level or vim.log.levels.INFO
  if not is_typing() then
    return show(message, level)
  end
  table.insert(deferred, { message = message, level = level })
  if #deferred > 1 then
    return
  end
  -- Not InsertLeave, which <C-c> does without.
  vim.api.nvim_create_autocmd('ModeChanged', {
    pattern = 'i*:[^i]*',
    once = true,
    callback = vim.schedule_wrap(function()
      local waiting = deferred
      deferred = {}
      for _, notification in ipairs(waiting) do
        show(notification.message, notification.level)
      end
    end),
  })
end

local LEVELS = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.DEBUG, vim.log.levels.DEBUG }

---Handler of `window/showMessage`.
---@type lsp.Handler
function M.on_message(_, params)
  M.notify(params.message, LEVELS[params.type])
end

return M
