-- `:Interfix status`: the server's engine, models and index for this buffer.

local M = {}

---@param server table
---@return string
local function format_remote(server)
  local model = server.model ~= '' and server.model or 'a model that is not known yet'
  local leaves = server.leaves and ', code leaves this machine' or ''
  local problem = server.problem ~= '' and ': ' .. server.problem or ''
  return ('- %s: %s, by %s at %s%s%s'):format(server.role, model, server.engine, server.host, leaves, problem)
end

---@param status table the server's answer
---@param state string
---@return string markdown
local function format_status(status, state)
  local engine = status.engine
  local lines = { ('# Interfix %s: %s'):format(status.version, state), '', status.models, '' }
  if engine.pid ~= 0 then
    table.insert(lines, ('- engine: process %d, %d MB'):format(engine.pid, engine.memory_bytes / 2 ^ 20))
  end
  vim.list_extend(lines, vim.tbl_map(format_remote, engine.servers))
  for _, model in ipairs(engine.models) do
    local roles = #model.roles > 0 and table.concat(model.roles, ', ') or 'loaded'
    table.insert(lines, ('- model: %s (%s), %d MB of weights'):format(model.name, roles, model.memory_bytes / 2 ^ 20))
  end
  table.insert(lines, '- next edits: ' .. require('interfix').describe_next_edits())
  for folder, index in pairs(status.indexes) do
    table.insert(lines, ('- index of %s: %s'):format(vim.fn.fnamemodify(folder, ':~'), index.ready and 'ready' or 'being made'))
  end
  for _, note in ipairs(engine.notes) do
    table.insert(lines, '- ' .. note)
  end
  for _, problem in ipairs(status.problems) do
    table.insert(lines, '- in the settings: ' .. problem)
  end
  return table.concat(lines, '\n')
end

---@param client vim.lsp.Client
---@param buf integer
function M.open(client, buf)
  local status = require('interfix.server_status').get(buf) or { state = 'off' }
  local state = status.state == 'downloading' and ('downloading, %s'):format(status.message) or status.state
  require('interfix.answer_window').open(client, buf, 'Interfix', 'status', {}, function(status)
    return format_status(status, state)
  end)
end

return M
