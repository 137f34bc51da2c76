-- Suggestions as ghost text of our own: asked for at every keystroke, shown only where the text still is what was asked about.
-- Takes any textDocument/inlineCompletion result; knows nothing of models, keys or settings.

local draw = require('interfix.draw')
local item = require('interfix.item')

local api = vim.api

local M = {}

local METHOD = 'textDocument/inlineCompletion'
local INVOKED, AUTOMATIC = 1, 2

---What is going on in a buffer.
---@class interfix.Session
---@field asked? interfix.Place where the server was asked last, answered or not
---@field cancel? fun() ends the request that is under way
---@field ghosts interfix.Ghost[] what can be shown, best first
---@field shown integer which of them is shown, if any is

---@type table<integer, interfix.Session>
local sessions = {}

---@return interfix.Place
local function here()
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

---Whether the user can be shown a suggestion: plainly inserting, no menu open.
---@return boolean
local function inserting()
  return api.nvim_get_mode().mode == 'i' and vim.fn.pumvisible() == 0
end

---Take what suggests something at the place, and show one of it.
---@param session interfix.Session
---@param place interfix.Place
---@param ghosts interfix.Ghost[]
---@param nth integer
local function show(session, place, ghosts, nth)
  session.ghosts, session.shown = ghosts, nth
  local rest = ghosts[nth] and item.rest(ghosts[nth], place)
  if rest then
    draw.show(place, rest, #ghosts > 1 and (' (%d/%d)'):format(nth, #ghosts) or nil)
  else
    draw.clear(place.buf)
  end
end

---End the request that is under way.
---@param session interfix.Session
local function cancel(session)
  if session.cancel then
    session.cancel()
    session.cancel = nil
  end
end

---Take away what is shown and end the request that is under way.
---@param buf integer
local function clear(buf)
  local session = sessions[buf]
  if session then
    cancel(session)
    session.ghosts = {}
    draw.clear(buf)
  end
end

---@param place interfix.Place
---@param kind lsp.InlineCompletionTriggerKind
---@param nth integer which of the suggestions to show when they come
local function ask(place, kind, nth)
  local buf, session = place.buf, sessions[place.buf]
  cancel(session)
  session.asked = place
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
    if err or not result or not inserting() or not vim.deep_equal(here(), place) then
      return
    end
    local ghosts = item.read(result, place, client)
    show(session, place, ghosts, math.min(nth, #ghosts))
  end, buf)
  session.cancel = sent and stop or nil
end

---Show the rest of what is shown, now that some of it was typed, and keep of the others what goes on in the same way.
---@param session interfix.Session
---@param place interfix.Place
---@return boolean kept false where what is shown no longer fits
local function follow(session, place)
  local shown = session.ghosts[session.shown]
  if not shown or not item.rest(shown, place) then
    return false
  end
  local ghosts, nth = {}, 1
  for _, ghost in ipairs(session.ghosts) do
    if item.rest(ghost, place) then
      table.insert(ghosts, ghost)
      nth = ghost == shown and #ghosts or nth
    end
  end
  show(session, place, ghosts, nth)
  return true
end

---Bring what is shown in line with the text: keep the rest of what is being typed, else ask anew.
---@param buf integer
local function update(buf)
  local session = sessions[buf]
  if not session or buf ~= api.nvim_get_current_buf() then
    return
  end
  if not inserting() then
    return clear(buf)
  end
  local place = here()
  if not follow(session, place) and not vim.deep_equal(session.asked, place) then
    clear(buf)
    ask(place, AUTOMATIC, 1)
  end
end

---@param buf integer
function M.attach(buf)
  if sessions[buf] then
    return
  end
  local session = { ghosts = {}, shown = 1 } ---@type interfix.Session
  sessions[buf] = session
  draw.prepare()
  -- Before anything else can have the screen drawn: what still fits is drawn anew below.
  local function off_the_screen()
    if sessions[buf] ~= session then
      return true
    end
    draw.clear(buf)
  end
  api.nvim_buf_attach(buf, false, { on_lines = off_the_screen, on_reload = off_the_screen })
  local group = api.nvim_create_augroup('interfix.ghost.' .. buf, {})
  api.nvim_create_autocmd({ 'TextChangedI', 'TextChangedP', 'CursorMovedI' }, {
    group = group,
    buffer = buf,
    callback = function()
      update(buf)
    end,
  })
  -- At these two the mode or the cursor is not yet what it is going to be.
  api.nvim_create_autocmd({ 'InsertEnter', 'CompleteDone' }, {
    group = group,
    buffer = buf,
    callback = vim.schedule_wrap(function()
      update(buf)
    end),
  })
  -- Not InsertLeave, which <C-c> does without.
  api.nvim_create_autocmd({ 'ModeChanged', 'BufLeave' }, {
    group = group,
    buffer = buf,
    callback = function(args)
      if args.event == 'BufLeave' or not vim.startswith(api.nvim_get_mode().mode, 'i') then
        clear(buf)
        sessions[buf].asked = nil
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

---@return interfix.Ghost? ghost what is shown
---@return string? rest what accepting it would insert now
local function current()
  local session = sessions[api.nvim_get_current_buf()]
  local ghost = session and session.ghosts[session.shown]
  local rest = ghost and inserting() and item.rest(ghost, here())
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
  local piece = item.piece(rest, amount)
  clear(buf)
  require('interfix.change').insert(piece)
  if #piece < #rest then
    local session, place = sessions[buf], here()
    session.asked = place
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
    sessions[buf].asked = here()
  end
end

function M.trigger()
  local buf = api.nvim_get_current_buf()
  if sessions[buf] and inserting() then
    clear(buf)
    ask(here(), INVOKED, 1)
  end
end

---@param step 1|-1
function M.cycle(step)
  local buf = api.nvim_get_current_buf()
  local session = sessions[buf]
  if not current() then
    return M.trigger()
  end
  local place = here()
  if #session.ghosts > 1 then
    show(session, place, session.ghosts, (session.shown - 1 + step) % #session.ghosts + 1)
  else
    ask(place, INVOKED, 2)
  end
end

return M
