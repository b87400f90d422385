-- SPDX-License-Identifier: BSD-3-Clause
-- A row is gone: remove the pointer to it, unless it is another one by now.
--
-- KEYS  where the node leads
-- ARGV  the text that the pointer had
-- Returns 'ok' or 'kept'.

if redis.call('HGET', KEYS[1], 'at') ~= ARGV[1] then
  return 'kept'
end
redis.call('DEL', KEYS[1])
return 'ok'
