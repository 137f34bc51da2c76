-- Asks the server to run one of its commands for a buffer. Does not know what any of them does.

local stream = require('interfix.stream')

local M = {}

---@class interfix.Question
---@field client vim.lsp.Client
---@field buf integer what it is about
---@field command string the command's name behind `interfix.`
---@field argument table its argument, without the document and the token
---@field heard? fun(piece: string) gets what comes before the answer, piece by piece
---@field done fun(err: lsp.ResponseError?, result: any) gets the answer, unless it was cancelled

---@param question interfix.Question
---@return fun() cancel end it; nothing is heard of it from then on
function M.ask(question)
  local client = question.client
  local token = question.heard and stream.open(question.heard)
  local id, over ---@type integer?, boolean?
  local argument = vim.tbl_extend('force', question.argument, { uri = vim.uri_from_bufnr(question.buf), token = token })
  local sent, request = client:request(
    'workspace/executeCommand',
    { command = 'interfix.' .. question.command, arguments = { argument } },
    function(err, result)
      if over then
        return
      end
      over = true
      stream.close(token)
      question.done(err, result)
    end,
    question.buf
  )
  id = sent and request or nil
  if not sent then
    stream.close(token)
    question.done({ code = 0, message = 'the server has stopped; try again in a moment.' }, nil)
  end
  return function()
    if not over then
      over = true
      stream.close(token)
      if id then
        client:cancel_request(id)
      end
    end
  end
end

return M
