-- Arguments: "last" if there will be no further try, ID, nonce, amount, milliseconds
-- until the deadline; then key, limit and expiry of each account.

local name, nonce = 'r:' .. ARGV[5], ARGV[6]
local requested = amount(ARGV[7])
local deadline = now + tonumber(ARGV[8])

local used = reservation(name)
if used and used.keys then
	return answer(used.nonce == nonce and 'ok' or 'taken')
end

local keep = deadline
local record = { nonce, ARGV[7] }
local fields = {}
local ends = { integer(deadline), name }

for i = 9, #ARGV, 3 do
	local key, limit, expires = ARGV[i], amount(ARGV[i + 1]), tonumber(ARGV[i + 2])
	local index = integer((i - 9) / 3)
	if outlived(expires) then
		return answer('expired', index)
	end
	local a = account('a:' .. key)
	local reserved = add(a.reserved, requested)
	if less(limit, add(a.spent, reserved)) then
		if more and ARGV[4] ~= 'last' then
			return answer('again')
		end
		return answer('refused', index, decimal(a.spent), decimal(a.reserved))
	end
	a.reserved, a.open = reserved, a.open + 1
	if a.fresh or expires == 0 or (a.expires ~= 0 and expires > a.expires) then
		a.expires = expires
		ends[#ends + 1] = integer(expires == 0 and FOREVER or expires + GRACE)
		ends[#ends + 1] = 'a:' .. key
	end
	keep = math.max(keep, a.expires == 0 and FOREVER or a.expires + GRACE)
	record[#record + 1] = key
	fields[#fields + 1] = 'a:' .. key
	fields[#fields + 1] = packed(a)
end

writes = writes + 1
redis.call('HSET', state, 'writes', integer(writes), name, cjson.encode(record), unpack(fields))
redis.call('ZADD', due, unpack(ends))
expire(till, keep)
return answer('ok')
