package transport

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/failure"
)

// DefaultRetry is the policy of a client that sets none.
func DefaultRetry() Retry {
	return Retry{Retries: 2, Delay: 500 * time.Millisecond, MaxDelay: 8 * time.Second, MaxRetryAfter: 2 * time.Minute}
}

// nextDelay returns how long to wait before the attempt that follows the given
// number of attempts, and whether to make it.
func (c *Client) nextDelay(ctx context.Context, f *failure.Failure, attempts int) (time.Duration, bool) {
	if !f.Retryable || attempts > c.config.Retry.Retries || ctx.Err() != nil {
		return 0, false
	}
	delay := f.RetryAfter
	if delay > c.config.Retry.MaxRetryAfter {
		return 0, false
	}
	if delay == 0 {
		delay = c.backOff(attempts)
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= delay {
		return 0, false
	}
	return delay, c.bucket.spend()
}

// backOff is exponential with full jitter.
func (c *Client) backOff(attempts int) time.Duration {
	ceiling := c.config.Retry.Delay
	for range attempts - 1 {
		if ceiling *= 2; ceiling >= c.config.Retry.MaxDelay {
			break
		}
	}
	ceiling = min(ceiling, c.config.Retry.MaxDelay)
	return time.Duration(c.config.Rand() * float64(ceiling))
}

func randomFloat() float64 { return rand.Float64() }

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
