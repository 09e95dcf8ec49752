//go:build !race

package keeprouter

const raceEnabled = false
