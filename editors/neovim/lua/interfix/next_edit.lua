-- The next edit: the change that follows from the one just made. When to ask for it, what is shown, what keys do.

local extmarks = require('interfix.next_edit_extmarks')

local api = vim.api

local M = {}

local METHOD = 'textDocument/copilotInlineEdit'
local INVOKED, AUTOMATIC = 1, 2
local PAUSE_MS, REST_MS = 100, 300 -- after a change, and after a move of the cursor
local SNOOZE_SECONDS = 5 * 60

---@class interfix.NextEdit
---@field uri string
---@field buf integer the document's buffer, -1 while it has none
---@field range [integer, integer, integer, integer] first row and byte, last row and byte, from 0; of a file without a buffer characters
---@field start lsp.Position where it begins, in the client's encoding
---@field lines string[] what comes there
---@field label string what it does, in one line
---@field command lsp.Command for the server to run after it was taken
---@field client vim.lsp.Client
---@field tick? integer changedtick of its buffer

local modes = 'insert' ---@type 'insert'|'all'
local edit ---@type interfix.NextEdit?
local cancel ---@type fun()? ends the request that is under way
local timer ---@type uv.uv_timer_t?
local asked ---@type { buf: integer, tick: integer }? the text that was asked about last
local followed ---@type { buf: integer, tick: integer, row: integer, column: integer }? where this put the cursor
local told ---@type interfix.NextEdit? the server knows that it is drawn

---Whether a next edit can be shown in this mode. `ic` without a menu is a completion that found nothing.
---@return boolean
local function can_show()
  local mode = api.nvim_get_mode().mode
  return (mode == 'i' or mode == 'ic' or (mode == 'n' and modes == 'all')) and vim.fn.pumvisible() == 0
end

---@param buf integer
---@return vim.lsp.Client? client that knows next edits
local function client_of(buf)
  local client = vim.lsp.get_clients({ bufnr = buf, name = 'interfix' })[1]
  local known = client and vim.tbl_get(client.server_capabilities or {}, 'experimental', 'interfix', 'nextEdit')
  return known and client or nil
end

---@return { buf: integer, tick: integer, row: integer, column: integer }
local function cursor_place()
  local buf, at = api.nvim_get_current_buf(), api.nvim_win_get_cursor(0)
  return { buf = buf, tick = api.nvim_buf_get_changedtick(buf), row = at[1] - 1, column = at[2] }
end

---Whether all of the edit is on the screen.
---@param of interfix.NextEdit
---@return boolean
local function is_in_sight(of)
  local last = of.range[4] == 0 and of.range[3] > of.range[1] and of.range[3] - 1 or of.range[3]
  return of.buf == api.nvim_get_current_buf() and of.range[1] + 1 >= vim.fn.line('w0') and last + 1 <= vim.fn.line('w$')
end

---Forget the edit and the request for one.
local function drop()
  if timer then
    timer:stop()
  end
  if cancel then
    cancel()
    cancel = nil
  end
  edit = nil
  extmarks.clear()
end

---Draw the edit as its place is in sight now; nothing while a suggestion is shown at the cursor.
local function draw()
  if not edit then
    return
  end
  if edit.buf > 0 and edit.tick ~= api.nvim_buf_get_changedtick(edit.buf) then
    return drop()
  end
  if not can_show() or require('interfix').visible() then
    return extmarks.clear()
  end
  if is_in_sight(edit) then
    extmarks.draw_diff(edit)
  else
    extmarks.draw_hint(edit)
  end
  if told ~= edit then
    told = edit
    edit.client:notify('textDocument/didShowInlineEdit', { item = { command = edit.command } })
  end
end

