-- Suggestions and the text they were made for: reads the server's response, and says whether a suggestion still fits.

local M = {}

---The text around the cursor at one moment.
---@class interfix.CursorContext
---@field buf integer
---@field tick integer changedtick of the buffer
---@field lines integer lines in the buffer
---@field row integer zero-based line of the cursor
---@field before string the line's text before the cursor
---@field after string the line's text from the cursor on

---A suggestion for one cursor context.
---@class interfix.Suggestion
---@field place interfix.CursorContext where it was requested
---@field text string what accepting inserts there
---@field step integer bytes the cursor moves past the inserted text, over text that the suggestion repeats
---@field command? lsp.Command for the server to run after all of it was accepted
---@field client vim.lsp.Client whose suggestion it is

---@alias interfix.Amount 'all'|'word'|'line'

---The part of a suggestion that is not typed yet; nil if the suggestion no longer fits.
---@param ghost interfix.Suggestion
---@param place interfix.CursorContext
---@return string? rest
function M.remaining_text(ghost, place)
  local origin = ghost.place
  if place.row ~= origin.row or place.lines ~= origin.lines or place.after ~= origin.after then
    return nil
  end
  if not vim.startswith(place.before, origin.before) then
    return nil
  end
  local typed = place.before:sub(#origin.before + 1)
  if #typed < #ghost.text and vim.startswith(ghost.text, typed) then
    return ghost.text:sub(#typed + 1)
  end
end

---The first piece of a text: a word, a line or all. Never empty.
---@param text string not empty
---@param amount interfix.Amount a word with the white space before it, a line with the line break before it, or all
---@return string
function M.take_piece(text, amount)
  if amount == 'word' then
    -- Bytes from 128 on belong to letters outside ASCII.
    return text:match('^%s*[%w_\128-\255]+') or text:match('^%s*[^%w_%s\128-\255]+') or text
  end
  if amount == 'line' then
    return text:match('^\n*[^\n]+') or text
  end
  return text
end

---@param item lsp.InlineCompletionItem
---@param place interfix.CursorContext
---@param client vim.lsp.Client
---@return interfix.Suggestion?
local function parse_item(item, place, client)
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

---Read a response as insertions at the cursor, best first. Items that replace text are left out.
---@param result lsp.InlineCompletionItem[]|lsp.InlineCompletionList
---@param place interfix.CursorContext
---@param client vim.lsp.Client
---@return interfix.Suggestion[]
function M.parse_response(result, place, client)
  return vim
    .iter(result.items or result)
    :map(function(item)
      return parse_item(item, place, client)
    end)
    :totable()
end

return M
