-- Commands whose answer is read: it grows in a window; closing the window ends the answering. Does not know what is asked.

---@param client vim.lsp.Client
---@param buf integer
---@param title string of the window
---@param command string the command's name behind `interfix.`
---@param argument table its argument, without the document
---@param told? fun(result: any): string the result as Markdown, where it is not one already
return function(client, buf, title, command, argument, told)
  require('interfix.view').open(title, function(view)
    view:markdown()
    return require('interfix.server').ask({
      client = client,
      buf = buf,
      command = command,
      argument = argument,
      heard = function(piece)
        view:append(piece)
      end,
      done = function(err, result)
        view:finish(err and err.message or told and told(result) or result.markdown)
      end,
    })
  end)
end
