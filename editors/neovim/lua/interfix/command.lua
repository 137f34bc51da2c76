-- The `:Interfix` command: which word does what, and what the selected lines are in the server's terms.

local M = {}

---@param client vim.lsp.Client
---@param buf integer
---@param invocation vim.api.keyset.create_user_command.command_args
---@return lsp.Range range the selected lines, or where none are selected the cursor: the server then takes what is defined there
local function range_of(client, buf, invocation)
  if invocation.range == 0 then
    local position = vim.lsp.util.make_position_params(0, client.offset_encoding).position
    return { start = position, ['end'] = position }
  end
  local last = vim.api.nvim_buf_get_lines(buf, invocation.line2 - 1, invocation.line2, true)[1]
  return {
    start = { line = invocation.line1 - 1, character = 0 },
    ['end'] = { line = invocation.line2 - 1, character = vim.str_utfindex(last, client.offset_encoding) },
  }
end

---@type table<string, fun(client: vim.lsp.Client, buf: integer, range: lsp.Range, rest: string)>
local words = {
  explain = function(client, buf, range)
    require('interfix.explain')(client, buf, range)
  end,
  refactor = function(client, buf, range, rest)
    if rest ~= '' then
      return require('interfix.refactor')(client, buf, range, rest)
    end
    vim.ui.input({ prompt = 'Refactor how? ' }, function(instruction)
      if instruction and instruction ~= '' then
        require('interfix.refactor')(client, buf, range, instruction)
      end
    end)
  end,
}

---@param invocation vim.api.keyset.create_user_command.command_args
function M.run(invocation)
  local word, rest = invocation.args:match('^(%S+)%s*(.-)%s*$')
  if not words[word] then
    local known = table.concat(vim.fn.sort(vim.tbl_keys(words)), ', ')
    return vim.notify(('Interfix has no command %q; it has %s.'):format(word, known), vim.log.levels.ERROR)
  end
  local buf = vim.api.nvim_get_current_buf()
  local client = vim.lsp.get_clients({ bufnr = buf, name = 'interfix' })[1]
  if not client then
    local message = "Interfix is not running for this file. Start it with :lua vim.lsp.enable('interfix'); "
      .. 'where that does not help, :checkhealth vim.lsp tells why.'
    return vim.notify(message, vim.log.levels.ERROR)
  end
  words[word](client, buf, range_of(client, buf, invocation), rest)
end

---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  if line:match('Interfix!?%s+%S+%s') then
    return {}
  end
  return vim.tbl_filter(function(word)
    return vim.startswith(word, lead)
  end, vim.fn.sort(vim.tbl_keys(words)))
end

return M
