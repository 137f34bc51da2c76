-- `:Interfix why`: what became of the last request in the buffer, and its prompt, part by part.

local M = {}

---@param rows string[][] the first is the heading
---@return string[] lines of a Markdown table with aligned columns
local function format_table(rows)
  local widths = {}
  for _, row in ipairs(rows) do
    for column, cell in ipairs(row) do
      widths[column] = math.max(widths[column] or 3, vim.fn.strdisplaywidth(cell))
    end
  end
  local function format_row(row)
    local cells = {}
    for column, cell in ipairs(row) do
      local padding = (' '):rep(widths[column] - vim.fn.strdisplaywidth(cell))
      -- Numbers end at the same column, words begin there.
      cells[column] = cell:match('^%d+$') and padding .. cell or cell .. padding
    end
    return '| ' .. table.concat(cells, ' | ') .. ' |'
  end
  local lines = vim.tbl_map(format_row, rows)
  local rule = {}
  for column, width in ipairs(widths) do
    rule[column] = ('-'):rep(width)
  end
  table.insert(lines, 2, format_row(rule))
  return lines
end

---@param part table
---@return string[] cells
local function format_part(part)
  local where = part.path == '' and '' or ('%s:%d'):format(part.path, part.line + 1)
  local became = part.why ~= '' and part.why or (part.kept and 'as it is' or 'left out')
  return { part.source ~= '' and part.source or part.kind, where, tostring(part.tokens), (became:gsub('|', '\\|')) }
end

---@param prompt string
---@return string fence longer than any run of backticks in it
local function fence_for(prompt)
  local longest = 2
  for ticks in prompt:gmatch('`+') do
    longest = math.max(longest, #ticks)
  end
  return ('`'):rep(longest + 1)
end

---@param verdict table
---@param filetype string
---@return string[] lines
local function format_verdict(verdict, filetype)
  local place = verdict.line and (' (line %d)'):format(verdict.line + 1) or ''
  local lines = { '# ' .. verdict.summary .. place, '' }
  if verdict.change ~= '' then
    vim.list_extend(lines, { verdict.change, '' })
  end
  local said = verdict.said_in_place or ''
  if vim.trim(said) ~= '' then
    local fence = fence_for(said)
    vim.list_extend(lines, { 'The model said:', '', fence .. filetype, (said:gsub('%s+$', '')), fence, '' })
  end
  return lines
end

---@param decision table what became of the last request for a next edit
---@return string[] lines
local function format_next_edit(decision)
  local lines = { '# ' .. decision.summary, '' }
  if decision.change ~= '' then
    vim.list_extend(lines, { decision.change, '' })
  end
  if #decision.considered == 0 then
    return lines
  end
  local rows = { { 'edit', 'finder', 'line', 'certain', 'against it' } }
  for _, each in ipairs(decision.considered) do
    local certain, obstacle = ('%d%%'):format(math.floor(each.certainty * 100 + 0.5)), (each.obstacle:gsub('_', ' '))
    table.insert(rows, { (each.label:gsub('|', '\\|')), each.finder, tostring(each.line + 1), certain, obstacle })
  end
  vim.list_extend(lines, format_table(rows))
  local names = vim.tbl_keys(decision.considered[1].evidence)
  table.sort(names)
  local evidence = vim.tbl_map(function(name)
    return ('%s %.2f'):format((name:gsub('_', ' ')), decision.considered[1].evidence[name])
  end, names)
  return vim.list_extend(lines, { '', 'Evidence for the first: ' .. table.concat(evidence, ', '), '' })
end

---@param report table the server's answer
---@param filetype string of the code in the prompt
---@return string markdown
local function format_report(report, filetype)
  local lines = report.verdict and format_verdict(report.verdict, filetype) or {}
  if report.next_edit then
    vim.list_extend(lines, format_next_edit(report.next_edit))
  end
  if not report.prompt then
    return table.concat(lines, '\n')
  end
  vim.list_extend(lines, {
    ('## What %s is shown'):format(report.model),
    '',
    ('%d of at most %d tokens; the other files took %.0f ms.'):format(report.prompt_tokens, report.budget, report.context_ms),
    '',
  })
  vim.list_extend(lines, format_table({ { 'part', 'where', 'tokens', '' }, unpack(vim.tbl_map(format_part, report.parts)) }))
  if #report.left > 0 then
    vim.list_extend(lines, { '', '## Left out', '' })
    for _, left in ipairs(report.left) do
      table.insert(lines, ('- %s: %s'):format(left.path, left.why))
    end
  end
  local fence = fence_for(report.prompt)
  vim.list_extend(lines, { '', '## The prompt', '', fence .. filetype, report.prompt, fence })
  return table.concat(lines, '\n')
end

---@param client vim.lsp.Client
---@param buf integer
function M.open(client, buf)
  local position = vim.lsp.util.make_position_params(0, client.offset_encoding).position
  local filetype = vim.bo[buf].filetype
  require('interfix.answer_window').open(client, buf, 'Why this suggestion', 'why', { position = position, last = true }, function(report)
    return format_report(report, filetype)
  end)
end

return M
