-- The plugin's face: options, and suggestions for the buffers the client is attached to, drawn by Neovim or by us.
-- Does not know how a suggestion is asked for or drawn.

local M = {}

---@class interfix.Options
---@field ghost? 'auto'|'own'|'builtin' who draws suggestions; auto: Neovim's own inline completion where it has one (0.12), else ours
---@field accept_key? string|false key that accepts in Insert mode and does what it did before where nothing is shown
---@field lsp? vim.lsp.Config laid over the client configuration: cmd, filetypes, settings …

---What draws suggestions. All act on the current buffer except attach and detach.
---@class interfix.Drawer
---@field attach fun(buf: integer) ask and draw while the user types in the buffer
---@field detach fun(buf: integer) stop that and take away what is shown
---@field visible fun(): boolean whether a suggestion is shown now
---@field accept fun(): boolean insert what is shown; false where nothing was
---@field dismiss fun() take away what is shown, and ask no more until something is typed
---@field trigger fun() ask now, as the user's own wish

---@type interfix.Options
local options = { ghost = 'auto', accept_key = '<Tab>' }

---@return interfix.Drawer
local function drawer()
  local builtin = options.ghost == 'builtin' or (options.ghost == 'auto' and vim.lsp.inline_completion ~= nil)
  return require(builtin and 'interfix.builtin' or 'interfix.ghost')
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
  vim.validate('lsp', given.lsp, 'table', true)
  options = vim.tbl_extend('force', options, given)
  if given.lsp then
    vim.lsp.config('interfix', given.lsp)
  end
  vim.lsp.enable('interfix')
end

---@param buf integer
function M.attach(buf)
  drawer().attach(buf)
  if options.accept_key then
    require('interfix.keys').attach(buf, options.accept_key)
  end
end

---@param buf integer
function M.detach(buf)
  drawer().detach(buf)
  if options.accept_key then
    require('interfix.keys').detach(buf, options.accept_key)
  end
end

---@return boolean shown whether a suggestion is shown in the current buffer
function M.visible()
  return drawer().visible()
end

---@return boolean accepted false where nothing was shown
function M.accept()
  return drawer().accept()
end

function M.dismiss()
  drawer().dismiss()
end

function M.trigger()
  drawer().trigger()
end

return M
