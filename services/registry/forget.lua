-- SPDX-License-Identifier: BSD-3-Clause
-- Remove a target whose token is dead, unless it has a better one by now.
--
-- KEYS  row of the node; index of the device
-- ARGV  node, device, the dead token, dead since (Unix milliseconds, '0' if
--       that is not known)
-- Returns 'ok', 'absent' when the device has no such target, or 'kept' when
-- it has another token now, or the same that was registered again since. With
-- 'ok' come the node and its pointer if it has one, which is to be removed.

local row, index = KEYS[1], KEYS[2]
local node, device, dead, since = unpack(ARGV)

local its_device, token, renewed, app, channel, pointer =
  unpack(redis.call('HMGET', row, 'device', 'token', 'renewed', 'app',
    'channel', 'pointer'))
if its_device ~= device then
  return {'absent'}
end
if token ~= dead then
  return {'kept'}
end
since = tonumber(since)
if since ~= 0 and (tonumber(renewed) or 0) >= since then
  return {'kept'}
end

local field = (channel or '') .. '/' .. (app or '')
redis.call('DEL', row)
if redis.call('HGET', index, field) == node then
  redis.call('HDEL', index, field)
end
if pointer then
  return {'ok', node, pointer}
end
return {'ok'}
