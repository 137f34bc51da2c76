-- The plugin's face: options, and suggestions for the buffers the client is attached to, drawn by us or by Neovim.
-- Does not know how a suggestion is asked for or drawn.

local switch = require('interfix.switch')

local api = vim.api

local M = {}

---@class interfix.Options
---@field ghost? 'auto'|'own'|'builtin' who draws suggestions; auto: ours, but where Neovim's own inline completion (0.12) is on, that
---@field accept_key? string|false key that accepts in Insert mode and does what it did before where nothing is shown
---@field off? string[] filetypes without suggestions, until they are toggled
---@field lsp? vim.lsp.Config laid over the client configuration: cmd, filetypes, settings …

---What draws suggestions. All act on the current buffer except attach and detach.
---@class interfix.Drawer
---@field attach fun(buf: integer) ask and draw while the user types in the buffer
---@field detach fun(buf: integer) stop that and take away what is shown
---@field visible fun(): boolean whether a suggestion is shown now
---@field accept fun(amount: interfix.Amount): boolean insert what is shown, or its beginning; false where nothing was
---@field dismiss fun() take away what is shown, and ask no more until something is typed
---@field trigger fun() ask now, as the user's own wish
---@field cycle fun(step: 1|-1) show another suggestion for the same place

---@type interfix.Options
local options = { ghost = 'auto', accept_key = '<Tab>' }

---The buffers the client is attached to, and who draws there; false while suggestions are off.
---@type table<integer, interfix.Drawer|false>
local drawers = {}

---@param buf integer
---@return interfix.Drawer
local function drawer(buf)
  local theirs = vim.lsp.inline_completion
  local builtin = options.ghost == 'builtin' or (options.ghost == 'auto' and theirs and theirs.is_enabled({ bufnr = buf }))
  return require(builtin and 'interfix.builtin' or 'interfix.ghost')
end

---Bring what is done in a buffer in line with the switches.
---@param buf integer
local function follow(buf)
  local on = switch.on(buf)
  if on and not drawers[buf] then
    drawers[buf] = drawer(buf)
    drawers[buf].attach(buf)
  elseif not on and drawers[buf] then
    drawers[buf].detach(buf)
    drawers[buf] = false
  end
end

---@return interfix.Drawer?
local function here()
  return drawers[api.nvim_get_current_buf()] or nil
end

---Take options and start the client in every file from now on. Without options to set, `vim.lsp.enable('interfix')` does.
---@param given? interfix.Options
function M.setup(given)
  given = given or {}
  vim.validate('ghost', given.ghost, function(value)
    return value == nil or vim.list_contains({ 'auto', 'own', 'builtin' }, value)
  end, "'auto', 'own' or 'builtin'")
  vim.validate('accept_key', given.accept_key, function(value)
    return value == nil or value == false or type(value) == 'string'
  end, 'a key, or false for none')
  vim.validate('off', given.off, 'table', true)
  vim.validate('lsp', given.lsp, 'table', true)
  options = vim.tbl_extend('force', options, given)
  switch.start(options.off or {})
  if given.lsp then
    vim.lsp.config('interfix', given.lsp)
  end
  -- A plugin manager that put this folder on the runtime path late has not read what is read there at a start.
  vim.cmd.runtime('plugin/interfix.lua')
  vim.lsp.enable('interfix')
end

---@param buf integer
function M.attach(buf)
  drawers[buf] = false
  if options.accept_key then
    require('interfix.keys').attach(buf, options.accept_key)
  end
  follow(buf)
end

---@param buf integer
function M.detach(buf)
  if drawers[buf] then
    drawers[buf].detach(buf)
  end
  drawers[buf] = nil
  if options.accept_key then
    require('interfix.keys').detach(buf, options.accept_key)
  end
end

---Switch suggestions on or off.
---@param language? string only for this filetype
---@return boolean on whether they are now
function M.toggle(language)
  local on = switch.toggle(language)
  for buf in pairs(drawers) do
    follow(buf)
  end
  require('interfix.status').changed()
  return on
end

---@return boolean shown whether a suggestion is shown in the current buffer
function M.visible()
  local drawing = here()
  return drawing ~= nil and drawing.visible()
end

---@param amount? interfix.Amount all by default
---@return boolean accepted false where nothing was shown
function M.accept(amount)
  local drawing = here()
  return drawing ~= nil and drawing.accept(amount or 'all')
end

function M.accept_word()
  return M.accept('word')
end

function M.accept_line()
  return M.accept('line')
end

function M.dismiss()
  local drawing = here()
  if drawing then
    drawing.dismiss()
  end
end

function M.trigger()
  local drawing = here()
  if drawing then
    drawing.trigger()
  end
end

function M.next()
  local drawing = here()
  if drawing then
    drawing.cycle(1)
  end
end

function M.previous()
  local drawing = here()
  if drawing then
    drawing.cycle(-1)
  end
end

---@return string text for a status line: what Interfix is doing for the current buffer; empty where it is not attached
function M.statusline()
  return require('interfix.status').text(api.nvim_get_current_buf())
end

return M