---@param item table an edit as the server sends it
---@param client vim.lsp.Client
---@return interfix.NextEdit
local function parse_edit(item, client)
  local uri = item.textDocument.uri
  local buf = vim.fn.bufnr(vim.uri_to_fname(uri))
  buf = buf > 0 and api.nvim_buf_is_loaded(buf) and buf or -1
  local function byte(position)
    local line = buf > 0 and api.nvim_buf_get_lines(buf, position.line, position.line + 1, false)[1] or ''
    return buf > 0 and vim.str_byteindex(line, client.offset_encoding, position.character, false) or position.character
  end
  local first, last = item.range.start, item.range['end']
  local lines = vim.split((item.text:gsub('\r\n?', '\n')), '\n', { plain = true })
  return {
    uri = uri,
    buf = buf,
    range = { first.line, byte(first), last.line, byte(last) },
    start = first,
    lines = lines,
    label = item.label or vim.trim(lines[1]),
    command = item.command,
    client = client,
    tick = buf > 0 and api.nvim_buf_get_changedtick(buf) or nil,
  }
end

---@param buf integer
---@return lsp.Diagnostic[] of every server
local function diagnostics_of(buf)
  return vim.tbl_map(function(each)
    return {
      range = {
        start = { line = each.lnum, character = each.col },
        ['end'] = { line = each.end_lnum or each.lnum, character = each.end_col or each.col },
      },
      message = each.message,
      source = each.source,
      code = each.code,
    }
  end, vim.diagnostic.get(buf))
end

---Ask for the next edit, and show it when it comes.
---@param kind integer
local function ask(kind)
  drop()
  local place = cursor_place()
  local client = client_of(place.buf)
  if not client or not (can_show() or kind == INVOKED) then
    return
  end
  asked = place
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.textDocument.version = vim.lsp.util.buf_versions[place.buf]
  params.context = { triggerKind = kind, diagnostics = diagnostics_of(place.buf) }
  local id
  local function stop()
    client:cancel_request(id)
  end
  local sent
  sent, id = client:request(METHOD, params, function(err, result)
    if cancel ~= stop then
      return
    end
    cancel = nil
    local item = not err and result and result.edits and result.edits[1]
    if item and place.buf == api.nvim_get_current_buf() and place.tick == api.nvim_buf_get_changedtick(place.buf) then
      edit = parse_edit(item, client)
      draw()
    elseif kind == INVOKED and not err then
      require('interfix.notifications').notify('no next edit here.')
    end
  end, place.buf)
  cancel = sent and stop or nil
end

---@param ms integer
local function ask_later(ms)
  timer = timer or assert(vim.uv.new_timer())
  timer:start(ms, 0, vim.schedule_wrap(function()
    if can_show() then
      ask(AUTOMATIC)
    end
  end))
end

local is_watching = false

---Whoever draws suggestions, one that comes or goes is seen when the screen is drawn.
local function watch_screen()
  if is_watching then
    return
  end
  is_watching = true
  api.nvim_set_decoration_provider(api.nvim_create_namespace('interfix.next_edit.watch'), {
    on_start = function()
      if edit and M.visible() ~= extmarks.is_drawn() then
        vim.schedule(draw)
      end
      return false
    end,
  })
end

---Ask and show in this buffer, in these modes.
---@param buf integer
---@param wanted 'insert'|'all'
function M.attach(buf, wanted)
  modes = wanted
  extmarks.define_highlights()
  watch_screen()
  local group = api.nvim_create_augroup('interfix.next_edit.' .. buf, {})
  local function on(events, act)
    api.nvim_create_autocmd(events, { group = group, buffer = buf, callback = act })
  end
  on({ 'TextChangedI', 'TextChangedP', 'TextChanged' }, function()
    local is_known = asked and asked.buf == buf and asked.tick == api.nvim_buf_get_changedtick(buf)
    if not is_known then
      drop()
      ask_later(PAUSE_MS)
    end
  end)
  on({ 'CursorMovedI', 'CursorMoved', 'WinScrolled' }, function()
    if edit then
      draw()
    elseif not cancel and not (timer and timer:is_active()) then
      ask_later(REST_MS)
    end
  end)
  on({ 'ModeChanged', 'CompleteDone' }, vim.schedule_wrap(draw))
  local function on_enter()
    local client = client_of(buf)
    if client then
      client:notify('textDocument/didFocus', { textDocument = { uri = vim.uri_from_bufnr(buf) } })
      -- What was edited elsewhere may go on here.
      ask_later(vim.deep_equal(followed, cursor_place()) and 0 or REST_MS)
    end
  end
  on('BufLeave', drop)
  on('BufEnter', on_enter)
  if buf == api.nvim_get_current_buf() then
    on_enter()
  end
