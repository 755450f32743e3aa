-- stepper.lua: a recorded filter as an annotated table, and in a page all of them as stepper.js walks them.
--
-- tutorial/data/filters has what seccomp-inspect read out of the stages for each architecture
-- (ARCHITECTURE-PROGRAM.json), the ABIs through which a filter can be entered (abis.tsv), and
-- the numbers of the calls (calls.tsv). tests/stepper.exp and the platform runs record them.

local folder = 'tutorial/data/filters/'

-- Rows of fields.
local function rows(read, name)
  local all = {}
  for line in read(folder .. name):gmatch('[^\n]+') do
    local row = {}
    for field in (line .. '\t'):gmatch('([^\t]*)\t') do row[#row + 1] = field end
    all[#all + 1] = row
  end
  return all
end

-- The instructions of a recorded filter, with their meanings in the book's language.
local function instructions(text, meanings)
  local all = {}
  for code, jt, jf, k, meaning in text:gmatch(
    '"index": %d+, "code": (%d+), "jt": (%d+), "jf": (%d+), "k": (%d+), "meaning": "([^"]*)"') do
    meaning = meaning:gsub('%a[%a ]*%a', meanings)
    all[#all + 1] = {code = code, jt = jt, jf = jf, k = k, meaning = meaning}
  end
  return all
end

local function quoted(text)
  return '"' .. text:gsub('[\\"<]', function(c) return ('\\u%04x'):format(c:byte()) end) .. '"'
end

-- Lua values as JSON: a list of texts, or texts by names in the order given.
local function list(values) return '[' .. table.concat(values, ',') .. ']' end

local function object(names, value_of)
  local fields = {}
  for _, name in ipairs(names) do fields[#fields + 1] = quoted(name) .. ':' .. value_of(name) end
  return '{' .. table.concat(fields, ',\n') .. '}'
end

local function filter_json(all, abis)
  local texts, names = {}, {}
  for _, i in ipairs(all) do texts[#texts + 1] = list({i.code, i.jt, i.jf, i.k, quoted(i.meaning)}) end
  for _, abi in ipairs(abis) do names[#names + 1] = quoted(abi) end
  return '{"abis":' .. list(names) .. ',"instructions":' .. list(texts) .. '}'
end

local function table_html(all, words, escape)
  local html = {'<table><caption>' .. words.caption .. '</caption><thead><tr><th scope="col">i</th><th scope="col" class="code">code jt jf k</th><th scope="col">'
    .. words.meaning .. '</th><th scope="col" class="accumulator">A</th></tr></thead><tbody>'}
  for index, i in ipairs(all) do
    html[#html + 1] = ('<tr><th scope="row">%d</th><td class="code"><code>%04x %02x %02x %08x</code></td><td>%s</td><td class="accumulator"></td></tr>')
      :format(index - 1, i.code, i.jt, i.jf, i.k, escape(i.meaning))
  end
  html[#html + 1] = '</tbody></table>'
  return table.concat(html, '\n')
end

-- Not every program is built for every architecture.
local function recorded(architecture, program)
  local file = io.open(folder .. architecture .. '-' .. program .. '.json')
  return file and file:close()
end

-- The architectures, in order; the ABIs of each; all ABIs, in order, and their audit architectures.
local function read_abis(read)
  local architectures, abis_of, abis, arch_of = {}, {}, {}, {}
  for _, row in ipairs(rows(read, 'abis.tsv')) do
    local architecture, abi, arch = row[1], row[2], row[3]
    if not abis_of[architecture] then
      architectures[#architectures + 1] = architecture
      abis_of[architecture] = {}
    end
    table.insert(abis_of[architecture], abi)
    if not arch_of[abi] then abis[#abis + 1] = abi end
    arch_of[abi] = arch
  end
  return architectures, abis_of, abis, arch_of
end

-- The calls of each ABI as JSON: names and numbers.
local function read_calls(read)
  local calls, numbers = {}, rows(read, 'calls.tsv')
  for column = 2, #numbers[1] do
    local of = {}
    for i = 2, #numbers do
      if numbers[i][column] ~= '-' then of[#of + 1] = list({quoted(numbers[i][1]), numbers[i][column]}) end
    end
    calls[numbers[1][column]] = list(of)
  end
  return calls
end

-- All that stepper.js needs, as JSON.
local function data_json(programs, filter, words, read)
  local architectures, abis_of, abis, arch_of = read_abis(read)
  local calls, order = read_calls(read), {}
  for name in pairs(words) do order[#order + 1] = name end
  table.sort(order)
  local function filters(program)
    local built = {}
    for _, architecture in ipairs(architectures) do
      if recorded(architecture, program) then built[#built + 1] = architecture end
    end
    return object(built, function(a) return filter_json(filter(program, a), abis_of[a]) end)
  end
  return '{"words":' .. object(order, function(name) return quoted(words[name]) end)
    .. ',"filters":' .. object(programs, filters)
    .. ',"abis":' .. object(abis, function(abi) return '{"arch":' .. arch_of[abi] .. ',"calls":' .. calls[abi] .. '}' end)
    .. '}'
end

-- The stepper for a block {.stepper programs="P ..." program=P architecture=A call=C}: words are what it says, meanings the
-- words of the inspector, both in the book's language.
return function(block, words, meanings, read, escape)
  local shown = block.attributes
  local function filter(program, architecture)
    return instructions(read(folder .. architecture .. '-' .. program .. '.json'), meanings)
  end
  local html = '<div class="instructions" tabindex="0" role="group" aria-label="' .. words.region .. '">'
    .. table_html(filter(shown.program, shown.architecture), words, escape) .. '</div>'
  if FORMAT:match('^html') then
    local programs = {}
    for program in shown.programs:gmatch('%S+') do programs[#programs + 1] = program end
    html = html .. '<script type="application/json">' .. data_json(programs, filter, words, read) .. '</script>'
  end
  return pandoc.RawBlock('html', ('<div class="stepper" id="stepper" data-program="%s" data-architecture="%s" data-call="%s">%s</div>')
    :format(shown.program, shown.architecture, shown.call, html))
end
