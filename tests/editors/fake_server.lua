-- A language server inside Neovim that answers only when the test says so, and with what the test says.

local M = { requests = {}, notifications = {}, cancelled = {}, starts = 0 }

local CAPABILITIES = {
  positionEncoding = 'utf-8',
  textDocumentSync = { openClose = true, change = 2 },
  inlineCompletionProvider = {},
  codeActionProvider = true,
  executeCommandProvider = { commands = { 'interfix.explain', 'interfix.accepted' } },
}

---Give it to a client configuration as `cmd`.
function M.start(dispatchers)
  M.dispatchers = dispatchers
  M.starts = M.starts + 1
  local closing, id = false, 0

  ---Die, as a program that was killed.
  function M.die()
    closing = true
    dispatchers.on_exit(0, 9)
  end

  return {
    request = function(method, params, callback, answered)
      id = id + 1
      local function reply(err, result)
        if answered then
          answered(id)
        end
        callback(err, result)
      end
      if method == 'initialize' then
        M.client = params.capabilities
        vim.schedule(function()
          reply(nil, { capabilities = CAPABILITIES })
        end)
      elseif method == 'shutdown' then
        vim.schedule(reply)
      else
        table.insert(M.requests, { id = id, method = method, params = params, reply = reply })
      end
      return true, id
    end,
    notify = function(method, params)
      M.notifications[#M.notifications + 1] = { method = method, params = params }
      if method == '$/cancelRequest' then
        M.cancelled[#M.cancelled + 1] = params.id
      elseif method == 'exit' then
        closing = true
        dispatchers.on_exit(0, 0)
      end
      return true
    end,
    is_closing = function()
      return closing
    end,
    terminate = function()
      closing = true
    end,
  }
end

---Answer the nth request, whether or not it was cancelled meanwhile. Result and error are JSON, as they would be on the wire.
function M.answer(nth, result, err)
  local request = assert(M.requests[nth], 'no such request yet')
  local function decoded(json)
    return json and vim.json.decode(json, { luanil = { object = true } })
  end
  vim.schedule(function()
    request.reply(decoded(err), decoded(result))
  end)
end

---Send a notification.
function M.notify(method, params)
  vim.schedule(function()
    M.dispatchers.notification(method, vim.json.decode(params))
  end)
end

---Stream a piece under the token of the nth request.
function M.stream(nth, piece)
  local token = M.requests[nth].params.arguments[1].token
  vim.schedule(function()
    M.dispatchers.notification('$/progress', { token = token, value = { kind = 'report', message = piece } })
  end)
end

function M.was_cancelled(nth)
  return vim.list_contains(M.cancelled, M.requests[nth].id)
end

return M
