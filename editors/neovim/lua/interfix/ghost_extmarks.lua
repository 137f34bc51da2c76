-- Draws a suggestion after the cursor, as extmarks.

local api = vim.api

local M = {}

local namespace = api.nvim_create_namespace('interfix.ghost')

---Define the highlight, unless the user or the colour scheme has.
function M.define_highlight()
  local hint = vim.fn.hlexists('ComplHint') == 1 and 'ComplHint' or 'NonText'
  api.nvim_set_hl(0, 'InterfixGhost', { link = hint, default = true })
end

---@param place interfix.CursorContext
---@param text string
---@param note? string shown after it
function M.show(place, text, note)
  local lines = vim.tbl_map(function(line)
    return { { line, 'InterfixGhost' } }
  end, vim.split(text, '\n', { plain = true }))
  if note then
    table.insert(lines[#lines], { note, 'InterfixGhost' })
  end
  local first, position = table.remove(lines, 1), 'inline'
  if #lines > 0 and place.after ~= '' then
    -- The text right of the cursor will end up after the last line: cover it here and show it there.
    position = 'overlay'
    local covered = vim.fn.strdisplaywidth(place.after) - vim.fn.strdisplaywidth(first[1][1])
    first[1][1] = first[1][1] .. (' '):rep(covered)
    table.insert(lines[#lines], 2, { place.after, 'Normal' })
  end
  api.nvim_buf_set_extmark(place.buf, namespace, place.row, #place.before, {
    id = 1,
    virt_text = first,
    virt_text_pos = position,
    virt_lines = lines,
    hl_mode = position == 'inline' and 'combine' or 'replace',
    undo_restore = false,
  })
  require('interfix.next_edit').refresh()
end

---@param buf integer
function M.clear(buf)
  if api.nvim_buf_is_valid(buf) then
    api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
  end
end

return M
