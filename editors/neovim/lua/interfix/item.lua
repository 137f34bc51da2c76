-- What a suggestion means at a place in the text: what of it is new there, and whether it still fits. Draws and asks for nothing.

local M = {}

---A place in a buffer at one moment.
---@class interfix.Place
---@field buf integer
---@field tick integer changedtick of the buffer
---@field lines integer lines in the buffer
---@field row integer zero-based line of the cursor
---@field before string the line's text before the cursor
---@field after string the line's text from the cursor on

---A suggestion at a place.
---@class interfix.Ghost
---@field place interfix.Place what was asked about
---@field text string what accepting inserts there
---@field step integer bytes the cursor goes on behind what was inserted, over text the suggestion ends with already
---@field command? lsp.Command for the server to run after it was accepted
---@field client vim.lsp.Client who suggested it

---What is left to suggest at a place, or nil where it no longer fits: the user may have typed some of it meanwhile.
---@param ghost interfix.Ghost
---@param place interfix.Place
---@return string? rest
function M.rest(ghost, place)
  local asked = ghost.place
  if place.row ~= asked.row or place.lines ~= asked.lines or place.after ~= asked.after then
    return nil
  end
  if not vim.startswith(place.before, asked.before) then
    return nil
  end
  local typed = place.before:sub(#asked.before + 1)
  if #typed < #ghost.text and vim.startswith(ghost.text, typed) then
    return ghost.text:sub(#typed + 1)
  end
end

---Read the first item of a reply as an insertion at the place, or nil where it is none.
---@param result lsp.InlineCompletionItem[]|lsp.InlineCompletionList
---@param place interfix.Place
---@param client vim.lsp.Client
---@return interfix.Ghost?
function M.read(result, place, client)
  local item = (result.items or result)[1]
  if not item then
    return nil
  end
  local text = type(item.insertText) == 'table' and item.insertText.value or item.insertText
  text = text:gsub('\r\n?', '\n')
  local step = 0
  if item.range then
    local first, last = item.range.start, item.range['end']
    if first.line ~= place.row or last.line ~= place.row then
      return nil
    end
    local line, column = place.before .. place.after, #place.before
    local from = vim.str_byteindex(line, client.offset_encoding, first.character, false)
    local to = vim.str_byteindex(line, client.offset_encoding, last.character, false)
    local head, tail = line:sub(from + 1, column), line:sub(column + 1, to)
    if from > column or to < column or not vim.startswith(text, head) or not vim.endswith(text, tail) then
      return nil
    end
    if #text < #head + #tail then
      return nil
    end
    text, step = text:sub(#head + 1, #text - #tail), #tail
  end
  if text == '' then
    return nil
  end
  return { place = place, text = text, step = step, command = item.command, client = client }
end

return M
