-- `:checkhealth interfix`: the Neovim version, the server, its models, and the client.

local server_check = require('interfix.server_check')

local health = vim.health

local M = {}

local DOCTOR_TIMEOUT_MS = 60000

local function check_neovim()
  health.start('Neovim')
  if vim.fn.has('nvim-0.11') == 0 then
    return health.error('Interfix needs Neovim 0.11 or newer')
  end
  health.ok(('version %s'):format(tostring(vim.version())))
  if vim.fn.hasmapto('<Plug>(interfix-accept)', 'i') == 1 then
    health.ok('a key of yours accepts suggestions')
  end
end

---@param finding table one of `interfix doctor --json`
local function report_finding(finding)
  local report = finding.ok and health.ok or health.warn
  report(('%s: %s'):format(finding.name or 'doctor', finding.says or ''))
end

local function check_server()
  health.start('The server')
  local problem = server_check.find_problem()
  if problem then
    return health.error(problem.summary:gsub(' Run :checkhealth.*', ''), problem.advice)
  end
  local program = server_check.command()[1]
  local done, err = server_check.run({ program, 'doctor', '--json' }, DOCTOR_TIMEOUT_MS)
  if not done then
    return health.error(('%s cannot be started: %s'):format(program, err))
  end
  if done.code == 124 then
    return health.error(('%s doctor did not end within %d s'):format(program, DOCTOR_TIMEOUT_MS / 1000))
  end
  local understood, findings = pcall(vim.json.decode, done.stdout or '')
  if not understood or type(findings) ~= 'table' or not vim.islist(findings) then
    local said = vim.split(vim.trim(done.stderr or ''), '\n')
    local advice = { ('Run `%s doctor` in a terminal.'):format(program), 'If it fails there too, install Interfix again.' }
    local how = done.signal ~= 0 and ('signal %d'):format(done.signal) or ('exit code %d'):format(done.code)
    local last = said[#said] ~= '' and said[#said] or 'without a word'
    return health.error(('`%s doctor` ended with %s: %s'):format(program, how, last), advice)
  end
  vim.iter(findings):each(report_finding)
end

---@return string[] names of files in loaded buffers that have a filetype, so that the client should be attached
local function files_with_filetype()
  return vim
    .iter(vim.api.nvim_list_bufs())
    :filter(function(buf)
      return vim.api.nvim_buf_is_loaded(buf) and vim.bo[buf].buftype == '' and vim.bo[buf].filetype ~= ''
    end)
    :map(function(buf)
      local name = vim.api.nvim_buf_get_name(buf)
      return name == '' and '[No Name]' or vim.fn.fnamemodify(name, ':~:.')
    end)
    :totable()
end

local function check_client()
  health.start('The client')
  if not vim.lsp.is_enabled('interfix') then
    return health.warn('not enabled', { "vim.lsp.enable('interfix')" })
  end
  local clients = vim.lsp.get_clients({ name = 'interfix' })
  local files = files_with_filetype()
  if #clients == 0 and #files == 0 then
    return health.info('enabled; it is attached once a file with a filetype is open')
  elseif #clients == 0 then
    local advice =
      { 'If the server is in order above, `:edit` the file again; the log is in `:lua =vim.lsp.log.get_filename()`.' }
    return health.warn(('enabled, but not attached to %s'):format(table.concat(files, ', ')), advice)
  end
  for _, client in ipairs(clients) do
    local buffers = vim.tbl_count(client.attached_buffers)
    health.ok(('next edits are %s'):format(require('interfix').describe_next_edits()))
    health.ok(('attached to %d buffer%s, columns in %s'):format(buffers, buffers == 1 and '' or 's', client.offset_encoding))
  end
end

function M.check()
  check_neovim()
  check_server()
  check_client()
end

return M
