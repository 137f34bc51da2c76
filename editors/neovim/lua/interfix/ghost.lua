-- Suggestions as ghost text of our own: asked for at every keystroke, shown only where the text still is what was asked about.
-- Takes any textDocument/inlineCompletion result; knows nothing of models, keys or settings.

local item = require('interfix.item')

local api = vim.api

local M = {}

local METHOD = 'textDocument/inlineCompletion'
local INVOKED, AUTOMATIC = 1, 2

local namespace = api.nvim_create_namespace('interfix.ghost')

---What is going on in a buffer.
---@class interfix.Session
---@field asked? interfix.Place where the server was asked last, answered or not
---@field cancel? fun() ends the request that is under way
---@field ghost? interfix.Ghost what is shown

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

---@param place interfix.Place
---@param text string
local function draw(place, text)
  local lines = vim.split(text, '\n', { plain = true })
  local first = table.remove(lines, 1)
  local below = vim.tbl_map(function(line)
    return { { line, 'InterfixGhost' } }
  end, lines)
  local position = 'inline'
  if #below > 0 and place.after ~= '' then
    -- What stands right of the cursor will end up behind the last line: cover it here and show it there.
    position = 'overlay'
    first = first .. (' '):rep(vim.fn.strdisplaywidth(place.after) - vim.fn.strdisplaywidth(first))
    table.insert(below[#below], { place.after, 'Normal' })
  end
  api.nvim_buf_set_extmark(place.buf, namespace, place.row, #place.before, {
    id = 1,
    virt_text = { { first, 'InterfixGhost' } },
    virt_text_pos = position,
    virt_lines = below,
    hl_mode = position == 'inline' and 'combine' or 'replace',
    undo_restore = false,
  })
end

---Take away what is shown and end the request that is under way.
---@param buf integer
local function clear(buf)
  local session = sessions[buf]
  if not session then
    return
  end
  if session.cancel then
    session.cancel()
  end
  session.cancel, session.ghost = nil, nil
  if api.nvim_buf_is_valid(buf) then
    api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
  end
end

---@param place interfix.Place
---@param kind lsp.InlineCompletionTriggerKind
local function ask(place, kind)
  local buf, session = place.buf, sessions[place.buf]
  clear(buf)
  session.asked = place
  local client = vim.lsp.get_clients({ bufnr = buf, name = 'interfix', method = METHOD })[1]
  if not client then
    return
  end
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.context = { triggerKind = kind }

  local sent, id
  local function cancel()
    client:cancel_request(id)
  end
  sent, id = client:request(METHOD, params, function(err, result)
    if session.cancel ~= cancel then
      return
    end
    session.cancel = nil
    if err or not result or not inserting() or not vim.deep_equal(here(), place) then
      return
    end
    session.ghost = item.read(result, place, client)
    if session.ghost then
      draw(place, session.ghost.text)
    end
  end, buf)
  session.cancel = sent and cancel or nil
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
  local rest = session.ghost and item.rest(session.ghost, place)
  if rest then
    draw(place, rest)
  elseif not vim.deep_equal(session.asked, place) then
    ask(place, AUTOMATIC)
  end
end

---@param buf integer
function M.attach(buf)
  if sessions[buf] then
    return
  end
  sessions[buf] = {}
  local hint = vim.fn.hlexists('ComplHint') == 1 and 'ComplHint' or 'NonText'
  api.nvim_set_hl(0, 'InterfixGhost', { link = hint, default = true })
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
  api.nvim_create_autocmd({ 'InsertLeave', 'BufLeave' }, {
    group = group,
    buffer = buf,
    callback = function()
      clear(buf)
      sessions[buf].asked = nil
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

---@return string? rest
local function shown()
  local session = sessions[api.nvim_get_current_buf()]
  return session and session.ghost and inserting() and item.rest(session.ghost, here()) or nil
end

---@return boolean
function M.visible()
  return shown() ~= nil
end

---@return boolean accepted
function M.accept()
  local rest = shown()
  if not rest then
    return false
  end
  local place = here()
  local ghost = sessions[place.buf].ghost --[[@as interfix.Ghost]]
  clear(place.buf)
  local lines = vim.split(rest, '\n', { plain = true })
  local row, column = place.row, #place.before
  require('interfix.undo').split(place.buf)
  api.nvim_buf_set_text(place.buf, row, column, row, column, lines)
  local start = #lines == 1 and column or 0
  api.nvim_win_set_cursor(0, { row + #lines, start + #lines[#lines] + ghost.step })
  if ghost.command then
    ghost.client:exec_cmd(ghost.command, { bufnr = place.buf })
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
  if sessions[api.nvim_get_current_buf()] and inserting() then
    ask(here(), INVOKED)
  end
end

return M
