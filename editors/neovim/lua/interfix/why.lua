-- `:Interfix why`: what the model is shown at the cursor, and what was left out by which rule. Only tells what the server says.

---@param part table
---@return string
local function row(part)
  local where = part.path == '' and '' or ('%s:%d'):format(part.path, part.line + 1)
  local became = part.why ~= '' and part.why or (part.kept and 'as it is' or 'left out')
  return ('| %s | %s | %d | %s |'):format(part.source ~= '' and part.source or part.kind, where, part.tokens, became)
end

---@param why table the server's answer
---@return string markdown
local function told(why)
  local lines = {
    ('# What %s is shown here'):format(why.model),
    '',
    ('%d of at most %d tokens; its context took %.0f ms.'):format(why.prompt_tokens, why.budget, why.context_ms),
    '',
    '| part | where | tokens | |',
    '| --- | --- | --- | --- |',
  }
  vim.list_extend(lines, vim.tbl_map(row, why.parts))
  if #why.left > 0 then
    vim.list_extend(lines, { '', '## Left out', '' })
    for _, left in ipairs(why.left) do
      table.insert(lines, ('- %s %s'):format(left.path, left.why))
    end
  end
  vim.list_extend(lines, { '', '## The prompt', '', '`````', why.prompt, '`````' })
  return table.concat(lines, '\n')
end

---@param client vim.lsp.Client
---@param buf integer
return function(client, buf)
  local position = vim.lsp.util.make_position_params(0, client.offset_encoding).position
  require('interfix.answer')(client, buf, 'Why this suggestion', 'why', { position = position }, told)
end
