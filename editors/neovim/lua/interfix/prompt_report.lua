-- `:Interfix why`: what the model is shown at the cursor, and what was left out by which rule. Only tells what the server says.

local M = {}

---@param part table
---@return string
local function format_part(part)
  local where = part.path == '' and '' or ('%s:%d'):format(part.path, part.line + 1)
  local became = part.why ~= '' and part.why or (part.kept and 'as it is' or 'left out')
  return ('| %s | %s | %d | %s |'):format(part.source ~= '' and part.source or part.kind, where, part.tokens, became)
end

---@param report table the server's answer
---@return string markdown
local function format_report(report)
  local lines = {
    ('# What %s is shown here'):format(report.model),
    '',
    ('%d of at most %d tokens; its context took %.0f ms.'):format(report.prompt_tokens, report.budget, report.context_ms),
    '',
    '| part | where | tokens | |',
    '| --- | --- | --- | --- |',
  }
  vim.list_extend(lines, vim.tbl_map(format_part, report.parts))
  if #report.left > 0 then
    vim.list_extend(lines, { '', '## Left out', '' })
    for _, left in ipairs(report.left) do
      table.insert(lines, ('- %s %s'):format(left.path, left.why))
    end
  end
  vim.list_extend(lines, { '', '## The prompt', '', '`````', report.prompt, '`````' })
  return table.concat(lines, '\n')
end

---@param client vim.lsp.Client
---@param buf integer
function M.open(client, buf)
  local position = vim.lsp.util.make_position_params(0, client.offset_encoding).position
  require('interfix.answer_window').open(client, buf, 'Why this suggestion', 'why', { position = position }, format_report)
end

return M
