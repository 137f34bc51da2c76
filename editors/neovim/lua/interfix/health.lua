-- `:checkhealth interfix`: whether this Neovim, the server, its models and the client are as they should be. Changes nothing.

local health = vim.health

local M = {}

local PATIENCE_MS = 60000

local function editor()
  health.start('Neovim')
  if vim.fn.has('nvim-0.11') == 0 then
    return health.error('Interfix needs Neovim 0.11 or newer')
  end
  health.ok(('version %s'):format(tostring(vim.version())))
  if vim.fn.hasmapto('<Plug>(interfix-accept)', 'i') == 1 then
    health.ok('a key of yours accepts suggestions')
  end
end

---@return string[] command that starts the server
local function command()
  local cmd = (vim.lsp.config.interfix or {}).cmd
  return type(cmd) == 'table' and cmd or { 'interfix', 'serve' }
end

local function server()
  health.start('The server')
  local program = command()[1]
  if vim.fn.executable(program) == 0 then
    return health.error(('%s cannot be run'):format(program), {
      'Install it, so that `interfix` is on the PATH that Neovim sees,',
      "or name it: require('interfix').setup({ lsp = { cmd = { '/path/to/interfix', 'serve' } } })",
    })
  end
  local done = vim.system({ program, 'doctor', '--json' }, { text = true, timeout = PATIENCE_MS }):wait()
  local understood, findings = pcall(vim.json.decode, done.stdout or '')
  if not understood or type(findings) ~= 'table' then
    return health.error(('%s doctor says nothing that can be read: %s'):format(program, vim.trim(done.stderr or '')))
  end
  for _, finding in ipairs(findings) do
    local report = finding.ok and health.ok or health.warn
    report(('%s: %s'):format(finding.name, finding.says))
  end
end

local function client()
  health.start('The client')
  if not vim.lsp.is_enabled('interfix') then
    return health.warn('not enabled', { "vim.lsp.enable('interfix')" })
  end
  local clients = vim.lsp.get_clients({ name = 'interfix' })
  if #clients == 0 then
    return health.warn('enabled, but attached to no buffer; open a file with a filetype')
  end
  for _, each in ipairs(clients) do
    local buffers = vim.tbl_count(each.attached_buffers)
    health.ok(('attached to %d buffer%s, columns in %s'):format(buffers, buffers == 1 and '' or 's', each.offset_encoding))
  end
end

function M.check()
  editor()
  server()
  client()
end

return M
