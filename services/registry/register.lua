-- SPDX-License-Identifier: BSD-3-Clause
-- Renew the token of a target, or make the target if there is none.
--
-- KEYS  index of the device; row for the node that was drawn; the device's mark
--       of an unregistration
-- ARGV  field in the index, the node and secret that were drawn, when it was
--       asked for (Unix milliseconds), '1' if that was a while ago, domain,
--       token, app, device, channel ('' for none)
-- Returns {node, secret} as they hold from now on, and third the pointer of a
-- node that needs one; or nil when there was no target and none could be made.
--
-- What comes late may have been overtaken: another registry did it, and
-- something newer after it. Then it must not undo the newer.

local index, fresh, mark = KEYS[1], KEYS[2], KEYS[3]
local field, node, secret, asked, late, domain, token, app, device, channel =
  unpack(ARGV)

-- The row of a target that exists is only known once the index was read, so it
-- cannot be in KEYS. Redis Cluster does not mind: the rows of a device have the
-- same tag as the index, hence the same slot. Nor can the row be elsewhere while
-- that slot is moved: the one that was drawn is nowhere yet, and without it a
-- cluster does not run this then.
local known = redis.call('HGET', index, field)
if known then
  local row = index:match('^wakebus:{..}') .. ':node:' .. known
  local its_secret, renewed, pointer =
    unpack(redis.call('HMGET', row, 'secret', 'renewed', 'pointer'))
  if its_secret then
    if late ~= '1' or tonumber(asked) >= (tonumber(renewed) or 0) then
      redis.call('HSET', row, 'domain', domain, 'token', token, 'renewed',
        asked)
    end
    return {known, its_secret, pointer or nil}
  end
end

if redis.call('EXISTS', fresh) == 1 then
  return false -- another one's
end
if late == '1' and tonumber(redis.call('GET', mark) or 0) > tonumber(asked) then
  return false -- it was unregistered since
end
redis.call('HSET', fresh, 'app', app, 'device', device, 'domain', domain,
  'token', token, 'secret', secret, 'created', asked, 'renewed', asked)
if channel ~= '' then
  redis.call('HSET', fresh, 'channel', channel)
end
redis.call('HSET', index, field, node)
return {node, secret}
