-- `:Interfix commit`: a message for what is staged, put into the buffer of a commit, or else shown and yanked.

local notifications = require('interfix.notifications')

local api = vim.api

local M = {}

---@param buf integer
---@return boolean whether it is the message of a commit that has none yet
local function is_empty_message(buf)
  return vim.bo[buf].filetype == 'gitcommit' and vim.trim(api.nvim_buf_get_lines(buf, 0, 1, false)[1] or '') == ''
end

---@param client vim.lsp.Client
---@param buf integer
function M.write(client, buf)
  if not is_empty_message(buf) then
    return require('interfix.answer_window').open(client, buf, 'Commit message', 'commitMessage', {}, function(result)
      vim.fn.setreg('"', result.message)
      notifications.notify('the commit message is yanked; p puts it.')
      return result.message
    end)
  end
  notifications.notify('writing a commit message …')
  require('interfix.execute_command').execute({
    client = client,
    buf = buf,
    command = 'commitMessage',
    argument = {},
    on_done = function(err, result)
      if err then
        notifications.notify(err.message, vim.log.levels.ERROR)
      elseif is_empty_message(buf) then
        api.nvim_buf_set_lines(buf, 0, 1, false, vim.split(result.message, '\n', { plain = true }))
      end
    end,
  })
end

return M
