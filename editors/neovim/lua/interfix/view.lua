-- A floating window with text that grows or is put there as a whole. Does not know where the text comes from.

local api = vim.api

local M = {}

local namespace = api.nvim_create_namespace('interfix.view')

---@class interfix.View
---@field buf integer
---@field win integer
local View = {}
View.__index = View

---@param height integer lines of text
---@return vim.api.keyset.win_config
local function in_the_middle(height)
  local width = math.min(96, vim.o.columns - 4)
  return {
    relative = 'editor',
    width = width,
    height = height,
    row = math.floor((vim.o.lines - height) / 2) - 1,
    col = math.floor((vim.o.columns - width) / 2),
  }
end

---@return integer lines that a window in front of everything may have
local function most()
  return math.max(3, math.floor(vim.o.lines * 0.7))
end

---Open it in front of everything and go there; `q` closes it.
---@param title string
---@param fill fun(view: interfix.View): fun() begins what fills it, and returns what ends that, however the window is closed
function M.open(title, fill)
  local buf = api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].modifiable = false
  local win = api.nvim_open_win(
    buf,
    true,
    vim.tbl_extend('force', in_the_middle(1), {
      style = 'minimal',
      border = 'rounded',
      title = (' %s '):format(title),
      footer = ' q closes ',
      footer_pos = 'right',
    })
  )
  vim.wo[win][0].wrap = true
  vim.wo[win][0].linebreak = true
  vim.wo[win][0].conceallevel = 2
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = buf, nowait = true, desc = 'Close' })
  local stop ---@type fun()?
  api.nvim_create_autocmd('BufWipeout', {
    buffer = buf,
    once = true,
    callback = function()
      if stop then
        stop()
      end
    end,
  })
  local view = setmetatable({ buf = buf, win = win }, View)
  view:news('…')
  stop = fill(view)
end

---@return boolean
function View:is_open()
  return api.nvim_win_is_valid(self.win) and api.nvim_buf_is_valid(self.buf)
end

function View:close()
  if self:is_open() then
    api.nvim_win_close(self.win, true)
  end
end

---Say what is going on while there is no text yet.
---@param text string
function View:news(text)
  if api.nvim_buf_is_valid(self.buf) then
    api.nvim_buf_set_extmark(self.buf, namespace, 0, 0, { id = 1, virt_text = { { text, 'Comment' } } })
  end
end

---@param keys string[] what the keys do, for the window's lower border
function View:footer(keys)
  if self:is_open() then
    api.nvim_win_set_config(self.win, { footer = (' %s '):format(table.concat(keys, ' · ')), footer_pos = 'right' })
  end
end

---Have the text read as Markdown, which Neovim does by a parser that not every one has.
function View:markdown()
  if vim.treesitter.language.add('markdown') then
    vim.bo[self.buf].filetype = 'markdown'
  else
    vim.bo[self.buf].syntax = 'markdown'
  end
end

---Make the window as high as its text needs, as far as there is room.
---@private
function View:fit()
  if self:is_open() then
    local needed = api.nvim_win_text_height(self.win, {}).all
    local height = math.max(api.nvim_win_get_height(self.win), math.min(needed, most()))
    api.nvim_win_set_config(self.win, in_the_middle(height))
  end
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
  self:fit()
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
  self:show(vim.split(vim.trim(text), '\n', { plain = true }))
end

---Put these lines in place of what is there.
---@param lines string[]
function View:show(lines)
  self:write(function()
    api.nvim_buf_set_lines(self.buf, 0, -1, false, lines)
  end)
end

return M
