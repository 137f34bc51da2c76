-- Maps keys that do something while Interfix shows something; else, and in a completion menu, they do what they did before.

local M = {}

---@param mode string
---@return string
local function original_name(mode)
  return mode == 'i' and '<Plug>(interfix-original-key)' or '<Plug>(interfix-original-normal-%s)'
end

---The mappings that each buffer had before, by mode and key; empty if there was none.
---@type table<integer, table<string, { mode: string, key: string, name: string, original: table<string, any> }>>
local mapped = {}

---The keys that accept the suggestion that is shown.
---@param original table<string, any> the previous mapping
---@return string? keys nil while a completion menu is open that the previous mapping may be for
function M.accept(original)
  local menu = require('interfix.completion_menu')
  if menu.is_open() and menu.may_use(original) then
    return nil
  end
  -- <C-Y> closes Neovim's menu and leaves the text as it is.
  return (vim.fn.pumvisible() == 1 and '<C-Y>' or '') .. '<Plug>(interfix-accept)'
end

---Map a key in the buffer. Its previous mapping, by the user, a plugin or Neovim, works while `choose` returns nothing.
---@param buf integer
---@param mode 'i'|'n'
---@param key string
---@param choose fun(original: table<string, any>): string? the keys that are typed in its place
---@param desc string
function M.attach(buf, mode, key, choose, desc)
  mapped[buf] = mapped[buf] or {}
  if mapped[buf][mode .. key] then
    return
  end
  vim.api.nvim_buf_call(buf, function()
    local name = original_name(mode):format(key:gsub('[<>]', ''))
    local original = vim.fn.maparg(key, mode, false, true)
    mapped[buf][mode .. key] = { mode = mode, key = key, name = name, original = original }
    if vim.tbl_isempty(original) then
      vim.keymap.set(mode, name, key, { buffer = buf })
    else
      local moved = vim.tbl_extend('force', original, { lhs = name, lhsraw = vim.keycode(name), buffer = 1 })
      moved.lhsrawalt = nil
      vim.fn.mapset(moved)
    end
    vim.keymap.set(mode, key, function()
      return choose(original) or name
    end, { buffer = buf, expr = true, remap = true, desc = desc })
  end)
end

---Give all keys of the buffer back.
---@param buf integer
function M.detach(buf)
  local keys = mapped[buf] or {}
  mapped[buf] = nil
  if not vim.api.nvim_buf_is_valid(buf) then
    return
  end
  vim.api.nvim_buf_call(buf, function()
    for _, each in pairs(keys) do
      vim.keymap.del(each.mode, each.name, { buffer = buf })
      vim.keymap.del(each.mode, each.key, { buffer = buf })
      if each.original.buffer == 1 then
        vim.fn.mapset(each.original)
      end
    end
  end)
end

return M
