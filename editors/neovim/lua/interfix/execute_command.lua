-- Runs one of the server's commands for a buffer.

local progress_stream = require('interfix.progress_stream')

local M = {}

---@class interfix.ServerCommand
---@field client vim.lsp.Client
---@field buf integer the buffer it is about
---@field command string the command's name behind `interfix.`
---@field argument table its argument, without the document and the token
---@field on_progress? fun(piece: string) gets each piece of progress
---@field on_done fun(err: lsp.ResponseError?, result: any) gets the result, unless it was cancelled

---@param command interfix.ServerCommand
---@return fun() cancel cancels it; neither callback is called from then on
function M.execute(command)
  local client = command.client
  local token = command.on_progress and progress_stream.open(command.on_progress)
  local id, finished ---@type integer?, boolean?
  local argument = vim.tbl_extend('force', command.argument, { uri = vim.uri_from_bufnr(command.buf), token = token })
  local sent, request = client:request(
    'workspace/executeCommand',
    { command = 'interfix.' .. command.command, arguments = { argument } },
    function(err, result)
      if finished then
        return
      end
      finished = true
      progress_stream.close(token)
      command.on_done(err, result)
    end,
    command.buf
  )
  id = sent and request or nil
  if not sent then
    progress_stream.close(token)
    command.on_done({ code = 0, message = 'the server has stopped; try again in a moment.' }, nil)
  end
  return function()
    if not finished then
      finished = true
      progress_stream.close(token)
      if id then
        client:cancel_request(id)
      end
    end
  end
end

return M
