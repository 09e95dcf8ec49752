//go:build !keeprouter_slowpath

package keeprouter

// slowPathOnly would have each event of a stream decoded on its own: the tag
// keeprouter_slowpath lets the tests run that way, to see that nothing differs.
const slowPathOnly = false
