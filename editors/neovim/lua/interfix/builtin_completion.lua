-- Suggestions through Neovim 0.12's own inline completion (|lsp-inline_completion|), for users who have switched that on.

local suggestion = require('interfix.suggestion')

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

---@param item vim.lsp.inline_completion.Item
---@return string? rest the part that is not typed yet; nil if it no longer fits or replaces text
local function remaining_text(item)
  local text, range = item.insert_text, item.range
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

---Neovim keeps showing a suggestion while text is typed, and would then insert all of it at the old place. This inserts only the rest,
---and nothing if it no longer fits.
---@param amount interfix.Amount
---@return boolean accepted
function M.accept(amount)
  return vim.lsp.inline_completion.get({
    on_accept = function(item)
      local left = remaining_text(item)
      if not left then
        return nil
      end
      local piece = suggestion.take_piece(left, amount)
      require('interfix.undo_step').insert_at_cursor(piece)
      if #piece == #left and item.command then
        local client = assert(vim.lsp.get_client_by_id(item.client_id))
        client:exec_cmd(item.command, { bufnr = api.nvim_get_current_buf() })
      end
    end,
  })
end

---Neovim has no function for this; switching off and on drops the suggestion.
function M.dismiss()
  local buf = api.nvim_get_current_buf()
  enable(false, buf)
  enable(true, buf)
end

---Neovim has no function for this; it requests when the cursor moves.
function M.trigger()
  api.nvim_exec_autocmds('CursorMovedI', { buffer = api.nvim_get_current_buf(), modeline = false })
end

---Only among the suggestions of one reply: Neovim never requests more.
---@param step 1|-1
function M.cycle(step)
  vim.lsp.inline_completion.select({ count = step })
end

return M
