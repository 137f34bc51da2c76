-- What Interfix is doing, as the server tells it (`interfix/status`), in a word or two. Draws nothing itself.

local api = vim.api

local M = {}

---@class interfix.Status
---@field state 'starting'|'ready'|'working'|'downloading'|'off'|'error'
---@field message string in a sentence; empty where there is nothing to say
---@field percent? integer of a download

---What each client's server said last, by the client's id.
---@type table<integer, interfix.Status>
local said = {}

---@param buf integer
---@return interfix.Status? status nil where the client is not attached
function M.of(buf)
  local client = vim.lsp.get_clients({ bufnr = buf, name = 'interfix' })[1]
  if not client then
    return nil
  end
  local status = said[client.id] or { state = 'starting', message = '' }
  if status.state == 'ready' and not require('interfix.switch').on(buf) then
    return { state = 'off', message = 'Suggestions are switched off here.' }
  end
  return status
end

---@param buf integer
---@return string text empty where the client is not attached
function M.text(buf)
  local status = M.of(buf)
  if not status then
    return ''
  end
  local percent = type(status.percent) == 'number' and (' %d%%'):format(status.percent) or ''
  return ('Interfix: %s%s'):format(status.state, percent)
end

---Have status lines drawn again, and tell whoever listens.
function M.changed()
  api.nvim_exec_autocmds('User', { pattern = 'InterfixStatus', modeline = false })
  vim.cmd.redrawstatus({ bang = true })
end

---Handler of `interfix/status`.
---@type lsp.Handler
function M.on_status(_, status, context)
  said[context.client_id] = status
  M.changed()
end

return M
