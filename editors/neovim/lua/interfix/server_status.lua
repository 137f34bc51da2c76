-- What Interfix is doing: the last `interfix/status` of each server.

local api = vim.api

local M = {}

---@class interfix.Status
---@field state 'starting'|'ready'|'working'|'downloading'|'off'|'error'
---@field message string a sentence, or empty
---@field percent? integer of a download

---The last status of each server, by the client's id.
---@type table<integer, interfix.Status>
local last_status = {}

---@param buf integer
---@return interfix.Status? status nil if the client is not attached
function M.get(buf)
  local client = vim.lsp.get_clients({ bufnr = buf, name = 'interfix' })[1]
  if not client then
    return nil
  end
  local status = last_status[client.id] or { state = 'starting', message = '' }
  if status.state == 'ready' and not require('interfix.suggestion_toggle').is_on(buf) then
    return { state = 'off', message = 'Suggestions are switched off here.' }
  end
  return status
end

---@param buf integer
---@return string text empty where the client is not attached
function M.format(buf)
  local status = M.get(buf)
  if not status then
    return ''
  end
  local percent = type(status.percent) == 'number' and (' %d%%'):format(status.percent) or ''
  return ('Interfix: %s%s'):format(status.state, percent)
end

---Redraw status lines and fire `User InterfixStatus`.
function M.announce_change()
  api.nvim_exec_autocmds('User', { pattern = 'InterfixStatus', modeline = false })
  vim.cmd.redrawstatus({ bang = true })
end

---At these percentages of a download the user is told.
local MILESTONES = { 25, 50, 75 }

---Tell the user when a download starts, how far it is, and when it is done or has failed.
---@param before? interfix.Status
---@param status interfix.Status
local function notify_download(before, status)
  local was_downloading = before and before.state == 'downloading'
  local notify = require('interfix.notifications').notify
  if status.state == 'downloading' and not was_downloading then
    notify('downloading. :Interfix status tells how far.')
  elseif status.state == 'downloading' and type(status.percent) == 'number' then
    local percent = before and tonumber(before.percent) or 0
    for _, milestone in ipairs(MILESTONES) do
      if percent < milestone and status.percent >= milestone then
        return notify(('downloaded %d%%.'):format(status.percent))
      end
    end
  elseif was_downloading and (status.state == 'ready' or status.state == 'off') then
    notify('the model is there.')
  elseif was_downloading and status.state == 'error' then
    notify('the download failed. ' .. status.message, vim.log.levels.ERROR)
  end
end

---Handler of `interfix/status`.
---@type lsp.Handler
function M.on_status(_, status, context)
  notify_download(last_status[context.client_id], status)
  last_status[context.client_id] = status
  M.announce_change()
end

return M
