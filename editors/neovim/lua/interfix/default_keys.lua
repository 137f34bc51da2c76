-- The key mappings of `setup({ default_keys = true })`.

local M = {}

local INSERT = {
  ['<M-f>'] = 'accept-word',
  ['<M-l>'] = 'accept-line',
  ['<M-n>'] = 'next',
  ['<M-p>'] = 'previous',
  ['<M-x>'] = 'dismiss',
  ['<M-Bslash>'] = 'trigger',
  ['<M-e>'] = 'next-edit-trigger',
}

local COMMANDS = {
  [''] = { 'm', 'menu' },
  explain = { 'e', 'explain' },
  ask = { 'a', 'ask' },
  refactor = { 'r', 'refactor' },
  edit = { 'i', 'edit: say how at the selection' },
  commit = { 'c', 'commit message' },
  document = { 'd', 'document' },
  test = { 't', 'write tests' },
  fix = { 'f', 'fix' },
  why = { 'w', 'why this suggestion' },
  answer = { 'l', 'last answer of the model' },
  status = { 's', 'status' },
  snooze = { 'z', 'pause next edits for 5 minutes' },
  toggle = { 'o', 'suggestions on or off' },
}

---Map the keys that are not mapped yet.
function M.map()
  for key, action in pairs(INSERT) do
    if vim.fn.maparg(key, 'i') == '' then
      vim.keymap.set('i', key, ('<Plug>(interfix-%s)'):format(action), { desc = 'Interfix: ' .. action:gsub('-', ' ') })
    end
  end
  for command, each in pairs(COMMANDS) do
    local key, description = '<Leader>i' .. each[1], 'Interfix: ' .. each[2]
    for mode, prefix in pairs({ n = '<Cmd>Interfix ', x = ':Interfix ' }) do
      if vim.fn.maparg(key, mode) == '' then
        vim.keymap.set(mode, key, prefix .. command .. '<CR>', { desc = description, silent = true })
      end
    end
  end
end

return M
