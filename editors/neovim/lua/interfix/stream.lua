-- Text that arrives piece by piece, as `$/progress` under a token of ours. Knows neither what is streamed nor where it is shown.

local M = {}

---@type table<string, fun(piece: string)>
local sinks = {}
local count = 0

---@param sink fun(piece: string) gets the pieces in order
---@return string token for the request that streams
function M.open(sink)
  count = count + 1
  local token = ('interfix-%d-%d'):format(vim.fn.getpid(), count)
  sinks[token] = sink
  return token
end

---@param token? string
function M.close(token)
  if token then
    sinks[token] = nil
  end
end

---Handler of `$/progress`: what is not ours goes to Neovim, as if nobody had been here.
---@type lsp.Handler
function M.on_progress(err, params, context)
  local sink = params and sinks[params.token]
  if not sink then
    return vim.lsp.handlers['$/progress'](err, params, context)
  end
  if params.value.kind == 'report' and params.value.message then
    sink(params.value.message)
  end
end

return M
