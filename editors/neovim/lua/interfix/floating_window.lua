-- A floating window whose text grows or is set as a whole.

local api = vim.api

local M = {}

local namespace = api.nvim_create_namespace('interfix.view')

---@class interfix.FloatingWindow
---@field buf integer
---@field win integer
local FloatingWindow = {}
FloatingWindow.__index = FloatingWindow

---@param height integer lines of text
---@return vim.api.keyset.win_config
local function centered_config(height)
  local width = math.min(96, vim.o.columns - 4)
  return {
    relative = 'editor',
    width = width,
    height = height,
    row = math.floor((vim.o.lines - height) / 2) - 1,
    col = math.floor((vim.o.columns - width) / 2),
  }
end

---@return integer height the largest window may have
local function max_height()
  return math.max(3, math.floor(vim.o.lines * 0.7))
end

---Open a window in the middle of the screen and enter it; `q` closes it.
---@param title string
---@param fill fun(view: interfix.FloatingWindow): fun() starts filling the window and returns a function that stops it; called when the window is closed
function M.open(title, fill)
  local buf = api.nvim_create_buf(false, true)
  vim.bo[buf].bufhidden = 'wipe'
  vim.bo[buf].modifiable = false
  local win = api.nvim_open_win(
    buf,
    true,
    vim.tbl_extend('force', centered_config(1), {
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
  local view = setmetatable({ buf = buf, win = win }, FloatingWindow)
  view:show_progress('…')
  stop = fill(view)
end

---@return boolean
function FloatingWindow:is_open()
  return api.nvim_win_is_valid(self.win) and api.nvim_buf_is_valid(self.buf)
end

function FloatingWindow:close()
  if self:is_open() then
    api.nvim_win_close(self.win, true)
  end
end

---Show what is going on while there is no text yet.
---@param text string
function FloatingWindow:show_progress(text)
  if api.nvim_buf_is_valid(self.buf) then
    api.nvim_buf_set_extmark(self.buf, namespace, 0, 0, { id = 1, virt_text = { { text, 'Comment' } } })
  end
end

---@param keys string[] what the keys do, for the window's lower border
function FloatingWindow:set_footer(keys)
  if self:is_open() then
    api.nvim_win_set_config(self.win, { footer = (' %s '):format(table.concat(keys, ' · ')), footer_pos = 'right' })
  end
end

---Highlight the text as Markdown, with tree-sitter if its parser is installed.
function FloatingWindow:use_markdown()
  if vim.treesitter.language.add('markdown') then
    vim.bo[self.buf].filetype = 'markdown'
  else
    vim.bo[self.buf].syntax = 'markdown'
  end
end

---Make the window as high as its text, as far as there is room.
---@private
function FloatingWindow:fit_height()
  if self:is_open() then
    local needed = api.nvim_win_text_height(self.win, {}).all
    local height = math.max(api.nvim_win_get_height(self.win), math.min(needed, max_height()))
    api.nvim_win_set_config(self.win, centered_config(height))
  end
end

---@private
---@param change fun() writes to the buffer
function FloatingWindow:write(change)
  if not api.nvim_buf_is_valid(self.buf) then
    return
  end
  api.nvim_buf_clear_namespace(self.buf, namespace, 0, -1)
  vim.bo[self.buf].modifiable = true
  change()
  vim.bo[self.buf].modifiable = false
  self:fit_height()
end

---Add text at the end. The window scrolls along while its cursor is on the last line.
---@param text string
function FloatingWindow:append(text)
  self:write(function()
    local last = api.nvim_buf_line_count(self.buf)
    local following = api.nvim_win_is_valid(self.win) and api.nvim_win_get_cursor(self.win)[1] == last
    api.nvim_buf_set_text(self.buf, -1, -1, -1, -1, vim.split(text, '\n', { plain = true }))
    if following then
      api.nvim_win_set_cursor(self.win, { api.nvim_buf_line_count(self.buf), 0 })
    end
  end)
end

---Replace the text.
---@param text string
function FloatingWindow:set_text(text)
  self:set_lines(vim.split(vim.trim(text), '\n', { plain = true }))
end

---Replace the lines.
---@param lines string[]
function FloatingWindow:set_lines(lines)
  self:write(function()
    api.nvim_buf_set_lines(self.buf, 0, -1, false, lines)
  end)
end

return M
