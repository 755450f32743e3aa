-- slides.lua: the pandoc filter that puts reveal.js and the slides' own style into their one file.
--
-- It runs after workbook.lua, which has done the rest: listings, diffs, runs and figures.

local reveal = 'tutorial/slides/node_modules/reveal.js/'

local function read(name)
  local file = io.open(name)
  if not file then
    io.stderr:write('slides: no ' .. name .. '. Type: make slides\n')
    os.exit(1)
  end
  local text = file:read('*a')
  file:close()
  return text
end

local function element(open, name, close)
  return pandoc.RawBlock('html', open .. read(name) .. close)
end

function Meta(meta)
  -- On paper every slide has its place; what reveal.js does to them is for the screen alone.
  meta.style = pandoc.MetaBlocks({
    element('<style media="screen">\n', reveal .. 'dist/reveal.css', '</style>'),
    element('<style>\n', 'tutorial/slides/slides.css', '</style>'),
  })
  meta.script = pandoc.MetaBlocks({
    element('<script>\n', reveal .. 'dist/reveal.js', '</script>'),
    element('<script>\n', reveal .. 'dist/plugin/notes.js', '</script>'),
    element('<script>\n', 'tutorial/slides/slides.js', '</script>'),
  })
  meta.licence = pandoc.MetaBlocks({element('<!--\nreveal.js:\n\n', reveal .. 'LICENSE', '-->')})
  return meta
end

-- A comment before the first heading would be a slide of its own.
function RawBlock(block)
  if block.text:find('^<!%-%-') then return {} end
end
