-- What the verbs share. Redis keeps two keys:
--
--   state  a hash: "generation" and "writes" tell whether data were lost,
--          "a:" .. key is an account, "r:" .. id a reservation
--   due    a sorted set of the names of accounts and reservations by the time, in
--          milliseconds, at which something is to be done about them; "store" is the
--          time at which both keys expire
--
-- All arguments start with the generation and the number of writes that the client has
-- seen, and the generation to begin with if there is none.

local state, due = KEYS[1], KEYS[2]

local SWEPT = 100 -- at most, in one call
local GRACE = 3600 * 1000 -- for which an account outlives its span
local DONE = 30 * 1000 -- for which a settlement that is sent again is recognised
local DAY = 24 * 3600 * 1000
local IDLE = 400 * DAY -- for which a store that nobody uses is kept
local FOREVER = 9e15

local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- A number in Lua is a double, which isn't exact beyond 2^53. So an amount is a pair
-- of numbers, the billions and the rest, and a decimal string outside.

local BILLION = 1000000000
local MOST = { 9223372036, 854775807 }

local function amount(text)
	if #text <= 9 then
		return { 0, tonumber(text) }
	end
	return { tonumber(string.sub(text, 1, -10)), tonumber(string.sub(text, -9)) }
end

local function decimal(a)
	if a[1] == 0 then
		return string.format('%.0f', a[2])
	end
	return string.format('%.0f%09.0f', a[1], a[2])
end

local function add(a, b)
	local high, low = a[1] + b[1], a[2] + b[2]
	if low >= BILLION then
		high, low = high + 1, low - BILLION
	end
	return { high, low }
end

local function subtract(a, b)
	local high, low = a[1] - b[1], a[2] - b[2]
	if low < 0 then
		high, low = high - 1, low + BILLION
	end
	return { high, low }
end

local function less(a, b)
	return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2])
end

local function integer(n)
	return string.format('%.0f', n)
end

-- Accounts are kept as "spent reserved open abandoned expires", where open is the
-- number of reservations and expires is in milliseconds, 0 for never.

local function outlived(expires)
	return expires ~= 0 and now >= expires + GRACE
end

local function account(name)
	local text = redis.call('HGET', state, name)
	if text then
		local spent, reserved, open, abandoned, expires = string.match(text, '^(%d+) (%d+) (%d+) (%d+) (%d+)$')
		open, expires = tonumber(open), tonumber(expires)
		if open > 0 or not outlived(expires) then
			return {
				spent = amount(spent),
				reserved = amount(reserved),
				open = open,
				abandoned = tonumber(abandoned),
				expires = expires,
			}
		end
	end
	return { fresh = true, spent = { 0, 0 }, reserved = { 0, 0 }, open = 0, abandoned = 0, expires = 0 }
end

local function packed(a)
	return table.concat({ decimal(a.spent), decimal(a.reserved), integer(a.open), integer(a.abandoned), integer(a.expires) }, ' ')
end

-- Reservations are kept as JSON, [nonce, amount, key, key, ...], and after they were
-- settled for a while as the settlement's nonce. The nonce tells a second use of an ID
-- from a command that is sent again because its answer was lost.

local function reservation(name)
	local text = redis.call('HGET', state, name)
	if not text then
		return nil
	end
	if string.sub(text, 1, 1) ~= '[' then
		return { settled = text }
	end
	local list = cjson.decode(text)
	local keys = {}
	for i = 3, #list do
		keys[#keys + 1] = list[i]
	end
	return { nonce = list[1], amount = amount(list[2]), keys = keys }
end

-- release takes a reservation from its accounts.
local function release(r, spent, abandoned)
	for _, key in ipairs(r.keys) do
		local name = 'a:' .. key
		local a = account(name)
		if not a.fresh then
			a.reserved = subtract(a.reserved, r.amount)
			a.open = a.open - 1
			a.abandoned = a.abandoned + abandoned
			a.spent = add(a.spent, spent)
			if less(MOST, a.spent) then
				a.spent = MOST
			end
			if a.open == 0 and outlived(a.expires) then
				redis.call('HDEL', state, name)
				redis.call('ZREM', due, name)
			else
				redis.call('HSET', state, name, packed(a))
			end
		end
	end
end

local function abandon(name, r)
	release(r, r.amount, 1)
	redis.call('HDEL', state, name)
	redis.call('ZREM', due, name)
end

-- sweep does what is due, up to a bound, and tells whether there may be more.
local function sweep()
	local names = redis.call('ZRANGEBYSCORE', due, '-inf', integer(now), 'LIMIT', 0, SWEPT)
	for _, name in ipairs(names) do
		local kind = string.sub(name, 1, 2)
		local r = kind == 'r:' and reservation(name)
		if r and r.keys then
			abandon(name, r)
		elseif kind == 'r:' or kind == 'a:' and account(name).fresh then
			redis.call('HDEL', state, name)
			redis.call('ZREM', due, name)
		elseif kind == 'a:' then
			redis.call('ZREM', due, name) -- releasing it forgets it
		end
	end
	return #names == SWEPT
end

-- expire puts off the end of both keys: it must come after all that they hold.
local function expire(from, till)
	till = math.max(till, now + IDLE)
	if till <= from then
		return
	end
	till = math.min(till + DAY, FOREVER) -- a day more, so that this is done once a day
	redis.call('ZADD', due, integer(till), 'store')
	for _, key in ipairs({ state, due }) do
		if till == FOREVER then
			redis.call('PERSIST', key)
		else
			redis.call('PEXPIREAT', key, integer(till))
		end
	end
end

-- begin tells the generation, the number of writes and the end of the store, or
-- nothing if data were lost that the client has seen, or half of all.
local function begin()
	local have = redis.call('HMGET', state, 'generation', 'writes')
	local till = redis.call('ZSCORE', due, 'store')
	if have[1] and till and (ARGV[1] == '' or ARGV[1] == have[1]) and tonumber(ARGV[2]) <= tonumber(have[2]) then
		return have[1], tonumber(have[2]), tonumber(till)
	end
	if ARGV[1] ~= '' then
		return nil
	end
	redis.call('DEL', state, due)
	redis.call('HSET', state, 'generation', ARGV[3], 'writes', '0')
	expire(0, 0)
	return ARGV[3], 0, 0
end

local generation, writes, till = begin()
if not generation then
	return { 'lost' }
end

local function answer(status, ...)
	return { status, generation, integer(writes), ... }
end

local more = sweep()
