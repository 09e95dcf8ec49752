package transport

import "sync"

// In tenths of a repeat, because ten times a float's 0.1 is less than one.
const (
	bucketSize = 100 // ten repeats that a client can make in a row
	bucketEarn = 1   // what an answered call adds
	bucketCost = 10  // what a repeat takes
)

// bucket holds a client's repeats to a tenth of its answered calls. In an outage none
// is answered, so that what it had in hand is all that a client adds to the traffic,
// however long it lasts.
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
