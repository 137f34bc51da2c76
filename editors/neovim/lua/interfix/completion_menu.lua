-- Whether a completion menu is open beside the suggestion: Neovim's own, which mini.completion uses too, or a plugin's.

local M = {}

---The plugins that draw menus of their own. Asked only if they are loaded.
---@type fun(): boolean?, boolean? whether the menu is open, and whether an entry is selected
local plugins = {
  function()
    local blink = package.loaded['blink.cmp']
    if blink and blink.is_menu_visible then
      return blink.is_menu_visible(), blink.get_selected_item and blink.get_selected_item() ~= nil
    end
  end,
  function()
    local cmp = package.loaded.cmp
    if cmp and cmp.visible then
      return cmp.visible(), cmp.get_selected_entry and cmp.get_selected_entry() ~= nil
    end
  end,
  function()
    if vim.fn.exists('*coc#pum#visible') == 1 then
      return vim.fn['coc#pum#visible']() == 1, (vim.fn['coc#pum#info']().index or -1) >= 0
    end
  end,
}

---@return boolean open
---@return boolean selected an entry of it is selected
function M.state()
  if vim.fn.pumvisible() == 1 then
    return true, vim.fn.complete_info({ 'selected' }).selected >= 0
  end
  for _, ask in ipairs(plugins) do
    local ok, open, selected = pcall(ask)
    if ok and open then
      return true, selected or false
    end
  end
  return false, false
end

return M
