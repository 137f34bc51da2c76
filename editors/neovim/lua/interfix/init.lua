-- The plugin's public functions: options, and suggestions in the buffers that the client is attached to.

local suggestion_toggle = require('interfix.suggestion_toggle')

local api = vim.api

local M = {}

---@class interfix.Options
---@field ghost? 'auto'|'own'|'builtin' who draws suggestions: this plugin, or Neovim 0.12's inline completion; auto: Neovim if that is on
---@field accept_key? string|false key that accepts in Insert mode and does what it did before where nothing is shown
---@field next_edit? 'insert'|'all'|false where next edits are shown: in Insert mode, in Normal mode too, or nowhere
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
local options = { ghost = 'auto', accept_key = '<Tab>', next_edit = 'insert' }

---The buffers the client is attached to, with their renderer; false while suggestions are off.
---@type table<integer, interfix.Renderer|false>
local renderers = {}

---The URIs of attached buffers that have no name.
---@type table<integer, string>
local nameless = {}

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
    if options.next_edit then
      require('interfix.next_edit').attach(buf, options.next_edit)
    end
  elseif not on and renderers[buf] then
    renderers[buf].detach(buf)
    renderers[buf] = false
    if options.next_edit then
      require('interfix.next_edit').detach(buf)
    end
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
  vim.validate('next_edit', given.next_edit, function(value)
    return value == nil or value == false or value == 'insert' or value == 'all'
  end, "'insert', 'all' or false")
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

---Map the keys that take what is shown, unless the user has mapped others.
---@param buf integer
local function map_keys(buf)
  local key = options.accept_key
  local accept_key, next_edit = require('interfix.accept_key'), options.next_edit and require('interfix.next_edit')
  local has_own = vim.api.nvim_buf_call(buf, function()
    return vim.fn.hasmapto('<Plug>(interfix-accept)', 'i') == 1
  end)
  if key and not has_own then
    accept_key.attach(buf, 'i', key, function(original)
      if M.visible() then
        return accept_key.accept(original)
      end
      return next_edit and next_edit.takes_key() and '<Plug>(interfix-next-edit)' or nil
    end, 'Interfix: accept the suggestion or the next edit, or the key itself')
  end
  if options.next_edit == 'all' and next_edit then
    if key then
      accept_key.attach(buf, 'n', key, function()
        return next_edit.takes_key() and '<Plug>(interfix-next-edit)' or nil
      end, 'Interfix: go to the next edit or take it, or the key itself')
    end
    accept_key.attach(buf, 'n', '<Esc>', function()
      return next_edit.visible() and '<Plug>(interfix-next-edit-dismiss)' or nil
    end, 'Interfix: leave the next edit, or the key itself')
  end
end

---@param buf integer
function M.attach(buf)
  require('interfix.crash_restart').on_attach()
  renderers[buf] = false
  nameless[buf] = api.nvim_buf_get_name(buf) == '' and vim.uri_from_bufnr(buf) or nil
  map_keys(buf)
  apply_toggle(buf)
end

---@param buf integer
function M.detach(buf)
  if renderers[buf] then
    renderers[buf].detach(buf)
  end
  renderers[buf] = nil
  nameless[buf] = nil
  require('interfix.accept_key').detach(buf)
  if options.next_edit then
    require('interfix.next_edit').detach(buf)
  end
end

---Call when a buffer was written: one that has got its first name by it is known to the server under that name from now on.
---@param buf integer
function M.follow_name(buf)
  local client = renderers[buf] ~= nil and nameless[buf] and vim.lsp.get_clients({ bufnr = buf, name = 'interfix' })[1]
  if client and api.nvim_buf_get_name(buf) ~= '' then
    -- Neovim drops a buffer's own autocommands then, by which its language client would tell of the name and we ask for suggestions.
    client:notify('textDocument/didClose', { textDocument = { uri = nameless[buf] } })
    vim.lsp.buf_detach_client(buf, client.id)
    vim.lsp.buf_attach_client(buf, client.id)
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
  if options.next_edit and require('interfix.next_edit').dismiss() then
    return
  end
  if renderer then
    renderer.dismiss()
  end
  if options.next_edit then
    require('interfix.next_edit').refresh() -- it may have waited behind the suggestion
  end
end

---Go to the next edit, or take it where it is in sight.
---@return boolean done false where none was shown
function M.next_edit()
  return options.next_edit and require('interfix.next_edit').go_or_take() or false
end

---Leave the next edit: the same is not suggested again.
function M.next_edit_dismiss()
  if options.next_edit then
    require('interfix.next_edit').dismiss()
  end
end

---Ask for the next edit now.
function M.next_edit_trigger()
  require('interfix.next_edit').trigger()
end

---@return string where next edits are shown, in words
function M.describe_next_edits()
  local words = { insert = 'shown in Insert mode', all = 'shown in Insert and Normal mode' }
  return words[options.next_edit] or 'off'
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
