-- Maps the key that accepts a suggestion; without a suggestion the key does what it did before.

local M = {}

local ORIGINAL = '<Plug>(interfix-original-key)'

---The mapping that each buffer had before; empty if there was none.
---@type table<integer, table<string, any>>
local originals = {}

---Map the key in the buffer. Its previous mapping, by the user, a plugin or Neovim, works while nothing is shown.
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
      return require('interfix').visible() and '<Plug>(interfix-accept)' or ORIGINAL
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
