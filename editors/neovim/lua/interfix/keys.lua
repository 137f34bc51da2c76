-- One key with two meanings: accept what is shown, else what the key meant before. Does not know who draws.

local M = {}

local FORMER = '<Plug>(interfix-former-key)'

---The mapping that stood there before, a buffer at a time; empty where there was none.
---@type table<integer, table<string, any>>
local formers = {}

---Map the key in the buffer; what it was mapped to, by the user, a plugin or Neovim, goes on working where nothing is shown.
---@param buf integer
---@param key string
function M.attach(buf, key)
  if formers[buf] then
    return
  end
  vim.api.nvim_buf_call(buf, function()
    if vim.fn.hasmapto('<Plug>(interfix-accept)', 'i') == 1 then
      return
    end
    local former = vim.fn.maparg(key, 'i', false, true)
    formers[buf] = former
    if vim.tbl_isempty(former) then
      vim.keymap.set('i', FORMER, key, { buffer = buf })
    else
      local moved = vim.tbl_extend('force', former, { lhs = FORMER, lhsraw = vim.keycode(FORMER), buffer = 1 })
      moved.lhsrawalt = nil
      vim.fn.mapset(moved)
    end
    vim.keymap.set('i', key, function()
      return require('interfix').visible() and '<Plug>(interfix-accept)' or FORMER
    end, { buffer = buf, expr = true, remap = true, desc = 'Interfix: accept the suggestion, or the key itself' })
  end)
end

---@param buf integer
---@param key string
function M.detach(buf, key)
  local former = formers[buf]
  formers[buf] = nil
  if not former or not vim.api.nvim_buf_is_valid(buf) then
    return
  end
  vim.api.nvim_buf_call(buf, function()
    vim.keymap.del('i', FORMER, { buffer = buf })
    vim.keymap.del('i', key, { buffer = buf })
    if former.buffer == 1 then
      vim.fn.mapset(former)
    end
  end)
end

return M
