-- What a checkout on the runtime path gives by itself: `:Interfix`, the <Plug> mappings, and suggestions wherever the client attaches.
-- Loads nothing until one of them is used.

if vim.g.loaded_interfix then
  return
end
vim.g.loaded_interfix = true

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify('Interfix needs Neovim 0.11 or newer.', vim.log.levels.ERROR)
  return
end

for _, action in ipairs({ 'accept', 'dismiss', 'trigger' }) do
  vim.keymap.set('i', ('<Plug>(interfix-%s)'):format(action), function()
    require('interfix')[action]()
  end, { desc = ('Interfix: %s a suggestion'):format(action) })
end

vim.api.nvim_create_user_command('Interfix', function(invocation)
  require('interfix.command').run(invocation)
end, {
  nargs = '+',
  range = true,
  complete = function(lead, line)
    return require('interfix.command').complete(lead, line)
  end,
  desc = 'Explain or refactor the selected lines',
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

on_client('LspAttach', 'attach')
on_client('LspDetach', 'detach')
