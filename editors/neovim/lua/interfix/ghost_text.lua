-- Ghost text drawn by this plugin: a request at every keystroke, shown only if the text is still the one the request was made for.

local ghost_extmarks = require('interfix.ghost_extmarks')
local suggestion = require('interfix.suggestion')

local api = vim.api

local M = {}

local METHOD = 'textDocument/inlineCompletion'
local INVOKED, AUTOMATIC = 1, 2

---The state of a buffer.
---@class interfix.Session
---@field last_request? interfix.CursorContext where the last request was made, answered or not
---@field cancel? fun() ends the request that is under way
---@field ghosts interfix.Suggestion[] what can be shown, best first
---@field shown integer which of them is shown, if any is

---@type table<integer, interfix.Session>
local sessions = {}

---@return interfix.CursorContext
local function cursor_context()
  local buf = api.nvim_get_current_buf()
  local row, column = unpack(api.nvim_win_get_cursor(0))
  local line = api.nvim_get_current_line()
  return {
    buf = buf,
    tick = api.nvim_buf_get_changedtick(buf),
    lines = api.nvim_buf_line_count(buf),
    row = row - 1,
    before = line:sub(1, column),
    after = line:sub(column + 1),
  }
end

---Whether a suggestion can be shown: in Insert mode, be it beside an open completion menu. An entry that is selected there stands in
---the text already, or is drawn by the menu where the suggestion would be. A completion that found nothing has no menu and stays
---active: mini.completion starts one after every pause.
---@return boolean
local function can_show()
  local mode = api.nvim_get_mode().mode
  return mode == 'i' or mode == 'ic' or (mode == 'ix' and vim.fn.pumvisible() == 1)
end

