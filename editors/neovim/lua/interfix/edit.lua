-- Commands that edit: what comes back is shown as a diff, and what the user takes of it is made as one undo step a file, or not at
-- all where the text has moved on.

local hunks_of = require('interfix.hunks')
local notice = require('interfix.notice')

local api = vim.api

---@param uri string
---@return integer? tick of the file's buffer; nil where it is not loaded
local function tick_of(uri)
  local path = vim.uri_to_fname(uri)
  return vim.fn.bufloaded(path) == 1 and api.nvim_buf_get_changedtick(vim.fn.bufadd(path)) or nil
end

---@param hunks interfix.Hunk[]
---@return table<string, integer> ticks of the loaded files they are in
local function ticks_of(hunks)
  local ticks = {}
  for _, hunk in ipairs(hunks) do
    ticks[hunk.uri] = tick_of(hunk.uri)
  end
  return ticks
end

---@param edit lsp.WorkspaceEdit
---@param encoding string
---@param hunks interfix.Hunk[]
local function make(edit, encoding, hunks)
  local files = {}
  for _, hunk in ipairs(hunks) do
    files[hunk.uri] = files[hunk.uri] or hunk.chosen
  end
  for uri, changed in pairs(files) do
    local path = vim.uri_to_fname(uri)
    if changed and vim.fn.bufloaded(path) == 1 then
      require('interfix.change').begin(vim.fn.bufadd(path))
    end
  end
  vim.lsp.util.apply_workspace_edit(hunks_of.chosen(edit, hunks), encoding)
  for uri, changed in pairs(files) do
    local path = vim.uri_to_fname(uri)
    -- What was changed and is not on the screen is easily forgotten unsaved.
    if changed and vim.fn.bufwinid(vim.fn.bufadd(path)) == -1 then
      vim.cmd.split({ args = { path }, magic = { file = false, bar = false } })
    end
  end
end

---@param view interfix.View
---@param sentence string why there is nothing to choose from
---@param level? integer
local function give_up(view, sentence, level)
  view:close()
  notice.tell(sentence, level or vim.log.levels.WARN)
end

---Let the user choose, and make what they choose.
---@param view interfix.View
---@param result { edit: lsp.WorkspaceEdit, verdict: string }
---@param encoding string
local function offer(view, result, encoding)
  local hunks = hunks_of.of(result.edit, encoding)
  if #hunks == 0 then
    return give_up(view, result.verdict, vim.log.levels.INFO)
  end
  local ticks = ticks_of(hunks)
  require('interfix.preview').choose(view, result.verdict, hunks, function()
    if not vim.deep_equal(ticks_of(hunks), ticks) then
      return notice.tell('the text was changed while you looked, so nothing was applied. Ask again.', vim.log.levels.WARN)
    end
    make(result.edit, encoding, hunks)
    notice.tell(result.verdict)
  end)
end

---@param client vim.lsp.Client
---@param buf integer
---@param title string of the window
---@param command string the command's name behind `interfix.`
---@param argument table its argument, without the document
return function(client, buf, title, command, argument)
  local tick = api.nvim_buf_get_changedtick(buf)
  require('interfix.view').open(title, function(view)
    return require('interfix.server').ask({
      client = client,
      buf = buf,
      command = command,
      argument = argument,
      heard = function(piece)
        view:news(piece)
      end,
      done = function(err, result)
        if err then
          give_up(view, err.message, vim.log.levels.ERROR)
        elseif not api.nvim_buf_is_loaded(buf) then
          view:close()
        elseif api.nvim_buf_get_changedtick(buf) ~= tick then
          give_up(view, 'the text was changed while the edit was made, so it was not applied. Ask again.')
        else
          offer(view, result, client.offset_encoding)
        end
      end,
    })
  end)
end
