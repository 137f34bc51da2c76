-- Edits that are undo steps of their own.

local api = vim.api

local M = {}

---End the current undo step, so that the next change can be undone alone, in Insert mode too.
---@param buf integer
function M.start_undo_step(buf)
  vim.bo[buf].undolevels = vim.bo[buf].undolevels
end

---Insert text at the cursor and move the cursor after it.
---@param text string
function M.insert_at_cursor(text)
  local buf = api.nvim_get_current_buf()
  local row, column = unpack(api.nvim_win_get_cursor(0))
  local lines = vim.split(text, '\n', { plain = true })
  M.start_undo_step(buf)
  api.nvim_buf_set_text(buf, row - 1, column, row - 1, column, lines)
  api.nvim_win_set_cursor(0, { row + #lines - 1, (#lines == 1 and column or 0) + #lines[#lines] })
end

return M
