---@brief
---
--- https://github.com/interfix/interfix
---
--- Completes code at the cursor and explains, refactors, documents, tests and fixes it, with models on your own machine.
---
--- Install it with `uv tool install interfix` or `pipx install interfix`. The first start downloads a model.
---
--- Neovim 0.12 shows its suggestions as ghost text:
---
--- ```lua
--- vim.lsp.enable('interfix')
--- vim.lsp.inline_completion.enable()
--- vim.keymap.set('i', '<Tab>', function()
---   return vim.lsp.inline_completion.get() and '' or '<Tab>'
--- end, { expr = true, desc = 'Accept the suggestion' })
--- ```
---
--- In Neovim 0.11 they are entries of the completion menu. The plugin in `editors/neovim` of the repository shows ghost text in both
--- versions, streams explanations into a window and shows changes as a diff; it brings a configuration of its own.

---@type vim.lsp.Config
return {
  cmd = { 'interfix', 'serve' },
  root_markers = { '.interfix.toml', '.git' },
}