end

---@param buf integer
function M.detach(buf)
  pcall(api.nvim_del_augroup_by_name, 'interfix.next_edit.' .. buf)
  if buf == api.nvim_get_current_buf() then
    drop()
  end
end

---A suggestion was shown or hidden at the cursor: that wins.
M.refresh = draw

---@return boolean
function M.visible()
  return edit ~= nil and can_show() and not require('interfix').visible()
end

---Whether the key that goes on should: not where it indents, in a snippet, or with a menu.
---@return boolean
function M.takes_key()
  if not M.visible() or require('interfix.completion_menu').is_open() then
    return false
  elseif vim.deep_equal(followed, cursor_place()) or api.nvim_get_mode().mode == 'n' then
    return true
  end
  local before = api.nvim_get_current_line():sub(1, api.nvim_win_get_cursor(0)[2])
  return before:find('%S') ~= nil and not (vim.snippet and vim.snippet.active())
end

---Put the cursor somewhere; from there the key goes on.
---@param row integer
---@param column integer
local function follow(row, column)
  api.nvim_win_set_cursor(0, { row + 1, column })
  followed = cursor_place()
end

---@param of interfix.NextEdit
local function go(of)
  vim.cmd("normal! m'")
  if of.buf ~= api.nvim_get_current_buf() then
    local place = { uri = of.uri, range = { start = of.start, ['end'] = of.start } }
    vim.lsp.util.show_document(place, of.client.offset_encoding, { focus = true })
    -- Its buffer may be new: the edit is looked for anew there, once the client is attached.
    followed = cursor_place()
    return ask_later(0)
  end
  follow(of.range[1], of.range[2])
  draw()
end

---@param of interfix.NextEdit
local function take(of)
  drop()
  require('interfix.undo_step').start_undo_step(of.buf)
  local range, lines = of.range, of.lines
  api.nvim_buf_set_text(of.buf, range[1], range[2], range[3], range[4], lines)
  local row = range[1] + #lines - 1
  local column = (#lines == 1 and range[2] or 0) + #lines[#lines]
  local length = #(api.nvim_buf_get_lines(of.buf, row, row + 1, false)[1] or '')
  follow(math.min(row, api.nvim_buf_line_count(of.buf) - 1), math.min(column, length))
  if of.command then
    of.client:exec_cmd(of.command, { bufnr = of.buf })
  end
  ask(AUTOMATIC)
end

---Go to the edit where it is out of sight, else take it.
---@return boolean done false where none was shown
function M.go_or_take()
  if not edit or not M.visible() then
    return false
  end
  if is_in_sight(edit) then
    take(edit)
  else
    go(edit)
  end
  return true
end

---The user does not want it.
---@return boolean done false where none was shown
function M.dismiss()
  local was = edit
  if not was or not M.visible() then
    return false
  end
  drop()
  local id = was.command and was.command.arguments and was.command.arguments[1].id
  was.client:request('workspace/executeCommand', { command = 'interfix.dismissed', arguments = { { id = id } } }, function() end)
  return true
end

---Ask for one now, as the user wants it.
function M.trigger()
  ask(INVOKED)
end

---Suggest none for a while.
---@param client vim.lsp.Client
function M.snooze(client)
  drop()
  client:request('workspace/executeCommand', { command = 'interfix.snooze', arguments = { { seconds = SNOOZE_SECONDS } } }, function() end)
  require('interfix.notifications').notify('next edits are paused for 5 minutes.')
end

return M
