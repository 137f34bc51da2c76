tables = tables or {}

--- Put the entries of `extra` over those of `base`, tables inside of them likewise.
function tables.merge(base, extra)
  for key, value in pairs(extra) do
    if type(value) == "table" and type(base[key]) == "table" then
      tables.merge(base[key], value)
    else
      base[key] = value
    end
  end
  return base
end

function tables.group(list, by)
  local groups = {}
  for i = 1, #list do
    local item = list[i]
    local key = by(item)
    if key ~= nil then
      if groups[key] == nil then
        groups[key] = { item }
      else
        table.insert(groups[key], item)
      end
    end
  end
  return groups
end

--- The value at a path such as "a.b.c", or nil where it leads nowhere.
function tables.at(tree, path)
  local node = tree
  for key in path:gmatch("[^.]+") do
    if type(node) ~= "table" then
      return nil
    end
    node = node[key]
  end
  return node
end
