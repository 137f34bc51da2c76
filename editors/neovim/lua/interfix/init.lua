-- The plugin's public functions: options, and suggestions in the buffers that the client is attached to.

local suggestion_toggle = require('interfix.suggestion_toggle')

local api = vim.api

local M = {}

---@class interfix.Options
---@field ghost? 'auto'|'own'|'builtin' who draws suggestions: this plugin, or Neovim 0.12's inline completion; auto: Neovim if that is on
---@field accept_key? string|false key that accepts in Insert mode and does what it did before where nothing is shown
---@field default_keys? boolean map a key for every action, where the key is not mapped yet
---@field off? string[] filetypes without suggestions, until they are toggled
---@field lsp? vim.lsp.Config laid over the client configuration: cmd, filetypes, settings …

---Requests and shows suggestions. All act on the current buffer except attach and detach.
---@class interfix.Renderer
---@field attach fun(buf: integer) request and show suggestions while the user types in the buffer
---@field detach fun(buf: integer) stop that and hide what is shown
---@field visible fun(): boolean whether a suggestion is shown now
---@field accept fun(amount: interfix.Amount): boolean insert what is shown, or its beginning; false if nothing was
---@field dismiss fun() hide what is shown, and request nothing until something is typed
---@field trigger fun() request a suggestion now, as the user asked for it
---@field cycle fun(step: 1|-1) show another suggestion for the same place

---@type interfix.Options
local options = { ghost = 'auto', accept_key = '<Tab>' }

---The buffers the client is attached to, with their renderer; false while suggestions are off.
---@type table<integer, interfix.Renderer|false>
local renderers = {}

---@param buf integer
---@return interfix.Renderer
local function choose_renderer(buf)
  local native = vim.lsp.inline_completion
  local builtin = options.ghost == 'builtin' or (options.ghost == 'auto' and native and native.is_enabled({ bufnr = buf }))
  return require(builtin and 'interfix.builtin_completion' or 'interfix.ghost_text')
end

---Attach or detach a buffer's renderer after a toggle.
---@param buf integer
local function apply_toggle(buf)
  local on = suggestion_toggle.is_on(buf)
  if on and not renderers[buf] then
    renderers[buf] = choose_renderer(buf)
    renderers[buf].attach(buf)
  elseif not on and renderers[buf] then
    renderers[buf].detach(buf)
    renderers[buf] = false
  end
end

---@return interfix.Renderer?
local function current_renderer()
  return renderers[api.nvim_get_current_buf()] or nil
end

---Set options and enable the client. Without options, `vim.lsp.enable('interfix')` is enough.
---@param given? interfix.Options
function M.setup(given)
  given = given or {}
  vim.validate('ghost', given.ghost, function(value)
    return value == nil or vim.list_contains({ 'auto', 'own', 'builtin' }, value)
  end, "'auto', 'own' or 'builtin'")
  vim.validate('accept_key', given.accept_key, function(value)
    return value == nil or value == false or type(value) == 'string'
  end, 'a key, or false for none')
  vim.validate('default_keys', given.default_keys, 'boolean', true)
  vim.validate('off', given.off, 'table', true)
  vim.validate('lsp', given.lsp, 'table', true)
  options = vim.tbl_extend('force', options, given)
  suggestion_toggle.initialize(options.off or {})
  if given.lsp then
    vim.lsp.config('interfix', given.lsp)
  end
  -- A plugin manager that adds this folder to the runtime path late has not sourced plugin/.
  vim.cmd.runtime('plugin/interfix.lua')
  if options.default_keys then
    require('interfix.default_keys').map()
  end
  vim.lsp.enable('interfix')
  if vim.bo.filetype ~= '' and vim.bo.buftype == '' then
    require('interfix.server_check').can_start()
  end
end

---@param buf integer
function M.attach(buf)
  require('interfix.server_restart').on_attach()
  renderers[buf] = false
  if options.accept_key then
    require('interfix.accept_key').attach(buf, options.accept_key)
  end
  apply_toggle(buf)
end

---@param buf integer
function M.detach(buf)
  if renderers[buf] then
    renderers[buf].detach(buf)
  end
  renderers[buf] = nil
  if options.accept_key then
    require('interfix.accept_key').detach(buf, options.accept_key)
  end
end

---Switch suggestions on or off.
---@param language? string only for this filetype
---@return boolean on whether they are now
function M.toggle(language)
  local on = suggestion_toggle.toggle(language)
  for buf in pairs(renderers) do
    apply_toggle(buf)
  end
  require('interfix.server_status').announce_change()
  return on
end

---@return boolean shown whether a suggestion is shown in the current buffer
function M.visible()
  local renderer = current_renderer()
  return renderer ~= nil and renderer.visible()
end

---@param amount? interfix.Amount all by default
---@return boolean accepted false where nothing was shown
function M.accept(amount)
  local renderer = current_renderer()
  return renderer ~= nil and renderer.accept(amount or 'all')
end

function M.accept_word()
  return M.accept('word')
end

function M.accept_line()
  return M.accept('line')
end

function M.dismiss()
  local renderer = current_renderer()
  if renderer then
    renderer.dismiss()
  end
end

function M.trigger()
  local renderer = current_renderer()
  if renderer then
    renderer.trigger()
  end
end

function M.next()
  local renderer = current_renderer()
  if renderer then
    renderer.cycle(1)
  end
end

function M.previous()
  local renderer = current_renderer()
  if renderer then
    renderer.cycle(-1)
  end
end

---@return string text for a status line: what Interfix is doing for the current buffer; empty where it is not attached
function M.statusline()
  return require('interfix.server_status').format(api.nvim_get_current_buf())
end

return M
