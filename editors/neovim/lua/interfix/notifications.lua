-- Messages to the user. They wait until Insert mode is left: a long one would ask for a key and take one meant for the text.

local M = {}

---@type { message: string, level: integer }[]
local deferred = {}

---@return boolean
local function is_typing()
  return vim.startswith(vim.api.nvim_get_mode().mode, 'i')
end

---@return boolean whether messages are shown in the command line, and not by a plugin
local function is_builtin_notify()
  local source = debug.getinfo(vim.notify, 'S').source
  -- Some builds of Neovim 0.12 strip the names of their own files.
  return source:find('vim[/\\]_') ~= nil or source:find('^=?%?$') ~= nil
end

---Make the command line at least so high, until the user goes on: what needs more would ask for a key.
---@param rows integer
function M.reserve_rows(rows)
  local before = vim.o.cmdheight
  rows = math.min(rows, math.floor(vim.o.lines / 2))
  if rows <= before or not is_builtin_notify() then
    return
  end
  vim.o.cmdheight = rows
  -- At once: later it would wipe away what the command that is entered now has to say.
  vim.api.nvim_create_autocmd({ 'CursorMoved', 'CursorMovedI', 'InsertEnter', 'CmdlineLeave', 'BufEnter' }, {
    once = true,
    callback = function()
      vim.o.cmdheight = before
    end,
  })
end

---@param text string
---@return integer rows of the command line that it takes
local function count_rows(text)
  if vim.fn.strdisplaywidth(text) <= vim.v.echospace then
    return 1
  end
  local rows = 1 -- the one that Neovim wants to have left
  for _, line in ipairs(vim.split(text, '\n', { plain = true })) do
    rows = rows + math.floor(vim.fn.strdisplaywidth(line) / vim.o.columns) + 1
  end
  return rows
end

---@param message string
---@param level integer
local function show(message, level)
  local text = 'Interfix: ' .. message:gsub('^Interfix: ', '')
  if is_builtin_notify() then
    M.reserve_rows(count_rows(text))
    -- Without it the message is written over, or below, what another command has left there.
    vim.cmd.redraw()
  end
  vim.notify(text, level)
end

---@param message string
---@param level? integer one of vim.log.levels, INFO by default
function M.notify(message, level)
  level = level or vim.log.levels.INFO
  if not is_typing() then
    -- Not while a typed command is being run: its line would count as one of the message's.
    return vim.schedule(function()
      show(message, level)
    end)
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
