//go:build keeprouter_slowpath

package keeprouter

// slowPathOnly has each event of a stream decoded on its own, for tests.
const slowPathOnly = true
