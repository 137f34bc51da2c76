-- Defines `:Interfix` and the <Plug> mappings, and starts suggestions where the client attaches. Loads no module until it is needed.

if vim.g.loaded_interfix then
  return
end
vim.g.loaded_interfix = true

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify('Interfix needs Neovim 0.11 or newer.', vim.log.levels.ERROR)
  return
end

local actions = {
  accept = 'accept the suggestion',
  accept_word = 'accept the next word of the suggestion',
  accept_line = 'accept the next line of the suggestion',
  next = 'show the next suggestion',
  previous = 'show the previous suggestion',
  dismiss = 'hide the suggestion',
  trigger = 'request a suggestion now',
}
local next_edit_actions = {
  next_edit = 'go to the next edit, or take it where it is in sight',
  next_edit_dismiss = 'leave the next edit',
  next_edit_trigger = 'request a next edit now',
}
---@param modes string[]
---@param action string
---@param says string
local function map(modes, action, says)
  vim.keymap.set(modes, ('<Plug>(interfix-%s)'):format((action:gsub('_', '-'))), function()
    require('interfix')[action]()
  end, { desc = 'Interfix: ' .. says })
end
for action, says in pairs(actions) do
  map({ 'i' }, action, says)
end
for action, says in pairs(next_edit_actions) do
  map({ 'i', 'n' }, action, says)
end

vim.api.nvim_create_user_command('Interfix', function(invocation)
  require('interfix.user_command').run(invocation)
end, {
  nargs = '*',
  range = true,
  complete = function(lead, line)
    return require('interfix.user_command').complete(lead, line)
  end,
  desc = 'Interfix: explain, change or test code; without arguments: menu',
})

local group = vim.api.nvim_create_augroup('interfix', {})

---@param event string
---@param method string
local function on_client(event, method)
  vim.api.nvim_create_autocmd(event, {
    group = group,
    callback = function(args)
      local client = vim.lsp.get_client_by_id(args.data.client_id)
      if client and client.name == 'interfix' then
        require('interfix')[method](args.buf)
      end
    end,
  })
end

-- Neovim starts no client whose program is missing, and says nothing.
vim.api.nvim_create_autocmd('FileType', {
  group = group,
  callback = function(args)
    if vim.bo[args.buf].buftype == '' and vim.lsp.is_enabled('interfix') then
      require('interfix.server_check').can_start()
      return true
    end
  end,
})

vim.api.nvim_create_autocmd('BufWritePost', {
  group = group,
  callback = function(args)
    if package.loaded.interfix then
      require('interfix').follow_name(args.buf)
    end
  end,
})

on_client('LspAttach', 'attach')
on_client('LspDetach', 'detach')
