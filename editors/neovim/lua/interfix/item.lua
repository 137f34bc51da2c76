-- What suggestions mean at a place in the text: what of them is new there, and whether they still fit. Draws and asks for nothing.

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
---@field command? lsp.Command for the server to run after all of it was accepted
---@field client vim.lsp.Client who suggested it

---@alias interfix.Amount 'all'|'word'|'line'

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

---The piece at the beginning of a text that is accepted at once. Never empty.
---@param text string not empty
---@param amount interfix.Amount a word with the white space before it, a line with the line break before it, or all
---@return string
function M.piece(text, amount)
  if amount == 'word' then
    -- Bytes from 128 on belong to letters outside ASCII, which are never torn apart.
    return text:match('^%s*[%w_\128-\255]+') or text:match('^%s*[^%w_%s\128-\255]+') or text
  end
  if amount == 'line' then
    return text:match('^\n*[^\n]+') or text
  end
  return text
end

---@param item lsp.InlineCompletionItem
---@param place interfix.Place
---@param client vim.lsp.Client
---@return interfix.Ghost?
local function read(item, place, client)
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

---Read a reply as insertions at the place, best first, without the items that are none.
---@param result lsp.InlineCompletionItem[]|lsp.InlineCompletionList
---@param place interfix.Place
---@param client vim.lsp.Client
---@return interfix.Ghost[]
function M.read(result, place, client)
  return vim
    .iter(result.items or result)
    :map(function(item)
      return read(item, place, client)
    end)
    :totable()
end

return M
