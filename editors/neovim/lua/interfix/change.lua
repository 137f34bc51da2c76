-- Changes to the text, each of them an undo step of its own. Does not know what is inserted or why.

local api = vim.api

local M = {}

---End the undo step that is being made, so that the next change to the buffer can be undone alone, in Insert mode too.
---@param buf integer
function M.begin(buf)
  vim.bo[buf].undolevels = vim.bo[buf].undolevels
end

---Insert text at the cursor, which goes on behind it.
---@param text string
function M.insert(text)
  local buf = api.nvim_get_current_buf()
  local row, column = unpack(api.nvim_win_get_cursor(0))
  local lines = vim.split(text, '\n', { plain = true })
  M.begin(buf)
  api.nvim_buf_set_text(buf, row - 1, column, row - 1, column, lines)
  api.nvim_win_set_cursor(0, { row + #lines - 1, (#lines == 1 and column or 0) + #lines[#lines] })
end

return M
