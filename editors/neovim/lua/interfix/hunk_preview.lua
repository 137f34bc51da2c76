-- Shows the hunks of an edit as a diff and lets the user choose among them.

local edit_hunks = require('interfix.edit_hunks')

local api = vim.api

local M = {}

local namespace = api.nvim_create_namespace('interfix.preview')

local CONTEXT_LINES = 2 -- lines shown before and after a hunk
local KEYS = { '<Space> this hunk', '<CR> apply', 'a all', 'q none' }

---The preview's lines.
---@class interfix.Rendered
---@field lines string[]
---@field highlights table<integer, string> highlight of a line, by its index
---@field owners table<integer, integer> index of the hunk that a line shows, by the line's index
---@field heads integer[] index of the first line of each hunk

---@param rendered interfix.Rendered
---@param owner? integer
---@param look? string
---@param text string
local function add(rendered, owner, look, text)
  table.insert(rendered.lines, text)
  local index = #rendered.lines
  rendered.owners[index], rendered.highlights[index] = owner, look
end

---@param verdict string
---@param hunks interfix.Hunk[]
---@return interfix.Rendered
local function render(verdict, hunks)
  local rendered = { lines = {}, highlights = {}, owners = {}, heads = {} }
  add(rendered, nil, 'Comment', verdict)
  for nth, hunk in ipairs(hunks) do
    local file = edit_hunks.read_lines(hunk.uri)
    local name = vim.fn.fnamemodify(vim.uri_to_fname(hunk.uri), ':~:.')
    add(rendered, nil, nil, '')
    add(rendered, nth, 'Title', ('[%s] %s:%d'):format(hunk.chosen and 'x' or ' ', name, hunk.row + 1))
    rendered.heads[nth] = #rendered.lines
    local function all(lines, sign, look)
      for _, line in ipairs(lines) do
        add(rendered, nth, hunk.chosen and look or 'Comment', sign .. line)
      end
    end
    local behind = hunk.row + #hunk.old
    all(vim.list_slice(file, math.max(1, hunk.row + 1 - CONTEXT_LINES), hunk.row), '  ', nil)
    all(hunk.old, '- ', 'DiffDelete')
    all(hunk.new, '+ ', 'DiffAdd')
    all(vim.list_slice(file, behind + 1, behind + CONTEXT_LINES), '  ', nil)
  end
  return rendered
end

---Let the user choose among the hunks in a window.
---@param view interfix.FloatingWindow
---@param verdict string what was checked
---@param hunks interfix.Hunk[] each says whether it is chosen
---@param apply fun() called when the user accepts; the window is closed by then
function M.choose(view, verdict, hunks, apply)
  local rendered ---@type interfix.Rendered
  local function refresh()
    rendered = render(verdict, hunks)
    view:set_lines(rendered.lines)
    for index, look in pairs(rendered.highlights) do
      api.nvim_buf_set_extmark(view.buf, namespace, index - 1, 0, { line_hl_group = look })
    end
  end
  ---@param row? integer
  local function go(row)
    if row then
      api.nvim_win_set_cursor(view.win, { row, 0 })
    end
  end
  local function next_hunk()
    local row = api.nvim_win_get_cursor(view.win)[1]
    go(vim.iter(rendered.heads):find(function(head)
      return head > row
    end))
  end
  local function previous_hunk()
    local row = api.nvim_win_get_cursor(view.win)[1]
    go(vim.iter(rendered.heads):rev():find(function(head)
      return head < row
    end))
  end
  local function toggle()
    local row = api.nvim_win_get_cursor(view.win)[1]
    local nth = rendered.owners[row]
    if nth then
      hunks[nth].chosen = not hunks[nth].chosen
      refresh()
      api.nvim_win_set_cursor(view.win, { row, 0 })
    end
  end
  local function finish()
    view:close()
    local function chosen(hunk)
      return hunk.chosen
    end
    if vim.iter(hunks):any(chosen) then
      apply()
    end
  end
  local function all()
    for _, hunk in ipairs(hunks) do
      hunk.chosen = true
    end
    finish()
  end
  local keys = { ['<Space>'] = toggle, ['<CR>'] = finish, a = all, [']c'] = next_hunk, ['[c'] = previous_hunk }
  for key, act in pairs(keys) do
    vim.keymap.set('n', key, act, { buffer = view.buf, nowait = true })
  end
  view:set_footer(KEYS)
  refresh()
  if view:is_open() then
    api.nvim_win_set_cursor(view.win, { rendered.heads[1], 0 })
  end
end

return M
