package keeprouter

// extremes are the lowest and the highest price that a token can have.
type extremes struct{ low, high Money }

// extremes looks at the totals and their parts alike, since which tokens will be
// cached, or thought, isn't known before the call, and at every tier that an input of
// at most this many tokens can be in.
func (r *priceRow) extremes(input int64) (in, out extremes) {
	in, out = extremesOf(r.rates)
	for _, tier := range r.tiers {
		if tier.least > input {
			break
		}
		tierIn, tierOut := extremesOf(tier.rates)
		in, out = in.with(tierIn), out.with(tierOut)
	}
	return in, out
}

func extremesOf(rates map[string]Money) (in, out extremes) {
	of := func(kinds ...string) extremes {
		e := extremes{rates[kinds[0]], rates[kinds[0]]}
		for _, kind := range kinds {
			if rate, ok := rates[kind]; ok {
				e = e.with(extremes{rate, rate})
			}
		}
		return e
	}
	in = of(kindInput, kindCachedInput, kindCacheWrite, kindCacheWrite1h, kindInputAudio)
	return in, of(kindOutput, kindReasoning, kindOutputAudio)
}

func (e extremes) with(o extremes) extremes {
	return extremes{min(e.low, o.low), max(e.high, o.high)}
}
