-- `:Interfix menu`: lists the server's code actions for the selected code and runs the one that is chosen.

local M = {}

---@class interfix.MenuAction
---@field title string
---@field command string the command's name behind `interfix.`
---@field argument table
---@field kind 'edit'|'answer' what the result is

---@param action lsp.CodeAction
---@return interfix.MenuAction
local function create_menu_action(action)
  local data = action.data or { command = action.command.command, arguments = action.command.arguments[1] }
  local argument = vim.tbl_extend('force', data.arguments, { show = false, apply = false })
  local title = action.title:gsub('^Interfix: ', '')
  local command = data.command:gsub('^interfix%.', '')
  -- Edits are made when an action is resolved, answers by its command.
  return { title = title, command = command, argument = argument, kind = action.data and 'edit' or 'answer' }
end

---@param client vim.lsp.Client
---@param buf integer
---@param range lsp.Range
---@param diagnostics lsp.Diagnostic[]
---@param run fun(action: interfix.MenuAction)
function M.open(client, buf, range, diagnostics, run)
  local params = { textDocument = { uri = vim.uri_from_bufnr(buf) }, range = range, context = { diagnostics = diagnostics } }
  client:request('textDocument/codeAction', params, function(err, actions)
    if err or vim.tbl_isempty(actions or {}) then
      return require('interfix.notifications').notify(err and err.message or 'there is no code here to work on.')
    end
    local choices = vim.tbl_map(create_menu_action, actions)
    local function format_item(each)
      return each.title
    end
    vim.ui.select(choices, { prompt = 'Interfix', format_item = format_item, kind = 'interfix' }, function(choice)
      if choice then
        run(choice)
      end
    end)
  end, buf)
end

return M
