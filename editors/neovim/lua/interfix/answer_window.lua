-- Commands that answer in words. The answer grows in a window; closing the window cancels it.

local M = {}

---@param client vim.lsp.Client
---@param buf integer
---@param title string of the window
---@param command string the command's name behind `interfix.`
---@param argument table its argument, without the document
---@param format? fun(result: any): string the result as Markdown, if it is not Markdown already
function M.open(client, buf, title, command, argument, format)
  require('interfix.floating_window').open(title, function(view)
    view:use_markdown()
    return require('interfix.execute_command').execute({
      client = client,
      buf = buf,
      command = command,
      argument = argument,
      -- The progress of what is no Markdown is no part of it.
      on_progress = not format and function(piece)
        view:append(piece)
      end or nil,
      on_done = function(err, result)
        view:set_text(err and err.message or format and format(result) or result.markdown)
      end,
    })
  end)
end

return M
