package keeprouter

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// fetch returns no table when the last one still stands.
func (r *PriceRefresher) fetch(ctx context.Context) (*PriceTable, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.config.URL, nil)
	if err != nil {
		return nil, "", r.failed("it can't be asked for", nil)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "keeprouter-go/"+Version)
	if r.etag != "" {
		req.Header.Set("If-None-Match", r.etag)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		// Its text has the whole address, with a query that may be secret.
		if wrapped, ok := errors.AsType[*url.Error](err); ok {
			err = wrapped.Err
		}
		return nil, "", r.failed("it can't be reached", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotModified && r.etag != "" {
		return nil, "", nil
	}
	if resp.StatusCode != http.StatusOK {
		return nil, "", r.failed(fmt.Sprintf("the answer's status is %d, not 200", resp.StatusCode), nil)
	}
	table, err := readPrices(resp.Body, r.shown, r.config.MaxBytes)
	return table, resp.Header.Get("ETag"), err
}

// accepted returns the table to put in force.
func (r *PriceRefresher) accepted(fetched *PriceTable) (*PriceTable, error) {
	current := r.table.Load()
	if fetched.Generated().Before(current.Generated()) {
		const text = "it was generated at %s, before the table in force, of %s"
		return nil, r.failed(fmt.Sprintf(text, stamp(fetched), stamp(current)), nil)
	}
	table, err := r.config.Base.Merge(fetched)
	if err != nil {
		if e, ok := errors.AsType[*PriceTableError](err); ok {
			e.Table = r.shown
		}
		return nil, err
	}
	if problem := current.lost(table); problem != "" {
		return nil, r.failed(problem, nil)
	}
	if problem := current.jump(table, int64(r.config.MaxFactor)); problem != "" {
		return nil, r.failed(problem, nil)
	}
	return table, nil
}
