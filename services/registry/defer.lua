-- SPDX-License-Identifier: BSD-3-Clause
-- Note at a target that a push waits for it.
--
-- KEYS  row of the node
-- ARGV  now, for how long it is tried again (milliseconds), '1' if it is
--       urgent, '1' if it has waited before
-- Returns how often the target was deferred now, as text; 'absent' when there
-- is no such target, or it has waited for too long.
--
-- The field `deferred` is "<since>/<times>/<urgent>": it says when the newest
-- push that waits failed first, and changes with each deferral, so that who
-- wants to end the waiting can name the one that he means.

local row = KEYS[1]
local now, ttl, urgent, again = unpack(ARGV)

if redis.call('EXISTS', row) == 0 then
  return 'absent'
end
local since, times, was_urgent =
  (redis.call('HGET', row, 'deferred') or ''):match('^(%d+)/(%d+)/(%d)$')
if again == '1' then
  if not since then
    return 'absent' -- settled by another push meanwhile
  end
  if tonumber(now) - tonumber(since) >= tonumber(ttl) then
    redis.call('HDEL', row, 'deferred')
    return 'absent'
  end
else
  since = now
end
times = tostring(math.floor(tonumber(times or '0') + 1))
if was_urgent == '1' then
  urgent = '1'
end
redis.call('HSET', row, 'deferred', since .. '/' .. times .. '/' .. urgent)
return times
