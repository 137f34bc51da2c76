-- Where suggestions are on: everywhere, but for languages that are switched off. Does not know how they are made or drawn.

local M = {}

local everything = true
---@type table<string, boolean>
local off = {}

---@param languages string[] filetypes that are off from the beginning
function M.start(languages)
  off = {}
  for _, language in ipairs(languages) do
    off[language] = true
  end
end

---@param buf integer
---@return boolean
function M.on(buf)
  return everything and not off[vim.bo[buf].filetype]
end

---@param language? string a filetype; none: everything
---@return boolean on whether it is now
function M.toggle(language)
  if not language then
    everything = not everything
    return everything
  end
  off[language] = not off[language] or nil
  return not off[language]
end

return M