---Keep the suggestions for this place, and show one of them.
---@param session interfix.Session
---@param place interfix.CursorContext
---@param ghosts interfix.Suggestion[]
---@param nth integer
local function show(session, place, ghosts, nth)
  session.ghosts, session.shown = ghosts, nth
  local rest = ghosts[nth] and suggestion.remaining_text(ghosts[nth], place)
  if rest then
    ghost_extmarks.show(place, rest, #ghosts > 1 and (' (%d/%d)'):format(nth, #ghosts) or nil)
  else
    ghost_extmarks.clear(place.buf)
  end
end

---Cancel the request that is under way.
---@param session interfix.Session
local function cancel(session)
  if session.cancel then
    session.cancel()
    session.cancel = nil
  end
end

---Hide what is shown and cancel the request that is under way.
---@param buf integer
local function clear(buf)
  local session = sessions[buf]
  if session then
    cancel(session)
    session.ghosts = {}
    ghost_extmarks.clear(buf)
  end
end

---@param place interfix.CursorContext
---@param kind lsp.InlineCompletionTriggerKind
---@param nth integer which of the suggestions to show when they come
local function request(place, kind, nth)
  local buf, session = place.buf, sessions[place.buf]
  cancel(session)
  session.last_request = place
  local client = vim.lsp.get_clients({ bufnr = buf, name = 'interfix', method = METHOD })[1]
  if not client then
    return
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = kind }

  local sent, id
  local function stop()
    client:cancel_request(id)
  end
  sent, id = client:request(METHOD, params, function(err, result)
    if session.cancel ~= stop then
      return
    end
    session.cancel = nil
    if err or not result or not can_show() or not vim.deep_equal(cursor_context(), place) then
      return
    end
    local ghosts = suggestion.parse_response(result, place, client)
    show(session, place, ghosts, math.min(nth, #ghosts))
  end, buf)
  session.cancel = sent and stop or nil
end

---After typing: show the rest of the suggestion, and keep the others that still match.
---@param session interfix.Session
---@param place interfix.CursorContext
---@return boolean kept false if the shown suggestion no longer fits
local function keep_typed_through(session, place)
  local shown = session.ghosts[session.shown]
  if not shown or not suggestion.remaining_text(shown, place) then
    return false
  end
  local ghosts, nth = {}, 1
  for _, ghost in ipairs(session.ghosts) do
    if suggestion.remaining_text(ghost, place) then
      table.insert(ghosts, ghost)
      nth = ghost == shown and #ghosts or nth
    end
  end
  show(session, place, ghosts, nth)
  return true
end

---After a change: keep what still fits, else request anew.
---@param buf integer
local function update(buf)
  local session = sessions[buf]
  if not session or buf ~= api.nvim_get_current_buf() then
    return
  end
  if not can_show() then
    return clear(buf)
  end
  local place = cursor_context()
  if not keep_typed_through(session, place) and not vim.deep_equal(session.last_request, place) then
    clear(buf)
    request(place, AUTOMATIC, 1)
  end
end

---@param buf integer
function M.attach(buf)
  if sessions[buf] then
    return
  end
  local session = { ghosts = {}, shown = 1 } ---@type interfix.Session
  sessions[buf] = session
  ghost_extmarks.define_highlight()
  -- Hide at once, before the screen is drawn; what still fits is shown again in update().
  local function hide()
    if sessions[buf] ~= session then
      return true
    end
    ghost_extmarks.clear(buf)
  end
  api.nvim_buf_attach(buf, false, { on_lines = hide, on_reload = hide })
  local group = api.nvim_create_augroup('interfix.ghost.' .. buf, {})
  api.nvim_create_autocmd({ 'TextChangedI', 'TextChangedP', 'CursorMovedI' }, {
    group = group,
    buffer = buf,
    callback = function()
      update(buf)
    end,
  })
  -- At these two events the mode or the cursor is not final yet.
  local update_soon = vim.schedule_wrap(function()
    update(buf)
  end)
  api.nvim_create_autocmd({ 'InsertEnter', 'CompleteDone' }, { group = group, buffer = buf, callback = update_soon })
  -- Not InsertLeave, which <C-c> does without.
  api.nvim_create_autocmd({ 'ModeChanged', 'BufLeave' }, {
    group = group,
    buffer = buf,
    callback = function(args)
      local mode = api.nvim_get_mode().mode
      if args.event == 'ModeChanged' and vim.startswith(mode, 'i') then
        update_soon() -- back from <C-O>, which is no InsertEnter
      elseif args.event == 'BufLeave' or not (mode == 'c' and vim.fn.getcmdtype() == '=') then -- mappings use <C-R>= and come back
        clear(buf)
        sessions[buf].last_request = nil
      end
    end,
  })
  update(buf)
end

---@param buf integer
function M.detach(buf)
  clear(buf)
  sessions[buf] = nil
  pcall(api.nvim_del_augroup_by_name, 'interfix.ghost.' .. buf)
end

---@return interfix.Suggestion? ghost what is shown
---@return string? rest what accepting it would insert now
local function current()
  local session = sessions[api.nvim_get_current_buf()]
  local ghost = session and session.ghosts[session.shown]
  local rest = ghost and can_show() and suggestion.remaining_text(ghost, cursor_context())
  if rest then
    return ghost, rest
  end
end

---@return boolean
function M.visible()
  return current() ~= nil
end

---@param amount interfix.Amount
---@return boolean accepted
function M.accept(amount)
  local ghost, rest = current()
  if not ghost or not rest then
    return false
  end
  local buf = api.nvim_get_current_buf()
  local piece = suggestion.take_piece(rest, amount)
  clear(buf)
  require('interfix.undo_step').insert_at_cursor(piece)
  if #piece < #rest then
    local session, place = sessions[buf], cursor_context()
    session.last_request = place
    show(session, place, { vim.tbl_extend('force', ghost, { place = place, text = rest:sub(#piece + 1) }) }, 1)
    return true
  end
  local row, column = unpack(api.nvim_win_get_cursor(0))
  api.nvim_win_set_cursor(0, { row, column + ghost.step })
  if ghost.command then
    ghost.client:exec_cmd(ghost.command, { bufnr = buf })
  end
  return true
end

function M.dismiss()
  local buf = api.nvim_get_current_buf()
  clear(buf)
  if sessions[buf] then
    sessions[buf].last_request = cursor_context()
  end
end

function M.trigger()
  local buf = api.nvim_get_current_buf()
  if sessions[buf] and can_show() then
    clear(buf)
    request(cursor_context(), INVOKED, 1)
  end
end

---@param step 1|-1
function M.cycle(step)
  local buf = api.nvim_get_current_buf()
  local session = sessions[buf]
  if not current() then
    return M.trigger()
  end
  local place = cursor_context()
  if #session.ghosts > 1 then
    show(session, place, session.ghosts, (session.shown - 1 + step) % #session.ghosts + 1)
  else
    request(place, INVOKED, 2)
  end
end

return M
