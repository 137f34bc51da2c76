-- The client configuration that `vim.lsp.enable('interfix')` finds on the runtime path.

---@param command lsp.Command
---@param context table
local function show_answer(command, context)
  require('interfix.user_command').run_code_action(command, context)
end

---@type vim.lsp.Config
return {
  cmd = { 'interfix', 'serve' },
  root_markers = { '.interfix.toml', '.git' },
  -- A function, because it may also keep a server from being started that cannot run.
  root_dir = function(buf, on_dir)
    -- Enabled late, Neovim asks for buffers without a filetype, too.
    if vim.bo[buf].filetype ~= '' and require('interfix.server_check').can_start() then
      on_dir(vim.fs.root(buf, vim.lsp.config.interfix.root_markers))
    end
  end,
  capabilities = {
    -- Neovim 0.11 does not announce this, but the plugin can show inline completions.
    textDocument = { inlineCompletion = { dynamicRegistration = false } },
    experimental = { interfix = { status = true, names = true, nextEdit = { otherFiles = true } } },
  },
  handlers = {
    ['$/progress'] = function(...)
      return require('interfix.progress_stream').on_progress(...)
    end,
    ['interfix/names'] = function(...)
      return require('interfix.member_names').on_request(...)
    end,
    ['interfix/status'] = function(...)
      return require('interfix.server_status').on_status(...)
    end,
    ['window/showMessage'] = function(...)
      return require('interfix.notifications').on_message(...)
    end,
  },
  -- Code actions that answer in words: the answer streams into a window.
  commands = { ['interfix.explain'] = show_answer, ['interfix.run'] = show_answer },
  on_exit = function(code, signal)
    require('interfix.crash_restart').on_exit(code, signal)
  end,
}
