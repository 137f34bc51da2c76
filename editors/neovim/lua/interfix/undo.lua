-- Undo steps.

local M = {}

---End the undo step that is being made, so that the next change to the buffer can be undone alone, in Insert mode too.
---@param buf integer
function M.split(buf)
  vim.bo[buf].undolevels = vim.bo[buf].undolevels
end

return M
