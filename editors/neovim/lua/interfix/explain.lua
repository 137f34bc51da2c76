-- `:Interfix explain`: the answer grows in a window; closing the window ends the answering.

---@param client vim.lsp.Client
---@param buf integer
---@param range lsp.Range
return function(client, buf, range)
  local stream = require('interfix.stream')
  local id, token ---@type integer?, string
  local view = require('interfix.view').open('Interfix explains', function()
    stream.close(token)
    if id then
      client:cancel_request(id)
    end
  end)
  token = stream.open(function(piece)
    view:append(piece)
  end)
  local arguments = { { uri = vim.uri_from_bufnr(buf), range = range, token = token } }
  local _, sent = client:request(
    'workspace/executeCommand',
    { command = 'interfix.explain', arguments = arguments },
    function(err, result)
      id = nil
      stream.close(token)
      view:finish(err and err.message or result.markdown)
    end,
    buf
  )
  id = sent
end
