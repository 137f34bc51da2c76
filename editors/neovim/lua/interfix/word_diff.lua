-- How a small change looks: which piece of each old line goes, and what comes in its place.

local M = {}

---A piece of an old line that goes, and the text that comes there.
---@class interfix.LineChange
---@field line integer of the old text's lines, from 0
---@field first integer byte of the line where it begins, from 0
---@field last integer byte of the line behind it
---@field inserted string

---Whether a place, counted in bytes, is within a word.
---@param line string
---@param at integer
---@return boolean
local function is_within_word(line, at)
  local word = '[%w_$\128-\255]'
  return line:sub(at, at):find(word) ~= nil and line:sub(at + 1, at + 1):find(word) ~= nil
end

---@param old string
---@param new string
---@param line integer
---@return interfix.LineChange
local function diff_words(old, new, line)
  local limit, first, same = math.min(#old, #new), 0, 0
  while first < limit and old:byte(first + 1) == new:byte(first + 1) do
    first = first + 1
  end
  while same < limit - first and old:byte(#old - same) == new:byte(#new - same) do
    same = same + 1
  end
  while first > 0 and (is_within_word(old, first) or is_within_word(new, first)) do
    first = first - 1
  end
  while same > 0 and (is_within_word(old, #old - same) or is_within_word(new, #new - same)) do
    same = same - 1
  end
  return { line = line, first = first, last = #old - same, inserted = new:sub(first + 1, #new - same) }
end

---The changes from one text to another, a line each. Words are not cut in two: a name is replaced as a whole.
---@param old string[]
---@param new string[]
---@return interfix.LineChange[]? changes nil where lines were added or removed
function M.diff_lines(old, new)
  if #old ~= #new then
    return nil
  end
  local changes = {}
  for index, line in ipairs(old) do
    if line ~= new[index] then
      table.insert(changes, diff_words(line, new[index], index - 1))
    end
  end
  return changes
end

return M
