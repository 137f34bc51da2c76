-- Answers `interfix/names`: what the buffer's other language servers offer right behind a link, so that suggestions name what exists.

local M = {}

---So long the other servers may take, ms: a late answer serves the next request at that place. Interfix gives up after 10 s.
M.timeout_ms = 9000
---A longer list is not one of members; only as much is sent as tells that.
local MAX_ITEMS = 10001

---@class interfix.Names
---@field names string[]
---@field kinds integer[] as of LSP's `CompletionItemKind`
---@field details string[]
---@field incomplete boolean

---@param item lsp.CompletionItem
---@return string
local function get_written_text(item)
  if item.insertTextFormat == vim.lsp.protocol.InsertTextFormat.Snippet then
    return item.label -- the text has place holders
  end
  return (item.textEdit and item.textEdit.newText) or item.insertText or item.label
end

---@param names interfix.Names
---@param result lsp.CompletionList|lsp.CompletionItem[]|nil
local function add_result(names, result)
  if type(result) ~= 'table' then
    return
  end
  names.incomplete = names.incomplete or result.isIncomplete == true
  local defaults = type(result.itemDefaults) == 'table' and result.itemDefaults or {}
  for _, item in ipairs(result.items or result) do
    if #names.names == MAX_ITEMS then
      return
    end
    local label_details = type(item.labelDetails) == 'table' and item.labelDetails or {}
    item.insertTextFormat = item.insertTextFormat or defaults.insertTextFormat
    names.names[#names.names + 1] = get_written_text(item):sub(1, 500)
    names.kinds[#names.kinds + 1] = item.kind or 0
    names.details[#names.details + 1] = tostring(item.detail or label_details.detail or ''):sub(1, 500)
  end
end

---@param buf integer
---@return vim.lsp.Client[]
local function find_other_clients(buf)
  return vim.tbl_filter(function(client)
    return client.name ~= 'interfix'
  end, vim.lsp.get_clients({ bufnr = buf, method = 'textDocument/completion' }))
end

---The position in another client's columns; the server counts in those of its own client.
---@param buf integer
---@param position lsp.Position
---@param from string
---@param to string
---@return lsp.Position
local function convert_position(buf, position, from, to)
  local line = vim.api.nvim_buf_get_lines(buf, position.line, position.line + 1, false)[1] or ''
  local byte = vim.str_byteindex(line, from, position.character, false)
  return { line = position.line, character = vim.str_utfindex(line, to, byte, false) }
end

---Handler of `interfix/names`; runs in a coroutine, as Neovim runs requests of servers.
---@param params { textDocument: lsp.TextDocumentIdentifier, position: lsp.Position }
---@param context lsp.HandlerContext
---@return interfix.Names|vim.NIL
function M.on_request(_, params, context)
  local buf = vim.uri_to_bufnr(params.textDocument.uri)
  local clients = vim.api.nvim_buf_is_loaded(buf) and find_other_clients(buf) or {}
  local own = vim.lsp.get_client_by_id(context.client_id)
  local running, is_main = coroutine.running()
  if #clients == 0 or not own or not running or is_main then
    return vim.NIL
  end
  local names = { names = {}, kinds = {}, details = {}, incomplete = false } ---@type interfix.Names
  local pending, finished, waiting = #clients, false, false

  local function finish()
    if not finished then
      finished = true
      if waiting then
        coroutine.resume(running)
      end
    end
  end

  for _, client in ipairs(clients) do
    local sent = client:request('textDocument/completion', {
      textDocument = params.textDocument,
      position = convert_position(buf, params.position, own.offset_encoding, client.offset_encoding),
      context = { triggerKind = vim.lsp.protocol.CompletionTriggerKind.Invoked },
    }, function(_, result)
      pending = pending - 1
      if not finished then
        add_result(names, result)
        if pending == 0 then
          finish()
        end
      end
    end, buf)
    pending = sent and pending or pending - 1
  end
  if pending > 0 and not finished then
    vim.defer_fn(function()
      names.incomplete = names.incomplete or not finished -- one of them may know others
      finish()
    end, M.timeout_ms)
    waiting = true
    coroutine.yield()
  end
  return #names.names > 0 and names or vim.NIL
end

return M
