-- Maps the key that accepts a suggestion; without a suggestion, and in a completion menu, the key does what it did before.

local M = {}

local ORIGINAL = '<Plug>(interfix-original-key)'

---The mapping that each buffer had before; empty if there was none.
---@type table<integer, table<string, any>>
local originals = {}

---@param mapping table<string, any> as maparg() returns it
---@return boolean whether it may be for a completion menu; Neovim's own, for snippets, is not
local function may_serve_menu(mapping)
  return not vim.tbl_isempty(mapping) and not vim.startswith(mapping.desc or '', 'vim.snippet')
end

---Map the key in the buffer. Its previous mapping, by the user, a plugin or Neovim, works while nothing is shown, and while a completion
---menu is open that the mapping may be for.
---@param buf integer
---@param key string
function M.attach(buf, key)
  if originals[buf] then
    return
  end
  vim.api.nvim_buf_call(buf, function()
    if vim.fn.hasmapto('<Plug>(interfix-accept)', 'i') == 1 then
      return
    end
    local original = vim.fn.maparg(key, 'i', false, true)
    originals[buf] = original
    if vim.tbl_isempty(original) then
      vim.keymap.set('i', ORIGINAL, key, { buffer = buf })
    else
      local moved = vim.tbl_extend('force', original, { lhs = ORIGINAL, lhsraw = vim.keycode(ORIGINAL), buffer = 1 })
      moved.lhsrawalt = nil
      vim.fn.mapset(moved)
    end
    vim.keymap.set('i', key, function()
      if not require('interfix').visible() then
        return ORIGINAL
      end
      local open, selected = require('interfix.completion_menu').state()
      if open and (selected or may_serve_menu(original)) then
        return ORIGINAL
      end
      -- <C-Y> closes Neovim's menu and leaves the text as it is.
      return (vim.fn.pumvisible() == 1 and '<C-Y>' or '') .. '<Plug>(interfix-accept)'
    end, { buffer = buf, expr = true, remap = true, desc = 'Interfix: accept the suggestion, or the key itself' })
  end)
end

---@param buf integer
---@param key string
function M.detach(buf, key)
  local original = originals[buf]
  originals[buf] = nil
  if not original or not vim.api.nvim_buf_is_valid(buf) then
    return
  end
  vim.api.nvim_buf_call(buf, function()
    vim.keymap.del('i', ORIGINAL, { buffer = buf })
    vim.keymap.del('i', key, { buffer = buf })
    if original.buffer == 1 then
      vim.fn.mapset(original)
    end
  end)
end

return M
