-- The client configuration that `vim.lsp.enable('interfix')` finds on the runtime path. Knows nothing of what is shown on screen.

---@type vim.lsp.Config
return {
  cmd = { 'interfix', 'serve' },
  root_markers = { '.interfix.toml', '.git' },
  capabilities = {
    -- Neovim 0.11 can do this through this plugin but does not announce it.
    textDocument = { inlineCompletion = { dynamicRegistration = false } },
  },
  handlers = {
    ['$/progress'] = function(...)
      return require('interfix.stream').on_progress(...)
    end,
  },
}
