-- A floating window with markdown that grows. Does not know where the text comes from.

local api = vim.api

local M = {}

local namespace = api.nvim_create_namespace('interfix.view')

---@class interfix.View
---@field private buf integer
---@field private win integer
local View = {}
View.__index = View

---Open it in front of everything and go there; `q` closes it.
---@param title string
---@param on_close fun() called once, however it is closed
---@return interfix.View
function M.open(title, on_close)
  local buf = api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].filetype = 'markdown'
  vim.bo[buf].modifiable = false
  local width = math.min(96, vim.o.columns - 4)
  local height = math.max(3, math.floor(vim.o.lines * 0.6))
  local win = api.nvim_open_win(buf, true, {
    relative = 'editor',
    width = width,
    height = height,
    row = math.floor((vim.o.lines - height) / 2) - 1,
    col = math.floor((vim.o.columns - width) / 2),
    style = 'minimal',
    border = 'rounded',
    title = (' %s '):format(title),
    footer = ' q closes ',
    footer_pos = 'right',
  })
  vim.wo[win][0].wrap = true
  vim.wo[win][0].linebreak = true
  vim.wo[win][0].conceallevel = 2
  api.nvim_buf_set_extmark(buf, namespace, 0, 0, { virt_text = { { '…', 'Comment' } } })
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = buf, nowait = true, desc = 'Close' })
  api.nvim_create_autocmd('BufWipeout', { buffer = buf, once = true, callback = on_close })
  return setmetatable({ buf = buf, win = win }, View)
end

---@private
---@param change fun() writes to the buffer
function View:write(change)
  if not api.nvim_buf_is_valid(self.buf) then
    return
  end
  api.nvim_buf_clear_namespace(self.buf, namespace, 0, -1)
  vim.bo[self.buf].modifiable = true
  change()
  vim.bo[self.buf].modifiable = false
end

---Add text at the end; the window follows it as long as its cursor stands on the last line.
---@param text string
function View:append(text)
  self:write(function()
    local last = api.nvim_buf_line_count(self.buf)
    local following = api.nvim_win_is_valid(self.win) and api.nvim_win_get_cursor(self.win)[1] == last
    api.nvim_buf_set_text(self.buf, -1, -1, -1, -1, vim.split(text, '\n', { plain = true }))
    if following then
      api.nvim_win_set_cursor(self.win, { api.nvim_buf_line_count(self.buf), 0 })
    end
  end)
end

---Put the whole text in place of what came in pieces.
---@param text string
function View:finish(text)
  self:write(function()
    api.nvim_buf_set_lines(self.buf, 0, -1, false, vim.split(vim.trim(text), '\n', { plain = true }))
  end)
end

return M
