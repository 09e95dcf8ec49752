package transport

import "sync"

// In tenths of a repeat, because ten times a float's 0.1 is less than one.
const (
	bucketSize = 100 // ten repeats that a client can make in a row
	bucketEarn = 1   // what a call adds
	bucketCost = 10  // what a repeat takes
)

// bucket holds a client's repeats to about a tenth of its calls, so that an outage
// is not answered by a multiple of the traffic.
type bucket struct {
	mu     sync.Mutex
	tenths int
}

func newBucket() *bucket { return &bucket{tenths: bucketSize} }

func (b *bucket) earn() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tenths = min(bucketSize, b.tenths+bucketEarn)
}

func (b *bucket) spend() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.tenths < bucketCost {
		return false
	}
	b.tenths -= bucketCost
	return true
}
