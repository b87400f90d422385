-- SPDX-License-Identifier: BSD-3-Clause
-- Take a target over as it is, unless what is here is newer.
--
-- KEYS  index of the device; row of the node, in the device's slot; the device's
--       mark of an unregistration; a key that is never there, see keys.h
-- ARGV  field in the index, node, secret, domain, token, app, device, created
--       and renewed (Unix milliseconds, '' if that is not known), now, the
--       node's pointer ('' for one that needs none), channel ('' for none)
-- Returns 'ok'; 'kept' when what is here is newer; or 'taken' when the node is
-- another device's. Then may come a node and its pointer, which is to be
-- removed.
--
-- What a client has registered is newer than what has no time. Of two that have
-- none the one that comes later counts: it is from a later dump. When the node's
-- own row is kept so is its pointer, of which the row must know.

local index, row, mark = KEYS[1], KEYS[2], KEYS[3]
local field, node, secret, domain, token, app, device, created, renewed, now,
  pointer, channel = unpack(ARGV)

local kept = {'kept'}
if pointer ~= '' then
  kept = {'kept', node, pointer}
end

local function is_newer(time)
  time = tonumber(time)
  return time ~= nil and time > (tonumber(renewed) or 0)
end

local its_device, its_app, its_channel, its_renewed =
  unpack(redis.call('HMGET', row, 'device', 'app', 'channel', 'renewed'))
if its_device and its_device ~= device then
  return {'taken'}
end
if its_device and is_newer(its_renewed) then
  if pointer ~= '' then
    redis.call('HSET', row, 'pointer', pointer)
  end
  return {'kept'}
end

-- What the device has instead of it. See register.lua for its key.
local answer = {'ok'}
local known = redis.call('HGET', index, field)
if known and known ~= node then
  local other = index:match('^wakebus:{..}') .. ':node:' .. known
  local other_renewed, other_pointer =
    unpack(redis.call('HMGET', other, 'renewed', 'pointer'))
  if is_newer(other_renewed) then
    return kept
  end
  redis.call('DEL', other)
  if other_pointer then
    answer = {'ok', known, other_pointer}
  end
end
if not its_device and is_newer(redis.call('GET', mark)) then
  return kept
end

-- A target that was imported for another app before.
local old_field = (its_channel or '') .. '/' .. (its_app or '')
if old_field ~= field and redis.call('HGET', index, old_field) == node then
  redis.call('HDEL', index, old_field)
end

redis.call('HSET', row, 'app', app, 'device', device, 'domain', domain,
  'token', token, 'secret', secret)
local function set(name, value)
  if value ~= '' then
    redis.call('HSET', row, name, value)
  else
    redis.call('HDEL', row, name)
  end
end
set('channel', channel)
set('renewed', renewed)
set('pointer', pointer)
if created ~= '' then
  redis.call('HSET', row, 'created', created)
else
  redis.call('HSETNX', row, 'created', now)
end
redis.call('HSET', index, field, node)
return answer
