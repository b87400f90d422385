-- SPDX-License-Identifier: BSD-3-Clause
-- Note at a target that a push waits for it.
--
-- KEYS  row of the node
-- ARGV  now, for how long it is tried again (milliseconds), '1' if it is
--       urgent, '1' if it has waited before, the app to push through if it is
--       not the target's own, else ''
-- Returns how many tries it has cost, as text; 'absent' when there is no such
-- target, or it has waited for too long; nil when the row is elsewhere, and only
-- who names the device can find it.
--
-- The field `deferred` is "<since>/<times>/<serial>/<urgent>". `since` is when
-- the newest push that waits failed first, `times` the tries that have failed:
-- a push that joins one that waits is no further try. `serial` changes each
-- time, so that who wants to end the waiting can name the one that he means.
-- The field `via` is that other app, of the newest push that waits.

local row = KEYS[1]
local now, ttl, urgent, again, via = unpack(ARGV)

if redis.call('EXISTS', row) == 0 then
  return 'absent'
end
if redis.call('HEXISTS', row, 'at') == 1 then
  return false
end
local since, times, serial, was_urgent =
  (redis.call('HGET', row, 'deferred') or ''):match('^(%d+)/(%d+)/(%d+)/(%d)$')
if again == '1' then
  if not since then
    return 'absent' -- settled by another push meanwhile
  end
  if tonumber(now) - tonumber(since) >= tonumber(ttl) then
    redis.call('HDEL', row, 'deferred')
    return 'absent'
  end
  times = tostring(math.floor(tonumber(times) + 1))
else
  since = now
  times = times or '1'
  if via == '' then
    redis.call('HDEL', row, 'via')
  else
    redis.call('HSET', row, 'via', via)
  end
end
serial = tostring(math.floor(tonumber(serial or '0') + 1))
if was_urgent == '1' then
  urgent = '1'
end
redis.call('HSET', row, 'deferred',
  table.concat({since, times, serial, urgent}, '/'))
return times
