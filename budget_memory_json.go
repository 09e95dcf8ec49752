package keeprouter

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/keeprouter/keeprouter-go/internal/strictjson"
)

type (
	budgetState struct {
		Schema       int                `json:"schema"`
		Accounts     []accountState     `json:"accounts"`
		Reservations []reservationState `json:"reservations"`
	}
	accountState struct {
		Key       string    `json:"key"`
		Spent     Money     `json:"spent"`
		Abandoned int64     `json:"abandoned,omitzero"`
		Expires   time.Time `json:"expires,omitzero"`
	}
	reservationState struct {
		ID       string    `json:"id"`
		Amount   Money     `json:"amount"`
		Deadline time.Time `json:"deadline"`
		Accounts []string  `json:"accounts"`
	}
)

// MarshalJSON exports the whole state as of one moment, with amounts as decimal
// strings in US dollars.
func (m *MemoryBudgets) MarshalJSON() ([]byte, error) {
	return json.Marshal(m.state())
}

func (m *MemoryBudgets) state() budgetState {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	m.sweep(now, sweptPerCall)
	s := budgetState{Schema: 1, Accounts: []accountState{}, Reservations: []reservationState{}}
	for _, key := range slices.Sorted(maps.Keys(m.accounts)) {
		a := m.accounts[key]
		if !a.forgettable(now) {
			s.Accounts = append(s.Accounts, accountState{Key: key, Spent: a.spent, Abandoned: a.abandoned, Expires: a.due.at.UTC()})
		}
	}
	for _, id := range slices.Sorted(maps.Keys(m.reservations)) {
		r := m.reservations[id]
		keys := make([]string, len(r.accounts))
		for i, a := range r.accounts {
			keys[i] = a.due.name
		}
		s.Reservations = append(s.Reservations, reservationState{ID: id, Amount: r.amount, Deadline: r.due.at.UTC(), Accounts: keys})
	}
	return s
}

// UnmarshalJSON replaces the state by what MarshalJSON wrote. It reads strictly: what
// it doesn't understand is an error, and changes nothing. Call it before the store is
// used, because a call in flight is not in a state from before it.
func (m *MemoryBudgets) UnmarshalJSON(data []byte) error {
	read, err := readBudgets(data)
	if err != nil {
		return fmt.Errorf("keeprouter: state of budgets: %w", err)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.accounts, m.reservations = read.accounts, read.reservations
	m.deadlines, m.expiries = read.deadlines, read.expiries
	return nil
}

func readBudgets(data []byte) (*MemoryBudgets, error) {
	state, err := strictjson.Read(data, "schema", "accounts", "reservations")
	if err != nil {
		return nil, err
	}
	if have := string(state["schema"]); have != "1" {
		return nil, fmt.Errorf("schema: want 1, have %.40s", strictjson.OrNothing(have))
	}
	read := &MemoryBudgets{}
	if err := eachOf(state, "accounts", read.readAccount); err != nil {
		return nil, err
	}
	return read, eachOf(state, "reservations", read.readReservation)
}

func (m *MemoryBudgets) readAccount(data []byte) error {
	o, err := strictjson.Read(data, "key", "spent", "abandoned", "expires")
	if err != nil {
		return err
	}
	key, err := o.Text("key")
	if err != nil {
		return err
	}
	if m.accounts[key] != nil {
		return fmt.Errorf("key: %.80q is there twice", key)
	}
	spent, err := amountOf(o, "spent")
	if err != nil {
		return err
	}
	var abandoned int64
	if o.Has("abandoned") && json.Unmarshal(o["abandoned"], &abandoned) != nil || abandoned < 0 {
		return fmt.Errorf("abandoned: want a count, have %.40s", o["abandoned"])
	}
	var expires time.Time
	if o.Has("expires") {
		if expires, err = timeOf(o, "expires"); err != nil {
			return err
		}
	}
	a := m.account(key, expires, time.Time{})
	a.spent, a.abandoned = spent, abandoned
	return nil
}

func (m *MemoryBudgets) readReservation(data []byte) error {
	o, err := strictjson.Read(data, "id", "amount", "deadline", "accounts")
	if err != nil {
		return err
	}
	id, err := o.Text("id")
	if err != nil {
		return err
	}
	if m.reservations[id] != nil {
		return fmt.Errorf("id: %.80q is there twice", id)
	}
	amount, err := amountOf(o, "amount")
	if err != nil {
		return err
	}
	deadline, err := timeOf(o, "deadline")
	if err != nil {
		return err
	}
	accounts, err := m.readAccounts(o, amount)
	if err != nil {
		return fmt.Errorf("accounts: %w", err)
	}
	m.open(&memoryReservation{due: due{name: id, at: deadline}, amount: amount, accounts: accounts})
	return nil
}

func (m *MemoryBudgets) readAccounts(reservation strictjson.Object, amount Money) ([]*memoryAccount, error) {
	keys, err := reservation.Texts("accounts")
	if err != nil {
		return nil, err
	}
	if len(keys) == 0 {
		return nil, errors.New("they are missing")
	}
	accounts := make([]*memoryAccount, len(keys))
	for i, key := range keys {
		a := m.accounts[key]
		switch {
		case a == nil:
			return nil, fmt.Errorf("there is no account %.80q", key)
		case slices.Contains(accounts, a):
			return nil, fmt.Errorf("%.80q is there twice", key)
		}
		if _, err := a.reserved.Add(amount); err != nil {
			return nil, err
		}
		accounts[i] = a
	}
	return accounts, nil
}

// eachOf reads a list that must be there, but may be empty.
func eachOf(o strictjson.Object, key string, read func([]byte) error) error {
	var list []json.RawMessage
	if !o.Has(key) || json.Unmarshal(o[key], &list) != nil {
		return fmt.Errorf("%s: want a list, have %.40s", key, strictjson.OrNothing(string(o[key])))
	}
	for i, data := range list {
		if err := read(data); err != nil {
			return fmt.Errorf("%s[%d]: %w", key, i, err)
		}
	}
	return nil
}

func amountOf(o strictjson.Object, key string) (Money, error) {
	text, err := o.Text(key)
	if err != nil {
		return 0, err
	}
	amount, err := ParseMoney(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", key, err)
	}
	if amount < 0 {
		return 0, fmt.Errorf("%s: %v is negative", key, amount)
	}
	return amount, nil
}

func timeOf(o strictjson.Object, key string) (time.Time, error) {
	text, err := o.Text(key)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.IsZero() {
		return time.Time{}, fmt.Errorf("%s: %.40q is not a time in the form 2026-07-05T12:00:00Z", key, text)
	}
	return t, nil
}
