template = template or {}

--- Fill the places `{name}` of a text with the values of the same name.
function template.fill(text, values)
  local result = text:gsub("{(%w+)}", function(name)
    return values[name]
  end)
  return result
end

function template.indent(text, width)
  local space = ""
  for _ = 1, width do
    space = space .. " "
  end
  local lines = {}
  for line in (text .. "\n"):gmatch("(.-)\n") do
    if line == "" then
      lines[#lines + 1] = line
    else
      lines[#lines + 1] = space .. line
    end
  end
  return table.concat(lines, "\n")
end
