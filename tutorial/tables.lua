-- tables.lua: the tables that the book makes of recorded data: platforms.csv and bench.csv.
--
-- Given the words of the book's language and what workbook.lua has for files, it returns what stands
-- in place of {.calls}, {.platforms} and {.bench}, and bench_figure, one figure of bench.csv.

return function(words, read, lines_of, escape, fail)
  -- A recorded table: its rows, each by the names of the columns. A field with a comma in it is quoted.
  local read_before = {}
  local function records(name, needle)
    if read_before[name] then return read_before[name] end
    local rows, columns = {}, nil
    for _, line in ipairs(lines_of(read('tutorial/data/' .. name, needle))) do
      local fields, row = {}, {}
      line = line:gsub('"(.-)"', function(quoted) return (quoted:gsub(',', '\1')) end)
      for field in (line .. ','):gmatch('([^,]*),') do fields[#fields + 1] = (field:gsub('\1', ',')) end
      for i, column in ipairs(columns or {}) do row[column] = fields[i] end
      rows[#rows + 1] = columns and row
      columns = columns or fields
    end
    read_before[name] = rows
    return rows
  end

  -- A table as HTML, which scrolls by itself where the screen is too narrow for it. Cells are HTML.
  local function table_of(label, head, rows)
    local html = {}
    local function row(cells, tag)
      local line = '<tr><th scope="' .. (tag == 'th' and 'col' or 'row') .. '">' .. cells[1] .. '</th>'
      for i = 2, #cells do
        line = line .. '<' .. tag .. (tag == 'th' and ' scope="col">' or '>') .. cells[i] .. '</' .. tag .. '>'
      end
      html[#html + 1] = line .. '</tr>'
    end
    row(head, 'th')
    html[1] = '<thead>' .. html[1] .. '</thead><tbody>'
    for _, cells in ipairs(rows) do row(cells, 'td') end
    return pandoc.RawBlock('html', '<div class="table" tabindex="0"><table aria-label="' .. words[label]
      .. '">' .. table.concat(html, '\n') .. '</tbody></table></div>')
  end

  local function code(text)
    return text == '' and '' or '<code>' .. escape(text) .. '</code>'
  end

  -- What the loop found, by platforms.csv: a record for each platform and build, with the calls of each way.
  local function loops_found(needle)
    local all, record_of = {}, {}
    for _, row in ipairs(records('platforms.csv', needle)) do
      local key = row.platform .. ' ' .. row.build
      if not record_of[key] then
        record_of[key] = {build = row.build, architecture = row.architecture, linkage = row.linkage,
          libc = row.libc .. ' ' .. row.version:match('^[%d.]+'), kernel = row.kernel:match('^[%d.]+')}
        all[#all + 1] = record_of[key]
      end
      record_of[key][row.input] = row.calls
    end
    return all
  end

  -- What the ways beside the terminal add to it: call and way, in turn.
  local function added(found)
    local calls, known = {}, ' ' .. found.terminal .. ' '
    for _, way in ipairs({'lines', 'stopped'}) do
      for call in found[way]:gmatch('%S+') do
        if not known:find(' ' .. call .. ' ', 1, true) then calls[#calls + 1] = {call = call, way = way} end
      end
    end
    return calls
  end

  local function find_build(build, needle)
    for _, found in ipairs(loops_found(needle)) do
      if found.build == build then return found end
    end
    fail(needle, 'platforms.csv has no build ' .. build)
  end

  -- Call by system: the number is that of the round in which the loop found it.
  local function calls(block)
    local systems = block.attributes.systems or fail('.calls', 'a table of calls without systems=')
    local head, rows, row_of = {words.call}, {}, {}
    local function put(call, column, text)
      if not row_of[call] then
        row_of[call] = {code(call)}
        rows[#rows + 1] = row_of[call]
      end
      row_of[call][column] = text
    end
    local builds = {}
    for build in systems:gmatch('%S+') do builds[#builds + 1] = find_build(build, systems) end
    for i, found in ipairs(builds) do
      head[i + 1] = found.libc .. ' ' .. found.architecture
      local round = 0
      for call in found.terminal:gmatch('%S+') do
        round = round + 1
        put(call, i + 1, tostring(round))
      end
    end
    for i, found in ipairs(builds) do
      for _, more in ipairs(added(found)) do put(more.call, i + 1, words[more.way]) end
    end
    for _, row in ipairs(rows) do
      for i = 1, #head do row[i] = row[i] or '' end
    end
    return table_of('calls_of', head, rows)
  end

  -- All of platforms.csv: a row for each libc and linkage of an architecture, with the kernels it ran on.
  local function platforms()
    local rows, row_of, place = {}, {}, {}
    for i, found in ipairs(loops_found('.platforms')) do
      local more = {}
      for j, one in ipairs(added(found)) do more[j] = code(one.call) end
      local cells = {found.architecture, found.libc, words[found.linkage],
        (found.terminal:gsub('%S+', code)), table.concat(more, ' ')}
      local key, kernel = table.concat(cells, '|'), found.kernel or words.here
      place[found.architecture] = place[found.architecture] or i
      if not row_of[key] then
        row_of[key] = cells
        cells.place = place[found.architecture] * 1000 + i
        rows[#rows + 1] = cells
      end
      if not (row_of[key][6] or ''):find(kernel, 1, true) then
        row_of[key][6] = (row_of[key][6] and row_of[key][6] .. ', ' or '') .. kernel
      end
    end
    table.sort(rows, function(a, b) return a.place < b.place end)
    local head = {}
    for i, name in ipairs({'architecture', 'libc', 'linkage', 'terminal', 'more', 'kernels'}) do head[i] = words[name] end
    return table_of('platforms', head, rows)
  end

  -- A figure of bench.csv as make bench prints it; added is the time that the filter adds to a call.
  local bench_formats = {ratio = '%.2f', added = '%.1f', ns_median = '%.1f', ns_q1 = '%.1f', ns_q3 = '%.1f'}
  local function bench_figure(name, position, field)
    local without
    for _, row in ipairs(records('bench.csv', '.bench')) do
      without = without or row.ns_median
      if row.name == name and row.position == position then
        row.added = row.ns_median - without
        if not row[field] then fail('field=' .. field, 'bench.csv has no ' .. field) end
        return (bench_formats[field] or '%s'):format(row[field])
      end
    end
    fail(name, 'bench.csv has no row ' .. name .. (position == '' and '' or ', hit ' .. position)
      .. '. Type: make measurements')
  end

  local function bench(block)
    local head, rows = {}, {}
    local columns = {'name', 'instructions', 'executed', 'ns_median', 'quartiles', 'ratio'}
    for i, column in ipairs(columns) do head[i] = words[column] end
    for _, line in ipairs(lines_of(block.text)) do
      local name, position = line:match('^(.-); (%w+)$')
      name, position = name or line, position or ''
      local function figure(field) return bench_figure(name, position, field) end
      rows[#rows + 1] = {code(line), figure('instructions'), figure('executed'),
        figure('ns_median'), figure('ns_q1') .. '–' .. figure('ns_q3'), figure('ratio')}
    end
    return table_of('bench', head, rows)
  end

  return {calls = calls, platforms = platforms, bench = bench, bench_figure = bench_figure}
end
