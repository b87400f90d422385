-- SPDX-License-Identifier: BSD-3-Clause
-- Remove one channel's target, or all that a device has with an app.
--
-- KEYS  index of the device
-- ARGV  app, channel ('' for all)
-- Returns 'ok', or 'absent' when there was nothing to remove.

local index = KEYS[1]
local app, channel = ARGV[1], ARGV[2]
local outcome = 'absent'

-- A row's key is not known before the index was read; see register.lua.
local entries = redis.call('HGETALL', index)
for i = 1, #entries, 2 do
  local field, node = entries[i], entries[i + 1]
  local its_channel, its_app = field:match('^([^/]*)/(.*)$')
  if its_app == app and (channel == '' or its_channel == channel) then
    redis.call('DEL', 'wakebus:{' .. node:sub(1, 2) .. '}:node:' .. node)
    redis.call('HDEL', index, field)
    outcome = 'ok'
  end
end
return outcome
