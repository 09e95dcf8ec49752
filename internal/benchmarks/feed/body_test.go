package feed

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReads(t *testing.T) {
	stream := ChatText()
	for _, tt := range []struct {
		reads Reads
		want  int // reads
	}{
		{OneEvent, len(stream.Events)},
		{Many, (stream.Size() + 16<<10 - 1) / (16 << 10)},
	} {
		t.Run(string(tt.reads), func(t *testing.T) {
			resp, err := NewTransport(stream, tt.reads).Client().Post(Offline, "", http.NoBody)
			require.NoError(t, err)
			defer resp.Body.Close()
			var all bytes.Buffer
			reads := 0
			for buf := make([]byte, 32<<10); ; reads++ {
				n, err := resp.Body.Read(buf)
				all.Write(buf[:n])
				if err == io.EOF {
					break
				}
				require.NoError(t, err)
			}
			if reads != tt.want {
				t.Errorf("%d reads, want %d", reads, tt.want)
			}
			if !bytes.Equal(bytes.Join(stream.Events, nil), all.Bytes()) {
				t.Error("the bytes are others")
			}
		})
	}
}
