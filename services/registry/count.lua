-- SPDX-License-Identifier: BSD-3-Clause
-- How long is a part of the due-list?
--
-- KEYS  the part
-- Returns the number as text.

return tostring(redis.call('ZCARD', KEYS[1]))
