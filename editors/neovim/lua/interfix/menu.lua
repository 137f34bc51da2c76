-- `:Interfix menu`: everything that can be done with the selected code, by name. Lists what the server offers, and runs it.

---@class interfix.Offer
---@field title string
---@field command string the command's name behind `interfix.`
---@field argument table
---@field kind 'edit'|'answer' what comes of it

---@param action lsp.CodeAction
---@return interfix.Offer
local function offer(action)
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
---@param run fun(offer: interfix.Offer)
return function(client, buf, range, diagnostics, run)
  local params = { textDocument = { uri = vim.uri_from_bufnr(buf) }, range = range, context = { diagnostics = diagnostics } }
  client:request('textDocument/codeAction', params, function(err, actions)
    if err or vim.tbl_isempty(actions or {}) then
      return require('interfix.notice').tell(err and err.message or 'there is no code here to work on.')
    end
    local offers = vim.tbl_map(offer, actions)
    local function format_item(each)
      return each.title
    end
    vim.ui.select(offers, { prompt = 'Interfix', format_item = format_item, kind = 'interfix' }, function(choice)
      if choice then
        run(choice)
      end
    end)
  end, buf)
end
