-- The client configuration that `vim.lsp.enable('interfix')` finds on the runtime path. Knows nothing of what is shown on screen.

---@param command lsp.Command
---@param context table
local function answered(command, context)
  require('interfix.command').invoked(command, context)
end

---@type vim.lsp.Config
return {
  cmd = { 'interfix', 'serve' },
  root_markers = { '.interfix.toml', '.git' },
  capabilities = {
    -- Neovim 0.11 can do this through this plugin but does not announce it.
    textDocument = { inlineCompletion = { dynamicRegistration = false } },
    experimental = { interfix = { status = true } },
  },
  handlers = {
    ['$/progress'] = function(...)
      return require('interfix.stream').on_progress(...)
    end,
    ['interfix/status'] = function(...)
      return require('interfix.status').on_status(...)
    end,
    ['window/showMessage'] = function(...)
      return require('interfix.notice').on_message(...)
    end,
  },
  -- Code actions that answer in words: here, their words stream into a window.
  commands = { ['interfix.explain'] = answered, ['interfix.run'] = answered },
  on_exit = function(code, signal)
    require('interfix.restart').after(code, signal)
  end,
}
