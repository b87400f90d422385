-- SPDX-License-Identifier: BSD-3-Clause
-- Let a node lead to its row in another slot, see keys.h.
--
-- KEYS  where the node leads
-- ARGV  the text of the pointer
-- Returns 'ok', or 'taken' when the node is another device's.

local place, pointer = KEYS[1], ARGV[1]
local at, device = unpack(redis.call('HMGET', place, 'at', 'device'))

if device or (at and at:sub(1, 2) ~= pointer:sub(1, 2)) then
  return 'taken'
end
redis.call('HSET', place, 'at', pointer)
return 'ok'
