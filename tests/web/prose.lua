-- prose.lua: leaves of a chapter what a spelling checker can judge: no code, no addresses.
local function nothing()
  return {}
end

function Link(link)
  local words = pandoc.utils.stringify(link.content)
  if link.target:find(words, 1, true) then return {} end
  return link.content
end

function Image(image)
  return image.caption
end

Code = nothing
CodeBlock = nothing
