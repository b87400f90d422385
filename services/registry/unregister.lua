-- SPDX-License-Identifier: BSD-3-Clause
-- Remove one channel's target, or all that a device has with an app.
--
-- KEYS  index of the device; its mark of an unregistration; a key that is never
--       there, see keys.h
-- ARGV  app, channel ('' for all), when it was asked for (Unix milliseconds),
--       '1' if that was a while ago
-- Returns 'ok', or 'absent' when there was nothing to remove; and then up to
-- three pairs of a node that is gone and its pointer, which is not.
--
-- What comes late spares what was registered since, see register.lua. The mark
-- is for a registration that was asked for before and comes even later.

local index, mark = KEYS[1], KEYS[2]
local app, channel, asked, late = unpack(ARGV)
local answer = {'absent'}

redis.call('SET', mark, asked, 'PX', '60000')

-- A row's key is not known before the index was read; see register.lua. In a
-- slot that is being moved a row could still be elsewhere: the key that is never
-- there keeps this script from running then.
local entries = redis.call('HGETALL', index)
for i = 1, #entries, 2 do
  local field, node = entries[i], entries[i + 1]
  local its_channel, its_app = field:match('^([^/]*)/(.*)$')
  if its_app == app and (channel == '' or its_channel == channel) then
    local row = index:match('^wakebus:{..}') .. ':node:' .. node
    local renewed, pointer =
      unpack(redis.call('HMGET', row, 'renewed', 'pointer'))
    if late ~= '1' or (tonumber(renewed) or 0) <= tonumber(asked) then
      redis.call('DEL', row)
      redis.call('HDEL', index, field)
      answer[1] = 'ok'
      if pointer and #answer < 7 then
        table.insert(answer, node)
        table.insert(answer, pointer)
      end
    end
  end
end
return answer
