-- `:Interfix refactor {instruction}`: the edit that comes back is applied as one undo step, or not at all where the text has moved on.

local api = vim.api

local namespace = api.nvim_create_namespace('interfix.refactor')

---@param message string
---@param level integer
local function tell(message, level)
  vim.notify('Interfix: ' .. message, level)
end

---@param client vim.lsp.Client
---@param buf integer
---@param range lsp.Range
---@param instruction string
return function(client, buf, range, instruction)
  local tick = api.nvim_buf_get_changedtick(buf)
  local mark = api.nvim_buf_set_extmark(buf, namespace, range['end'].line, 0, {
    virt_text = { { ' refactoring …', 'InterfixGhost' } },
  })
  local arguments = { { uri = vim.uri_from_bufnr(buf), range = range, instruction = instruction } }
  client:request('workspace/executeCommand', { command = 'interfix.refactor', arguments = arguments }, function(err, result)
    if not api.nvim_buf_is_loaded(buf) then
      return
    end
    api.nvim_buf_del_extmark(buf, namespace, mark)
    if err then
      return tell(err.message, vim.log.levels.ERROR)
    end
    if api.nvim_buf_get_changedtick(buf) ~= tick then
      return tell('the text was changed while the refactoring was made, so it was not applied. Ask again.', vim.log.levels.WARN)
    end
    require('interfix.undo').split(buf)
    vim.lsp.util.apply_workspace_edit(result.edit, client.offset_encoding)
    tell(result.verdict, vim.log.levels.INFO)
  end, buf)
end
