-- The field for an instruction right below the selection.

local api = vim.api

local M = {}

---@param call interfix.CommandCall
---@param on_submit fun(instruction: string)
function M.open(call, on_submit)
  local window = api.nvim_get_current_win()
  local field = api.nvim_create_buf(false, true)
  vim.bo[field].bufhidden = 'wipe'
  local last = math.max(call.range['end'].line, call.range.start.line)
  local view = api.nvim_open_win(field, true, {
    relative = 'win',
    win = window,
    bufpos = { last, 0 },
    row = 1,
    col = 0,
    width = math.max(20, math.min(72, api.nvim_win_get_width(window) - 4)),
    height = 1,
    style = 'minimal',
    border = 'rounded',
    title = ' What is to change? ',
  })
  local function close()
    vim.cmd.stopinsert()
    if api.nvim_win_is_valid(view) then
      api.nvim_win_close(view, true)
    end
  end
  vim.keymap.set({ 'i', 'n' }, '<CR>', function()
    local instruction = vim.trim(api.nvim_buf_get_lines(field, 0, 1, false)[1] or '')
    close()
    if instruction ~= '' then
      on_submit(instruction)
    end
  end, { buffer = field })
  vim.keymap.set('n', '<Esc>', close, { buffer = field })
  vim.keymap.set('i', '<C-c>', close, { buffer = field })
  vim.cmd.startinsert()
end

return M
