-- SPDX-License-Identifier: BSD-3-Clause
-- One step through all targets of this server.
--
-- ARGV  cursor of SCAN ('0' at first), about how many keys to look at, domain
--       and app of the targets that are wanted ('' for all), 'list', 'count'
--       or 'whole'
-- Returns {cursor, rows, run}: the next cursor, '0' at the end; a line for each
-- target, "node\tapp\tcreated\trenewed", or for each app and domain,
-- "app\tdomain\ttargets", or for each target all that it has, as JSON; and this
-- start of the server, '' if it does not tell: a cursor means nothing to another.
--
-- It names no KEYS, as nobody knows them before: in a cluster each master is
-- asked for its own. A key whose slot is just moved may be elsewhere.

local cursor, count, domain, app, what = unpack(ARGV)
local lines, counts = {}, {}

local names = {'token', 'app', 'domain', 'created', 'renewed'}
if what == 'whole' then
  for _, name in ipairs({'device', 'channel', 'secret'}) do
    names[#names + 1] = name
  end
end

local function whole(key, row)
  local target = {node = key:match(':node:(.*)')}
  for i, name in ipairs(names) do
    target[name] = row[i] or nil
  end
  return cjson.encode(target)
end

local function clean(text)
  return (text:gsub('%c', '?'))
end

local info = redis.pcall('INFO', 'server')
local run = type(info) == 'string' and info:match('run_id:(%x+)') or ''

local reply = redis.call('SCAN', cursor, 'MATCH', 'wakebus:{*}:node:*',
  'COUNT', count)
for _, key in ipairs(reply[2]) do
  local row = redis.pcall('HMGET', key, unpack(names))
  if not row.err and row[1] then
    local its_app, its_domain = row[2] or '', row[3] or ''
    if (domain == '' or its_domain == domain)
      and (app == '' or its_app == app) then
      if what == 'whole' then
        lines[#lines + 1] = whole(key, row)
      elseif what == 'list' then
        lines[#lines + 1] = table.concat({clean(key:match(':node:(.*)')),
          clean(its_app), clean(row[4] or ''), clean(row[5] or '')}, '\t')
      else
        local both = clean(its_app) .. '\t' .. clean(its_domain)
        counts[both] = (counts[both] or 0) + 1
      end
    end
  end
end
for both, number in pairs(counts) do
  lines[#lines + 1] = both .. '\t' .. number
end
return {reply[1], table.concat(lines, '\n'), run:sub(1, 8)}
