-- Where suggestions are on: everywhere except in the filetypes that are switched off.

local M = {}

local all_on = true
---@type table<string, boolean>
local off_filetypes = {}

---@param languages string[] filetypes that are off at the start
function M.initialize(languages)
  off_filetypes = {}
  for _, language in ipairs(languages) do
    off_filetypes[language] = true
  end
end

---@param buf integer
---@return boolean
function M.is_on(buf)
  return all_on and not off_filetypes[vim.bo[buf].filetype]
end

---@param language? string a filetype; nil: everywhere
---@return boolean on whether suggestions are on now
function M.toggle(language)
  if not language then
    all_on = not all_on
    return all_on
  end
  off_filetypes[language] = not off_filetypes[language] or nil
  return not off_filetypes[language]
end

return M
