-- Suggestions as Neovim 0.12 draws them itself (|lsp-inline_completion|), for users who have switched that on. Draws and asks for
-- nothing of its own.

local item = require('interfix.item')

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
    api.nvim_buf_clear_namespace(buf, api.nvim_create_namespace('nvim.lsp.inline_completion'), 0, -1)
  end
end

---@return boolean
function M.visible()
  local namespace = api.nvim_create_namespace('nvim.lsp.inline_completion')
  return #api.nvim_buf_get_extmarks(0, namespace, 0, -1, { limit = 1 }) > 0
end

---@param suggestion vim.lsp.inline_completion.Item
---@return string? rest what of it is not typed yet, or nil where it no longer fits or is no plain insertion
local function rest(suggestion)
  local text, range = suggestion.insert_text, suggestion.range
  if type(text) ~= 'string' or not range then
    return nil
  end
  local row, column, last_row, last_column = range:to_extmark()
  local cursor = api.nvim_win_get_cursor(0)
  if cursor[1] - 1 ~= row or cursor[2] < column or last_row ~= row or last_column ~= column then
    return nil
  end
  local typed = api.nvim_get_current_line():sub(column + 1, cursor[2])
  return #typed < #text and vim.startswith(text, typed) and text:sub(#typed + 1) or nil
end

---Neovim goes on showing a suggestion while something is typed, and would then insert all of it where it was asked for: only what
---is left of it is inserted here, and nothing where it no longer fits.
---@param amount interfix.Amount
---@return boolean accepted
function M.accept(amount)
  return vim.lsp.inline_completion.get({
    on_accept = function(suggestion)
      local left = rest(suggestion)
      if not left then
        return nil
      end
      local piece = item.piece(left, amount)
      require('interfix.change').insert(piece)
      if #piece == #left and suggestion.command then
        local client = assert(vim.lsp.get_client_by_id(suggestion.client_id))
        client:exec_cmd(suggestion.command, { bufnr = api.nvim_get_current_buf() })
      end
    end,
  })
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

---Only among what has come with one reply: Neovim never asks for more.
---@param step 1|-1
function M.cycle(step)
  vim.lsp.inline_completion.select({ count = step })
end

return M
