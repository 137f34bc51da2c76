-- Splits a workspace edit into hunks of lines, and makes a workspace edit of the chosen ones.

local M = {}

---One change of a file, in lines.
---@class interfix.Hunk
---@field uri string
---@field row integer zero-based line where it begins
---@field old string[] lines it takes away
---@field new string[] lines it puts there
---@field edit lsp.TextEdit the server's edit
---@field chosen boolean whether to apply it

---The text edits of a workspace edit with their files, from `changes` and `documentChanges`.
---@param edit lsp.WorkspaceEdit
---@return { uri: string, edits: lsp.TextEdit[] }[]
local function list_changes(edit)
  local found = {}
  for _, change in ipairs(edit.documentChanges or {}) do
    if change.textDocument then
      table.insert(found, { uri = change.textDocument.uri, edits = change.edits })
    end
  end
  for uri, edits in pairs(edit.changes or {}) do
    table.insert(found, { uri = uri, edits = edits })
  end
  return found
end

---@param uri string
---@return string[] lines of the file, from its buffer or else from the disk; empty if there is no such file
function M.read_lines(uri)
  local path = vim.uri_to_fname(uri)
  if vim.fn.bufloaded(path) == 1 then
    return vim.api.nvim_buf_get_lines(vim.fn.bufadd(path), 0, -1, true)
  end
  return vim.fn.filereadable(path) == 1 and vim.fn.readfile(path) or {}
end

---@param uri string
---@param edit lsp.TextEdit
---@param lines string[] of the file
---@param encoding string
---@return interfix.Hunk
local function create_hunk(uri, edit, lines, encoding)
  local first, last = edit.range.start, edit.range['end']
  local function bytes(position)
    return vim.str_byteindex(lines[position.line + 1] or '', encoding, position.character, false)
  end
  local head = (lines[first.line + 1] or ''):sub(1, bytes(first))
  local tail = (lines[last.line + 1] or ''):sub(bytes(last) + 1)
  -- An edit that ends at column 0 leaves that line alone.
  local whole = last.character == 0 and head == '' and (edit.newText == '' or vim.endswith(edit.newText, '\n'))
  local old = vim.list_slice(lines, first.line + 1, whole and last.line or last.line + 1)
  local text = edit.newText:gsub('\r\n?', '\n')
  local new = vim.split(whole and text or head .. text .. tail, '\n', { plain = true })
  if whole then
    table.remove(new)
  end
  return { uri = uri, row = first.line, old = old, new = new, edit = edit, chosen = true }
end

---@param edit lsp.WorkspaceEdit
---@param encoding string of its positions
---@return interfix.Hunk[] hunks in the order of the files and their lines
function M.from_edit(edit, encoding)
  local found = {}
  for _, change in ipairs(list_changes(edit)) do
    local lines = M.read_lines(change.uri)
    local here = vim.tbl_map(function(each)
      return create_hunk(change.uri, each, lines, encoding)
    end, change.edits)
    table.sort(here, function(one, other)
      return one.row < other.row
    end)
    vim.list_extend(found, here)
  end
  return found
end

---@param edit lsp.WorkspaceEdit
---@param hunks interfix.Hunk[] its hunks
---@return lsp.WorkspaceEdit part of it: the chosen hunks, and the files they need
function M.select_edit(edit, hunks)
  local wanted, files = {}, {} ---@type table<lsp.TextEdit, true>, table<string, true>
  for _, each in ipairs(hunks) do
    if each.chosen then
      wanted[each.edit], files[each.uri] = true, true
    end
  end
  local function kept(edits)
    return vim.tbl_filter(function(each)
      return wanted[each] ~= nil
    end, edits)
  end
  local part = vim.tbl_extend('force', {}, edit)
  if edit.documentChanges then
    part.documentChanges = vim
      .iter(edit.documentChanges)
      :filter(function(change)
        return files[change.uri or change.textDocument.uri] ~= nil
      end)
      :map(function(change)
        return change.textDocument and vim.tbl_extend('force', change, { edits = kept(change.edits) }) or change
      end)
      :totable()
  end
  if edit.changes then
    part.changes = {}
    for uri, edits in pairs(edit.changes) do
      part.changes[uri] = files[uri] and kept(edits) or nil
    end
  end
  return part
end

return M
