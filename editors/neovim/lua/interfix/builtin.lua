-- Suggestions as Neovim 0.12 draws them itself (|lsp-inline_completion|). Draws and asks for nothing of its own.

local api = vim.api

local M = {}

---@param on boolean
---@param buf integer
local function enable(on, buf)
  vim.lsp.inline_completion.enable(on, { bufnr = buf })
end

---@param buf integer
function M.attach(buf)
  enable(true, buf)
end

---@param buf integer
function M.detach(buf)
  if api.nvim_buf_is_valid(buf) and #vim.lsp.get_clients({ bufnr = buf, method = 'textDocument/inlineCompletion' }) < 2 then
    enable(false, buf)
  end
end

---@return boolean
function M.visible()
  local namespace = api.nvim_create_namespace('nvim.lsp.inline_completion')
  return #api.nvim_buf_get_extmarks(0, namespace, 0, -1, { limit = 1 }) > 0
end

---@return boolean accepted
function M.accept()
  return vim.lsp.inline_completion.get()
end

---Neovim has no call for it: what is shown goes with the state that switching off throws away.
function M.dismiss()
  local buf = api.nvim_get_current_buf()
  enable(false, buf)
  enable(true, buf)
end

---Neovim has no call for it: it asks when the cursor moves.
function M.trigger()
  api.nvim_exec_autocmds('CursorMovedI', { buffer = api.nvim_get_current_buf(), modeline = false })
end

return M
