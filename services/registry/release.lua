-- SPDX-License-Identifier: BSD-3-Clause
-- Take a target off the due-list, unless it was deferred anew meanwhile.
--
-- KEYS  the due-list
-- ARGV  node, the end of the lease under which it was taken
-- Returns 'ok', or 'kept'.

local list = KEYS[1]
local node, lease = unpack(ARGV)

if redis.call('ZSCORE', list, node) ~= lease then
  return 'kept'
end
redis.call('ZREM', list, node)
return 'ok'
