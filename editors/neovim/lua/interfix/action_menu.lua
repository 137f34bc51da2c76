-- The menu of `:Interfix`: all commands, then the refactorings and custom commands that the server offers for the selected code.

local M = {}

---@class interfix.MenuAction
---@field title string
---@field run fun()

---What the server offers besides the commands of `:Interfix`.
---@class interfix.CodeAction
---@field title string
---@field command string the command's name behind `interfix.`
---@field argument table
---@field kind 'edit'|'answer' what the result is

---@param action lsp.CodeAction
---@return interfix.CodeAction
local function parse_code_action(action)
  local data = action.data or { command = action.command.command, arguments = action.command.arguments[1] }
  local argument = vim.tbl_extend('force', data.arguments, { show = false, apply = false })
  local title = action.title:gsub('^Interfix: ', '')
  local command = data.command:gsub('^interfix%.', '')
  -- Edits are made when an action is resolved, answers by its command.
  return { title = title, command = command, argument = argument, kind = action.data and 'edit' or 'answer' }
end

---@param entries interfix.MenuAction[]
local function select(entries)
  local function format_item(entry)
    return entry.title
  end
  vim.ui.select(entries, { prompt = 'Interfix', format_item = format_item, kind = 'interfix' }, function(entry)
    if entry then
      entry.run()
    end
  end)
end

---@param call interfix.CommandCall
---@param diagnostics lsp.Diagnostic[]
---@param entries interfix.MenuAction[] the commands of `:Interfix`, which come first
---@param run fun(action: interfix.CodeAction) runs one of the server's
function M.open(call, diagnostics, entries, run)
  local document = { uri = vim.uri_from_bufnr(call.buf) }
  local params = { textDocument = document, range = call.range, context = { diagnostics = diagnostics } }
  call.client:request('textDocument/codeAction', params, function(_, code_actions)
    for _, code_action in ipairs(code_actions or {}) do
      local action = parse_code_action(code_action)
      -- The others are among the commands already.
      if action.command == 'run' then
        table.insert(entries, {
          title = action.title,
          run = function()
            run(action)
          end,
        })
      end
    end
    select(entries)
  end, call.buf)
end

return M
