-- Arguments: ID, nonce, what was spent.

local name, nonce = 'r:' .. ARGV[4], ARGV[5]

local r = reservation(name)
if not r then
	return answer('none')
end
if not r.keys then
	return answer(r.settled == nonce and 'ok' or 'none')
end
if now >= tonumber(redis.call('ZSCORE', due, name)) then
	abandon(name, r) -- the sweep has a bound
	return answer('none')
end

release(r, amount(ARGV[6]), 0)
writes = writes + 1
redis.call('HSET', state, 'writes', integer(writes), name, nonce)
redis.call('ZADD', due, integer(now + DONE), name)
expire(till, 0)
return answer('ok')
