-- Draws a suggestion behind the cursor, as extmarks. Does not know where it comes from or whether it fits.

local api = vim.api

local M = {}

local namespace = api.nvim_create_namespace('interfix.ghost')

---Give the highlight a look, unless the user or the colour scheme has.
function M.prepare()
  local hint = vim.fn.hlexists('ComplHint') == 1 and 'ComplHint' or 'NonText'
  api.nvim_set_hl(0, 'InterfixGhost', { link = hint, default = true })
end

---@param place interfix.Place
---@param text string
---@param note? string shown behind it
function M.show(place, text, note)
  local lines = vim.tbl_map(function(line)
    return { { line, 'InterfixGhost' } }
  end, vim.split(text, '\n', { plain = true }))
  if note then
    table.insert(lines[#lines], { note, 'InterfixGhost' })
  end
  local first, position = table.remove(lines, 1), 'inline'
  if #lines > 0 and place.after ~= '' then
    -- What stands right of the cursor will end up behind the last line: cover it here and show it there.
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
end

---@param buf integer
function M.clear(buf)
  if api.nvim_buf_is_valid(buf) then
    api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
  end
end

return M
