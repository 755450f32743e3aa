-- workbook.lua: the pandoc filter that puts sources, diffs, recorded runs and figures into the book.
--
-- A code block with one of these classes is replaced; its text, where it has any, is what the reader
-- types or a caption. Whatever is missing stops the build, with the chapter's file and line.
--
--   {.listing file=F}                    the whole file F
--   {.listing file=F function=NAME}      one function, with the comment above it
--   {.listing file=F region=NAME}        the lines that tutorial/regions.tsv gives to NAME
--   {.diff from=F to=G}                  what diff -u says; with context=N, so many lines around
--                                        a change; with skip=N, without the first N hunks
--   {.run #NAME}                         commands; shown as recorded in tutorial/data/NAME.txt
--                                        (on="…": only there; loose=yes: but for numbers: tests/book.exp)
--   {.run #NAME part=yes}                some of its commands, in their order, for slides
--   {.loop round=N}                      round N of step 3's loop, as recorded; with commands, only those
--   {.stepper programs="P …" program=P architecture=A call=C}
--                                        the filter of P as a table, with stepper.js to walk all of them
--   {.loop system=BUILD}                 the whole loop on another system, as recorded
--   {.calls systems="BUILD ..."}         what the loop found there, by platforms.csv
--   {.platforms}                         the same of all systems, in short
--   {.bench}                             rows of bench.csv; the text has their names, with "; position"
--
-- ![alternative text](NAME.dot) is tutorial/figures/NAME.dot, or tutorial/data/NAME.dot, drawn by
-- graphviz in the book's language; (bench.csv) is drawn by gnuplot. [](#label) gets the title of what it
-- points to, []{.bench name="step 4" field=ratio} a figure of bench.csv;
-- [text](#stepper/P/A/ABI/CALL/ARGS/STEP) leads to a state of the stepper. It runs with pandoc 2.9 and newer.

local lang = 'en'
local titles = {}
local chinese = false

-- Stops the build; the place is where the text needle stands in the chapters.
local function fail(needle, message)
  for _, name in ipairs(PANDOC_STATE.input_files) do
    local number = 0
    for line in io.lines(name) do
      number = number + 1
      if line:find(needle, 1, true) then
        io.stderr:write(name .. ':' .. number .. ': ' .. message .. '\n')
        os.exit(1)
      end
    end
  end
  io.stderr:write('tutorial: ' .. needle .. ': ' .. message .. '\n')
  os.exit(1)
end

local function read(name, needle)
  local file = io.open(name)
  if not file then fail(needle, 'no file ' .. name) end
  local text = file:read('*a')
  file:close()
  return text
end

local function lines_of(text)
  local lines = {}
  for line in (text:gsub('\n*$', '\n')):gmatch('(.-)\n') do lines[#lines + 1] = line end
  return lines
end

local function escape(text)
  return (text:gsub('&', '&amp;'):gsub('<', '&lt;'):gsub('>', '&gt;'):gsub('"', '&quot;'))
end

-- Lines first to last, without the indentation that they share.
local function slice(lines, first, last)
  local part, indent = {}, lines[first]:find('^#') and 0 or math.huge
  for i = first, last do
    if lines[i]:find('%S') and not lines[i]:find('^#') then indent = math.min(indent, #lines[i]:match('^ *')) end
  end
  for i = first, last do
    part[#part + 1] = lines[i]:find('^#') and lines[i] or lines[i]:sub(indent + 1)
  end
  return table.concat(part, '\n')
end

local function function_lines(lines, name)
  for i, line in ipairs(lines) do
    if line:find('^[%w_].*%f[%w_]' .. name .. '%(') and not line:find(';%s*$') then
      local first, last = i, i
      while lines[first - 1] and lines[first - 1]:find('^[/ ]%*') do first = first - 1 end
      while lines[last] and not lines[last]:find('^}') do last = last + 1 end
      if lines[last] then return first, last end
    end
  end
end

-- The table of regions: name, file, a piece of the first line, a piece of the last one.
local function region_lines(lines, name, file)
  for _, row in ipairs(lines_of(read('tutorial/regions.tsv', name))) do
    local region, of, from, to = row:match('^([^\t]*)\t([^\t]*)\t([^\t]*)\t([^\t]*)$')
    if region == name and of == file then
      local first
      for i, line in ipairs(lines) do
        if not first and line:find(from, 1, true) then first = i end
        if first and line:find(to, 1, true) then return first, i end
      end
    end
  end
end

local function listing(block)
  local file = block.attributes.file or fail('.listing', 'a listing without file=')
  local code = read(file, file)
  local caption = file
  local lines, first, last = lines_of(code), nil, nil
  local part = block.attributes['function'] or block.attributes.region
  if block.attributes['function'] then
    first, last = function_lines(lines, part)
    caption = file .. ', ' .. part .. '()'
  elseif part then
    first, last = region_lines(lines, part, file)
  end
  if part then
    if not first then fail(part, file .. ' has no ' .. part) end
    code = slice(lines, first, last)
  end
  local class = file:find('%.[ch]$') and 'c' or file:find('configure') and 'm4' or 'makefile'
  return pandoc.Div({
    pandoc.Para({pandoc.Code(caption)}),
    pandoc.CodeBlock((code:gsub('\n*$', '')), pandoc.Attr('', {class}, {tabindex = '0'})),
  }, pandoc.Attr('', {'listing'}))
end

-- Lines as preformatted HTML, each in a span of the class that class_of finds for it.
local function preformatted(class, lines, class_of)
  local html = {}
  for _, line in ipairs(lines) do
    html[#html + 1] = '<span class="' .. class_of(line) .. '">' .. escape(line) .. '</span>'
  end
  return '<pre class="' .. class .. '" tabindex="0"><code>' .. table.concat(html, '\n') .. '</code></pre>'
end

local diff_classes = {['+'] = 'added', ['-'] = 'removed', ['@'] = 'hunk'}
local function diff_class(line)
  return diff_classes[line:sub(1, 1)] or 'same'
end

local function diff(block)
  local from, to = block.attributes.from, block.attributes.to
  read(from, from)
  read(to, to)
  -- diff exits with 1 where the files differ, which pandoc.pipe raises as an error.
  local same, result = pcall(pandoc.pipe, 'diff', {'-U', block.attributes.context or '3', '--label', from, '--label', to, from, to}, '')
  local text = same and result or result.output
  if text == '' then fail(from, from .. ' and ' .. to .. ' are the same') end
  local lines, hunk = {}, 0
  for i, line in ipairs(lines_of(text)) do
    if line:find('^@@') then hunk = hunk + 1 end
    if i <= 2 or hunk > tonumber(block.attributes.skip or 0) then lines[#lines + 1] = line end
  end
  return pandoc.RawBlock('html', preformatted('diff', lines, diff_class))
end

-- A recorded run: commands behind "$ ", edits behind "# edit FILE", and what the terminal showed.
local function transcript(name, text)
  local html, kind = {}, 'output'
  for _, line in ipairs(lines_of(text)) do
    local command, edited = line:match('^%$ (.*)$'), line:match('^# edit (.*)$')
    if command then
      kind = 'output'
      html[#html + 1] = '<span class="prompt">$ </span><span class="command">' .. escape(command) .. '</span>'
    elseif edited then
      kind = 'added'
      html[#html + 1] = '<span class="hunk">' .. escape(edited) .. '</span>'
    else
      html[#html + 1] = '<span class="' .. kind .. '">' .. escape(line) .. '</span>'
    end
  end
  return pandoc.RawBlock('html', '<pre class="transcript" id="run-' .. name .. '" tabindex="0"><code>'
    .. table.concat(html, '\n') .. '</code></pre>')
end

-- Of a recorded run the commands and edits that are typed, in their order, with what they showed.
local function chosen(name, text, typed)
  local wanted, part, found, shown = lines_of(typed), {}, 0, false
  for _, line in ipairs(lines_of(text)) do
    if line:find('^%$ ') or line:find('^# edit ') then
      shown = line:gsub('^%$ ', '') == wanted[found + 1]
      if shown then found = found + 1 end
    end
    if shown then part[#part + 1] = line end
  end
  if found < #wanted then fail(wanted[found + 1], 'not in tutorial/data/' .. name .. '.txt, or not in this order') end
  return table.concat(part, '\n')
end

-- What is typed in the chapter must be what was recorded.
local function run(block)
  local name = block.identifier
  local text = read('tutorial/data/' .. name .. '.txt', '#' .. name)
  if block.attributes.part then return transcript(name, chosen(name, text, block.text)) end
  local recorded = {}
  for command in ('\n' .. text):gmatch('\n%$ ([^\n]*)') do recorded[#recorded + 1] = command end
  local typed = block.text:gsub('\n%^Z', ''):gsub('\n*$', '')
  if typed ~= table.concat(recorded, '\n') then
    fail('#' .. name, 'the commands are not the recorded ones. Type: make transcripts')
  end
  return transcript(name, text)
end

local function loop(block)
  local system = block.attributes.system
  if system then return transcript('loop-' .. system, read('tutorial/data/loops/' .. system .. '.txt', 'system=' .. system)) end
  local name = 'loop-' .. (block.attributes.round or fail('.loop', 'a loop without round='))
  local text = read('tutorial/data/' .. name .. '.txt', 'round=' .. block.attributes.round)
  return transcript(name, block.text == '' and text or chosen(name, text, block.text))
end

-- What the tables of recorded data say in the book's language, of metadata.yaml.
local table_words = {}
local tables = dofile('tutorial/tables.lua')(table_words, read, lines_of, escape, fail)

-- What the stepper says in the book's language, of metadata.yaml.
local stepper_words, meanings = {}, {}

local function stepper(block)
  return dofile('tutorial/stepper.lua')(block, stepper_words, meanings, read, escape)
end

local replaced = {stepper = stepper, listing = listing, diff = diff, run = run, loop = loop, calls = tables.calls,
  platforms = tables.platforms, bench = tables.bench}

function CodeBlock(block)
  for _, class in ipairs(block.classes) do
    if replaced[class] then return replaced[class](block) end
  end
  -- Reachable by keyboard, since it may scroll sideways.
  block.attributes.tabindex = '0'
  return block
end

-- gnuplot's drawing, for a page of any colour, as large as it says. Its markers are put where they are
-- used, in their colour: WeasyPrint before 58 knows no currentColor.
local function plot(drawing)
  local markers = {}
  local function put(use, colour)
    local marker = markers[use:match('href="#(.-)"')]
    return marker and ('<g' .. use:gsub('/>$', '>'):gsub('^<use', ''):gsub(' [%w:]*href="[^"]*"', '')
      :gsub(' color="[^"]*"', '') .. marker .. '</g>'):gsub('currentColor', colour or 'currentColor')
  end
  drawing = drawing:gsub("'", '"'):gsub('<desc>.-</desc>', ''):gsub('<rect[^>]*fill="#ffffff"/>', '')
  drawing = drawing:gsub('viewBox="0 0 (%d+) (%d+)"', 'width="%1" height="%2" %0')
  for marker, id in drawing:gmatch('(<[^<]* id="(gpPt%d+)"[^<]*/>)') do
    markers[id] = marker:gsub(' id="[^"]*"', ''):gsub('^<use.*$', put)
  end
  drawing = drawing:gsub('<defs>.-</defs>', ''):gsub(' color="([^"]*)" stroke="currentColor"', ' stroke="%1"')
  return (drawing:gsub('(<use[^>]* color="([^"]*)"/>)', put))
end

-- A figure: inline SVG, or its description where what draws it was not at hand.
function Image(image)
  local name, kind = image.src:match('^(.*)%.(%a+)$')
  if kind ~= 'dot' and kind ~= 'csv' then return nil end
  local recorded = io.open('tutorial/data/' .. image.src)
  if recorded then recorded:close() else read('tutorial/figures/' .. image.src, image.src) end
  local text = pandoc.utils.stringify(image.caption)
  local svg = io.open('tutorial/build/figures/' .. name .. '.' .. lang .. '.svg')
  if not svg then
    return pandoc.Span({pandoc.Str(text)}, pandoc.Attr('fig-' .. name, {'figure', kind, 'described'}))
  end
  local drawing = svg:read('*a'):gsub('^.-<svg', '<svg'):gsub('<!%-%-.-%-%->', ''):gsub('<title>.-</title>', '')
  if kind == 'csv' then drawing = plot(drawing) end
  drawing = drawing:gsub('<a[^>]*>', ''):gsub('</a>', ''):gsub('id="', 'id="' .. name .. '-')
  drawing = drawing:gsub('^<svg', '<svg role="img" aria-label="' .. escape(text):gsub('%%', '%%%%') .. '"')
  svg:close()
  return pandoc.Span({pandoc.RawInline('html', drawing)}, pandoc.Attr('fig-' .. name, {'figure', kind}))
end

local function collect_titles(header)
  titles[header.identifier] = header.content
end

function Link(link)
  local label = link.target:match('^#(.*)$')
  if not label then return nil end
  local state = label:match('^stepper/(.*)$')
  if state then
    link.target = '#stepper'
    link.attributes['data-state'] = state
    return link
  end
  if not titles[label] then fail('#' .. label, 'no heading has the label #' .. label) end
  if #link.content == 0 then link.content = titles[label] end
  return link
end

-- Between Chinese characters a line break is no space.
local function ends_chinese(inline, last)
  local text = inline and pandoc.utils.stringify(inline) or ''
  local byte = last and text:byte(#text) or text:byte(1)
  return byte and byte >= 128
end

function Inlines(inlines)
  if not chinese then return nil end
  local joined = pandoc.List()
  for i, inline in ipairs(inlines) do
    local soft = inline.t == 'SoftBreak'
    if not (soft and (ends_chinese(inlines[i - 1], true) or ends_chinese(inlines[i + 1], false))) then
      joined:insert(inline)
    end
  end
  return joined
end

-- The system that the transcripts are from, []{.system}, or the measurements, []{.bench-system}, and
-- figures of these.
function Span(span)
  local class = span.classes[1]
  if class == 'system' or class == 'bench-system' then
    return pandoc.Str(lines_of(read('tutorial/data/' .. class .. '.txt', '.' .. class))[1])
  elseif class == 'bench' then
    local of = span.attributes
    return pandoc.Str(tables.bench_figure(of.name, of.position or '', of.field or 'ratio'))
  end
end

local function read_meta(meta)
  lang = pandoc.utils.stringify(meta.language)
  chinese = lang == 'zh'
  local function raw(name, open, close)
    return pandoc.MetaBlocks({pandoc.RawBlock('html', open .. read('tutorial/' .. name, name) .. close)})
  end
  for key, value in pairs(meta.stepper) do stepper_words[key] = pandoc.utils.stringify(value) end
  for key, value in pairs(meta.tables) do table_words[key] = pandoc.utils.stringify(value) end
  for key, value in pairs(meta.meanings) do meanings[key] = pandoc.utils.stringify(value) end
  meta.style = raw('workbook.css', '<style>\n', '</style>')
  meta.script = raw('workbook.js', '<script>\n', '</script>')
  meta.stepper = raw('stepper.js', '<script>\n', '</script>')
  return meta
end

return {
  {Meta = read_meta, Header = collect_titles},
  {CodeBlock = CodeBlock, Image = Image, Link = Link, Span = Span, Inlines = Inlines},
}
