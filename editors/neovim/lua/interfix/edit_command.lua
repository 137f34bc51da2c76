-- Commands that edit. The edit is shown as a diff; the chosen hunks are applied as one undo step in each file, unless the text has
-- changed meanwhile.

local M = {}

local edit_hunks = require('interfix.edit_hunks')
local notifications = require('interfix.notifications')

local api = vim.api

---@param uri string
---@return integer? tick of the file's buffer; nil where it is not loaded
local function changedtick_of(uri)
  local path = vim.uri_to_fname(uri)
  return vim.fn.bufloaded(path) == 1 and api.nvim_buf_get_changedtick(vim.fn.bufadd(path)) or nil
end

---@param hunks interfix.Hunk[]
---@return table<string, integer> ticks of the loaded files they are in
local function ticks_of(hunks)
  local ticks = {}
  for _, hunk in ipairs(hunks) do
    ticks[hunk.uri] = changedtick_of(hunk.uri)
  end
  return ticks
end

---@param edit lsp.WorkspaceEdit
---@param encoding string
---@param hunks interfix.Hunk[]
local function apply(edit, encoding, hunks)
  local files = {}
  for _, hunk in ipairs(hunks) do
    files[hunk.uri] = files[hunk.uri] or hunk.chosen
  end
  for uri, changed in pairs(files) do
    local path = vim.uri_to_fname(uri)
    if changed and vim.fn.bufloaded(path) == 1 then
      require('interfix.undo_step').start_undo_step(vim.fn.bufadd(path))
    end
  end
  vim.lsp.util.apply_workspace_edit(edit_hunks.select_edit(edit, hunks), encoding)
  for uri, changed in pairs(files) do
    local path = vim.uri_to_fname(uri)
    -- A changed file that is not on the screen is easily left unsaved.
    if changed and vim.fn.bufwinid(vim.fn.bufadd(path)) == -1 then
      vim.cmd.split({ args = { path }, magic = { file = false, bar = false } })
    end
  end
end

---@param view interfix.FloatingWindow
---@param sentence string why there is nothing to choose
---@param level? integer
local function give_up(view, sentence, level)
  view:close()
  notifications.notify(sentence, level or vim.log.levels.WARN)
end

---Let the user choose hunks, and apply them.
---@param view interfix.FloatingWindow
---@param result { edit: lsp.WorkspaceEdit, verdict: string }
---@param encoding string
local function show_preview(view, result, encoding)
  local hunks = edit_hunks.from_edit(result.edit, encoding)
  if #hunks == 0 then
    return give_up(view, result.verdict, vim.log.levels.INFO)
  end
  local ticks = ticks_of(hunks)
  require('interfix.hunk_preview').choose(view, result.verdict, hunks, function()
    if not vim.deep_equal(ticks_of(hunks), ticks) then
      return notifications.notify('the text has changed, so nothing was applied. Run it again.', vim.log.levels.WARN)
    end
    apply(result.edit, encoding, hunks)
    local count = #vim.tbl_filter(function(hunk)
      return hunk.chosen
    end, hunks)
    notifications.notify(('applied %d hunk%s; %s'):format(count, count == 1 and '' or 's', result.verdict))
  end)
end

---@param client vim.lsp.Client
---@param buf integer
---@param title string of the window
---@param command string the command's name behind `interfix.`
---@param argument table its argument, without the document
function M.run(client, buf, title, command, argument)
  local tick = api.nvim_buf_get_changedtick(buf)
  require('interfix.floating_window').open(title, function(view)
    return require('interfix.execute_command').execute({
      client = client,
      buf = buf,
      command = command,
      argument = argument,
      on_progress = function(piece)
        view:show_progress(piece)
      end,
      on_done = function(err, result)
        if err then
          give_up(view, err.message, vim.log.levels.ERROR)
        elseif not api.nvim_buf_is_loaded(buf) then
          view:close()
        elseif api.nvim_buf_get_changedtick(buf) ~= tick then
          give_up(view, 'the text has changed, so the edit was dropped. Run it again.')
        else
          show_preview(view, result, client.offset_encoding)
        end
      end,
    })
  end)
end

return M
