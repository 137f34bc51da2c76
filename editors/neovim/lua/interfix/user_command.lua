-- The `:Interfix` command: its subcommands and their completion.

local notifications = require('interfix.notifications')

local M = {}

---What a subcommand is run with.
---@class interfix.CommandCall
---@field client vim.lsp.Client
---@field buf integer
---@field range lsp.Range
---@field rest string the text after the subcommand

---@param client vim.lsp.Client
---@param buf integer
---@param invocation vim.api.keyset.create_user_command.command_args
---@return lsp.Range range the selected lines; without a selection the cursor, which stands for the definition there
local function range_of(client, buf, invocation)
  if invocation.range == 0 then
    local position = vim.lsp.util.make_position_params(0, client.offset_encoding).position
    return { start = position, ['end'] = position }
  end
  local last = vim.api.nvim_buf_get_lines(buf, invocation.line2 - 1, invocation.line2, true)[1]
  return {
    start = { line = invocation.line1 - 1, character = 0 },
    ['end'] = { line = invocation.line2 - 1, character = vim.str_utfindex(last, client.offset_encoding) },
  }
end

---@param call interfix.CommandCall
---@return lsp.Diagnostic[] diagnostics of the lines, whatever server reported them
local function diagnostics_of(call)
  local found = {}
  for _, each in ipairs(vim.diagnostic.get(call.buf)) do
    if each.lnum <= call.range['end'].line and (each.end_lnum or each.lnum) >= call.range.start.line then
      local function position(row, column)
        local line = vim.api.nvim_buf_get_lines(call.buf, row, row + 1, false)[1] or ''
        return { line = row, character = vim.str_utfindex(line, call.client.offset_encoding, math.min(column, #line), false) }
      end
      local first, last = position(each.lnum, each.col), position(each.end_lnum or each.lnum, each.end_col or each.col)
      table.insert(found, { range = { start = first, ['end'] = last }, message = each.message, source = each.source })
    end
  end
  return found
end

---@param text string
---@param prompt string
---@param go fun(text: string) called with the text, or with what the user enters if it is empty
local function with_text(text, prompt, go)
  if text ~= '' then
    return go(text)
  end
  vim.ui.input({ prompt = prompt }, function(entered)
    if entered and entered ~= '' then
      go(entered)
    end
  end)
end

---@param call interfix.CommandCall
---@param title string
---@param command string
---@param argument? table
local function answer(call, title, command, argument)
  argument = vim.tbl_extend('force', { range = call.range }, argument or {})
  require('interfix.answer_window').open(call.client, call.buf, title, command, argument)
end

---@param call interfix.CommandCall
---@param title string
---@param command string
---@param argument? table
local function edit(call, title, command, argument)
  argument = vim.tbl_extend('force', { range = call.range }, argument or {})
  require('interfix.edit_command').run(call.client, call.buf, title, command, argument)
end

---@type table<string, fun(call: interfix.CommandCall)>
local handlers = {
  explain = function(call)
    answer(call, 'Interfix explains', 'explain')
  end,
  ask = function(call)
    with_text(call.rest, 'Ask what? ', function(question)
      answer(call, question, 'ask', { question = question })
    end)
  end,
  refactor = function(call)
    with_text(call.rest, 'Refactor how? ', function(instruction)
      edit(call, instruction, 'refactor', { instruction = instruction })
    end)
  end,
  document = function(call)
    edit(call, 'Documentation', 'document')
  end,
  test = function(call)
    edit(call, 'Tests', 'test')
  end,
  fix = function(call)
    local found = diagnostics_of(call)
    if #found > 0 then
      return edit(call, 'Fix', 'fix', { diagnostics = found, instruction = call.rest })
    end
    with_text(call.rest, 'What is wrong? ', function(problem)
      edit(call, 'Fix', 'fix', { instruction = problem })
    end)
  end,
  answer = function(call)
    local title = 'What the model said for the last edit'
    require('interfix.answer_window').open(call.client, call.buf, title, 'answer', {}, function(result)
      return result.answer
    end)
  end,
  edit = function(call)
    if call.rest ~= '' then
      return edit(call, call.rest, 'refactor', { instruction = call.rest })
    end
    require('interfix.instruction_field').open(call, function(instruction)
      edit(call, instruction, 'refactor', { instruction = instruction })
    end)
  end,
  commit = function(call)
    require('interfix.commit_message').write(call.client, call.buf)
  end,
  why = function(call)
    require('interfix.verdict_and_prompt').open(call.client, call.buf)
  end,
  snooze = function(call)
    require('interfix.next_edit').snooze(call.client)
  end,
  status = function(call)
    require('interfix.status_report').open(call.client, call.buf)
  end,
}

---Handler for the commands of code actions that answer in words.
---@param command lsp.Command
---@param context { bufnr: integer, client_id: integer }
function M.run_code_action(command, context)
  local client = assert(vim.lsp.get_client_by_id(context.client_id))
  local argument = vim.tbl_extend('force', command.arguments[1], { show = false })
  local name = command.command:gsub('^interfix%.', '')
  require('interfix.answer_window').open(client, context.bufnr, command.title, name, argument)
end

---The menu's entries, in its order. The three dots say that the user is asked for words.
local MENU = {
  { 'explain', 'Explain' },
  { 'ask', 'Ask…' },
  { 'edit', 'Edit: say how, at the selection…' },
  { 'refactor', 'Refactor: say how…' },
  { 'document', 'Document' },
  { 'test', 'Write tests' },
  { 'fix', 'Fix' },
  { 'commit', 'Commit message for what is staged' },
  { 'why', 'Why this suggestion' },
  { 'answer', 'What the model said for the last edit' },
  { 'snooze', 'Pause next edits for 5 minutes' },
  { 'status', 'Status' },
  { 'toggle', 'Suggestions on or off' },
}

---@param language string
local function toggle(language)
  local on = require('interfix').toggle(language ~= '' and language or nil)
  notifications.notify(('suggestions%s are %s.'):format(language ~= '' and ' in ' .. language or '', on and 'on' or 'off'))
end

---@return string[]
local function command_names()
  return vim.fn.sort(vim.list_extend(vim.tbl_keys(handlers), { 'menu', 'toggle' }))
end

---@param call interfix.CommandCall
local function open_menu(call)
  local entries = vim.tbl_map(function(entry)
    local name, title = unpack(entry)
    return {
      title = title,
      run = function()
        if name == 'toggle' then
          return toggle('')
        end
        handlers[name](call)
      end,
    }
  end, MENU)
  require('interfix.action_menu').open(call, diagnostics_of(call), entries, function(action)
    local run = action.kind == 'edit' and require('interfix.edit_command').run or require('interfix.answer_window').open
    run(call.client, call.buf, action.title, action.command, action.argument)
  end)
end

---@param buf integer
---@return string sentence why no client is attached
local function explain_missing_client(buf)
  local problem = require('interfix.server_check').explain()
  if not vim.lsp.is_enabled('interfix') then
    return "not enabled. Run :lua vim.lsp.enable('interfix')"
  elseif problem then
    return problem
  elseif vim.bo[buf].buftype ~= '' then
    return 'this window shows no file. Go to one that does.'
  elseif vim.bo[buf].filetype == '' then
    return 'this buffer has no filetype. Give it one, such as :setf python'
  end
  return 'not running for this file. Run :checkhealth interfix'
end

---@param invocation vim.api.keyset.create_user_command.command_args
function M.run(invocation)
  local word, rest = invocation.args:match('^(%S*)%s*(.-)%s*$')
  word = word == '' and 'menu' or word
  if word == 'toggle' then
    return toggle(rest)
  end
  local handler = word == 'menu' and open_menu or handlers[word]
  if not handler then
    return notifications.notify(('there is no command %q. Press <Tab> after :Interfix.'):format(word), vim.log.levels.ERROR)
  end
  local buf = vim.api.nvim_get_current_buf()
  local client = vim.lsp.get_clients({ bufnr = buf, name = 'interfix' })[1]
  if not client then
    return notifications.notify(explain_missing_client(buf), vim.log.levels.ERROR)
  end
  handler({ client = client, buf = buf, range = range_of(client, buf, invocation), rest = rest })
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local word = line:match('Interfix!?%s+(%S+)%s')
  local choices = not word and command_names() or word == 'toggle' and vim.fn.getcompletion(lead, 'filetype') or {}
  return vim.tbl_filter(function(choice)
    return vim.startswith(choice, lead)
  end, choices)
end

return M
