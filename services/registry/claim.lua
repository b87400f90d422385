-- SPDX-License-Identifier: BSD-3-Clause
-- Take a few targets whose time has come. They stay in the list, due again
-- when the lease is over, in case whoever took them dies.
--
-- KEYS  the due-list
-- ARGV  now, end of the lease (Unix milliseconds), how many at most
-- Returns their nodes.

local list = KEYS[1]
local now, lease, most = unpack(ARGV)

local nodes = redis.call('ZRANGE', list, '-inf', now, 'BYSCORE', 'LIMIT', '0',
  most)
for _, node in ipairs(nodes) do
  redis.call('ZADD', list, lease, node)
end
return nodes
