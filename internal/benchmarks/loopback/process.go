package loopback

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Server is a server process.
type Server struct {
	URL   string
	cmd   *exec.Cmd
	stdin io.Closer
}

// Start runs this binary again with args, which must lead it to [Serve].
func Start(args ...string) (*Server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &Server{cmd: cmd, stdin: stdin}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("the server tells no address: %w", err), s.Stop())
	}
	s.URL = strings.TrimSpace(line)
	return s, nil
}

// Stop ends the process and waits for it.
func (s *Server) Stop() error {
	if err := s.stdin.Close(); err != nil {
		return err
	}
	return s.cmd.Wait()
}

// Do runs this binary again with the arguments and the job, which must lead it to
// [Child].
func Do(job Job, args ...string) (r Result, err error) {
	if err := again(job, &r, longest+job.Window, args); err != nil {
		return r, fmt.Errorf("%s, %d streams: %w", job.Peer, job.Streams, err)
	}
	return r, nil
}

// DoLoad is [Do] for a Load; the arguments must lead to [LoadChild].
func DoLoad(l Load, args ...string) (r Loaded, err error) {
	if err := again(l, &r, l.atMost()+startUp, args); err != nil {
		return r, fmt.Errorf("%v: %w", l, err)
	}
	return r, nil
}

// again runs this binary with the arguments and a job, and reads its result.
func again(job, result any, atMost time.Duration, args []string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	text, err := json.Marshal(job)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), atMost)
	defer cancel()
	cmd := exec.CommandContext(ctx, self, append(args, string(text))...)
	cmd.Stderr, cmd.WaitDelay = os.Stderr, time.Second
	out, err := cmd.Output()
	if err != nil {
		return err
	}
	return json.Unmarshal(out, result)
}

// Child does the job that [Do] wrote, and prints its result.
func Child(text string, out io.Writer) error { return child(text, out, Run) }

// LoadChild does the job that [DoLoad] wrote, and prints its result.
func LoadChild(text string, out io.Writer) error { return child(text, out, RunLoad) }

func child[J, R any](text string, out io.Writer, run func(J) (R, error)) error {
	var job J
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return err
	}
	r, err := run(job)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(r)
}
