-- SPDX-License-Identifier: BSD-3-Clause
-- Renew the token of a target, or make the target if there is none.
--
-- KEYS  index of the device; row for the node that was drawn
-- ARGV  field in the index, the node and secret that were drawn, now (Unix
--       milliseconds), domain, token, app, device, channel ('' for none)
-- Returns {node, secret} as they hold from now on, or nil when there was no
-- target and the node that was drawn is another one's.

local index, fresh = KEYS[1], KEYS[2]
local field, node, secret, now, domain, token, app, device, channel =
  unpack(ARGV)

-- The row of a target that exists is only known once the index was read, so it
-- cannot be in KEYS. Redis Cluster does not mind: a node that was drawn for
-- this device has the same tag as the index, hence the same slot.
local known = redis.call('HGET', index, field)
if known then
  local row = 'wakebus:{' .. known:sub(1, 2) .. '}:node:' .. known
  local its_secret = redis.call('HGET', row, 'secret')
  if its_secret then
    redis.call('HSET', row, 'domain', domain, 'token', token, 'renewed', now)
    return {known, its_secret}
  end
end

if redis.call('EXISTS', fresh) == 1 then
  return false
end
redis.call('HSET', fresh, 'app', app, 'device', device, 'domain', domain,
  'token', token, 'secret', secret, 'created', now, 'renewed', now)
if channel ~= '' then
  redis.call('HSET', fresh, 'channel', channel)
end
redis.call('HSET', index, field, node)
return {node, secret}
