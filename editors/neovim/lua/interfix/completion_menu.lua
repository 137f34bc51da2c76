-- Completion menus beside the suggestion: Neovim's own, which mini.completion uses too, and those that plugins draw.

local M = {}

---The plugins that draw menus of their own. Asked only if they are loaded.
---@type fun(): boolean? whether the menu is open
local plugins = {
  function()
    local blink = package.loaded['blink.cmp']
    return blink and blink.is_menu_visible()
  end,
  function()
    local cmp = package.loaded.cmp
    -- Not cmp.visible(), which first waits for the menu to be drawn: an expression mapping must not, and Neovim refuses it with E565.
    return cmp and cmp.core.view:visible()
  end,
  function()
    return vim.fn.exists('*coc#pum#visible') == 1 and vim.fn['coc#pum#visible']() == 1
  end,
}

---@return boolean
function M.is_open()
  if vim.fn.pumvisible() == 1 then
    return true
  end
  for _, ask in ipairs(plugins) do
    local ok, open = pcall(ask)
    if ok and open then
      return true
    end
  end
  return false
end

---@param command string|function an entry of blink.cmp's `keymap`
---@return boolean
local function is_blink_menu_command(command)
  return type(command) ~= 'string' or not (vim.startswith(command, 'snippet_') or vim.startswith(command, 'fallback'))
end

---@param key string
---@return boolean
local function blink_maps_to_menu(key)
  local ok, mappings = pcall(function()
    return require('blink.cmp.keymap').get_mappings(require('blink.cmp.config').keymap, 'default')
  end)
  return not ok or vim.iter(mappings[key] or {}):any(is_blink_menu_command)
end

---@param mapping table<string, any> in Insert mode, as maparg() returns it
---@return boolean whether it may do something in an open menu
function M.may_use(mapping)
  local desc = mapping.desc or ''
  if vim.tbl_isempty(mapping) or vim.startswith(desc, 'vim.snippet') then
    return false
  end
  -- blink.cmp maps <Tab> in every preset, in most of them only for snippets.
  return desc ~= 'blink.cmp' or blink_maps_to_menu(mapping.lhs)
end

return M
