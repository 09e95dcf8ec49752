package gateway

// Fault is what goes wrong with an answer. The public package documents the fields.
type Fault struct {
	DropConnection bool
	CutAfterBytes  *int

	EndAfterEvents       *int
	ErrorAfterEvents     *int
	MalformedAfterEvents *int
	StallAfterEvents     *int
	OmitDone             bool

	LineEnd      string
	BOM          bool
	Comments     int
	NoEventNames bool
	LongLine     int
	EndlessLine  bool

	BodySize    int64
	EndlessBody bool
	GzipBomb    int64
	RedirectTo  string
}

func is(at *int, n int) bool { return at != nil && *at == n }
