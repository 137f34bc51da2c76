-- Whether the server's program can be started, and what to do if it cannot.

local M = {}

---@return string[] command that starts the server
function M.command()
  local cmd = (vim.lsp.config.interfix or {}).cmd
  return type(cmd) == 'table' and cmd or { 'interfix', 'serve' }
end

---@param path string
---@return string? interpreter that a script names in its first lines
local function interpreter_of(path)
  local file = io.open(path, 'rb')
  local head = file and file:read(1024) or ''
  if file then
    file:close()
  end
  -- Installers write the second form, a shell script, where the path is long or has spaces.
  local name = head:match("^#!/bin/sh%s*\n'''exec' \"(.-)\"") or head:match("^#!/bin/sh%s*\n'''exec' (%S+)")
  return name or head:match('^#!%s*%S*/env%s+(%S+)') or head:match('^#!%s*(%S+)')
end

---@class interfix.ServerProblem
---@field summary string one short line
---@field advice string[] what to do

---@return interfix.ServerProblem? problem nil if the program can be started
function M.find_problem()
  local program = M.command()[1]
  local path = vim.fn.exepath(program)
  if path == '' then
    return {
      summary = ('no program "%s" was found. Run :checkhealth interfix'):format(vim.fs.basename(program)),
      advice = {
        'Install it with `uv tool install interfix` or `pipx install interfix`, and start Neovim again.',
        'It must be on the PATH that Neovim sees. If it lies elsewhere, name it:',
        "require('interfix').setup({ lsp = { cmd = { '/path/to/interfix', 'serve' } } })",
      },
    }
  end
  local interpreter = interpreter_of(path)
  if interpreter and vim.fn.executable(interpreter) == 0 then
    return {
      summary = 'the Python of the server is gone. Run :checkhealth interfix',
      advice = {
        ('%s is run by %s, which is not there.'):format(path, interpreter),
        'Install Interfix again: `uv tool install --reinstall interfix` or `pipx reinstall interfix`.',
      },
    }
  end
end

local reported = false
local failure ---@type string? how a server has ended before it served a file

---@param sentence string
local function report_once(sentence)
  if not reported then
    reported = true
    require('interfix.notifications').notify(sentence, vim.log.levels.ERROR)
  end
end

---@return string? sentence why no server can be started; nil if one can
function M.explain()
  if failure then
    return ('the server failed (%s). Run :checkhealth interfix'):format(failure)
  end
  local is_program = type((vim.lsp.config.interfix or {}).cmd) ~= 'function'
  local problem = is_program and M.find_problem() or nil
  return problem and problem.summary
end

---Call before a start. Tells the user about a problem, once.
---@return boolean
function M.can_start()
  local problem = M.explain()
  if problem then
    report_once(problem)
  end
  return problem == nil
end

---Call when a server has ended before it served a file. It is not started again in this Neovim.
---@param how string exit code or signal
function M.report_failed_start(how)
  failure = how
  vim.schedule(function()
    -- Neovim is about to say in two lines that a client has quit.
    require('interfix.notifications').reserve_rows(4)
  end)
  report_once(assert(M.explain()))
end

---@param command string[]
---@param timeout_ms integer
---@return vim.SystemCompleted? done nil if it could not be started
---@return string? err why not
function M.run(command, timeout_ms)
  local started, result = pcall(vim.system, command, { text = true, timeout = timeout_ms })
  if not started then
    return nil, tostring(result)
  end
  return result:wait()
end

return M
