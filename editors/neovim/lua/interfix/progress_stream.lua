-- Text that arrives piece by piece, as `$/progress` under tokens of this plugin.

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

---Handler of `$/progress`; other tokens go to Neovim's own handler.
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
