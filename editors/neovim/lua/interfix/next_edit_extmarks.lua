-- Draws a next edit as extmarks: a small diff where its place is in sight, else a hint at the end of the cursor's line.

local word_diff = require('interfix.word_diff')

local api = vim.api

local M = {}

local namespace = api.nvim_create_namespace('interfix.next_edit')

---The buffers that something is drawn in.
---@type table<integer, true>
local drawn = {}

---Define the highlights, unless the user or the colour scheme has.
function M.define_highlights()
  api.nvim_set_hl(0, 'InterfixRemoved', { link = 'DiffDelete', default = true })
  api.nvim_set_hl(0, 'InterfixAdded', { link = 'DiffAdd', default = true })
  api.nvim_set_hl(0, 'InterfixHint', { link = 'Comment', default = true })
end

---@param buf integer
---@param row integer
---@param column integer
---@param options vim.api.keyset.set_extmark
local function mark(buf, row, column, options)
  drawn[buf] = true
  options.undo_restore = false
  options.strict = false
  api.nvim_buf_set_extmark(buf, namespace, row, column, options)
end

---@param edit interfix.NextEdit
function M.draw_diff(edit)
  M.clear()
  local buf, range = edit.buf, edit.range
  local changes = word_diff.diff_lines(api.nvim_buf_get_text(buf, range[1], range[2], range[3], range[4], {}), edit.lines)
  for _, change in ipairs(changes or {}) do
    local row, base = range[1] + change.line, change.line == 0 and range[2] or 0
    local last = base + change.last
    if change.last > change.first then
      mark(buf, row, base + change.first, { end_row = row, end_col = last, hl_group = 'InterfixRemoved' })
    end
    if change.inserted ~= '' then
      mark(buf, row, last, { virt_text = { { change.inserted, 'InterfixAdded' } }, virt_text_pos = 'inline' })
    end
  end
  if changes then
    return
  end
  -- Whole lines: the old ones are marked, the new ones stand below them.
  local head = api.nvim_buf_get_text(buf, range[1], 0, range[1], range[2], {})[1]
  local tail = api.nvim_buf_get_text(buf, range[3], range[4], range[3], -1, {})[1]
  local lines = vim.list_slice(edit.lines)
  lines[1] = head .. lines[1]
  lines[#lines] = lines[#lines] .. tail
  local last = range[3]
  if range[4] == 0 and range[3] > range[1] then
    last = last - 1
    table.remove(lines)
  end
  local inserts = range[1] == range[3] and range[2] == range[4]
  for row = range[1], inserts and range[1] - 1 or last do
    mark(buf, row, 0, { line_hl_group = 'InterfixRemoved' })
  end
  local above = inserts and range[2] == 0
  if inserts then
    -- Text that only comes: the line it comes into is there already.
    table.remove(lines, above and #lines or 1)
  end
  mark(buf, above and range[1] or last, 0, {
    virt_lines = vim.tbl_map(function(line)
      return { { line, 'InterfixAdded' } }
    end, lines),
    virt_lines_above = above,
  })
end

---@param edit interfix.NextEdit
---@return string path in the workspace folder, wherever Neovim was started
local function path_of(edit)
  local path = vim.uri_to_fname(edit.uri)
  local root = edit.client.root_dir
  return root and vim.fs.relpath(root, path) or vim.fn.fnamemodify(path, ':~:.')
end

---@param edit interfix.NextEdit
function M.draw_hint(edit)
  M.clear()
  local buf, row = api.nvim_get_current_buf(), api.nvim_win_get_cursor(0)[1] - 1
  local name = edit.buf == buf and 'line ' or path_of(edit) .. ':'
  local hint = ('  ⇥ %s%d: %s'):format(name, edit.range[1] + 1, edit.label)
  mark(buf, row, 0, { virt_text = { { hint, 'InterfixHint' } }, virt_text_pos = 'eol' })
end

---@return boolean
function M.is_drawn()
  return next(drawn) ~= nil
end

function M.clear()
  for buf in pairs(drawn) do
    if api.nvim_buf_is_valid(buf) then
      api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
    end
  end
  drawn = {}
end

return M
