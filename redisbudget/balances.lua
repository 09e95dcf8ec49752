-- Arguments: "last" if there will be no further try, and the keys of the accounts.

if more and ARGV[4] ~= 'last' then
	return answer('again')
end
local amounts = {}
for i = 5, #ARGV do
	local a = account('a:' .. ARGV[i])
	amounts[#amounts + 1] = decimal(a.spent)
	amounts[#amounts + 1] = decimal(a.reserved)
	amounts[#amounts + 1] = integer(a.abandoned)
end
local result = answer('ok')
for i = 1, #amounts do
	result[#result + 1] = amounts[i]
end
return result
