-- SPDX-License-Identifier: BSD-3-Clause
-- A target was woken: nothing waits for it any more.
--
-- KEYS  row of the node
-- ARGV  the value of `deferred` that is meant
-- Returns 'ok', 'absent' when nothing waits, or 'kept' when something was
-- deferred since.

local row = KEYS[1]
local deferred = redis.call('HGET', row, 'deferred')

if not deferred then
  return 'absent'
end
if deferred ~= ARGV[1] then
  return 'kept'
end
redis.call('HDEL', row, 'deferred')
return 'ok'
