package gateway

import "testing"

func TestJournalIsBounded(t *testing.T) {
	var j journal
	for range journalRequests + 5 {
		j.add(Request{})
	}
	got := j.all()
	if len(got) != journalRequests || got[0].RequestID != "req_6" {
		t.Errorf("%d requests, from %s on", len(got), got[0].RequestID)
	}

	large := make([]byte, journalBytes/3)
	for range 4 {
		j.add(Request{Body: large})
	}
	if got := j.all(); len(got) != 3 {
		t.Errorf("%d requests are kept, want the last three large ones", len(got))
	}
}
